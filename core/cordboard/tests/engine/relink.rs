//! Connections that end, each to the end: what waits, the link, the page, and then everything once and in
//! order.

use crate::browser::{connect, join};
use crate::town::{ANNA, BERT, Town};
use cordboard_engine::LinkPage;
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};

const HELD: [&str; 3] = ["first held", "second held", "third held"];

async fn links(town: &Town, phone: &str) -> usize {
    town.heard(phone).await.iter().filter(|text| text.contains("/link/")).count()
}

/// Anna's texts are held, she gets one link and is told until when they wait; she connects, and all of them go out.
async fn to_the_end(town: &Town, linked: usize, posted: usize) {
    for text in HELD {
        town.texts(ANNA, text).await;
        town.wait_seconds(20).await;
    }
    town.until_heard(ANNA, "connection ended").await;
    town.wait_seconds(600).await;
    assert_eq!(town.words().await.len(), posted, "nothing goes out meanwhile");
    assert_eq!(links(town, ANNA).await, linked + 1, "one link");
    let heard = town.heard(ANNA).await;
    let relink = heard.iter().find(|text| text.contains("connection ended")).unwrap();
    assert!(relink.contains("wait until Nov 24") && relink.contains(" UTC"), "{relink}");
    assert!(matches!(connect(town, ANNA, "anna").await, LinkPage::Linked { held: 0, .. }));
    town.until_posts(posted + HELD.len()).await;
    town.until_done().await;
    town.wait_seconds(3600).await;
    assert_eq!(town.words().await[posted..], HELD);
    town.texts(ANNA, "and on it goes").await;
    town.until_posts(posted + HELD.len() + 1).await;
}

#[test]
fn a_dead_refresh_token() {
    run_seeded(async {
        let town = Town::new(180).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "before").await;
        town.until_posts(1).await;
        // Hours later the access token has ended, and X does not renew it.
        town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
        town.wait_seconds(3 * 3600).await;
        to_the_end(&town, 1, 1).await;
    });
}

#[test]
fn a_revoked_app() {
    run_seeded(async {
        let town = Town::new(181).await;
        join(&town, ANNA, "anna").await;
        // The token should still be good, and X says otherwise when it is used.
        town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
        to_the_end(&town, 1, 0).await;
    });
}

/// Another address of the provider stands for another client id: both make another realm.
async fn other_keys(town: Town) -> Town {
    town.restart(|config| config.bridge.public_url = "http://127.0.0.1:9090".to_owned()).await
}

#[test]
fn changed_keys_of_ours() {
    run_seeded(async {
        let town = Town::new(182).await;
        join(&town, BERT, "bert").await;
        join(&town, ANNA, "anna").await;
        let town = other_keys(town).await;
        assert_eq!(town.bridge.health().await.status, "ok", "nothing pauses");
        for phone in [ANNA, BERT] {
            assert!(town.bridge.person(&phone.into()).await.unwrap().accounts[0].relink);
        }
        to_the_end(&town, 1, 0).await;
        assert_eq!(links(&town, BERT).await, 1, "who texts nothing is not bothered");
    });
}

#[test]
fn changed_keys_while_a_text_waits_for_something_else() {
    run_seeded(async {
        let town = Town::new(183).await;
        join(&town, ANNA, "anna").await;
        let slow = json!([{ "on": "publish", "kind": "429", "wait_seconds": 3600 }]);
        town.faults("x", slow).await;
        town.texts(ANNA, "asked for patience").await;
        town.wait_seconds(60).await;
        let town = other_keys(town).await;
        town.until_heard(ANNA, "connection ended").await;
        assert_eq!(links(&town, ANNA).await, 2);
        connect(&town, ANNA, "anna").await;
        town.until_posts(1).await;
        town.until_done().await;
        assert_eq!(town.words().await, ["asked for patience"]);
    });
}

#[test]
fn another_account_of_theirs_after_yes_and_not_after_no() {
    for (answer, expected) in [("yes", HELD.to_vec()), ("/no", Vec::new())] {
        run_seeded(async move {
            let town = Town::new(184).await;
            join(&town, ANNA, "anna").await;
            town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
            for text in HELD {
                town.texts(ANNA, text).await;
            }
            town.until_heard(ANNA, "connection ended").await;
            let page = connect(&town, ANNA, "other").await;
            assert!(matches!(page, LinkPage::Linked { held: 3, .. }), "{page:?}");
            town.wait_seconds(600).await;
            assert!(town.words().await.is_empty());
            // What is texted from now on is meant for the new account.
            town.texts(ANNA, "for the new one").await;
            town.until_posts(1).await;
            town.texts(ANNA, answer).await;
            town.until_done().await;
            let posts = town.timeline().await;
            assert!(posts.iter().all(|(by, _)| by == "@other"), "{posts:?}");
            let words = town.words().await;
            assert_eq!(words[0], "for the new one");
            assert_eq!(words[1..], expected, "{answer}");
            assert_eq!(posts_of(&town, "anna").await, 0);
        });
    }
}

async fn posts_of(town: &Town, handle: &str) -> i64 {
    let answer = town.simulator("x", "/_counts", Value::Null).await;
    let counts: Value = serde_json::from_slice(&answer.body.0).unwrap();
    counts["posts"][handle].as_i64().unwrap_or(0)
}
