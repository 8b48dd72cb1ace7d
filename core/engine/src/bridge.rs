//! The bridge: what all rooms share, and how it starts and stops.

use crate::config::Config;
use crate::facade::Health;
use crate::host::InstanceHost;
use crate::plugins::{PluginView, Plugins, file_name};
use crate::pump;
use crate::registry::{BuildError, Registry};
use crate::world::World;
use cordboard_plugin::Timestamp;
use cordboard_store::{Applied, Change, Claim, Hold, LaneKind, Store, StoreError};
use futures_util::FutureExt as _;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, Semaphore, watch};
use tracing::{Instrument as _, Span};

/// How long a lane is held before others may take it.
pub(crate) const LEASE_MS: i64 = 120_000;
/// Messages whose pictures are fetched at once.
const FETCHES_AT_ONCE: usize = 2;
/// No bridge runs before this moment (2026-01-01): a clock that says so is wrong.
const CLOCK_FLOOR: Timestamp = Timestamp(1_767_225_600_000);
/// Texts that are marked unread in one go at the start.
const READ_AGAIN_AT_ONCE: i64 = 500;
/// How far the clock may be behind the newest stored time.
const CLOCK_SLACK_MS: i64 = 300_000;

/// The whole engine. Cheap to clone.
#[derive(Clone)]
pub struct Bridge {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    plugins: Plugins,
    registry: Registry,
    store: Store,
    world: World,
    /// A new word at each start: leases of an earlier life are not ours.
    owner: String,
    ready: AtomicBool,
    stop: watch::Sender<bool>,
    bells: [Notify; LaneKind::ALL.len()],
    timer_bell: Notify,
    deliveries: Arc<Semaphore>,
    fetches: Arc<Semaphore>,
    cares: Semaphore,
    tasks: AtomicUsize,
    idle: Notify,
    /// The minute of the newest complaint about a webhook that is not genuine.
    complained: AtomicI64,
    troubles: Mutex<std::collections::BTreeMap<String, String>>,
}

