//! Two processes over one state: while one is between reading and writing, the other does it all.

use super::*;
use crate::inbox::{Inbox, Rules};
use crate::outbox::Outbox;
use cordboard_plugin::{
    Address, Commit, Host, HttpError, HttpRequest, HttpResponse, Level, StateError, Stored,
    Timestamp, async_trait,
};
use cordboard_testkit::{FakeHost, block_on};
use std::sync::Mutex;

/// Lets somebody else do their work right before the commit behind `commits` more.
struct Overtaken<'a> {
    inner: FakeHost,
    commits: Mutex<usize>,
    other: Box<dyn Fn(&FakeHost) + Send + Sync + 'a>,
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

fn inbox() -> Inbox {
    let line = Address::new(LINE);
    Inbox::new(Rules { line, part_wait_minutes: 30, catch_up_hours: 24 })
}

async fn all(host: &dyn Host, found: &[crate::inbox::Found]) -> Result<(), StateError> {
    let (inbox, outbox) = (inbox(), Outbox::new());
    inbox.meet(host, CARD).await?;
    inbox.keep(host, CARD, found).await?;
    inbox.work(host, &outbox).await
}

/// What one process does when the other does the same before its commit behind `commits` more.
fn overtaken_at(world: &World, commits: usize) {
    let found = world.listing();
    let other = |host: &FakeHost| block_on(all(host, &found)).unwrap();
    let host = Overtaken {
        inner: world.fake().clone(),
        commits: Mutex::new(commits),
        other: Box::new(other),
    };
    block_on(all(&host, &found)).unwrap();
}

#[test]
fn two_processes_hand_a_text_on_once() {
    for commits in 0..8 {
        for stamped in [true, false] {
            let mut world = if commits < 4 { World::new() } else { World::running() };
            for n in ["one", "two"] {
                let line = text(ANN, n, world.now());
                world.arrive(&if stamped { line } else { stampless(&line) });
            }
            overtaken_at(&world, commits);
            assert_eq!(world.texts(), ["one", "two"], "{commits}");
            assert!(world.rows("kept/").is_empty());
        }
    }
}

#[test]
fn two_processes_join_a_long_text_once() {
    for commits in 0..8 {
        let mut world = World::running();
        for line in long(ANN, &words('a', 3), world.now(), 1) {
            world.arrive(&line);
        }
        overtaken_at(&world, commits);
        assert_eq!(world.texts(), [words('a', 3)], "{commits}");
        assert!(world.rows("open/").is_empty() && world.rows("part/").is_empty());
    }
}
