//! The main path: text, invitation, link, post, receipt.

use crate::browser::join;
use crate::town::{ANNA, BERT, LINE, Town};
use cordboard_engine::store::MessageState;
use cordboard_plugin::{HttpCall, Secret};
use cordboard_testkit::run_seeded;
use cordboard_twilio::signature::{Algorithm, sign};
use serde_json::json;

#[test]
fn a_text_is_posted_under_the_senders_account() {
    run_seeded(async {
        let town = Town::new(1).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "Good morning, everybody").await;
        town.until_heard(ANNA, "Posted as @anna").await;
        // The text that brought the invitation is not posted.
        assert_eq!(
            town.timeline().await,
            [("@anna".to_owned(), "Good morning, everybody".to_owned())]
        );
        assert_eq!(town.states().await, [MessageState::Answered, MessageState::Posted]);
        let heard = town.heard(ANNA).await;
        assert!(heard.last().unwrap().contains("/i/status/"), "{heard:?}");
    });
}

#[test]
fn posts_of_one_person_keep_their_order() {
    run_seeded(async {
        let town = Town::new(2).await;
        join(&town, ANNA, "anna").await;
        join(&town, BERT, "bert").await;
        let texts: Vec<String> = (0..10).map(|n| format!("text number {n}")).collect();
        for text in &texts {
            town.texts(ANNA, text).await;
            town.texts(BERT, text).await;
        }
        town.until_posts(20).await;
        for author in ["@anna", "@bert"] {
            let words: Vec<_> = town
                .timeline()
                .await
                .into_iter()
                .filter(|(by, _)| by == author)
                .map(|(_, words)| words)
                .collect();
            assert_eq!(words, texts, "{author}");
        }
    });
}

#[test]
fn a_long_text_becomes_a_thread() {
    run_seeded(async {
        let town = Town::new(3).await;
        join(&town, ANNA, "anna").await;
        let long = "A sentence that goes on. ".repeat(20);
        town.texts(ANNA, &long).await;
        town.until_heard(ANNA, "Posted as @anna").await;
        let view = town.bridge.sandbox_view(&ANNA.into()).await;
        assert!(view.timeline.len() >= 2, "{:?}", view.timeline);
        // Newest first: each continues the one after it in the list.
        for pair in view.timeline.windows(2) {
            assert_eq!(pair[0].previous.as_deref(), Some(pair[1].id.as_str()));
        }
    });
}

#[test]
fn a_refused_later_part_leaves_the_posted_ones_and_offers_undo() {
    run_seeded(async {
        let town = Town::new(4).await;
        join(&town, ANNA, "anna").await;
        // The second part has the words of an earlier post, which X refuses.
        let long = "A sentence that goes on. ".repeat(20);
        town.texts(ANNA, &long).await;
        town.until_heard(ANNA, "Posted as @anna").await;
        let parts = town.words().await;
        assert_eq!(parts.len(), 2);
        let again = long.replacen("A sentence that goes on.", "B sentence that goes on.", 1);
        town.texts(ANNA, &again).await;
        town.until_heard(ANNA, "Only the first part").await;
        let words = town.words().await;
        assert_eq!(words.len(), 3, "{words:?}");
        assert!(words[2].starts_with("B sentence"));
        assert_eq!(town.states().await.last(), Some(&MessageState::Refused));
        town.texts(ANNA, "/undo").await;
        town.until_heard(ANNA, "Taken back").await;
        assert_eq!(town.words().await, parts);
    });
}

#[test]
fn the_same_words_twice_are_told_as_a_duplicate() {
    run_seeded(async {
        let town = Town::new(5).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "ok").await;
        town.until_posts(1).await;
        town.texts(ANNA, "ok").await;
        town.until_heard(ANNA, "Not posted").await;
        assert_eq!(town.words().await, ["ok"]);
        assert_eq!(town.states().await.last(), Some(&MessageState::Refused));
    });
}

