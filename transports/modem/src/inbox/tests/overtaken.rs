//! A host on which somebody else is quicker.

use cordboard_plugin::{
    Commit, Host, HttpError, HttpRequest, HttpResponse, Level, StateError, Stored, Timestamp,
    async_trait,
};
use cordboard_testkit::FakeHost;
use std::sync::Mutex;

/// Lets somebody else do their work right before the commit behind `commits` more.
pub(crate) struct Overtaken<'a> {
    inner: FakeHost,
    commits: Mutex<usize>,
    other: Box<dyn Fn(&FakeHost) + Send + Sync + 'a>,
}

impl<'a> Overtaken<'a> {
    pub(crate) fn new(
        inner: &FakeHost,
        commits: usize,
        other: impl Fn(&FakeHost) + Send + Sync + 'a,
    ) -> Self {
        Self { inner: inner.clone(), commits: Mutex::new(commits), other: Box::new(other) }
    }

    /// Whether somebody was quicker.
    pub(crate) fn was_overtaken(&self) -> bool {
        *self.commits.lock().unwrap() > usize::MAX / 2
    }
}

#[async_trait]
impl Host for Overtaken<'_> {
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
        let overtaken = {
            let mut commits = self.commits.lock().unwrap();
            let now = *commits == 0;
            *commits = commits.wrapping_sub(1);
            now
        };
        if overtaken {
            (self.other)(&self.inner);
        }
        self.inner.commit(commit).await
    }
}
