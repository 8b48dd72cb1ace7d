//! The world of what runs alone: real clock, chance and network, state in memory.

use async_trait::async_trait;
use cordboard_engine::{WireRequest, World};
use cordboard_plugin::{
    Base, Commit, Expected, Host, HttpError, HttpRequest, HttpResponse, Level, SimPlace, Simulator,
    StateError, Stored, Target, Timer, Timestamp,
};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Longest key, in bytes.
const KEY_BYTES_MAX: usize = 255;
/// Longest value, in bytes.
const VALUE_BYTES_MAX: usize = 64 * 1024;
/// Most values kept; what runs for weeks must not fill the memory.
const ROWS_MAX: usize = 100_000;

/// A simulator with its place and its host.
#[derive(Clone)]
pub(crate) struct Simulated {
    pub(crate) host: LoneHost,
    pub(crate) place: SimPlace,
    pub(crate) simulator: Arc<dyn Simulator>,
}

impl Simulated {
    pub(crate) fn new(world: World, place: SimPlace, simulator: Box<dyn Simulator>) -> Self {
        let simulator: Arc<dyn Simulator> = Arc::from(simulator);
        let host = LoneHost::of_simulator(world, place.clone(), simulator.clone());
        Self { host, place, simulator }
    }
}

/// The host of one simulator, or of one plugin that looks around.
#[derive(Clone)]
pub(crate) struct LoneHost(Arc<Inner>);

struct Inner {
    world: World,
    /// Base URLs it may call by name.
    bases: Vec<Base>,
    /// What is done when a timer is due.
    woken: Option<Woken>,
    state: Mutex<State>,
}

type Woken = Box<dyn Fn(LoneHost, String) -> BoxFuture<'static, ()> + Send + Sync>;

#[derive(Default)]
struct State {
    rows: BTreeMap<String, (Stored, Option<Timestamp>)>,
    timers: BTreeMap<String, Timestamp>,
}

impl State {
    fn row(&self, key: &str, now: Timestamp) -> Option<&Stored> {
        let (stored, expires_at) = self.rows.get(key)?;
        expires_at.is_none_or(|at| at > now).then_some(stored)
    }

    fn check(&self, commit: &Commit, now: Timestamp) -> Result<(), StateError> {
        let puts = commit.puts.iter().map(|put| (&put.key, &put.expected));
        let deletes = commit.deletes.iter().map(|delete| (&delete.key, &delete.expected));
        for (key, expected) in puts.chain(deletes) {
            let version = self.row(key, now).map(|stored| stored.version);
            let holds = match expected {
                Expected::Any => true,
                Expected::Absent => version.is_none(),
                Expected::Version(expected) => version == Some(*expected),
            };
            if !holds {
                return Err(StateError::Conflict);
            }
        }
        let too_large = commit
            .puts
            .iter()
            .any(|put| put.key.len() > KEY_BYTES_MAX || put.value.0.len() > VALUE_BYTES_MAX);
        if too_large || commit.timers.iter().any(|timer| timer.key.len() > KEY_BYTES_MAX) {
            return Err(StateError::TooLarge);
        }
        Ok(())
    }

    fn apply(&mut self, commit: Commit, now: Timestamp) -> Result<(), StateError> {
        self.check(&commit, now)?;
        self.rows.retain(|_, (_, expires_at)| expires_at.is_none_or(|at| at > now));
        if self.rows.len() + commit.puts.len() > ROWS_MAX {
            return Err(StateError::Unavailable(
                "the memory of what runs alone is full".to_owned(),
            ));
        }
        for put in commit.puts {
            let version = self.rows.get(&put.key).map_or(1, |(stored, _)| stored.version + 1);
            let stored = Stored { value: put.value, version };
            self.rows.insert(put.key, (stored, put.expires_at));
        }
        for delete in commit.deletes {
            self.rows.remove(&delete.key);
        }
        Ok(())
    }
}

