//! Limits: what strangers, people and providers cannot make us do.

use crate::browser::join;
use crate::town::{ANNA, BERT, LINE, Town};
use cordboard_engine::Signup;
use cordboard_engine::store::MessageState;
use cordboard_plugin::MicroUsd;
use cordboard_testkit::run_seeded;
use serde_json::json;

#[test]
fn one_number_gets_so_many_invitations_a_day_and_the_last_says_so() {
    run_seeded(async {
        let town = Town::new(70).await;
        for n in 0..5 {
            town.texts(ANNA, &format!("hello {n}")).await;
            town.wait_seconds(5).await;
        }
        let heard = town.heard(ANNA).await;
        let invitations: Vec<_> = heard.iter().filter(|text| text.contains("/link/")).collect();
        assert_eq!(invitations.len(), 3);
        assert!(invitations[2].contains("Last link today"), "{invitations:?}");
        assert!(!invitations[1].contains("Last link today"));
        let states = town.states().await;
        assert_eq!(states[3..], [MessageState::Refused, MessageState::Refused]);
    });
}

#[test]
fn strangers_of_one_prefix_and_all_strangers_together_are_limited() {
    run_seeded(async {
        let town = Town::new(71).await;
        for n in 0..60 {
            // Two prefixes in turn.
            town.texts(&format!("+1555{}{n:04}", if n % 2 == 0 { "010" } else { "011" }), "hello")
                .await;
        }
        town.wait_seconds(30).await;
        let answered =
            town.states().await.iter().filter(|state| **state == MessageState::Answered).count();
        assert_eq!(answered, 20, "the limit of one prefix: both begin with 155501");
    });
}

#[test]
fn closed_sign_up_takes_nobody_new() {
    run_seeded(async {
        let town = Town::with(72, |config| config.policy.signup = Signup::Closed).await;
        town.texts(ANNA, "hello").await;
        town.until_heard(ANNA, "not taking new people").await;
        assert!(!town.heard(ANNA).await.iter().any(|text| text.contains("/link/")));
    });
}

#[test]
fn texts_to_one_number_are_limited() {
    run_seeded(async {
        let town = Town::with(73, |config| config.policy.replies_per_number_day = 5).await;
        join(&town, ANNA, "anna").await;
        for n in 0..10 {
            town.texts(ANNA, &format!("text {n}")).await;
            town.wait_seconds(20).await;
        }
        town.until_posts(10).await;
        assert_eq!(town.heard(ANNA).await.len(), 5);
    });
}

#[test]
fn a_person_over_their_limit_is_refused_and_told_once() {
    run_seeded(async {
        let town = Town::with(74, |config| config.policy.posts_per_person_day = 2).await;
        join(&town, ANNA, "anna").await;
        for n in 0..4 {
            town.texts(ANNA, &format!("text {n}")).await;
        }
        town.until_done().await;
        town.wait_seconds(60).await;
        assert_eq!(town.words().await, ["text 0", "text 1"]);
        let told =
            town.heard(ANNA).await.iter().filter(|text| text.contains("today's limit")).count();
        assert_eq!(told, 1);
    });
}

#[test]
fn over_the_bridges_limit_texts_wait_for_tomorrow() {
    run_seeded(async {
        let town = Town::with(75, |config| {
            config.policy.spend_per_day = MicroUsd(100_000);
            config.transports[0].prices =
                json!({ "usd_per_segment_in": 0.0, "usd_per_segment_out": 0.0 });
        })
        .await;
        join(&town, ANNA, "anna").await;
        for n in 0..8 {
            town.texts(ANNA, &format!("text {n}")).await;
        }
        // Of 0.10 USD nine tenths are for posts, and linking took 0.01: that pays for five of 0.015.
        town.until_posts(5).await;
        town.until_heard(ANNA, "posted tomorrow").await;
        assert_eq!(town.bridge.health().await.status, "degraded");
        town.wait_seconds(3600).await;
        assert_eq!(town.words().await.len(), 5);
        town.wait_seconds(13 * 3600).await;
        town.until_posts(8).await;
    });
}

