//! A town with one bridge, phones, and a timeline.

use cordboard_engine::store::{
    Message, MessageFilter, MessageState, Store, StoreOptions, StoreUrl, Sums,
};
use cordboard_engine::{
    Bridge, BridgeConfig, Config, InstanceConfig, LeftOut, Plugins, Policy, Route,
};
use cordboard_plugin::{Address, HttpAnswer, HttpCall, PhoneText, Timestamp};
use cordboard_testkit::{SEEDED_START, Seeded};
use serde_json::{Value, json};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Our number.
pub(crate) const LINE: &str = "+15550100001";
/// Another number of ours, where a test has set it up.
pub(crate) const OTHER_LINE: &str = "+15550100002";
/// Somebody's phone.
pub(crate) const ANNA: &str = "+15550101142";
/// Somebody else's phone.
pub(crate) const BERT: &str = "+15550101243";
/// How long, in virtual time, something may take before a test gives up.
const PATIENCE_MS: u64 = 6 * 3600 * 1000;

pub(crate) struct Town {
    pub(crate) bridge: Bridge,
    pub(crate) seeded: Seeded,
    store: Store,
    config: Config,
    plugins: Plugins,
    dir: Arc<TempDir>,
    seed: u64,
}

fn built_in() -> Plugins {
    cordboard::builtin::plugins().into()
}

/// A simulated instance.
pub(crate) fn instance(name: &str, kind: &str, settings: Value) -> InstanceConfig {
    InstanceConfig {
        name: name.to_owned(),
        kind: kind.to_owned(),
        simulate: true,
        replies: true,
        settings,
        prices: Value::Null,
    }
}

