//! What a plugin says while it works on a message is logged with that message's id.

use crate::browser::join;
use crate::town::{ANNA, Town};
use async_trait::async_trait;
use cordboard_engine::Plugins;
use cordboard_plugin::{
    CallError, Checked, Credential, Draft, Host, HttpCall, Level, LinkError, LinkRequest,
    LinkReturn, LinkStart, Linked, OutgoingText, Part, Plan, PluginDef, Published, Receipt,
    Received, Refusal, Rejected, Sink, SinkCapabilities, SinkKind, Transport,
    TransportCapabilities, TransportKind,
};
use cordboard_testkit::run_seeded;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// A built-in instance that says what it is asked to do.
struct Talking<T>(T);

#[async_trait]
impl Transport for Talking<Box<dyn Transport>> {
    fn capabilities(&self) -> TransportCapabilities {
        self.0.capabilities()
    }

    async fn receive(&self, host: &dyn Host, call: HttpCall) -> Result<Received, Rejected> {
        self.0.receive(host, call).await
    }

    async fn send(&self, host: &dyn Host, text: &OutgoingText) -> Result<Receipt, CallError> {
        host.log(Level::Info, "I send");
        self.0.send(host, text).await
    }
}

#[async_trait]
impl Sink for Talking<Box<dyn Sink>> {
    fn capabilities(&self) -> SinkCapabilities {
        self.0.capabilities()
    }

    async fn begin_link(
        &self,
        host: &dyn Host,
        request: &LinkRequest,
    ) -> Result<LinkStart, CallError> {
        host.log(Level::Info, "I link");
        self.0.begin_link(host, request).await
    }

    fn link_state(&self, query: &[(String, String)]) -> Option<String> {
        self.0.link_state(query)
    }

    async fn complete_link(&self, host: &dyn Host, back: &LinkReturn) -> Result<Linked, LinkError> {
        self.0.complete_link(host, back).await
    }

    async fn check(&self, host: &dyn Host, credential: &Credential) -> Result<Checked, CallError> {
        self.0.check(host, credential).await
    }

    fn plan(&self, draft: &Draft) -> Result<Plan, Refusal> {
        tracing::info!("I plan");
        self.0.plan(draft)
    }

    async fn publish(
        &self,
        host: &dyn Host,
        credential: &Credential,
        part: &Part,
        previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        host.log(Level::Info, "I publish");
        let published = self.0.publish(host, credential, part, previous).await;
        host.log(Level::Warn, "I have published");
        published
    }

    async fn retract(
        &self,
        host: &dyn Host,
        credential: &Credential,
        published: &Published,
    ) -> Result<(), CallError> {
        host.log(Level::Error, "I retract");
        self.0.retract(host, credential, published).await
    }
}

/// The built-in plugins, made to talk.
fn talking() -> Plugins {
    let talk = |plugin: &'static PluginDef| -> &'static PluginDef {
        let transports = plugin.transports.iter().map(|kind| TransportKind {
            create: Box::leak(Box::new(|settings: &_| {
                Ok(Box::new(Talking((kind.create)(settings)?)) as Box<dyn Transport>)
            })),
            ..*kind
        });
        let sinks = plugin.sinks.iter().map(|kind| SinkKind {
            create: Box::leak(Box::new(|settings: &_| {
                Ok(Box::new(Talking((kind.create)(settings)?)) as Box<dyn Sink>)
            })),
            ..*kind
        });
        let (transports, sinks): (Vec<_>, Vec<_>) = (transports.collect(), sinks.collect());
        Box::leak(Box::new(PluginDef {
            transports: transports.leak(),
            sinks: sinks.leak(),
            ..*plugin
        }))
    };
    let built_in = cordboard::builtin::plugins();
    built_in.into_iter().map(talk).collect::<Vec<_>>().into()
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_a_plugin_says_about_a_message_is_logged_with_its_id() {
    let paper = Paper::default();
    let out = paper.clone();
    let lines = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_writer(move || out.clone())
        .finish();
    tracing::subscriber::with_default(lines, || {
        run_seeded(async {
            let town = Town::of(320, talking()).await;
            join(&town, ANNA, "anna").await;
            town.texts(ANNA, "words").await;
            town.until_posts(1).await;
            town.texts(ANNA, "/UNDO").await;
            town.until_heard(ANNA, "Taken back").await;
        });
    });
    let log = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    let said = |words: &str| -> Vec<&str> {
        let found: Vec<&str> =
            log.lines().filter(|line| line.contains(&format!(": {words}"))).collect();
        assert!(!found.is_empty(), "{words}:\n{log}");
        found
    };
    // The first message was the stranger's; the third takes the second back, and its answer is about that one.
    for (words, id) in [("I plan", 2), ("I publish", 2), ("I have published", 2), ("I retract", 2)]
    {
        for line in said(words) {
            assert!(line.contains(&format!("about{{message.id={id}}}: ")), "{line}");
        }
    }
    let answers = said("I send");
    for id in [1, 2] {
        let about = format!("about{{message.id={id}}}: ");
        assert!(answers.iter().any(|line| line.contains(&about)), "{id}: {answers:#?}");
    }
    for line in said("I link") {
        assert!(!line.contains("message.id"), "linking is about no message: {line}");
    }
}