/// A webhook call as the provider makes it, signed with the simulated account's token.
fn webhook(sid: &str, from: &str, body: &str) -> HttpCall {
    let url = "http://127.0.0.1:8080/hooks/twilio";
    let parameters: Vec<(String, String)> = [
        ("MessageSid", sid),
        ("AccountSid", cordboard_twilio::sim::ACCOUNT_SID),
        ("From", from),
        ("To", LINE),
        ("Body", body),
        ("NumMedia", "0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (name.clone().into_bytes(), value.clone().into_bytes()))
        .collect();
    let token = Secret::new(cordboard_twilio::sim::AUTH_TOKEN);
    let signature = sign(Algorithm::HmacSha1, &token, url, &pairs);
    let form =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    HttpCall {
        method: "POST".to_owned(),
        url: url.to_owned(),
        path: String::new(),
        query: String::new(),
        headers: vec![
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("x-twilio-signature".to_owned(), signature),
        ],
        body: form.into(),
    }
}

#[test]
fn the_same_message_five_times_in_parallel_posts_once() {
    run_seeded(async {
        let town = Town::new(6).await;
        join(&town, ANNA, "anna").await;
        let sid = "SM00000000000000000000000000000042";
        let call = webhook(sid, ANNA, "only once");
        let (a, b, c, d, e) = tokio::join!(
            town.bridge.hook("twilio", call.clone()),
            town.bridge.hook("twilio", call.clone()),
            town.bridge.hook("twilio", call.clone()),
            town.bridge.hook("twilio", call.clone()),
            town.bridge.hook("twilio", call.clone()),
        );
        for answer in [a, b, c, d, e] {
            assert_eq!(answer.status, 200);
        }
        town.until_heard(ANNA, "only once").await;
        town.until_done().await;
        // Once more, much later.
        town.wait_seconds(3600).await;
        assert_eq!(town.bridge.hook("twilio", call).await.status, 200);
        town.wait_seconds(60).await;
        assert_eq!(town.words().await, ["only once"]);
        assert_eq!(town.sums().await.total, 2);
    });
}

#[test]
fn what_is_not_genuine_gets_403_and_leaves_no_row() {
    run_seeded(async {
        let town = Town::new(7).await;
        let genuine = webhook("SM00000000000000000000000000000043", ANNA, "hello");
        let mut unsigned = genuine.clone();
        unsigned.headers.truncate(1);
        let mut forged = genuine.clone();
        forged.headers[1].1 = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned();
        let mut altered = genuine.clone();
        altered.body = String::from_utf8(altered.body.0).unwrap().replace("hello", "hellp").into();
        let mut truncated = genuine.clone();
        truncated.body.0.truncate(40);
        let mut elsewhere = genuine.clone();
        elsewhere.url.push_str("?x=1");
        for (what, call) in [
            ("unsigned", unsigned),
            ("forged", forged),
            ("altered", altered),
            ("truncated", truncated),
            ("re-targeted", elsewhere),
        ] {
            assert_eq!(town.bridge.hook("twilio", call).await.status, 403, "{what}");
        }
        assert_eq!(town.sums().await.total, 0);
        assert_eq!(town.bridge.hook("nobody", genuine.clone()).await.status, 404);
        assert_eq!(town.bridge.hook("twilio", genuine).await.status, 200);
        assert_eq!(town.sums().await.total, 1);
    });
}

#[test]
fn a_webhook_that_got_lost_is_read_back() {
    run_seeded(async {
        let town = Town::new(8).await;
        join(&town, ANNA, "anna").await;
        town.faults("twilio", json!([{ "on": "hook", "kind": "lost" }])).await;
        assert!(town.try_text(ANNA, "lost on the way").await.is_err());
        town.until_posts(1).await;
        assert_eq!(town.words().await, ["lost on the way"]);
    });
}

#[test]
fn a_message_taken_before_a_crash_is_posted_once_after_it() {
    run_seeded(async {
        let town = Town::new(9).await;
        join(&town, ANNA, "anna").await;
        let call = webhook("SM00000000000000000000000000000044", ANNA, "survivor");
        assert_eq!(town.bridge.hook("twilio", call).await.status, 200);
        let town = town.crash().await;
        town.until_posts(1).await;
        town.until_done().await;
        assert_eq!(town.words().await, ["survivor"]);
    });
}

#[test]
fn two_thousand_emoji_are_asked_about_and_posted_whole_on_yes() {
    run_seeded(async {
        let town = Town::new(10).await;
        join(&town, ANNA, "anna").await;
        let call = webhook("SM00000000000000000000000000000045", ANNA, &"😀".repeat(2000));
        assert_eq!(town.bridge.hook("twilio", call).await.status, 200);
        town.until_heard(ANNA, "it makes").await;
        assert!(town.words().await.is_empty());
        town.texts(ANNA, "/YES").await;
        town.until_heard(ANNA, "Posted as").await;
        let emoji: usize = town.words().await.iter().map(|words| words.matches('😀').count()).sum();
        assert_eq!(emoji, 2000);
    });
}

#[test]
fn nothing_leaves_before_the_bridge_is_started() {
    run_seeded(async {
        let town = Town::stopped(11).await;
        town.bridge.make_link(&ANNA.into(), true).await.unwrap();
        town.wait_seconds(3600).await;
        assert!(town.heard(ANNA).await.is_empty());
        let call = webhook("SM00000000000000000000000000000046", ANNA, "hello");
        assert_eq!(town.bridge.hook("twilio", call).await.status, 503);
        town.bridge.start().await.unwrap();
        town.until_heard(ANNA, "/link/").await;
    });
}