impl Bridge {
    /// Makes all instances. Opens no connection and starts nothing.
    ///
    /// # Errors
    /// Names the instance whose settings do not do.
    pub fn open(
        config: Config,
        plugins: impl Into<Plugins>,
        store: Store,
        world: World,
    ) -> Result<Self, BuildError> {
        let plugins = plugins.into();
        let registry = Registry::build(&config, &plugins)?;
        let owner = crate::words::hex(&world.bytes::<8>());
        let deliveries = Arc::new(Semaphore::new(config.policy.deliveries_at_once as usize));
        let inner = Inner {
            config,
            plugins,
            registry,
            store,
            world,
            owner,
            ready: AtomicBool::new(false),
            stop: watch::Sender::new(false),
            bells: [const { Notify::const_new() }; LaneKind::ALL.len()],
            timer_bell: Notify::new(),
            deliveries,
            fetches: Arc::new(Semaphore::new(FETCHES_AT_ONCE)),
            cares: Semaphore::new(1),
            tasks: AtomicUsize::new(0),
            idle: Notify::new(),
            complained: AtomicI64::new(0),
            troubles: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Starts every room. Call it when the public listener is bound: from here on, invitations leave.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn start(&self) -> Result<(), StoreError> {
        self.store().start_up(&self.inner.owner).await?;
        self.note_foreign_realms().await?;
        self.note_missing();
        self.read_again().await?;
        for kind in LaneKind::ALL {
            self.spawn(pump::lanes(self.clone(), *kind));
        }
        self.spawn(pump::timers(self.clone()));
        self.spawn(crate::sweep::run(self.clone()));
        for name in self.registry().transports.keys() {
            self.spawn(crate::plugin_runs::run(self.clone(), name.clone()));
        }
        self.take_up_codes().await?;
        self.inner.ready.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// Stops, in order: webhooks get 503, claims stop, attempts under way finish (those that do not
    /// within `shutdown_seconds` stay open and are settled after the next start), plugins stop.
    pub async fn stop(&self) {
        self.inner.ready.store(false, Ordering::SeqCst);
        self.inner.stop.send_replace(true);
        for bell in &self.inner.bells {
            bell.notify_waiters();
        }
        let patience = i64::from(self.config().policy.shutdown_seconds) * 1000;
        let all_done = async {
            loop {
                let idle = self.inner.idle.notified();
                if self.inner.tasks.load(Ordering::SeqCst) == 0 {
                    return;
                }
                idle.await;
            }
        };
        if self.world().within(patience, all_done).await.is_none() {
            tracing::warn!(
                tasks = self.inner.tasks.load(Ordering::SeqCst),
                "stopping with work under way; it is taken up again after the next start"
            );
        }
    }

    /// Whether webhooks are taken.
    pub fn ready(&self) -> bool {
        self.inner.ready.load(Ordering::SeqCst)
    }

    /// How we sign our texts.
    pub fn name(&self) -> &str {
        &self.inner.config.bridge.name
    }

    /// The configuration it was opened with.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The plugins it runs on, and the files that could not be loaded.
    pub fn plugins(&self) -> Vec<PluginView> {
        self.inner.plugins.views()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.inner.world.now()
    }

    /// Whether the bridge works, and what a person must act on.
    pub async fn health(&self) -> Health {
        let mut troubles: Vec<String> =
            self.troubles().iter().map(|(what, why)| format!("{what}: {why}")).collect();
        match self.store().paused_all().await {
            Ok(paused) => troubles.extend(
                paused
                    .into_iter()
                    .map(|(sink, pause)| format!("{sink} is paused: {}", pause.detail)),
            ),
            Err(error) => troubles.push(format!("store: {error}")),
        }
        let status = if troubles.is_empty() { "ok" } else { "degraded" };
        Health { status, ready: self.ready(), troubles }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn world(&self) -> &World {
        &self.inner.world
    }

    pub(crate) fn deliveries(&self) -> &Arc<Semaphore> {
        &self.inner.deliveries
    }

    pub(crate) fn fetches(&self) -> &Arc<Semaphore> {
        &self.inner.fetches
    }

    /// Whoever works on a picture's bytes has the one permit.
    pub(crate) fn cares(&self) -> &Semaphore {
        &self.inner.cares
    }

    pub(crate) fn host(&self, instance: &str) -> InstanceHost {
        InstanceHost::plugin(self, instance)
    }

    /// A lease that begins now.
    pub(crate) fn claim(&self) -> Claim {
        Claim { owner: self.inner.owner.clone(), until: self.now().plus_millis(LEASE_MS) }
    }

    /// Commits, and rings for the rooms that now have work.
    pub(crate) async fn commit(
        &self,
        guard: Option<&Hold>,
        changes: Vec<Change>,
    ) -> Result<Applied, StoreError> {
        let applied = self.store().commit(guard, changes, self.now()).await?;
        for kind in LaneKind::ALL {
            self.wake(*kind);
        }
        Ok(applied)
    }

    /// Notes or clears something that a person must act on. It is logged when it begins and when it ends.
    pub(crate) fn trouble(&self, what: &str, why: Option<&str>) {
        let mut troubles = self.troubles();
        match why {
            Some(why) if troubles.get(what).map(String::as_str) != Some(why) => {
                tracing::error!(what, "a person must act: {why}");
                troubles.insert(what.to_owned(), why.to_owned());
                self.alert(what, why);
            }
            None if troubles.remove(what).is_some() => tracing::info!(what, "works again"),
            _ => {}
        }
    }

    fn troubles(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeMap<String, String>> {
        // A poisoned list of notes is still a list of notes.
        self.inner.troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether nothing has been complained about in this minute yet.
    pub(crate) fn once_a_minute(&self) -> bool {
        let minute = self.now().unix_seconds() / 60;
        self.inner.complained.swap(minute, Ordering::Relaxed) != minute
    }

    pub(crate) fn wake(&self, kind: LaneKind) {
        self.bell(kind).notify_one();
    }

    pub(crate) fn wake_timers(&self) {
        self.inner.timer_bell.notify_one();
    }

    pub(crate) fn bell(&self, kind: LaneKind) -> &Notify {
        &self.inner.bells[kind.code() as usize % LaneKind::ALL.len()]
    }

    pub(crate) fn timer_bell(&self) -> &Notify {
        &self.inner.timer_bell
    }

    pub(crate) fn stopping(&self) -> bool {
        *self.inner.stop.borrow()
    }

    /// Waits until the bridge is told to stop.
    pub(crate) async fn stopped(&self) {
        let mut stop = self.inner.stop.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Whether the clock can be trusted to deliver, expire and erase by it. Intake never asks.
    pub(crate) async fn clock_is_sane(&self) -> bool {
        let now = self.now();
        match self.store().newest_time().await {
            Ok(newest) => now > CLOCK_FLOOR && now.plus_millis(CLOCK_SLACK_MS) > newest,
            Err(_) => false,
        }
    }

    /// Runs a task that `stop` waits for.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.inner.tasks.fetch_add(1, Ordering::SeqCst);
        let bridge = self.clone();
        let task = async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                tracing::error!("a task of the engine panicked; its work is taken up again");
            }
            if bridge.inner.tasks.fetch_sub(1, Ordering::SeqCst) == 1 {
                bridge.inner.idle.notify_waiters();
            }
        };
        self.world().spawner.spawn(Box::pin(task));
    }

    /// Plugin files that could not be loaded, and the instances that are missing for that, are troubles
    /// until the next start.
    fn note_missing(&self) {
        for broken in &self.inner.plugins.broken {
            let what = format!("plugin {}", file_name(&broken.path));
            self.trouble(&what, Some(&broken.problem));
        }
        for missing in &self.inner.plugins.left_out {
            let what = format!("{} {}", missing.family, missing.name);
            self.trouble(&what, Some(&missing.why()));
        }
    }

    /// Texts that waited for a missing sink are read again: it may be here now.
    async fn read_again(&self) -> Result<(), StoreError> {
        let again = || vec![Change::EndOperatorWaits { rows_max: READ_AGAIN_AT_ONCE }];
        while self.commit(None, again()).await?.waiting == READ_AGAIN_AT_ONCE {}
        Ok(())
    }

    /// Credentials made under other keys are not used: their people are asked to link again.
    async fn note_foreign_realms(&self) -> Result<(), StoreError> {
        for (name, sink) in &self.registry().sinks {
            if sink.can.credentials.is_empty() {
                continue;
            }
            let people =
                self.store().mark_foreign_realms(name, &sink.can.credentials, self.now()).await?;
            if people > 0 {
                tracing::warn!(sink = %name, people, "the app's keys changed: people must connect again");
            }
        }
        Ok(())
    }
}

/// As [`guarded`], for a call that belongs to a message: each line that is logged meanwhile bears its id, a
/// plugin's too.
pub(crate) async fn guarded_about<T>(
    bridge: &Bridge,
    message_id: impl Into<Option<i64>>,
    millis: i64,
    work: impl Future<Output = T>,
) -> Result<T, &'static str> {
    guarded(bridge, millis, work.instrument(about(message_id))).await
}

/// Where a plugin's call about a message happens, for the log. At level ERROR, so that no filter that lets
/// a plugin's line through drops the message's id.
pub(crate) fn about(message_id: impl Into<Option<i64>>) -> Span {
    match message_id.into() {
        Some(id) => tracing::error_span!("about", message.id = id),
        None => Span::none(),
    }
}

/// Runs a plugin's future for at most `millis`; a panic or silence becomes `None` with a word for the log.
pub(crate) async fn guarded<T>(
    bridge: &Bridge,
    millis: i64,
    work: impl Future<Output = T>,
) -> Result<T, &'static str> {
    match bridge.world().within(millis, AssertUnwindSafe(work).catch_unwind()).await {
        Some(Ok(done)) => Ok(done),
        Some(Err(_)) => Err("the plugin panicked"),
        None => Err("no answer in time"),
    }
}
