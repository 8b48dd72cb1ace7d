//! A provider that takes every request and never answers.

use crate::FakeHost;
use cordboard_plugin::{
    Commit, Host, HttpError, HttpRequest, HttpResponse, Level, StateError, Stored, Timestamp,
    async_trait,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long a plugin in a file may take to let go of a call; it is a matter of microseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// A host in whose world nobody answers. Its shares are the same world.
#[derive(Clone)]
pub(super) struct Silent {
    inner: FakeHost,
    asked: Arc<AtomicBool>,
    _life: Sender<()>,
}

/// Tells when nobody holds a share of the host any more: nothing is ever sent over this.
pub(super) struct Gone(Receiver<()>);

impl Silent {
    pub(super) fn new(inner: FakeHost) -> (Self, Gone) {
        let (life, gone) = channel();
        (Self { inner, asked: Arc::default(), _life: life }, Gone(gone))
    }

    /// Whether a request was made.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Gone {
    /// Whether nobody holds the host any more, now or soon.
    pub(super) fn comes(&self) -> bool {
        self.0.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Disconnected)
    }
}

#[async_trait]
impl Host for Silent {
    async fn http(&self, _request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.asked.store(true, Ordering::SeqCst);
        std::future::pending().await
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

    async fn get(&self, key: &str) -> Result<Option<Stored>, StateError> {
        self.inner.get(key).await
    }

    async fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
    ) -> Result<Vec<(String, Stored)>, StateError> {
        self.inner.scan(prefix, after, rows_max).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), StateError> {
        self.inner.commit(commit).await
    }

    fn share(&self) -> Arc<dyn Host> {
        Arc::new(self.clone())
    }
}
