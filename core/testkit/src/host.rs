//! A [`Host`] in memory, which remembers everything a plugin asked of it.

mod clock;
mod http;
mod state;

use async_trait::async_trait;
use clock::Clock;
use cordboard_plugin::{
    Commit, Host, HttpError, HttpRequest, HttpResponse, Level, StateError, Stored, Timestamp,
};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where the clock of a new [`FakeHost`] stands: a day in September 2026.
pub const START: Timestamp = Timestamp(1_790_000_000_000);

/// The world of one plugin instance, in memory. Clones are the same world.
///
/// It enforces what a real host enforces (limits, expected versions, no credentials for foreign
/// addresses) except that it looks up no names and so refuses no private address.
///
/// ```
/// use cordboard_plugin::{Host, HttpRequest};
/// use cordboard_testkit::{FakeHost, block_on};
///
/// let host = FakeHost::new();
/// host.answer(200, &[("content-type", "application/json")], r#"{"id":"1"}"#);
/// let answer = block_on(host.http(HttpRequest::base("POST", "api", "/posts"))).unwrap();
/// assert_eq!(answer.status, 200);
/// assert_eq!(host.requests().len(), 1);
/// ```
#[derive(Clone)]
pub struct FakeHost {
    clock: Clock,
    notes: Arc<Mutex<Notes>>,
    web: Arc<Mutex<http::Web>>,
    state: Arc<Mutex<state::State>>,
}

/// What chance is left and what was noted.
#[derive(Default)]
struct Notes {
    chance: u64,
    sleeps: Vec<Timestamp>,
    sleeps_max: Option<usize>,
    log: Vec<LogLine>,
    metrics: BTreeMap<&'static str, u64>,
    gauges: BTreeMap<&'static str, i64>,
    trouble: Option<String>,
}

/// A line that a plugin wrote into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its level.
    pub level: Level,
    /// Its words.
    pub line: String,
}

/// A poisoned lock only means that another assertion failed first.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for FakeHost {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeHost {
    /// An empty world at [`START`], with seed 0, in which nobody answers.
    pub fn new() -> Self {
        Self::at_clock(Clock::instant(START), 0)
    }

    /// The same, with a clock that stands still while anybody can go on, and leaps to the earliest
    /// sleeper when nobody can. Its futures are driven by [`FakeHost::drive`]; several at once are
    /// joined into one.
    pub fn leaping() -> Self {
        Self::at_clock(Clock::leaping(START), 0)
    }

    /// The same, with a clock that goes as fast as the world's; for real devices.
    pub fn in_real_time() -> Self {
        Self::at_clock(Clock::real(START), 0)
    }

    /// Drives `future` to its end on this thread. A leaping clock leaps when it could not go on
    /// otherwise; with the other two it waits, as [`block_on`](crate::block_on) does.
    ///
    /// # Panics
    /// With a leaping clock, when it waits for something that never comes.
    pub fn drive<F: Future>(&self, future: F) -> F::Output {
        self.clock.drive(future)
    }

    /// The same, with chance drawn from `seed`.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        lock(&self.notes).chance = seed;
        self
    }

    /// Another instance beside this one: it shares the clock and nothing else.
    /// For a simulator, which lives in the same time as the plugin it serves.
    #[must_use]
    pub fn sibling(&self) -> Self {
        let seed = lock(&self.notes).chance ^ 0x5eed;
        Self::at_clock(self.clock.clone(), seed)
    }

    fn at_clock(clock: Clock, seed: u64) -> Self {
        let notes = Notes { chance: seed, ..Notes::default() };
        Self {
            clock,
            notes: Arc::new(Mutex::new(notes)),
            web: Arc::default(),
            state: Arc::default(),
        }
    }

    /// Moves the clock forward by `millis`, or back when negative. The real clock is not moved.
    pub fn advance_millis(&self, millis: i64) {
        self.clock.set(self.clock.now().plus_millis(millis));
    }

    /// Sets the clock.
    pub fn set_now(&self, now: Timestamp) {
        self.clock.set(now);
    }

    /// Lets the `count`-th sleep from now never end (1: the next one), so that an endless loop can
    /// be tested with [`poll_once`](crate::poll_once). The clock does not move for that sleep.
    pub fn stop_sleeping_after(&self, count: usize) {
        let mut notes = lock(&self.notes);
        notes.sleeps_max = Some(notes.sleeps.len() + count);
    }

    /// Until when the plugin slept, in order; the one that never ended included.
    pub fn sleeps(&self) -> Vec<Timestamp> {
        lock(&self.notes).sleeps.clone()
    }

    /// What the plugin wrote into the log, in order.
    pub fn log_lines(&self) -> Vec<LogLine> {
        lock(&self.notes).log.clone()
    }

    /// Where the counter `name` stands; 0 when it was never counted.
    pub fn metric_count(&self, name: &str) -> u64 {
        lock(&self.notes).metrics.get(name).copied().unwrap_or(0)
    }

    /// Where the gauge `name` stands, if it was ever set.
    pub fn gauge_value(&self, name: &str) -> Option<i64> {
        lock(&self.notes).gauges.get(name).copied()
    }

    /// What a person must act on at present, as the plugin says.
    pub fn present_trouble(&self) -> Option<String> {
        lock(&self.notes).trouble.clone()
    }
}

#[async_trait]
impl Host for FakeHost {
    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.answer_request(request).await
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn random(&self, len: usize) -> Vec<u8> {
        let mut notes = lock(&self.notes);
        let mut bytes = Vec::with_capacity(len + 8);
        while bytes.len() < len {
            bytes.extend(splitmix64(&mut notes.chance).to_le_bytes());
        }
        bytes.truncate(len);
        bytes
    }

    async fn sleep_until(&self, at: Timestamp) {
        let stuck = {
            let mut notes = lock(&self.notes);
            notes.sleeps.push(at);
            notes.sleeps_max.is_some_and(|max| notes.sleeps.len() >= max)
        };
        if stuck {
            std::future::pending::<()>().await;
        }
        self.clock.sleep_until(at).await;
    }

    fn log(&self, level: Level, line: &str) {
        lock(&self.notes).log.push(LogLine { level, line: line.to_owned() });
    }

    fn metric(&self, name: &'static str, by: u64) {
        *lock(&self.notes).metrics.entry(name).or_default() += by;
    }

    fn gauge(&self, name: &'static str, value: i64) {
        lock(&self.notes).gauges.insert(name, value);
    }

    fn trouble(&self, why: Option<&str>) {
        lock(&self.notes).trouble = why.map(str::to_owned);
    }

    async fn get(&self, key: &str) -> Result<Option<Stored>, StateError> {
        lock(&self.state).get(key, self.now())
    }

    async fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
    ) -> Result<Vec<(String, Stored)>, StateError> {
        lock(&self.state).scan(prefix, after, rows_max, self.now())
    }

    async fn commit(&self, commit: Commit) -> Result<(), StateError> {
        lock(&self.state).commit(commit, self.now())
    }

    fn share(&self) -> Arc<dyn Host> {
        Arc::new(self.clone())
    }
}

/// The splitmix64 generator (Steele, Lea and Flood, 2014): small, fast, and the same everywhere.
pub(crate) fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
