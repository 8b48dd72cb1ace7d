//! `/UNDO`, STOP and a relink while a lane waits: no deadlock, nothing posted that should not be.

use crate::browser::{connect, join};
use crate::town::{ANNA, Town};
use cordboard_engine::LinkPage;
use cordboard_engine::store::MessageState;
use cordboard_testkit::run_seeded;
use serde_json::json;

/// A town where Anna's newest text waits because X asks for an hour's patience.
async fn waiting_town(seed: u64) -> Town {
    let town = Town::new(seed).await;
    join(&town, ANNA, "anna").await;
    let slow = json!([{ "on": "publish", "kind": "429", "wait_seconds": 3600 }]);
    town.faults("x", slow).await;
    town.texts(ANNA, "in an hour").await;
    town.until("the text waits", || async {
        town.states().await.last() == Some(&MessageState::Waiting)
    })
    .await;
    town
}

#[test]
fn undo_takes_back_a_post_that_is_out() {
    run_seeded(async {
        let town = Town::new(40).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "one").await;
        town.texts(ANNA, "two").await;
        town.until_posts(2).await;
        town.texts(ANNA, "/UNDO").await;
        town.until_heard(ANNA, "Taken back: \"two\"").await;
        assert_eq!(town.words().await, ["one"]);
        town.texts(ANNA, "\\undo").await;
        town.until_heard(ANNA, "Taken back: \"one\"").await;
        assert!(town.words().await.is_empty());
        town.texts(ANNA, "/undo").await;
        town.until_heard(ANNA, "nothing to take back").await;
    });
}

#[test]
fn undo_while_the_lane_waits_drops_the_text_once_its_attempt_is_over() {
    run_seeded(async {
        let town = waiting_town(41).await;
        town.texts(ANNA, "behind it").await;
        town.texts(ANNA, "/UNDO").await;
        town.until_heard(ANNA, "Dropped before it was posted: \"behind it\"").await;
        town.wait_seconds(2 * 3600).await;
        assert_eq!(town.words().await, ["in an hour"]);
    });
}

#[test]
fn undo_of_a_text_that_nothing_can_tell_about_never_sends_it_again() {
    run_seeded(async {
        let town = Town::new(46).await;
        join(&town, ANNA, "anna").await;
        let faults = json!([
            { "on": "publish", "kind": "503" },
            { "on": "settle", "kind": "503", "times": 50 },
        ]);
        town.faults("x", faults).await;
        town.texts(ANNA, "better not").await;
        town.until("it is unclear", || async {
            town.states().await.last() == Some(&MessageState::Unclear)
        })
        .await;
        town.texts(ANNA, "/UNDO").await;
        town.until_heard(ANNA, "did not say whether").await;
        town.wait_seconds(2 * 3600).await;
        assert!(town.words().await.is_empty());
        let answer = town.simulator("x", "/_counts", serde_json::Value::Null).await;
        let counts: serde_json::Value = serde_json::from_slice(&answer.body.0).unwrap();
        assert!(counts["posts"]["anna"].as_i64().unwrap_or(0) == 0, "{counts}");
    });
}

#[test]
fn stop_while_the_lane_waits_cancels_and_erases() {
    run_seeded(async {
        let town = waiting_town(42).await;
        town.texts(ANNA, "behind it").await;
        town.texts(ANNA, "STOP").await;
        town.until("she has left", || async {
            town.bridge.person(&ANNA.into()).await.unwrap().accounts.is_empty()
        })
        .await;
        town.wait_seconds(2 * 3600).await;
        assert!(town.words().await.is_empty());
        town.until_done().await;
        // Silence from here on; the carrier confirmed by itself.
        let heard = town.heard(ANNA).await.len();
        town.texts(ANNA, "anybody there?").await;
        town.wait_seconds(60).await;
        assert_eq!(town.heard(ANNA).await.len(), heard);
        assert_eq!(town.states().await.last(), Some(&MessageState::Refused));
        // Until START.
        town.texts(ANNA, "START").await;
        town.until("she is invited again", || async { town.heard(ANNA).await.len() > heard + 1 })
            .await;
    });
}

#[test]
fn stop_revokes_at_the_provider() {
    run_seeded(async {
        let town = Town::new(43).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "/STOP").await;
        town.until_heard(ANNA, "you are out").await;
        town.wait_seconds(120).await;
        // Nothing is left to end: X knows no token of hers any more.
        let answer = town.simulator("x", "/_expire", json!({ "handle": "anna" })).await;
        assert_eq!(String::from_utf8_lossy(&answer.body.0), r#"{"ended":0}"#);
    });
}

#[test]
fn a_relink_while_the_lane_waits_replaces_the_account_and_loses_nothing() {
    run_seeded(async {
        let town = waiting_town(44).await;
        town.texts(ANNA, "/LINK").await;
        town.until("a new link came", || async {
            town.heard(ANNA).await.last().is_some_and(|text| text.contains("/link/"))
        })
        .await;
        let page = connect(&town, ANNA, "anna").await;
        assert!(matches!(page, LinkPage::Linked { held: 0, .. }), "{page:?}");
        town.until_posts(1).await;
        assert_eq!(town.timeline().await, [("@anna".to_owned(), "in an hour".to_owned())]);
        assert_eq!(town.bridge.people(10).await.unwrap().len(), 1);
    });
}

#[test]
fn another_account_gets_waiting_texts_only_after_yes() {
    run_seeded(async {
        for (yes, expected) in [("/YES", vec!["for whom?"]), ("NO", vec![])] {
            let town = Town::new(45).await;
            join(&town, ANNA, "anna").await;
            town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
            town.texts(ANNA, "for whom?").await;
            town.until_heard(ANNA, "connection ended").await;
            let page = connect(&town, ANNA, "other").await;
            assert!(matches!(page, LinkPage::Linked { held: 1, .. }), "{page:?}");
            town.until_heard(ANNA, "Connected as @other (before: @anna)").await;
            town.wait_seconds(600).await;
            assert!(town.words().await.is_empty());
            town.texts(ANNA, yes).await;
            town.until_done().await;
            assert_eq!(town.words().await, expected, "{yes}");
        }
    });
}
