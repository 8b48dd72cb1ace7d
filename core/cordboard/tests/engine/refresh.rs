//! Refreshing: once at a time per account, and the new pair is stored before it is used.

use crate::browser::join;
use crate::town::{ANNA, Town};
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};

fn phone(n: usize) -> String {
    format!("+155501{:02}{:03}", n, n)
}

#[test]
fn fifty_messages_of_ten_people_with_ended_tokens_refresh_each_account_once() {
    run_seeded(async {
        let town = Town::with(30, |config| config.policy.invites_per_prefix_hour = 100).await;
        for n in 0..10 {
            join(&town, &phone(n), &format!("person{n}")).await;
        }
        // Three hours later every access token has ended; X has forgotten them too.
        town.wait_seconds(3 * 3600).await;
        town.simulator("x", "/_expire", json!({ "handle": "*" })).await;
        let before = refreshes(&town).await;
        let senders: Vec<String> = (0..10).map(phone).collect();
        for round in 0..5 {
            for sender in &senders {
                town.texts(sender, &format!("round {round}")).await;
            }
        }
        town.until_posts(50).await;
        let after = refreshes(&town).await;
        for n in 0..10 {
            let handle = format!("person{n}");
            let spent = after[&handle].as_i64().unwrap() - before[&handle].as_i64().unwrap_or(0);
            assert_eq!(spent, 1, "{handle}");
            let author = format!("@{handle}");
            let words: Vec<_> = town
                .timeline()
                .await
                .into_iter()
                .filter(|(by, _)| *by == author)
                .map(|(_, w)| w)
                .collect();
            let expected: Vec<_> = (0..5).map(|round| format!("round {round}")).collect();
            assert_eq!(words, expected, "{author}");
        }
    });
}

#[test]
fn a_token_that_ends_early_is_refreshed_when_a_call_finds_out() {
    run_seeded(async {
        let town = Town::new(31).await;
        join(&town, ANNA, "anna").await;
        town.simulator("x", "/_expire", json!({ "handle": "anna" })).await;
        town.texts(ANNA, "still here").await;
        town.until_posts(1).await;
        assert_eq!(refreshes(&town).await["anna"], 1);
        let person = town.bridge.person(&ANNA.into()).await.unwrap();
        assert!(!person.accounts[0].relink);
    });
}

#[test]
fn a_refresh_that_fails_for_a_while_delays_the_post_and_disconnects_nobody() {
    for kind in ["503", "429", "unreachable"] {
        run_seeded(async {
            let town = Town::new(32).await;
            join(&town, ANNA, "anna").await;
            town.wait_seconds(3 * 3600).await;
            town.faults("x", json!([{ "on": "token", "kind": kind, "times": 3 }])).await;
            town.texts(ANNA, "late").await;
            town.until_posts(1).await;
            let heard = town.heard(ANNA).await;
            assert!(
                !heard.iter().any(|text| text.contains("connection ended")),
                "{kind}: {heard:?}"
            );
        });
    }
}

#[test]
fn a_credential_dead_for_good_brings_one_link_and_the_text_is_posted_after_it() {
    run_seeded(async {
        let town = Town::new(33).await;
        join(&town, ANNA, "anna").await;
        town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
        town.texts(ANNA, "kept for you").await;
        town.until_heard(ANNA, "connection ended").await;
        town.wait_seconds(600).await;
        assert!(town.words().await.is_empty());
        let links = town.heard(ANNA).await.iter().filter(|text| text.contains("/link/")).count();
        assert_eq!(links, 2, "the invitation and the relink");
        crate::browser::connect(&town, ANNA, "anna").await;
        town.until_posts(1).await;
        assert_eq!(town.timeline().await, [("@anna".to_owned(), "kept for you".to_owned())]);
        town.until_done().await;
    });
}

#[test]
fn a_text_that_nobody_relinks_for_is_given_up_in_time() {
    run_seeded(async {
        let town = Town::with(34, |config| config.policy.keep_waiting_hours = 1).await;
        join(&town, ANNA, "anna").await;
        town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
        town.texts(ANNA, "too late").await;
        town.until_heard(ANNA, "Not posted").await;
        assert!(town.words().await.is_empty());
        town.until_done().await;
    });
}

#[test]
fn people_linked_under_other_keys_are_asked_to_link_again_and_nothing_pauses() {
    run_seeded(async {
        let town = Town::new(35).await;
        join(&town, ANNA, "anna").await;
        // Another address of the provider stands for another app: both make another realm.
        let town = town
            .restart(|config| config.bridge.public_url = "http://127.0.0.1:9090".to_owned())
            .await;
        let person = town.bridge.person(&ANNA.into()).await.unwrap();
        assert!(person.accounts[0].relink);
        assert_eq!(town.bridge.health().await.status, "ok");
        town.texts(ANNA, "under new keys").await;
        town.until_heard(ANNA, "connection ended").await;
        assert!(town.heard(ANNA).await.last().unwrap().contains("/link/"));
    });
}

async fn refreshes(town: &Town) -> Value {
    let answer = town.simulator("x", "/_counts", Value::Null).await;
    let counts: Value = serde_json::from_slice(&answer.body.0).unwrap();
    counts["refreshes"].clone()
}
