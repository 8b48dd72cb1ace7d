//! A line, its ports and their modems, and a store, all in memory and in virtual time.

use crate::config::{Config, Place, Store};
use crate::line::{Line, Ports, Spot};
use crate::pdu::{self, Delivering};
use crate::port::scripted::Scripted;
use crate::port::{Port, PortError};
use async_trait::async_trait;
use cordboard_plugin::{
    Address, CallError, Host, MicroUsd, OutgoingText, Receipt, Secret, Timestamp,
};
use cordboard_testkit::FakeHost;
use futures_util::future::{Either, select};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};

/// Where the usual modem is.
pub(super) const PORT: &str = "/dev/ttyUSB2";

/// Ports by name; `None` has nothing behind it but opens.
#[derive(Clone, Default)]
pub(super) struct Bench {
    ports: Arc<Mutex<Vec<(String, Scripted)>>>,
    opened: Arc<Mutex<Vec<String>>>,
    held: Arc<Mutex<Vec<String>>>,
}

impl Bench {
    /// Plugs a modem in.
    pub(super) fn plug(&self, path: &str, modem: &Scripted) {
        modem.unplug(false);
        self.ports.lock().unwrap().push((path.to_owned(), modem.clone()));
    }

    /// Unplugs whatever is there.
    pub(super) fn unplug(&self, path: &str) {
        let mut ports = self.ports.lock().unwrap();
        ports.iter().filter(|(at, _)| at == path).for_each(|(_, modem)| modem.unplug(true));
        ports.retain(|(at, _)| at != path);
    }

    /// Lets somebody else hold a port.
    pub(super) fn hold(&self, path: &str) {
        self.held.lock().unwrap().push(path.to_owned());
    }

    /// Lets go of all ports that are held.
    pub(super) fn release(&self) {
        self.held.lock().unwrap().clear();
    }

    /// Names of the ports that were opened, in order.
    pub(super) fn opened(&self) -> Vec<String> {
        self.opened.lock().unwrap().clone()
    }
}

#[async_trait]
impl Ports for Bench {
    fn all(&self) -> Vec<Spot> {
        let ports = self.ports.lock().unwrap();
        // A stick is named like its first port, `…7` of `…7.1`.
        let place = |path: &String| path.split('.').next().unwrap_or(path).to_owned();
        ports.iter().map(|(path, _)| Spot { path: path.clone(), place: place(path) }).collect()
    }

    async fn open<'h>(
        &self,
        _host: &'h dyn Host,
        path: &str,
    ) -> Result<Box<dyn Port + 'h>, PortError> {
        let ports = self.ports.lock().unwrap();
        let found = ports.iter().find(|(at, _)| at == path);
        let (path, modem) = found.ok_or_else(|| PortError::Missing(path.to_owned()))?;
        if self.held.lock().unwrap().contains(path) {
            return Err(PortError::Busy(path.clone()));
        }
        self.opened.lock().unwrap().push(path.clone());
        Ok(modem.port())
    }
}

/// A world with one modem at [`PORT`].
pub(super) struct World {
    pub(super) host: FakeHost,
    pub(super) bench: Bench,
    pub(super) modem: Scripted,
    pub(super) config: Config,
}

impl World {
    pub(super) fn new() -> Self {
        let host = FakeHost::leaping();
        let modem = Scripted::new(&host);
        let bench = Bench::default();
        bench.plug(PORT, &modem);
        Self { host, bench, modem, config: config() }
    }

    /// A line in this world, as after a start of the bridge.
    pub(super) fn line(&self) -> Line {
        Line::new(self.config.clone(), Box::new(self.bench.clone()))
    }

    /// Lets a fresh line live until `scenario` is over.
    pub(super) fn lives<T>(&self, scenario: impl AsyncFnOnce(&Line) -> T) -> T {
        let line = self.line();
        self.host.drive(async {
            let life = pin!(line.run(&self.host));
            match select(life, pin!(scenario(&line))).await {
                Either::Left((ended, _)) => panic!("the line ended: {ended:?}"),
                Either::Right((result, _)) => result,
            }
        })
    }

    /// Lets a fresh line live for so many seconds.
    pub(super) fn lives_for(&self, seconds: i64) {
        self.lives(async |_| self.pass(seconds).await);
    }

    pub(super) async fn pass(&self, seconds: i64) {
        self.host.sleep_until(self.host.now().plus_seconds(seconds)).await;
    }

    /// Waits until the line is ready.
    pub(super) async fn ready(&self) {
        self.until(|| self.host.gauge_value("modem_ready") == Some(1)).await;
    }

