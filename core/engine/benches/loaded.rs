//! What the boundary costs: the same plugin, linked and loaded, asked the same things.
//!
//! `cargo bench -p cordboard-engine --bench loaded`. A message may cost 60 µs more through a file than
//! linked; look at the medians, on a machine that does nothing else.

#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::panic, reason = "it prints figures")]

#[path = "../tests/loader/fixture/src/carrier.rs"]
mod carrier;
#[path = "../tests/loader/fixture/src/wall.rs"]
mod wall;

use cordboard_engine::World;
use cordboard_engine::loader::load;
use cordboard_plugin::{
    Blob, Create as _, Credential, HttpCall, Media, MicroUsd, Part, RemoteAccount, Secret,
    Settings, Sink, Transport,
};
use cordboard_testkit::FakeHost;
use futures_util::future::join_all;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Calls of each sort, one after the other.
const CALLS: usize = 5_000;
/// What a message may cost more through a file.
const MORE_MAX: Duration = Duration::from_micros(60);

/// Builds the plugin as a file, as an author ships it.
fn built() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixture");
    let status = Command::new(env!("CARGO"))
        .args(["rustc", "--offline", "--locked", "--release", "--lib", "--crate-type", "cdylib"])
        .args(["--features", "export", "--target-dir"])
        .arg(&target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loader/fixture"))
        .status()
        .unwrap();
    assert!(status.success());
    target.join("release/libodd_plugin.so")
}

fn settings() -> Settings {
    Settings {
        name: "bench".to_owned(),
        values: serde_json::Value::Null,
        prices: serde_json::Value::Null,
        public: false,
        catch_up_hours: 1,
    }
}

/// One way in which the plugin is there.
struct Way {
    carrier: Arc<dyn Transport>,
    wall: Arc<dyn Sink>,
    host: FakeHost,
}

fn credential() -> Credential {
    let account = RemoteAccount { id: "1".to_owned(), handle: "@someone".to_owned() };
    let secret = Secret::new("a credential of a usual length, as JSON, two tokens long");
    Credential { kind: "key".to_owned(), realm: "odd".to_owned(), secret, account }
}

fn part(text: &str) -> Part {
    Part {
        text: text.to_owned(),
        media: Vec::new(),
        handles: Vec::new(),
        price: MicroUsd(0),
        has_link: false,
    }
}

fn webhook() -> HttpCall {
    let headers =
        ["host", "user-agent", "accept", "content-type", "content-length", "x-forwarded-for"];
    let mut headers: Vec<_> =
        headers.map(|name| (name.to_owned(), "a value of a usual length".to_owned())).into();
    headers.push(("signature".to_owned(), "genuine".to_owned()));
    HttpCall {
        method: "POST".to_owned(),
        url: "https://bridge.example.com/hooks/odd".to_owned(),
        path: String::new(),
        query: String::new(),
        headers,
        body: Blob(b"Body=".repeat(80)),
    }
}

impl Way {
    async fn publish(&self, text: &str) {
        let done = self.wall.publish(&self.host, &credential(), &part(text), None).await;
        assert!(done.is_ok());
    }

    async fn receive(&self) {
        let received = self.carrier.receive(&self.host, webhook()).await.unwrap();
        assert_eq!(received.messages.len(), 1);
    }

    async fn upload(&self) {
        let bytes = Blob(vec![7; 1 << 20]);
        let media = Media { media_type: "image/jpeg".to_owned(), bytes, alt: None };
        self.wall.upload(&self.host, &credential(), &media).await.unwrap();
    }

    /// What a message asks of plugins on its way: it is received, and published by one request, which
    /// the host makes.
    async fn message(&self) {
        self.receive().await;
        self.publish("http").await;
    }
}

/// The median of many, one after the other.
async fn median<F: Future<Output = ()>>(calls: usize, call: impl Fn() -> F) -> Duration {
    for _ in 0..calls / 10 {
        call().await;
    }
    let mut all = Vec::with_capacity(calls);
    for _ in 0..calls {
        let begun = Instant::now();
        call().await;
        all.push(begun.elapsed());
    }
    all.sort_unstable();
    all[calls / 2]
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// Tells both; what the second costs more.
fn compared(what: &str, linked: Duration, loaded: Duration) -> Duration {
    let more = loaded.saturating_sub(linked);
    println!(
        "{what:<34} linked {:>8.2} µs   loaded {:>8.2} µs   more {:>8.2} µs   ratio {:>7.1}",
        micros(linked),
        micros(loaded),
        micros(more),
        loaded.as_secs_f64() / linked.as_secs_f64()
    );
    more
}

/// Calls of so many at once, in a second.
async fn rate(way: &Way, at_once: usize) -> f64 {
    let rounds = CALLS.div_ceil(at_once);
    let begun = Instant::now();
    for _ in 0..rounds {
        join_all((0..at_once).map(|_| way.publish("words"))).await;
    }
    (rounds * at_once) as f64 / begun.elapsed().as_secs_f64()
}

async fn measure(linked: Way, loaded: Way) {
    let both = [&linked, &loaded];
    macro_rules! compare {
        ($what:literal, $calls:expr, $way:ident => $call:expr) => {{
            let [linked, loaded] = both.map(|$way| median($calls, move || $call));
            compared($what, linked.await, loaded.await)
        }};
    }
    compare!("a call that does nothing", CALLS, way => way.publish("words"));
    compare!("a call with one commit", CALLS, way => way.publish("commit"));
    compare!("a picture of 1 MiB", CALLS / 10, way => way.upload());
    compare!("receiving", CALLS, way => way.receive());
    let more = compare!("a message: receiving, publishing", CALLS, way => way.message());
    let (before, after) = (rate(&linked, 64).await, rate(&loaded, 64).await);
    println!("64 at once: linked {before:.0} calls/s, loaded {after:.0} calls/s");
    let verdict = if more <= MORE_MAX { "within" } else { "OVER" };
    println!("a message costs {:.1} µs more: {verdict} {MORE_MAX:?}", micros(more));
}

fn main() {
    let file = built();
    let kilobytes = std::fs::metadata(&file).unwrap().len() / 1000;
    println!("the file, stripped: {kilobytes} kB");
    let host = FakeHost::new();
    let answer = host.response(201, &[("content-type", "application/json")], "{\"id\":\"1\"}");
    host.on_http(move |_| Ok(answer.clone()));
    let settings = settings();
    let linked = Way {
        carrier: Arc::new(carrier::Carrier::create(&settings).unwrap()),
        wall: Arc::new(wall::Wall::create(&settings).unwrap()),
        host: host.clone(),
    };
    let plugin = load(&file, None, &World::real()).unwrap().plugin;
    let loaded = Way {
        carrier: Arc::from((plugin.transports[0].create)(&settings).unwrap()),
        wall: Arc::from((plugin.sinks[0].create)(&settings).unwrap()),
        host,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // In a task, as the bridge makes its calls.
    runtime.block_on(async { tokio::spawn(measure(linked, loaded)).await.unwrap() });
}
