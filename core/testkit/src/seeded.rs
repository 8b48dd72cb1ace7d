//! A world that a seed replays exactly: virtual time, seeded chance, no network, tasks on one thread.
//!
//! Time stands still while anybody can go on, and leaps to the next sleeper when nobody can: so a test
//! waits for hours in no time, and nothing depends on how fast the machine is.

use async_trait::async_trait;
use cordboard_engine::{Chance, Clock, Spawner, Wire, WireRequest, World};
use cordboard_plugin::{HttpError, HttpResponse, Timestamp};
use futures_util::future::BoxFuture;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// When every seeded world begins: 2026-11-21 12:00 UTC.
pub const SEEDED_START: Timestamp = Timestamp(1_795_262_400_000);

/// Runs a test in virtual time, on one thread.
///
/// # Panics
/// When the runtime cannot be made.
#[expect(clippy::expect_used, reason = "a test without a runtime cannot go on")]
pub fn run_seeded<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be made")
        .block_on(test)
}

/// A seeded world, and the means to end it as a crash would.
#[derive(Clone)]
pub struct Seeded {
    /// What the engine gets.
    pub world: World,
    tasks: Arc<Tasks>,
}

impl Seeded {
    /// A world from a seed, whose time begins at `start`. Only within [`run_seeded`].
    pub fn new(seed: u64, start: Timestamp) -> Self {
        let tasks = Arc::new(Tasks::default());
        let world = World {
            clock: Arc::new(VirtualClock { start, began: Instant::now() }),
            chance: Arc::new(SeededChance(Mutex::new(seed))),
            wire: Arc::new(NoNetwork),
            spawner: tasks.clone(),
        };
        Self { world, tasks }
    }

    /// Ends every task where it stands, as a kill would.
    pub fn kill(&self) {
        for task in self.tasks.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
    }
}

struct VirtualClock {
    start: Timestamp,
    began: Instant,
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let passed = self.began.elapsed().as_millis();
        self.start.plus_millis(i64::try_from(passed).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        // A year is long enough for any test, and keeps far moments within the timer's range.
        let millis = at.millis_since(self.now()).clamp(0, 31_536_000_000);
        Box::pin(tokio::time::sleep(Duration::from_millis(millis.unsigned_abs())))
    }
}

struct SeededChance(Mutex<u64>);

impl Chance for SeededChance {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            *byte = splitmix64(&mut state).to_le_bytes()[0];
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

struct NoNetwork;

#[async_trait]
impl Wire for NoNetwork {
    async fn call(&self, _request: WireRequest) -> Result<HttpResponse, HttpError> {
        Err(HttpError::Unreachable("a seeded world has no network".to_owned()))
    }
}

#[derive(Default)]
struct Tasks(Mutex<Vec<AbortHandle>>);

impl Spawner for Tasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        let handle = tokio::spawn(task).abort_handle();
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(handle);
    }

    fn aside(&self, work: Box<dyn FnOnce() + Send>) {
        // On the one thread there is, so that a run replays.
        work();
    }
}
