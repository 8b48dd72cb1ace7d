//! A provider that signs nothing: its messages are read back before anybody acts on them, and its pace is
//! held.

use crate::browser::join;
use crate::town::{ANNA, BERT, LINE, Town};
use crate::transports::by;
use cordboard_engine::store::MessageState;
use cordboard_plugin::{HttpCall, MicroUsd, SimPlace};
use cordboard_testkit::run_seeded;
use serde_json::json;

/// A callback as the provider makes it, with the right token, for a message that nobody has sent.
async fn forged(town: &Town, id: &str, from: &str, body: &str) -> u16 {
    let token = callback_token();
    let message = json!({ "data": { "type": "message", "id": id, "attributes": {
        "body": body, "direction": "inbound", "from": from.trim_start_matches('+'),
        "to": LINE.trim_start_matches('+'), "is_mms": false,
    } } });
    let call = HttpCall {
        method: "POST".to_owned(),
        url: format!("http://127.0.0.1:8080/hooks/line?token={token}"),
        path: String::new(),
        query: format!("token={token}"),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: message.to_string().into(),
    };
    town.bridge.hook("line", call).await.status
}

/// The secret in the address that the simulated provider calls.
fn callback_token() -> String {
    let place = SimPlace {
        base_url: "http://127.0.0.1:8080/sandbox/line".to_owned(),
        hook_url: "http://127.0.0.1:8080/hooks/line".to_owned(),
    };
    let simulator = cordboard_flowroute::PLUGIN.simulator.unwrap()();
    let settings = simulator.settings("flowroute", &place);
    settings["callback_token"].as_str().unwrap().to_owned()
}

#[test]
fn what_the_provider_does_not_know_is_never_acted_on() {
    run_seeded(async {
        let town = Town::with(21, by("flowroute")).await;
        join(&town, ANNA, "anna").await;
        for (n, text) in ["posted in her name", "/UNDO", "STOP"].iter().enumerate() {
            assert_eq!(forged(&town, &format!("mdr2-{n:032}"), ANNA, text).await, 200);
        }
        town.texts(ANNA, "her own words").await;
        town.until_posts(1).await;
        town.until_done().await;
        assert_eq!(town.words().await, ["her own words"]);
        let refused = town.states().await.iter().filter(|s| **s == MessageState::Refused).count();
        assert_eq!(refused, 3, "{:?}", town.states().await);
    });
}

#[test]
fn while_the_provider_cannot_be_asked_messages_wait_in_their_order_and_others_do_not() {
    run_seeded(async {
        let town = Town::with(22, by("flowroute")).await;
        join(&town, ANNA, "anna").await;
        join(&town, BERT, "bert").await;
        town.faults("line", json!([{ "on": "record", "kind": "503" }])).await;
        town.texts(ANNA, "first").await;
        town.wait_seconds(5).await;
        town.texts(ANNA, "second").await;
        let at = |text: &'static str| {
            let town = &town;
            async move { town.words().await.iter().position(|words| words == text) }
        };
        town.wait_seconds(10).await;
        assert_eq!(at("first").await, None, "it was acted on before it was confirmed");
        town.texts(BERT, "not held up").await;
        town.until_posts(1).await;
        assert_eq!(at("not held up").await, Some(0), "{:?}", town.words().await);
        town.until_posts(3).await;
        assert_eq!(town.words().await, ["not held up", "first", "second"]);
    });
}

#[test]
fn a_message_that_can_never_be_asked_about_is_given_up_and_can_be_tried_again() {
    run_seeded(async {
        let town = Town::with(23, |config| {
            by("flowroute")(config);
            config.policy.keep_waiting_hours = 3;
        })
        .await;
        join(&town, ANNA, "anna").await;
        let hours = i64::from(town.bridge.config().policy.keep_waiting_hours);
        town.faults("line", json!(vec![json!({ "on": "record", "kind": "503" }); 500])).await;
        town.texts(ANNA, "hold on").await;
        let failed = || async { town.states().await.last() == Some(&MessageState::Failed) };
        town.wait_seconds(3600 * u64::try_from(hours - 1).unwrap()).await;
        assert!(!failed().await, "given up too early");
        town.wait_seconds(2 * 3600).await;
        assert!(failed().await, "{:?}", town.states().await);
        // Each try asks once, until the provider's faults are used up.
        let id = town.messages().await.last().unwrap().id;
        for _ in 0..500 {
            town.bridge.retry(id).await.unwrap();
            town.until("it was asked about", || async {
                failed().await || !town.words().await.is_empty()
            })
            .await;
            if !failed().await {
                break;
            }
        }
        assert_eq!(town.words().await, ["hold on"]);
    });
}

/// Thirty people text at once; each gets an invitation, and the provider, which counts, never has to turn
/// one away.
#[test]
fn the_pace_of_a_provider_is_held_for_all_together() {
    run_seeded(async {
        let town = Town::with(24, |config| {
            by("flowroute")(config);
            config.policy.invites_per_hour = 100;
            config.policy.invites_per_prefix_hour = 100;
            config.policy.spend_per_day = MicroUsd::from_usd(100.0);
        })
        .await;
        let phones: Vec<String> =
            (0..30).map(|n| format!("+1555{:03}0{n:03}", n % 7 + 200)).collect();
        for phone in &phones {
            town.texts(phone, "hello").await;
        }
        for phone in &phones {
            town.until_heard(phone, "/link/").await;
        }
        for message in town.messages().await {
            let life = town.bridge.message(message.id).await.unwrap();
            for reply in life.replies {
                assert_eq!(reply.tries, 1, "turned away: {}", reply.detail);
            }
        }
    });
}
