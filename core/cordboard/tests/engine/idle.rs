//! What nobody touches for long: credentials are looked at, questions end, nothing waits for ever.

use crate::browser::join;
use crate::town::{ANNA, BERT, Town};
use cordboard_engine::store::{MessageFilter, MessageState};
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};

const DAY: u64 = 86_400;
const HOUR: u64 = 3600;

async fn refreshes(town: &Town, handle: &str) -> i64 {
    let answer = town.simulator("x", "/_counts", Value::Null).await;
    let counts: Value = serde_json::from_slice(&answer.body.0).unwrap();
    counts["refreshes"][handle].as_i64().unwrap_or(0)
}

/// A town where a credential is idle after a day, with Anna linked and silent.
async fn idle_town(seed: u64) -> Town {
    let town = Town::with(seed, |config| config.policy.check_credentials_days = 1).await;
    join(&town, ANNA, "anna").await;
    town
}

#[test]
fn an_idle_credential_is_refreshed_once_and_nobody_is_bothered() {
    run_seeded(async {
        let town = idle_town(170).await;
        let heard = town.heard(ANNA).await.len();
        town.wait_seconds(DAY - HOUR).await;
        assert_eq!(refreshes(&town, "anna").await, 0);
        town.wait_seconds(5 * HOUR).await;
        assert_eq!(refreshes(&town, "anna").await, 1, "once a day, not once a sweep");
        assert_eq!(town.heard(ANNA).await.len(), heard);
        town.texts(ANNA, "still here").await;
        town.until_posts(1).await;
    });
}

#[test]
fn an_idle_credential_that_is_dead_brings_one_link_and_works_after_it() {
    run_seeded(async {
        let town = idle_town(171).await;
        town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
        let heard = town.heard(ANNA).await.len();
        town.wait_seconds(DAY + 4 * HOUR).await;
        let told = town.heard(ANNA).await.split_off(heard);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("connection ended") && told[0].contains("/link/"), "{told:?}");
        // That link is too old by now; the next text brings another, and waits for it.
        town.texts(ANNA, "back").await;
        town.until("a fresh link comes", || async { town.heard(ANNA).await.len() > heard + 1 })
            .await;
        crate::browser::connect(&town, ANNA, "anna").await;
        town.until_posts(1).await;
        town.until_done().await;
        assert_eq!(town.words().await, ["back"]);
    });
}

#[test]
fn a_provider_that_cannot_be_reached_disconnects_no_idle_person() {
    run_seeded(async {
        let town = idle_town(172).await;
        let heard = town.heard(ANNA).await.len();
        let down = json!([{ "on": "token", "kind": "unreachable", "times": 3 }]);
        town.faults("x", down).await;
        town.wait_seconds(DAY + 2 * HOUR).await;
        assert_eq!(refreshes(&town, "anna").await, 0);
        assert_eq!(town.heard(ANNA).await.len(), heard);
        let person = town.bridge.person(&ANNA.into()).await.unwrap();
        assert!(!person.accounts[0].relink);
        town.wait_seconds(4 * HOUR).await;
        assert!(refreshes(&town, "anna").await > 0, "it is tried again until it works");
    });
}

#[test]
fn credentials_of_other_keys_do_not_keep_the_others_from_being_looked_at() {
    run_seeded(async {
        let town = Town::with(173, |config| {
            config.policy.check_credentials_days = 1;
            config.policy.invites_per_prefix_hour = 100;
        })
        .await;
        for n in 0..12 {
            join(&town, &format!("+155501012{n:02}"), &format!("old{n}")).await;
        }
        let town = town
            .restart(|config| config.bridge.public_url = "http://127.0.0.1:9090".to_owned())
            .await;
        join(&town, ANNA, "anna").await;
        town.wait_seconds(DAY + 2 * HOUR).await;
        assert!(refreshes(&town, "anna").await > 0);
    });
}

#[test]
fn a_question_nobody_answers_ends_in_time_and_without_a_text() {
    run_seeded(async {
        let town = Town::with(174, |config| config.policy.keep_waiting_hours = 1).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "see example.com").await;
        town.until_heard(ANNA, "/YES posts it").await;
        let heard = town.heard(ANNA).await.len();
        town.wait_seconds(3500).await;
        assert_eq!(town.states().await.last(), Some(&MessageState::Waiting));
        town.wait_seconds(300).await;
        assert_eq!(town.states().await.last(), Some(&MessageState::Refused));
        let filter = MessageFilter {
            states: vec![MessageState::Refused],
            sender: None,
            before: None,
            rows_max: 1,
        };
        let refused = town.bridge.messages(filter).await.unwrap();
        assert_eq!(refused[0].outcome, "not answered in time");
        assert_eq!(town.heard(ANNA).await.len(), heard);
        // Too late is too late; the operator may still try it again.
        town.texts(ANNA, "/YES").await;
        town.until_heard(ANNA, "nothing to decide").await;
        assert!(town.words().await.is_empty());
        town.bridge.retry(refused[0].id).await.unwrap();
        town.until("it is asked again", || async {
            town.states().await.contains(&MessageState::Waiting)
        })
        .await;
    });
}

#[test]
fn texts_held_for_another_account_end_in_time_too() {
    run_seeded(async {
        let town = Town::with(175, |config| config.policy.keep_waiting_hours = 1).await;
        join(&town, BERT, "bert").await;
        town.simulator("x", "/_revoke", json!({ "handle": "bert" })).await;
        town.texts(BERT, "for whom?").await;
        town.until_heard(BERT, "connection ended").await;
        crate::browser::connect(&town, BERT, "other").await;
        town.until_heard(BERT, "1 text waits").await;
        town.until_heard(BERT, "not answered in time").await;
        town.until_done().await;
        assert!(town.words().await.is_empty());
        town.texts(BERT, "for me").await;
        town.until_posts(1).await;
        assert_eq!(town.timeline().await, [("@other".to_owned(), "for me".to_owned())]);
    });
}
