//! What each key of `[policy]` does; `tests/config/policy.rs` says which test is for which.

use crate::browser::{connect, join, newest_token, press};
use crate::town::{ANNA, BERT, Town};
use cordboard_engine::store::{MessageFilter, MessageState};
use cordboard_engine::{LinkPage, LinkTrouble, Receipts, Signup};
use cordboard_plugin::MicroUsd;
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};

const DAY: u64 = 86_400;

async fn links(town: &Town, phone: &str) -> usize {
    town.heard(phone).await.iter().filter(|text| text.contains("/link/")).count()
}

#[test]
fn sign_up_by_invitation_takes_people_sent_a_link() {
    run_seeded(async {
        let town = Town::with(190, |config| {
            config.policy.signup = Signup::Invite;
            config.bridge.help_contact = "help@bridge.example.com".to_owned();
        })
        .await;
        town.texts(BERT, "hello").await;
        town.until_heard(BERT, "by invitation").await;
        assert!(town.heard(BERT).await[0].contains("Ask help@bridge.example.com"));
        for n in 0..10 {
            town.texts(BERT, &format!("let me in, {n}")).await;
        }
        town.wait_seconds(60).await;
        assert_eq!(town.heard(BERT).await.len(), 3, "told as often as others are invited");
        assert_eq!(links(&town, BERT).await, 0);
        town.bridge.make_link(&ANNA.into(), true).await.unwrap();
        town.until("she has her link", || async { links(&town, ANNA).await == 1 }).await;
        town.texts(ANNA, "too early").await;
        town.until_heard(ANNA, "Open the link you were given").await;
        let page = connect(&town, ANNA, "anna").await;
        assert!(matches!(page, LinkPage::Linked { .. }), "{page:?}");
        town.texts(ANNA, "in time").await;
        town.until_posts(1).await;
        assert_eq!(town.words().await, ["in time"]);
    });
}

#[test]
fn receipts_come_as_they_are_wanted() {
    for (receipts, posted, failed) in [
        (Receipts::Always, true, true),
        (Receipts::Failures, false, true),
        (Receipts::Never, false, false),
    ] {
        run_seeded(async move {
            let town = Town::with(191, |config| config.policy.receipts = receipts).await;
            join(&town, ANNA, "anna").await;
            town.texts(ANNA, "once").await;
            town.until_posts(1).await;
            // The same words again: the provider refuses them.
            town.texts(ANNA, "once").await;
            town.until_done().await;
            town.wait_seconds(60).await;
            let heard = town.heard(ANNA).await;
            let some = |words: &str| heard.iter().any(|text| text.contains(words));
            assert_eq!(some("Posted as"), posted, "{receipts:?}: {heard:?}");
            assert_eq!(some("Not posted"), failed, "{receipts:?}: {heard:?}");
        });
    }
}

#[test]
fn our_texts_keep_to_their_segments() {
    for (segments, chars) in [(1, 160), (2, 306)] {
        run_seeded(async move {
            let town = Town::with(192, |config| {
                config.policy.reply_segments_max = segments;
                config.bridge.help_contact = "h".repeat(400);
            })
            .await;
            town.texts(ANNA, "/HELP").await;
            town.until_heard(ANNA, "Cordboard").await;
            let heard = town.heard(ANNA).await;
            let length = heard[0].chars().count();
            assert!((chars - 20..=chars).contains(&length), "{length} of {chars}: {heard:?}");
        });
    }
}

#[test]
fn a_long_text_may_be_refused() {
    run_seeded(async {
        let town = Town::with(193, |config| config.policy.long_text_thread = false).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, &"word ".repeat(100)).await;
        town.until_heard(ANNA, "Not posted").await;
        assert_eq!(town.states().await.last(), Some(&MessageState::Refused));
        assert!(town.words().await.is_empty());
    });
}

#[test]
fn a_longer_thread_is_asked_about() {
    run_seeded(async {
        let town = Town::with(194, |config| config.policy.thread_parts_max = 2).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, &"word ".repeat(100)).await;
        town.until_posts(2).await;
        town.texts(ANNA, &"words ".repeat(100)).await;
        town.until_heard(ANNA, "it makes 3 posts").await;
        town.wait_seconds(60).await;
        assert_eq!(town.words().await.len(), 2);
    });
}

#[test]
fn a_post_with_a_link_may_go_out_unasked() {
    run_seeded(async {
        let town = Town::with(195, |config| config.policy.ask_before_link = false).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "see example.com for more").await;
        town.until_posts(1).await;
    });
}

#[test]
fn a_link_works_for_so_many_minutes() {
    run_seeded(async {
        let town = Town::with(196, |config| config.policy.link_minutes = 5).await;
        town.texts(ANNA, "hello").await;
        town.until_heard(ANNA, "within 5 min").await;
        let token = newest_token(&town, ANNA).await;
        town.wait_seconds(290).await;
        press(&town, &token).await;
        town.wait_seconds(15).await;
        let page = town.bridge.link_press(&token).await;
        assert_eq!(page, LinkPage::Trouble(LinkTrouble::Expired));
    });
}

