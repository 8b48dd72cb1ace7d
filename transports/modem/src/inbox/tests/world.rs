//! A modem that is a map of slots, a host that can be killed, and the loop of a line over both.

use crate::inbox::{Found, Inbox, Rules, Slot};
use crate::outbox::Outbox;
use crate::pdu::{self, Deliver, Delivering, Pdu};
use cordboard_plugin::{
    Address, Commit, Host, HttpError, HttpRequest, HttpResponse, Level, StateError, Stored,
    Timestamp, async_trait,
};
use cordboard_testkit::{FakeHost, block_on};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub(crate) const LINE: &str = "+15550100000";
pub(crate) const CARD: &str = "89014103211118510720";
pub(crate) const ANN: &str = "+15550100023";
pub(crate) const BOB: &str = "+15550100042";
pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// How a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kill {
    /// Before it touches the state.
    Before,
    /// After a commit was made durable, before it learns so.
    After,
}

/// How long a process lives.
enum Life {
    Long,
    /// So many touches more, and how it ends.
    Short(usize, Kill),
    Over,
}

/// A host whose process can be killed: from then on nothing of the state answers.
pub(crate) struct Mortal {
    pub(crate) inner: FakeHost,
    /// How many touches of the state are left, and what the last one is.
    life: Mutex<Life>,
}

impl Mortal {
    pub(crate) fn new(inner: FakeHost) -> Self {
        Self { inner, life: Mutex::new(Life::Long) }
    }

    /// Dies at the touch behind `touches` more.
    pub(crate) fn kill_after(&self, touches: usize, how: Kill) {
        *self.life.lock().unwrap() = Life::Short(touches, how);
    }

    /// Another process over the same state, which lives. Whether the last one had died.
    pub(crate) fn revive(&self) -> bool {
        let before = std::mem::replace(&mut *self.life.lock().unwrap(), Life::Long);
        matches!(before, Life::Over)
    }

    /// Whether this touch reaches the state, and whether its answer reaches us.
    fn touch(&self, is_commit: bool) -> (bool, bool) {
        let mut life = self.life.lock().unwrap();
        match *life {
            Life::Long => (true, true),
            Life::Over => (false, false),
            Life::Short(0, how) => {
                *life = Life::Over;
                (is_commit && how == Kill::After, false)
            }
            Life::Short(touches, how) => {
                *life = Life::Short(touches - 1, how);
                (true, true)
            }
        }
    }
}

fn dead() -> StateError {
    StateError::Unavailable("killed".to_owned())
}

#[async_trait]
impl Host for Mortal {
    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.inner.http(request).await
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn random(&self, len: usize) -> Vec<u8> {
        self.inner.random(len)
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.inner.sleep_until(at).await;
    }

    fn log(&self, level: Level, line: &str) {
        self.inner.log(level, line);
    }

    fn metric(&self, name: &'static str, by: u64) {
        self.inner.metric(name, by);
    }

    fn gauge(&self, name: &'static str, value: i64) {
        self.inner.gauge(name, value);
    }

    fn trouble(&self, why: Option<&str>) {
        self.inner.trouble(why);
    }

    fn share(&self) -> std::sync::Arc<dyn Host> {
        self.inner.share()
    }

    async fn get(&self, key: &str) -> Result<Option<Stored>, StateError> {
        let (reaches, _) = self.touch(false);
        if reaches { self.inner.get(key).await } else { Err(dead()) }
    }

    async fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
    ) -> Result<Vec<(String, Stored)>, StateError> {
        let (reaches, _) = self.touch(false);
        if reaches { self.inner.scan(prefix, after, rows_max).await } else { Err(dead()) }
    }

    async fn commit(&self, commit: Commit) -> Result<(), StateError> {
        let (reaches, answers) = self.touch(true);
        let made = if reaches { self.inner.commit(commit).await } else { Err(dead()) };
        if answers { made } else { Err(dead()) }
    }
}

/// A modem's store, the bridge's state, and the inbox of the process that runs now.
pub(crate) struct World {
    pub(crate) host: Mortal,
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    /// What lies in the modem.
    pub(crate) store: BTreeMap<Slot, String>,
    pub(crate) card: String,
    /// The card that this process has met.
    met: Option<String>,
    rules: Rules,
}

impl World {
    pub(crate) fn new() -> Self {
        let line = Address::new(LINE);
        Self::by(Rules { line, part_wait_minutes: 30, catch_up_hours: 24 })
    }

    pub(crate) fn by(rules: Rules) -> Self {
        Self {
            host: Mortal::new(FakeHost::new()),
            inbox: Inbox::new(rules.clone()),
            outbox: Outbox::new(),
            store: BTreeMap::new(),
            card: CARD.to_owned(),
            met: None,
            rules,
        }
    }

    /// A world that has been running: its card was listed an hour ago.
    pub(crate) fn running() -> Self {
        let mut world = Self::new();
        world.pass().unwrap();
        world.advance(HOUR_MS);
        world
    }

    pub(crate) fn fake(&self) -> &FakeHost {
        &self.host.inner
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.host.now()
    }

    pub(crate) fn advance(&self, millis: i64) {
        self.fake().advance_millis(millis);
    }

    /// The process dies and another begins.
    pub(crate) fn restart(&mut self) -> bool {
        self.inbox = Inbox::new(self.rules.clone());
        self.outbox = Outbox::new();
        self.met = None;
        self.host.revive()
    }

    /// A message comes to the modem, which puts it into the lowest free slot.
    pub(crate) fn arrive(&mut self, line: &str) -> Slot {
        let free = (0..).map(sm).find(|slot| !self.store.contains_key(slot)).unwrap();
        self.store.insert(free.clone(), line.to_owned());
        free
    }

