//! Lost answers: what may have taken effect is looked for, never repeated blindly.

use crate::browser::join;
use crate::town::{ANNA, BERT, Town};
use cordboard_engine::store::MessageState;
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};

#[test]
fn an_accepted_post_whose_answer_is_lost_is_out_once() {
    for kind in ["503_after_accept", "reset_after_accept", "timeout_after_accept"] {
        run_seeded(async {
            let town = Town::new(20).await;
            join(&town, ANNA, "anna").await;
            town.faults("x", json!([{ "on": "publish", "kind": kind }])).await;
            town.texts(ANNA, "said once").await;
            town.until("it is unclear", || async {
                town.states().await.last() == Some(&MessageState::Unclear)
            })
            .await;
            town.until_heard(ANNA, "Posted as @anna").await;
            town.wait_seconds(3600).await;
            assert_eq!(town.words().await, ["said once"], "{kind}");
            assert_eq!(town.states().await.last(), Some(&MessageState::Posted), "{kind}");
        });
    }
}

#[test]
fn a_post_that_never_arrived_is_tried_again() {
    for kind in ["503", "unreachable", "429", "html"] {
        run_seeded(async {
            let town = Town::new(21).await;
            join(&town, ANNA, "anna").await;
            town.faults("x", json!([{ "on": "publish", "kind": kind, "times": 2 }])).await;
            town.texts(ANNA, "in the end").await;
            town.until_heard(ANNA, "Posted as @anna").await;
            assert_eq!(town.words().await, ["in the end"], "{kind}");
        });
    }
}

#[test]
fn looking_that_fails_pauses_nothing_and_the_duplicate_refusal_settles() {
    run_seeded(async {
        let town = Town::new(22).await;
        join(&town, ANNA, "anna").await;
        let faults = json!([
            { "on": "publish", "kind": "reset_after_accept" },
            { "on": "settle", "kind": "503", "times": 10 },
        ]);
        town.faults("x", faults).await;
        town.texts(ANNA, "cannot be seen").await;
        town.until_heard(ANNA, "Posted as @anna").await;
        town.wait_seconds(7200).await;
        assert_eq!(town.words().await, ["cannot be seen"]);
        assert_eq!(town.states().await.last(), Some(&MessageState::Posted));
        assert_eq!(town.bridge.health().await.status, "ok");
    });
}

#[test]
fn when_nothing_can_tell_the_person_is_asked_and_the_lane_goes_on() {
    run_seeded(async {
        let town = Town::new(23).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "twins").await;
        town.until_posts(1).await;
        // The same words again, and neither answer nor look: the refusal of duplicates says nothing
        // here, since the first post has these words too.
        let faults = json!([
            { "on": "publish", "kind": "503" },
            { "on": "settle", "kind": "503", "times": 50 },
        ]);
        town.faults("x", faults).await;
        town.texts(ANNA, "twins").await;
        town.until_heard(ANNA, "did not say whether").await;
        assert_eq!(town.states().await.last(), Some(&MessageState::Unclear));
        town.texts(ANNA, "next").await;
        town.until_posts(2).await;
        assert_eq!(town.words().await, ["twins", "next"]);
    });
}

#[test]
fn no_credit_pauses_the_sink_for_all_and_disconnects_nobody() {
    run_seeded(async {
        let town = Town::new(24).await;
        join(&town, ANNA, "anna").await;
        join(&town, BERT, "bert").await;
        town.faults("x", json!([{ "on": "publish", "kind": "402", "times": 2 }])).await;
        town.texts(ANNA, "first").await;
        town.until_heard(ANNA, "takes no posts").await;
        town.texts(BERT, "second").await;
        town.until("the second waits", || async {
            town.states().await.last() == Some(&MessageState::Waiting)
        })
        .await;
        let health = town.bridge.health().await;
        assert_eq!(health.status, "degraded");
        assert!(health.ready);
        for phone in [ANNA, BERT] {
            let person = town.bridge.person(&phone.into()).await.unwrap();
            assert!(!person.accounts[0].relink);
        }
        // The first probe meets the second 402, the next one works, and then all go out.
        town.until_posts(2).await;
        assert_eq!(town.bridge.health().await.status, "ok");
        town.until_done().await;
        assert_eq!(count(&town, "/_counts", "anna").await, 1);
        assert_eq!(count(&town, "/_counts", "bert").await, 1);
    });
}

#[test]
fn resume_does_not_wait_for_the_next_probe() {
    run_seeded(async {
        let town = Town::new(25).await;
        join(&town, ANNA, "anna").await;
        town.faults("x", json!([{ "on": "publish", "kind": "402" }])).await;
        town.texts(ANNA, "soon").await;
        town.until_heard(ANNA, "takes no posts").await;
        assert!(town.bridge.resume("nowhere").await.is_err());
        let before = town.bridge.now();
        town.bridge.resume("x").await.unwrap();
        town.until_posts(1).await;
        assert!(town.bridge.now().millis_since(before) < 60_000);
        assert!(town.bridge.resume("x").await.is_err());
    });
}

async fn count(town: &Town, path: &str, handle: &str) -> i64 {
    let answer = town.simulator("x", path, Value::Null).await;
    let counts: Value = serde_json::from_slice(&answer.body.0).unwrap();
    counts["posts"][handle].as_i64().unwrap_or(0)
}
