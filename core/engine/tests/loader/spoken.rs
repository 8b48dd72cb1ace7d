//! What a plugin says stands in the bridge's log, with the message it is about.

use crate::support::{credential, own_c_sink, own_rust_sink, part};
use cordboard_plugin::{
    Commit, Host, HttpError, HttpRequest, HttpResponse, Level, Sink, StateError, Stored, Timestamp,
    async_trait,
};
use cordboard_testkit::FakeHost;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use tracing_subscriber::fmt::MakeWriter;

/// The log of this test program.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone());
        subscriber.with_max_level(tracing::Level::DEBUG).init();
        log
    })
}

/// The lines of the log that hold all of these words.
fn lines(words: &[&str]) -> Vec<String> {
    let log = log().0.lock().unwrap();
    let log = String::from_utf8_lossy(&log);
    let holds = |line: &&str| words.iter().all(|word| line.contains(word));
    log.lines().filter(holds).map(str::to_owned).collect()
}

/// A host that logs as the bridge's does.
#[derive(Clone)]
struct Logging(FakeHost);

#[async_trait]
impl Host for Logging {
    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.0.http(request).await
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn random(&self, len: usize) -> Vec<u8> {
        self.0.random(len)
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.0.sleep_until(at).await;
    }

    fn log(&self, level: Level, line: &str) {
        tracing::info!(plugin = "spoken", "{level:?}: {line}");
    }

    fn metric(&self, name: &'static str, by: u64) {
        self.0.metric(name, by);
    }

    fn gauge(&self, name: &'static str, value: i64) {
        self.0.gauge(name, value);
    }

    fn trouble(&self, why: Option<&str>) {
        self.0.trouble(why);
    }

    async fn get(&self, key: &str) -> Result<Option<Stored>, StateError> {
        self.0.get(key).await
    }

    async fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
    ) -> Result<Vec<(String, Stored)>, StateError> {
        self.0.scan(prefix, after, rows_max).await
    }

    async fn commit(&self, commit: Commit) -> Result<(), StateError> {
        self.0.commit(commit).await
    }

    fn share(&self) -> Arc<dyn Host> {
        Arc::new(self.clone())
    }
}

/// Has it do what `text` says, as a part of this message.
fn about(message: &str, sink: &dyn Sink, text: &str) {
    let span = tracing::info_span!("message", id = message);
    let (credential, part) = (credential(""), part(text));
    let host = Logging(FakeHost::new());
    // It may panic: that is what some of these are about.
    let call = || {
        span.in_scope(|| cordboard_testkit::block_on(sink.publish(&host, &credential, &part, None)))
    };
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
}

#[test]
fn a_line_bears_the_message_it_is_about() {
    log();
    let (_one, rust) = own_rust_sink("spoken-rust");
    let (_other, c) = own_c_sink("spoken-c");
    about("m-101", &*rust, "talk");
    about("m-102", &*c, "do talk");
    about("m-103", &*rust, "talk");
    for (message, line) in [
        ("m-101", "Warn: a line of the plugin's"),
        ("m-102", "Warn: a line of \u{fffd} words"),
        ("m-103", "Warn: a line of the plugin's"),
    ] {
        assert_eq!(lines(&[message, line, "plugin=\"spoken\""]).len(), 1, "{message}");
    }
}

#[test]
fn what_a_panic_said_and_where_stands_in_our_log_once() {
    log();
    let (_one, rust) = own_rust_sink("panics-rust");
    let (_other, c) = own_c_sink("panics-c");
    about("m-201", &*rust, "panic");
    about("m-202", &*c, "do panic");
    let said = lines(&["m-201", "in the middle of it"]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("odd-plugin") && said[0].contains("wall.rs:"), "{said:?}");
    let said = lines(&["m-202", "it broke in C"]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("ERROR") && said[0].contains("panics-c"), "{said:?}");
}

#[test]
fn a_panic_in_a_thread_of_the_plugin_stands_in_our_log() {
    log();
    let (_folder, rust) = own_rust_sink("thread-rust");
    about("m-301", &*rust, "panic in a thread");
    let said = lines(&["ERROR", "in a thread of its own"]);
    assert_eq!(said.len(), 1, "{said:?}");
}
