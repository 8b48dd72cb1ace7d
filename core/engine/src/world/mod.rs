//! The one door through which time, chance, the network and tasks come into the engine.
//!
//! With a seeded world and an inline store, a run replays exactly.

mod guard;
mod real;

use async_trait::async_trait;
use cordboard_plugin::{Headers, HttpError, HttpResponse, Secret, Timestamp};
use futures_util::future::{BoxFuture, Either, select};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Tells the time and lets it pass.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;
    /// Sleeps until `at`.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// Gives random bytes.
pub trait Chance: Send + Sync {
    /// Fills `bytes`, fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}

/// Makes HTTP requests.
#[async_trait]
pub trait Wire: Send + Sync {
    /// Makes one request; follows no redirect, uses no proxy, retries nothing.
    ///
    /// # Errors
    /// See [`HttpError`].
    async fn call(&self, request: WireRequest) -> Result<HttpResponse, HttpError>;
}

/// Runs tasks.
pub trait Spawner: Send + Sync {
    /// Runs `task` beside the others.
    fn spawn(&self, task: BoxFuture<'static, ()>);
    /// Runs work that takes long on the processor, so that the other tasks go on.
    fn aside(&self, work: Box<dyn FnOnce() + Send>);
}

/// A request ready for the network.
#[derive(Clone, Debug)]
pub struct WireRequest {
    /// The whole address.
    pub url: String,
    /// `GET`, `POST` …
    pub method: String,
    /// Headers.
    pub headers: Headers,
    /// The `Authorization` header.
    pub authorization: Option<Secret>,
    /// The body.
    pub body: Vec<u8>,
    /// The call is given up after this many milliseconds.
    pub timeout_ms: u32,
    /// A longer answer is an error.
    pub answer_bytes_max: u32,
    /// Whether loopback, private and link-local addresses may be reached: only for the exact host and
    /// port of a configured base URL or a `media_hosts` entry.
    pub private_allowed: bool,
}

/// Everything the engine knows of the outside.
#[derive(Clone)]
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// The network.
    pub wire: Arc<dyn Wire>,
    /// Tasks.
    pub spawner: Arc<dyn Spawner>,
}

impl World {
    /// The real world: system clock, the operating system's chance, the network, tokio's tasks.
    pub fn real() -> Self {
        real::world()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sleeps until `at`.
    pub async fn sleep_until(&self, at: Timestamp) {
        self.clock.sleep_until(at).await;
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.chance.fill(&mut bytes);
        bytes
    }

    /// A random number below `end`, which must not be 0. Good enough for jitter, not for secrets.
    pub fn below(&self, end: u64) -> u64 {
        u64::from_le_bytes(self.bytes()) % end.max(1)
    }

    /// Does `work` beside the tasks, and waits for what comes of it; `None` when it panicked.
    pub async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, waiting) = oneshot::channel();
        // Nobody waits any more when the caller was aborted.
        self.spawner.aside(Box::new(move || drop(done.send(work()))));
        waiting.await.ok()
    }

    /// Waits for `work`, but not longer than `millis`; `None` when it was too slow and was dropped.
    pub async fn within<T>(&self, millis: i64, work: impl Future<Output = T>) -> Option<T> {
        let deadline = self.clock.sleep_until(self.now().plus_millis(millis));
        match select(pin!(work), deadline).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(((), _)) => None,
        }
    }
}