#[test]
fn all_strangers_together_get_so_many_invitations_an_hour() {
    run_seeded(async {
        let town = Town::with(197, |config| config.policy.invites_per_hour = 7).await;
        // Each of another prefix.
        let stranger = |n: usize| format!("+1555{n:03}0100");
        for n in 200..230 {
            town.texts(&stranger(n), "hello").await;
        }
        town.wait_seconds(60).await;
        let answered = |states: Vec<MessageState>| {
            states.into_iter().filter(|state| *state == MessageState::Answered).count()
        };
        assert_eq!(answered(town.states().await), 7);
        town.wait_seconds(3600).await;
        town.texts(&stranger(230), "hello").await;
        town.until("there is room again", || async { links(&town, &stranger(230)).await == 1 })
            .await;
    });
}

#[test]
fn one_person_may_cost_so_much_a_day() {
    run_seeded(async {
        let town = Town::with(198, |config| {
            config.policy.spend_per_person_day = MicroUsd(50_000);
            config.transports[0].prices =
                json!({ "usd_per_segment_in": 0.0, "usd_per_segment_out": 0.0 });
        })
        .await;
        join(&town, ANNA, "anna").await;
        join(&town, BERT, "bert").await;
        for n in 0..4 {
            town.texts(ANNA, &format!("text {n}")).await;
        }
        // Nine tenths of 0.05 USD, of which linking took 0.01, pay for two posts of 0.015.
        town.until_done().await;
        assert_eq!(town.words().await, ["text 0", "text 1"]);
        town.texts(BERT, "mine").await;
        town.until_posts(3).await;
        // Past midnight.
        town.wait_seconds(13 * 3600).await;
        town.texts(ANNA, "the next day").await;
        town.until_posts(4).await;
    });
}

#[test]
fn texts_are_kept_for_so_many_days() {
    run_seeded(async {
        let town = Town::with(199, |config| config.policy.keep_bodies_days = 1).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "not for ever").await;
        town.until_posts(1).await;
        let filter = MessageFilter {
            states: vec![MessageState::Posted],
            sender: None,
            before: None,
            rows_max: 1,
        };
        let id = town.bridge.messages(filter).await.unwrap()[0].id;
        let kept =
            || async { serde_json::to_string(&town.bridge.message(id).await.unwrap()).unwrap() };
        town.wait_seconds(DAY - 3600).await;
        assert!(kept().await.contains("not for ever"));
        town.wait_seconds(2 * 3600 + 60).await;
        assert!(!kept().await.contains("not for ever"), "{}", kept().await);
    });
}

#[test]
fn a_paused_sink_is_tried_every_so_many_minutes() {
    run_seeded(async {
        let town = Town::with(200, |config| config.policy.operator_retry_minutes = 60).await;
        join(&town, ANNA, "anna").await;
        town.faults("x", json!([{ "on": "publish", "kind": "402" }])).await;
        town.texts(ANNA, "in an hour").await;
        town.wait_seconds(58 * 60).await;
        assert!(town.words().await.is_empty());
        town.wait_seconds(3 * 60).await;
        assert_eq!(town.words().await, ["in an hour"]);
    });
}

#[test]
fn so_many_deliveries_are_under_way_at_once() {
    for (at_once, together) in [(1, false), (2, true)] {
        run_seeded(async move {
            let town = Town::with(201, |config| config.policy.deliveries_at_once = at_once).await;
            join(&town, ANNA, "anna").await;
            join(&town, BERT, "bert").await;
            // Anna's call hangs until its deadline.
            town.faults("x", json!([{ "on": "publish", "kind": "timeout_after_accept" }])).await;
            town.texts(ANNA, "slow").await;
            town.wait_seconds(2).await;
            town.texts(BERT, "quick").await;
            town.wait_seconds(5).await;
            let quick = town.words().await.contains(&"quick".to_owned());
            assert_eq!(quick, together, "{at_once} at once");
            town.until_posts(2).await;
        });
    }
}

#[test]
fn stopping_takes_so_many_seconds_at_most() {
    run_seeded(async {
        let town = Town::with(202, |config| config.policy.shutdown_seconds = 3).await;
        join(&town, ANNA, "anna").await;
        town.faults("x", json!([{ "on": "publish", "kind": "timeout_after_accept" }])).await;
        town.texts(ANNA, "under way").await;
        town.wait_seconds(2).await;
        let began = town.bridge.now();
        town.bridge.stop().await;
        let took = town.bridge.now().millis_since(began);
        assert!((2_900..=3_100).contains(&took), "{took} ms");
        // What was under way is settled after the next start, and is out once.
        let town = town.crash().await;
        town.until_done().await;
        assert_eq!(town.words().await, ["under way"]);
    });
}

#[test]
fn a_blocked_number_costs_nothing() {
    run_seeded(async {
        let town = Town::new(203).await;
        town.bridge.block(&BERT.into(), true).await.unwrap();
        for text in ["hello", "/LINK", "START", "/HELP", "STOP", "?", "YES"] {
            town.texts(BERT, text).await;
            town.wait_seconds(5).await;
        }
        town.wait_seconds(60).await;
        assert!(town.states().await.iter().all(|state| *state == MessageState::Refused));
        // The carrier speaks for itself; of ours there is nothing.
        let heard = town.heard(BERT).await;
        assert!(heard.iter().all(|text| !text.contains("Cordboard")), "{heard:?}");
        let answer = town.simulator("x", "/_counts", Value::Null).await;
        let counts: Value = serde_json::from_slice(&answer.body.0).unwrap();
        assert_eq!(counts["posts"].as_object().map_or(0, serde_json::Map::len), 0, "{counts}");
    });
}