    /// All that the modem holds, as it lists it.
    pub(crate) fn listing(&self) -> Vec<Found> {
        let found =
            |(slot, line): (&Slot, &String)| Found { slot: Some(slot.clone()), line: line.clone() };
        self.store.iter().map(found).collect()
    }

    /// What a line does, from its start on: meet, list, keep, delete, work.
    pub(crate) fn pass(&mut self) -> Result<(), StateError> {
        block_on(self.pass_through())
    }

    pub(crate) async fn pass_through(&mut self) -> Result<(), StateError> {
        let host = &self.host;
        if self.met.as_ref() != Some(&self.card) {
            self.inbox.meet(host, &self.card).await?;
            self.met = Some(self.card.clone());
        }
        self.inbox.keep(host, &self.card, &self.listing()).await?;
        let indexes: Vec<u16> = self.store.keys().map(|slot| slot.index).collect();
        self.inbox.listed(host, &self.card, "SM", &indexes).await?;
        for slot in self.listing().into_iter().filter_map(|found| found.slot) {
            let committed = self.inbox.committed(host, &self.card, &slot).await?;
            assert_eq!(committed.as_ref(), self.store.get(&slot), "only what is kept is deleted");
            self.store.remove(&slot);
            self.inbox.deleted(host, &self.card, &[slot]).await?;
        }
        self.inbox.work(host, &self.outbox).await
    }

    /// The same for messages that were routed directly.
    pub(crate) fn route(&self, lines: &[String]) {
        let found = |line: &String| Found { slot: None, line: line.clone() };
        let found: Vec<_> = lines.iter().map(found).collect();
        block_on(self.inbox.meet(&self.host, &self.card)).unwrap();
        block_on(self.inbox.keep(&self.host, &self.card, &found)).unwrap();
        self.work();
    }

    pub(crate) fn work(&self) {
        block_on(self.inbox.work(&self.host, &self.outbox)).unwrap();
    }

    pub(crate) fn overdue(&self) -> Option<Timestamp> {
        block_on(self.inbox.overdue(&self.host)).unwrap()
    }

    /// The texts that were handed on, in order.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.fake().messages().into_iter().map(|message| message.text).collect()
    }

    /// The texts that were sent back, in order.
    pub(crate) fn replies(&self) -> Vec<String> {
        self.fake().replies().into_iter().map(|reply| reply.text).collect()
    }

    pub(crate) fn count(&self, name: &str) -> u64 {
        self.fake().metric_count(name)
    }

    /// The rows under a prefix.
    pub(crate) fn rows(&self, prefix: &str) -> Vec<String> {
        let rows = block_on(self.fake().scan(prefix, None, 1000)).unwrap();
        rows.into_iter().map(|(key, _)| key).collect()
    }

    /// The rows of the table whose title begins so.
    pub(crate) fn table(&self, title: &str) -> Vec<Vec<String>> {
        let tables = block_on(self.inbox.shown(&self.host)).unwrap();
        let table = tables.into_iter().find(|table| table.title.starts_with(title));
        table.map(|table| table.rows).unwrap_or_default()
    }
}

pub(crate) fn sm(index: u16) -> Slot {
    Slot { memory: "SM".to_owned(), index }
}

/// The lines of a text, one a part.
pub(crate) fn lines(delivering: &Delivering<'_>) -> Vec<String> {
    pdu::deliver(delivering).unwrap().iter().map(|octets| pdu::to_hex(octets)).collect()
}

/// The line of a short text sent at `at`.
pub(crate) fn text(from: &str, text: &str, at: Timestamp) -> String {
    let lines = lines(&Delivering { from, text, at, ..Delivering::default() });
    assert_eq!(lines.len(), 1, "a short text");
    lines[0].clone()
}

/// The lines of a long text.
pub(crate) fn long(from: &str, text: &str, at: Timestamp, reference: u16) -> Vec<String> {
    let lines = lines(&Delivering { from, text, at, reference, ..Delivering::default() });
    assert!(lines.len() > 1, "a long text");
    lines
}

/// Words that need so many parts of 153 septets, each beginning with `mark`.
pub(crate) fn words(mark: char, parts: usize) -> String {
    let text: String = (0..parts).map(|part| format!("{mark}{part:-<152}")).collect();
    text[..text.len() - 50].to_owned() + "."
}

/// The line with something changed.
pub(crate) fn changed(line: &str, change: impl FnOnce(&mut Deliver)) -> String {
    let Pdu::Deliver(mut deliver) = pdu::read(&pdu::from_hex(line).unwrap()).unwrap() else {
        panic!("a report")
    };
    change(&mut deliver);
    pdu::to_hex(&deliver.write().unwrap())
}

/// The line without a good time stamp.
pub(crate) fn stampless(line: &str) -> String {
    changed(line, |deliver| deliver.sent_at = None)
}

/// Runs `story` once for every touch of the state at which it can be killed, in both ways; after a kill
/// `recover` goes on with a new process until it comes through. Then `check` looks.
pub(crate) fn killed_anywhere(
    make: impl Fn() -> World,
    story: impl Fn(&mut World) -> Result<(), StateError>,
    check: impl Fn(&World),
) {
    for how in [Kill::Before, Kill::After] {
        let mut kills = 0;
        for touches in 0.. {
            let mut world = make();
            world.host.kill_after(touches, how);
            let first = story(&mut world);
            let died = world.restart();
            assert!(!died || first.is_err(), "a kill is noticed");
            if died {
                kills += 1;
                story(&mut world).unwrap();
            }
            check(&world);
            if !died {
                break;
            }
        }
        assert!(kills > 0, "nothing was killed");
    }
}