/// A configuration with everything simulated.
pub(crate) fn config() -> Config {
    Config {
        bridge: BridgeConfig {
            name: "Cordboard".to_owned(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            public: false,
            help_contact: String::new(),
        },
        policy: Policy::default(),
        transports: vec![instance(
            "twilio",
            "twilio",
            json!({
                "numbers": [LINE], "receive": "webhook", "poll_seconds": 15,
                "shared_keys": {}, "media_hosts": [],
            }),
        )],
        sinks: vec![instance("x", "x", json!({ "auth": "oauth2" }))],
        routes: vec![Route {
            from: "*".to_owned(),
            to: Vec::new(),
            post: vec!["x".to_owned()],
            media: None,
        }],
        alert_numbers: Vec::new(),
    }
}

impl Town {
    pub(crate) async fn new(seed: u64) -> Self {
        Self::of(seed, built_in()).await
    }

    pub(crate) async fn with(seed: u64, edit: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        edit(&mut config);
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let town = Self::open(seed, SEEDED_START, config, built_in(), dir);
        town.bridge.start().await.unwrap();
        town
    }

    /// A town with plugins of a test's own.
    pub(crate) async fn of(seed: u64, plugins: Plugins) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let town = Self::open(seed, SEEDED_START, config(), plugins, dir);
        town.bridge.start().await.unwrap();
        town
    }

    /// A town that was copied, at work again; `watch` is told of every write from here on.
    pub(crate) async fn on(
        seed: u64,
        now: Timestamp,
        config: Config,
        dir: Arc<TempDir>,
        watch: Option<Arc<dyn Fn() + Send + Sync>>,
    ) -> Self {
        let town = Self::open(seed, now, config, built_in(), dir);
        if let Some(watch) = watch {
            town.store.observe_writes(watch);
        }
        town.bridge.start().await.unwrap();
        town
    }

    fn open(
        seed: u64,
        start: Timestamp,
        config: Config,
        plugins: Plugins,
        dir: Arc<TempDir>,
    ) -> Self {
        let seeded = Seeded::new(seed, start);
        let options = StoreOptions {
            url: StoreUrl::Sqlite(dir.path().join("cordboard.db")),
            data_dir: dir.path().to_owned(),
            key: cordboard_engine::store::SealKey::from_text(&"ab".repeat(32)).unwrap(),
            inline: true,
            version: env!("CARGO_PKG_VERSION"),
        };
        let store = Store::open(options, start).unwrap();
        let mut at_hand = config.clone();
        let is_here =
            |one: &InstanceConfig| plugins.left_out.iter().all(|out| out.name != one.name);
        at_hand.transports.retain(is_here);
        at_hand.sinks.retain(is_here);
        let world = seeded.world.clone();
        let bridge = Bridge::open(at_hand, plugins.clone(), store.clone(), world).unwrap();
        Self { bridge, seeded, store, config, plugins, dir, seed }
    }

    /// The process dies, and is started again without the plugin of one instance.
    pub(crate) async fn restart_without(mut self, family: &'static str, name: &str) -> Self {
        let (name, kind) = (name.to_owned(), name.to_owned());
        self.plugins.left_out = vec![LeftOut { family, name, kind }];
        self.crash().await
    }

    /// The process dies, and is started again with all plugins.
    pub(crate) async fn restart_whole(mut self) -> Self {
        self.plugins.left_out.clear();
        self.crash().await
    }

    /// A town whose bridge is open but not started.
    pub(crate) async fn stopped(seed: u64) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        Self::open(seed, SEEDED_START, config(), built_in(), dir)
    }

    /// The process dies where it stands, and is started again at once.
    pub(crate) async fn crash(self) -> Self {
        self.restart(|_| {}).await
    }

    /// The same with another configuration.
    pub(crate) async fn restart(self, edit: impl FnOnce(&mut Config)) -> Self {
        let now = self.bridge.now();
        self.restart_at(now, edit).await
    }

    /// The process was away for so many days.
    pub(crate) async fn after_days(self, days: i64) -> Self {
        let now = self.bridge.now().plus_hours(24 * days);
        self.restart_at(now, |_| {}).await
    }

    async fn restart_at(self, now: Timestamp, edit: impl FnOnce(&mut Config)) -> Self {
        let town = self.reopened(now, edit).await;
        town.bridge.start().await.unwrap();
        town
    }

    async fn reopened(self, now: Timestamp, edit: impl FnOnce(&mut Config)) -> Self {
        self.seeded.kill();
        let Self { bridge, seeded, store, mut config, plugins, dir, seed } = self;
        edit(&mut config);
        drop((bridge, seeded, store));
        // Aborted tasks let go of the store when they are polled next.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        Self::open(seed + 1, now, config, plugins, dir)
    }

    /// The process ends, and its bridge is open again but not started: phones still text the provider.
    pub(crate) async fn asleep(self) -> Self {
        let now = self.bridge.now();
        self.reopened(now, |_| {}).await
    }

    /// Every message that we have, oldest first.
    pub(crate) async fn messages(&self) -> Vec<Message> {
        let filter =
            MessageFilter { states: Vec::new(), sender: None, before: None, rows_max: 1000 };
        let mut messages = self.bridge.messages(filter).await.unwrap();
        messages.reverse();
        messages
    }

    /// Their words.
    pub(crate) async fn texts_kept(&self) -> Vec<String> {
        self.messages().await.into_iter().map(|message| message.text).collect()
    }

    /// What a phone has sent, oldest first.
    pub(crate) async fn sent_from(&self, phone: &str) -> Vec<String> {
        let view = self.bridge.sandbox_view(&Address::new(phone)).await;
        view.phone.into_iter().filter(|line| line.mine).map(|line| line.body).collect()
    }

    /// Somebody texts our number.
    pub(crate) async fn texts(&self, from: &str, body: &str) {
        self.try_text(from, body).await.unwrap();
    }

    pub(crate) async fn try_text(&self, from: &str, body: &str) -> Result<(), String> {
        self.text_to(LINE, from, body).await
    }

    /// Somebody texts one of our numbers, by the first transport.
    pub(crate) async fn text_to(&self, to: &str, from: &str, body: &str) -> Result<(), String> {
        let text = PhoneText {
            from: from.into(),
            to: to.into(),
            body: body.to_owned(),
            pictures: Vec::new(),
        };
        self.bridge.sandbox_text(&self.config.transports[0].name, text).await
    }

    /// When every town begins.
    pub(crate) fn started(&self) -> Timestamp {
        SEEDED_START
    }

    /// Whether no picture rests on the disk.
    pub(crate) fn nothing_rests(&self) -> bool {
        std::fs::read_dir(self.dir.path().join("media"))
            .map_or(true, |mut all| all.next().is_none())
    }

    /// What we texted to a phone, oldest first.
    pub(crate) async fn heard(&self, phone: &str) -> Vec<String> {
        let view = self.bridge.sandbox_view(&Address::new(phone)).await;
        view.phone.into_iter().filter(|line| !line.mine).map(|line| line.body).collect()
    }

    /// Author and words of every post, oldest first.
    pub(crate) async fn timeline(&self) -> Vec<(String, String)> {
        let view = self.bridge.sandbox_view(&Address::new(ANNA)).await;
        view.timeline.into_iter().rev().map(|post| (post.author, post.text)).collect()
    }

    /// The words of every post, oldest first.
    pub(crate) async fn words(&self) -> Vec<String> {
        self.timeline().await.into_iter().map(|(_, words)| words).collect()
    }

    /// Orders faults at a simulator.
    pub(crate) async fn faults(&self, name: &str, faults: Value) {
        let answer = self.simulator(name, "/_faults", json!({ "faults": faults })).await;
        assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body.0));
    }

    /// A control call to a simulator.
    pub(crate) async fn simulator(&self, name: &str, path: &str, body: Value) -> HttpAnswer {
        let method = if body.is_null() { "GET" } else { "POST" };
        let call = HttpCall {
            method: method.to_owned(),
            url: format!("http://127.0.0.1:8080/sandbox/{name}{path}"),
            path: path.to_owned(),
            query: String::new(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into(),
        };
        self.bridge.sandbox_call(name, call).await
    }

    /// Lets virtual time pass.
    pub(crate) async fn wait_seconds(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// Waits, in virtual time, until something holds.
    #[track_caller]
    pub(crate) fn until<'a, F>(
        &'a self,
        what: &'a str,
        holds: impl Fn() -> F + 'a,
    ) -> impl Future<Output = ()> + 'a
    where
        F: Future<Output = bool> + 'a,
    {
        let caller = std::panic::Location::caller();
        async move {
            let began = tokio::time::Instant::now();
            while !holds().await {
                if began.elapsed() > Duration::from_millis(PATIENCE_MS) {
                    let detail = self.detail().await;
                    panic!(
                        "{caller}: it never came about that {what} (seed {})\n{detail}",
                        self.seed
                    );
                }
                // Looking costs real time; what takes long may be noticed a little later.
                let soon = began.elapsed() < Duration::from_secs(60);
                let pause = if soon { 100 } else { 5_000 };
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        }
    }

    pub(crate) async fn until_posts(&self, count: usize) {
        self.until(&format!("{count} posts are out"), || async {
            self.words().await.len() >= count
        })
        .await;
    }

    pub(crate) async fn until_heard(&self, phone: &str, part: &str) {
        self.until(&format!("{phone} hears {part:?}"), || async {
            self.heard(phone).await.iter().any(|text| text.contains(part))
        })
        .await;
    }

    /// Waits until no message is unfinished.
    pub(crate) async fn until_done(&self) {
        self.until("everything is done", || async {
            let sums = self.sums().await;
            unfinished(&sums) == 0
        })
        .await;
        assert!(self.sums().await.holds());
    }

    pub(crate) async fn sums(&self) -> Sums {
        self.bridge.sums().await.unwrap()
    }

    pub(crate) async fn states(&self) -> Vec<MessageState> {
        self.messages().await.into_iter().map(|message| message.state).collect()
    }

    /// Everything about every message, for a failing test.
    async fn detail(&self) -> String {
        let filter = MessageFilter { states: Vec::new(), sender: None, before: None, rows_max: 50 };
        let mut detail = format!("heard by anna: {:#?}\n", self.heard(ANNA).await);
        for message in self.bridge.messages(filter).await.unwrap() {
            let life = self.bridge.message(message.id).await.unwrap();
            detail += &serde_json::to_string_pretty(&life).unwrap();
        }
        detail
    }
}

pub(crate) fn unfinished(sums: &Sums) -> i64 {
    let open =
        [MessageState::Queued, MessageState::Working, MessageState::Waiting, MessageState::Unclear];
    sums.states.iter().filter(|(state, _)| open.contains(state)).map(|(_, n)| n).sum()
}

/// How many random lives a test tries: `usual`, or `CORDBOARD_TEST_SEEDS`.
pub(crate) fn seeds(usual: u64) -> u64 {
    std::env::var("CORDBOARD_TEST_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Chance for a test, from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        // xorshift64 (Marsaglia, 2003)
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    pub(crate) fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}