impl LoneHost {
    /// The host of a simulator.
    fn of_simulator(world: World, place: SimPlace, simulator: Arc<dyn Simulator>) -> Self {
        let woken = move |host: Self, key: String| {
            let (place, simulator) = (place.clone(), simulator.clone());
            async move { simulator.woke(&host, &place, &key).await }.boxed()
        };
        Self::new(world, Vec::new(), Some(Box::new(woken)))
    }

    /// The host of a plugin that looks around; `bases` are those it knows. No timer wakes it: it is
    /// gone before one is due.
    pub(crate) fn of_plugin(world: World, bases: Vec<Base>) -> Self {
        Self::new(world, bases, None)
    }

    fn new(world: World, bases: Vec<Base>, woken: Option<Woken>) -> Self {
        Self(Arc::new(Inner { world, bases, woken, state: Mutex::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves whole rows: every change is made after all checks.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes when the timer is due, unless it was set anew meanwhile.
    fn set(&self, timer: Timer) {
        self.state().timers.insert(timer.key.clone(), timer.at);
        let host = self.clone();
        self.0.world.spawner.spawn(Box::pin(async move {
            while host.now() < timer.at {
                host.0.world.sleep_until(timer.at).await;
            }
            let due = host.state().timers.get(&timer.key) == Some(&timer.at);
            if due {
                host.state().timers.remove(&timer.key);
                if let Some(woken) = &host.0.woken {
                    woken(host.clone(), timer.key).await;
                }
            }
        }));
    }
}

#[async_trait]
impl Host for LoneHost {
    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = match request.target {
            Target::Foreign(url) => url,
            Target::Base { name, path } => {
                let base = self.0.bases.iter().find(|base| base.name == name);
                let base = base
                    .ok_or_else(|| HttpError::Forbidden(format!("no base URL named `{name}`")))?;
                format!("{}{path}", base.url)
            }
        };
        let call = WireRequest {
            url,
            method: request.method,
            headers: request.headers,
            authorization: request.authorization,
            body: request.body.0,
            timeout_ms: request.timeout_ms,
            answer_bytes_max: request.answer_bytes_max,
            // What it calls is on this machine as a rule: the bridge under test, or a device.
            private_allowed: true,
        };
        self.0.world.wire.call(call).await
    }

    fn now(&self) -> Timestamp {
        self.0.world.now()
    }

    fn random(&self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.0.world.chance.fill(&mut bytes);
        bytes
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.0.world.sleep_until(at).await;
    }

    fn log(&self, level: Level, line: &str) {
        match level {
            Level::Debug => tracing::debug!("{line}"),
            Level::Info => tracing::info!("{line}"),
            Level::Warn => tracing::warn!("{line}"),
            Level::Error => tracing::error!("{line}"),
        }
    }

    fn metric(&self, _name: &'static str, _by: u64) {}

    fn gauge(&self, _name: &'static str, _value: i64) {}

    fn trouble(&self, why: Option<&str>) {
        if let Some(why) = why {
            tracing::error!("{why}");
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Stored>, StateError> {
        Ok(self.state().row(key, self.now()).cloned())
    }

    async fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
    ) -> Result<Vec<(String, Stored)>, StateError> {
        let (state, now) = (self.state(), self.now());
        let begin = after.filter(|after| *after > prefix).unwrap_or(prefix);
        let keys = state.rows.range(begin.to_owned()..).map(|(key, _)| key);
        let found = keys
            .take_while(|key| key.starts_with(prefix))
            .filter(|key| after.is_none_or(|after| key.as_str() > after))
            .filter_map(|key| Some((key.clone(), state.row(key, now)?.clone())));
        Ok(found.take(usize::from(rows_max)).collect())
    }

    async fn commit(&self, mut commit: Commit) -> Result<(), StateError> {
        if !commit.messages.is_empty() || !commit.statuses.is_empty() || !commit.replies.is_empty()
        {
            let words = "what runs alone has no bridge to tell";
            return Err(StateError::Unavailable(words.to_owned()));
        }
        let timers = std::mem::take(&mut commit.timers);
        let too_long = timers.iter().any(|timer| timer.key.len() > KEY_BYTES_MAX);
        if too_long {
            return Err(StateError::TooLarge);
        }
        self.state().apply(commit, self.now())?;
        for timer in timers {
            self.set(timer);
        }
        Ok(())
    }

    fn share(&self) -> Arc<dyn Host> {
        Arc::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cordboard_plugin::{Address, Blob, Delete, HttpAnswer, HttpCall, Put};
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::sync::Notify;

    #[derive(Default)]
    struct Sleeper {
        woken: Arc<AtomicBool>,
        bell: Arc<Notify>,
    }

    #[async_trait]
    impl Simulator for Sleeper {
        fn settings(&self, _: &str, _: &SimPlace) -> serde_json::Value {
            serde_json::Value::Null
        }

        async fn call(&self, _: &dyn Host, _: &SimPlace, _: HttpCall) -> HttpAnswer {
            HttpAnswer::empty(404)
        }

        async fn woke(&self, _: &dyn Host, _: &SimPlace, _: &str) {
            self.woken.store(true, Ordering::SeqCst);
            self.bell.notify_one();
        }
    }

    fn simulated(simulator: Sleeper) -> Simulated {
        let place = SimPlace { base_url: String::new(), hook_url: String::new() };
        Simulated::new(World::real(), place, Box::new(simulator))
    }

    fn put(key: &str, expected: Expected) -> Commit {
        let put = Put { key: key.to_owned(), value: Blob::from("v"), expected, expires_at: None };
        Commit { puts: vec![put], ..Commit::default() }
    }

    #[tokio::test]
    async fn state_is_versioned_and_all_or_nothing() {
        let host = simulated(Sleeper::default()).host;
        host.commit(put("a/1", Expected::Absent)).await.unwrap();
        assert_eq!(host.commit(put("a/1", Expected::Absent)).await, Err(StateError::Conflict));
        host.commit(put("a/1", Expected::Version(1))).await.unwrap();
        assert_eq!(host.get("a/1").await.unwrap().unwrap().version, 2);
        let mut both = put("a/2", Expected::Any);
        both.deletes.push(Delete { key: "a/1".to_owned(), expected: Expected::Version(9) });
        assert_eq!(host.commit(both).await, Err(StateError::Conflict));
        assert_eq!(host.get("a/2").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_scan_stays_within_its_prefix_and_goes_on_after_a_key() {
        let host = simulated(Sleeper::default()).host;
        for key in ["a", "b/1", "b/2", "b/3", "c"] {
            host.commit(put(key, Expected::Any)).await.unwrap();
        }
        let keys = |rows: Vec<(String, Stored)>| rows.into_iter().map(|(key, _)| key);
        let all: Vec<String> = keys(host.scan("b/", None, 9).await.unwrap()).collect();
        assert_eq!(all, ["b/1", "b/2", "b/3"]);
        let rest: Vec<String> = keys(host.scan("b/", Some("b/1"), 1).await.unwrap()).collect();
        assert_eq!(rest, ["b/2"]);
    }

    #[tokio::test]
    async fn a_timer_wakes_the_simulator() {
        let sleeper = Sleeper::default();
        let (woken, bell) = (Arc::clone(&sleeper.woken), Arc::clone(&sleeper.bell));
        let Simulated { host, simulator, .. } = simulated(sleeper);
        let timer = Timer { key: "t".to_owned(), at: host.now() };
        host.commit(Commit { timers: vec![timer], ..Commit::default() }).await.unwrap();
        bell.notified().await;
        assert!(woken.load(Ordering::SeqCst));
        assert!(simulator.phone(&host, &Address::new("+15550100001")).await.is_empty());
    }
}