    /// Waits until the line is not ready.
    pub(super) async fn away(&self) {
        self.until(|| self.host.gauge_value("modem_ready") == Some(0)).await;
    }

    /// Waits until `is`, an hour at most.
    #[track_caller]
    pub(super) fn until(&self, is: impl Fn() -> bool) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let until = self.host.now().plus_hours(1);
            while !is() {
                assert!(self.host.now() < until, "it never became so: {place}");
                self.host.sleep_until(self.host.now().plus_millis(200)).await;
            }
        }
    }

    /// The texts that were handed on.
    pub(super) fn texts(&self) -> Vec<String> {
        self.host.messages().into_iter().map(|message| message.text).collect()
    }

    pub(super) fn logged(&self, words: &str) -> usize {
        let lines = self.host.log_lines().into_iter();
        lines.filter(|line| line.line.contains(words)).count()
    }
}

/// The settings of most tests.
pub(super) fn config() -> Config {
    Config {
        number: Address::new("+15550100000"),
        place: Place::Path(PORT.to_owned()),
        baud: 115_200,
        sim_pin: None,
        imei: None,
        store: Store::Delete,
        part_wait_minutes: 30,
        catch_up_hours: 24,
        price_segment_in: MicroUsd(0),
        price_segment_out: MicroUsd(0),
    }
}

pub(super) fn pin(digits: &str) -> Option<Secret> {
    Some(Secret::new(digits))
}

/// The PDU lines of a text as a modem shows them, and the lengths that it names.
pub(super) fn arriving(text: &str, at: Timestamp) -> Vec<(usize, String)> {
    let delivering = Delivering {
        from: "+15550100123",
        text,
        at,
        reference: 7,
        wide: false,
        zone_quarters: 0,
        centre: "+15550100999",
    };
    let parts = pdu::deliver(&delivering).unwrap();
    let shown = |octets: &Vec<u8>| (octets.len() - 1 - usize::from(octets[0]), pdu::to_hex(octets));
    parts.iter().map(shown).collect()
}

/// The PDU line of a text of one part.
pub(super) fn one(text: &str, at: Timestamp) -> (usize, String) {
    arriving(text, at).remove(0)
}

/// A text to send.
pub(super) fn outgoing(key: &str, words: &str) -> OutgoingText {
    OutgoingText {
        key: key.to_owned(),
        from: Address::new("+15550100000"),
        to: Address::new("+15550100123"),
        text: words.to_owned(),
        status_url: None,
    }
}

/// The words of an outcome, for assertions.
pub(super) fn kind(outcome: &Result<Receipt, CallError>) -> &'static str {
    match outcome {
        Ok(_) => "sent",
        Err(CallError::RetryAfter { .. }) => "later",
        Err(CallError::Unclear { .. }) => "unclear",
        Err(CallError::Refused(_)) => "refused",
        Err(CallError::Operator { .. }) => "operator",
        Err(_) => "other",
    }
}

/// The slots of a scripted modem, as it answers for them.
#[derive(Clone, Default)]
pub(super) struct Slots(Arc<Mutex<std::collections::BTreeMap<u16, (usize, String)>>>);

impl Slots {
    pub(super) fn put(&self, index: u16, message: (usize, String)) {
        self.0.lock().unwrap().insert(index, message);
    }

    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Answers what is asked of the store.
    pub(super) fn answer(&self, command: &str) -> Option<String> {
        let mut slots = self.0.lock().unwrap();
        let index = |prefix: &str| command.strip_prefix(prefix)?.parse::<u16>().ok();
        if command == "AT+CPMS?" {
            let used = slots.len();
            let one = format!("\"SM\",{used},20");
            return Some(format!("+CPMS: {one},{one},{one}\nOK"));
        }
        if command == "AT+CMGL=4" {
            let shown = |(index, (octets, line)): (&u16, &(usize, String))| {
                format!("+CMGL: {index},0,,{octets}\n{line}\n")
            };
            return Some(slots.iter().map(shown).collect::<String>() + "OK");
        }
        if let Some(index) = index("AT+CMGD=") {
            slots.remove(&index);
            return Some("OK".to_owned());
        }
        let found = slots.get(&index("AT+CMGR=")?)?;
        Some(format!("+CMGR: 0,,{}\n{}\nOK", found.0, found.1))
    }

    /// Lets `modem` answer from these slots.
    pub(super) fn serve(&self, modem: &Scripted) {
        let slots = self.clone();
        modem.handles(move |command| {
            slots.answer(command).map(|answer| crate::port::scripted::said(&answer))
        });
    }
}
