//! An instance whose plugin could not be loaded is left out. What is meant for it waits.

use crate::browser::join;
use crate::town::{ANNA, BERT, Town};
use cordboard_engine::store::{Message, MessageState};
use cordboard_testkit::run_seeded;

async fn troubles(town: &Town) -> String {
    let health = town.bridge.health().await;
    assert_eq!(health.status, "degraded");
    health.troubles.join("\n")
}

/// The message with these words.
async fn message(town: &Town, words: &str) -> Message {
    town.messages().await.into_iter().find(|message| message.text == words).unwrap()
}

#[test]
fn texts_for_a_missing_sink_wait_and_are_posted_when_it_is_back() {
    run_seeded(async {
        let town = Town::with(310, |_| {}).await;
        join(&town, ANNA, "anna").await;
        let town = town.restart_without("sink", "x").await;
        let why = troubles(&town).await;
        assert!(why.contains("sink x: left out: its kind `x` is offered by no plugin"), "{why}");
        town.texts(ANNA, "first").await;
        town.texts(ANNA, "second").await;
        // A stranger is not invited to what is not there.
        town.texts(BERT, "who is this?").await;
        town.until("three wait", || async {
            let waiting = |state: &&MessageState| **state == MessageState::Waiting;
            town.states().await.iter().filter(waiting).count() == 3
        })
        .await;
        // Commands act meanwhile.
        town.texts(ANNA, "/HELP").await;
        town.until_heard(ANNA, "/UNDO").await;
        assert!(town.heard(BERT).await.is_empty());
        // Another start without it changes nothing.
        let town = town.restart_without("sink", "x").await;
        town.wait_seconds(600).await;
        let first = message(&town, "first").await;
        assert_eq!(first.state, MessageState::Waiting);
        assert_eq!(first.outcome, "waits for the plugin of sink `x`");

        let town = town.restart_whole().await;
        town.until_posts(2).await;
        assert_eq!(town.words().await, ["first", "second"]);
        town.until_heard(BERT, "/link/").await;
        town.until_done().await;
        assert_eq!(town.bridge.health().await.status, "ok");
    });
}

#[test]
fn a_text_waits_for_a_missing_sink_no_longer_than_texts_are_kept() {
    run_seeded(async {
        let town = Town::with(311, |config| config.policy.keep_waiting_hours = 5).await;
        join(&town, ANNA, "anna").await;
        let town = town.restart_without("sink", "x").await;
        town.texts(ANNA, "too late").await;
        town.wait_seconds(4 * 3600).await;
        assert_eq!(town.states().await.pop(), Some(MessageState::Waiting));
        town.wait_seconds(2 * 3600).await;
        let late = message(&town, "too late").await;
        assert_eq!(late.state, MessageState::Failed);
        assert_eq!(late.outcome, "it could not be delivered in time");
        let town = town.restart_whole().await;
        town.wait_seconds(60).await;
        assert!(town.words().await.is_empty());
        // It is not lost for good: its sender may ask for another try.
        town.texts(ANNA, "/RETRY").await;
        town.until_posts(1).await;
    });
}

#[test]
fn texts_of_ours_wait_for_a_missing_line() {
    run_seeded(async {
        let town = Town::with(312, |_| {}).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "hello from before").await;
        let town = town.restart_without("transport", "twilio").await;
        let why = troubles(&town).await;
        assert!(why.contains("transport twilio: left out"), "{why}");
        town.until_posts(1).await;
        town.wait_seconds(1800).await;
        let town = town.restart_whole().await;
        town.until_heard(ANNA, "hello from before").await;
    });
}
