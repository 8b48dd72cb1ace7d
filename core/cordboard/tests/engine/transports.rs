//! A provider is a choice in the configuration and nothing else: whatever transport a text comes by, the
//! same becomes of it.

use crate::browser::join;
use crate::town::{ANNA, BERT, LINE, Town, instance};
use cordboard_engine::{Config, InstanceConfig};
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};

/// The kinds of transports we have, each as the line `line`.
const KINDS: [&str; 3] = ["twilio", "flowroute", "modem"];

/// The one line of a town, by a transport of this kind.
pub(crate) fn line(kind: &str) -> InstanceConfig {
    let settings = match kind {
        "modem" => json!({ "number": LINE }),
        _ => json!({ "numbers": [LINE], "media_hosts": [] }),
    };
    // Money is told to people, so it must be the same too.
    let prices = json!({ "usd_per_segment_in": 0.005, "usd_per_segment_out": 0.005 });
    InstanceConfig { prices, ..instance("line", kind, settings) }
}

/// Puts that line into a configuration.
pub(crate) fn by(kind: &'static str) -> impl FnOnce(&mut Config) {
    move |config| config.transports = vec![line(kind)]
}

/// A life in which a bit of everything happens, and all that is stored of it.
async fn life(kind: &'static str) -> Value {
    let town = Town::with(11, by(kind)).await;
    join(&town, ANNA, "anna").await;
    let long = (0..90).map(|n| format!("word{n:02}")).collect::<Vec<_>>().join(" ");
    for text in ["Grüße aus Köln 👍🏽 – {brackets} & €", &long, "example.com is a link", "/STATUS"]
    {
        town.texts(ANNA, text).await;
        // Somebody else's text must not change the order of these.
        town.wait_seconds(120).await;
    }
    town.until_heard(ANNA, "Connected").await;
    town.texts(ANNA, "/NO").await;
    town.wait_seconds(120).await;
    town.texts(ANNA, "/UNDO").await;
    town.until_heard(ANNA, "Taken back").await;
    town.texts(BERT, "hello from nobody we know").await;
    town.until_heard(BERT, "/link/").await;
    town.texts(ANNA, "/STOP").await;
    town.until_heard(ANNA, "you are out").await;
    town.until_done().await;
    town.wait_seconds(120).await;
    let mut lives = Vec::new();
    for message in town.messages().await {
        let detail = town.bridge.message(message.id).await.unwrap();
        let mut life = serde_json::to_value(detail).unwrap();
        without_names(&mut life);
        lives.push(life);
    }
    json!({ "messages": lives, "timeline": town.timeline().await })
}

/// Keys whose values are names: those that a provider has given, and the numbers and keys of our rows,
/// which have gaps where a message was brought twice.
const NAMES: [&str; 7] =
    ["account", "provider_id", "id", "key", "message_id", "post_id", "credential_id"];

fn without_names(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|key, _| !NAMES.contains(&key.as_str()) && !key.ends_with("_at"));
            // The words of a receipt hold the address of the post.
            entries.iter_mut().for_each(|(_, value)| without_names(value));
        }
        Value::Array(values) => values.iter_mut().for_each(without_names),
        Value::String(text) => {
            if let Some(at) = text.find("http") {
                text.truncate(at);
            }
        }
        _ => {}
    }
}

#[test]
fn a_text_ends_in_the_same_row_whatever_transport_it_came_by() {
    let [first, others @ ..] = KINDS;
    let expected = run_seeded(life(first));
    assert!(expected["messages"].as_array().unwrap().len() >= 8, "{expected:#}");
    for kind in others {
        let found = run_seeded(life(kind));
        let (rows, wanted) = (&found["messages"], &expected["messages"]);
        for (n, wanted) in wanted.as_array().unwrap().iter().enumerate() {
            assert_eq!(&rows[n], wanted, "message {n} by {kind}, and by {first}");
        }
        assert_eq!(found, expected, "{kind}");
    }
}