#[test]
fn our_own_lines_and_short_codes_are_never_answered() {
    run_seeded(async {
        let town = Town::new(76).await;
        for stranger in [LINE, "12345", "INFO"] {
            town.try_text(stranger, "hello").await.ok();
        }
        town.wait_seconds(60).await;
        assert!(town.states().await.iter().all(|state| *state == MessageState::Refused));
    });
}

#[test]
fn a_blocked_number_is_not_heard_and_not_answered() {
    run_seeded(async {
        let town = Town::new(77).await;
        join(&town, BERT, "bert").await;
        town.bridge.block(&BERT.into(), true).await.unwrap();
        let heard = town.heard(BERT).await.len();
        town.texts(BERT, "hello?").await;
        town.wait_seconds(60).await;
        assert!(town.words().await.is_empty());
        assert_eq!(town.heard(BERT).await.len(), heard);
        town.bridge.block(&BERT.into(), false).await.unwrap();
        town.texts(BERT, "and now?").await;
        town.until("he is invited", || async { town.heard(BERT).await.len() > heard }).await;
    });
}

#[test]
fn a_line_without_registration_goes_on_posting() {
    run_seeded(async {
        let town = Town::new(78).await;
        join(&town, ANNA, "anna").await;
        town.faults("twilio", json!([{ "on": "send", "kind": "registration" }])).await;
        town.texts(ANNA, "posted all the same").await;
        town.until_posts(1).await;
        town.until("the operator is told", || async {
            town.bridge.lines().await[0].trouble.is_some()
        })
        .await;
        assert_eq!(town.bridge.health().await.status, "degraded");
    });
}

#[test]
fn the_operator_is_texted_once_a_day_for_each_cause() {
    run_seeded(async {
        let operator = "+15550109999";
        let town = Town::with(79, |config| config.alert_numbers = vec![operator.into()]).await;
        join(&town, ANNA, "anna").await;
        town.faults("x", json!([{ "on": "publish", "kind": "402", "times": 3 }])).await;
        town.texts(ANNA, "paid for later").await;
        town.until_posts(1).await;
        let heard = town.heard(operator).await;
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(heard[0].contains("x is paused"), "{heard:?}");
    });
}

#[test]
fn a_receive_only_line_posts_and_sends_nothing() {
    run_seeded(async {
        let town = Town::with(80, |config| config.transports[0].replies = false).await;
        town.texts(ANNA, "hello").await;
        town.wait_seconds(60).await;
        let link = town.bridge.make_link(&ANNA.into(), false).await.unwrap();
        let token = link.url.rsplit('/').next().unwrap();
        let leaving = crate::browser::press(&town, token).await;
        let query =
            crate::browser::at_provider(&town, &leaving.authorize_url, "anna", "authorize").await;
        town.bridge.link_return("x", query, Some(&leaving.cookie)).await;
        town.texts(ANNA, "heard, not answered").await;
        town.until_posts(1).await;
        town.wait_seconds(60).await;
        assert!(town.heard(ANNA).await.is_empty());
    });
}

#[test]
fn a_full_disk_or_queue_is_told_to_the_provider_and_the_operator() {
    run_seeded(async {
        for edit in [
            |policy: &mut cordboard_engine::Policy| policy.disk_free_bytes_min = u64::MAX,
            |policy: &mut cordboard_engine::Policy| policy.queue_rows_max = 0,
        ] {
            let town = Town::with(81, |config| edit(&mut config.policy)).await;
            assert!(town.try_text(ANNA, "hello").await.is_err());
            assert_eq!(town.sums().await.total, 0);
            assert_eq!(town.bridge.health().await.status, "degraded");
        }
    });
}

#[test]
fn a_link_for_somebody_who_is_connected_is_no_invitation() {
    run_seeded(async {
        let town = Town::new(82).await;
        join(&town, ANNA, "anna").await;
        for n in 2..8 {
            town.texts(ANNA, "/LINK").await;
            town.until("another link comes", || async {
                town.heard(ANNA).await.iter().filter(|text| text.contains("/link/")).count() >= n
            })
            .await;
        }
    });
}
