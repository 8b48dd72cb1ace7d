//! STOP, START and HELP: each word end to end, and silence in between.

use crate::browser::join;
use crate::town::{ANNA, LINE, Town};
use cordboard_engine::store::MessageState;
use cordboard_plugin::PhoneText;
use cordboard_testkit::run_seeded;
use serde_json::json;

/// Words of the carrier and of ours that end it, and who says so.
const OUT: [(&str, By); 11] = [
    ("STOP", By::Carrier),
    ("StopAll", By::Carrier),
    ("unsubscribe", By::Carrier),
    ("CANCEL", By::Carrier),
    ("end", By::Carrier),
    (" Quit ", By::Carrier),
    ("REVOKE", By::Carrier),
    ("OptOut", By::Carrier),
    // No carrier heeds these, and so we must.
    ("/STOP", By::Us),
    ("Stop.", By::Us),
    ("END!", By::Us),
];

#[derive(Clone, Copy, PartialEq)]
enum By {
    Carrier,
    Us,
}

async fn heard_since(town: &Town, seen: usize) -> Vec<String> {
    town.heard(ANNA).await.split_off(seen)
}

#[test]
fn each_word_that_ends_it_is_confirmed_once_and_then_there_is_silence() {
    for (n, (word, by)) in OUT.into_iter().enumerate() {
        run_seeded(async move {
            let town = Town::new(130 + n as u64).await;
            join(&town, ANNA, "anna").await;
            let seen = town.heard(ANNA).await.len();
            town.texts(ANNA, word).await;
            town.wait_seconds(60).await;
            let said = heard_since(&town, seen).await;
            assert_eq!(said.len(), 1, "{word}: {said:?}");
            assert_eq!(said[0].contains("you are out"), by == By::Us, "{word}: {said:?}");
            let person = town.bridge.person(&ANNA.into()).await.unwrap();
            assert!(person.accounts.is_empty(), "{word}");
            for text in ["anybody there?", word, "/STATUS", "HELP", "/help", "NO", "/undo"] {
                town.texts(ANNA, text).await;
                town.wait_seconds(30).await;
            }
            let later = heard_since(&town, seen + 1).await;
            // The carrier answers a HELP by itself unless it knows that they left.
            let allowed = usize::from(by == By::Us);
            assert!(later.len() <= allowed, "{word}: {later:?}");
            assert!(!later.iter().any(|text| text.contains("Cordboard")), "{word}: {later:?}");
            assert!(town.words().await.is_empty(), "{word}");
            let states = town.states().await;
            assert!(states[2..].iter().all(|state| *state == MessageState::Refused), "{states:?}");
        });
    }
}

#[test]
fn each_word_that_begins_it_again_brings_an_invitation() {
    for (n, word) in ["START", "start.", "Unstop", "YES", "/LINK"].into_iter().enumerate() {
        run_seeded(async move {
            let town = Town::new(145 + n as u64).await;
            join(&town, ANNA, "anna").await;
            // The carrier knows nothing of this one, so that it holds nothing back.
            town.texts(ANNA, "/STOP").await;
            town.until_heard(ANNA, "you are out").await;
            let seen = town.heard(ANNA).await.len();
            town.texts(ANNA, word).await;
            town.until("she is invited", || async {
                heard_since(&town, seen).await.iter().any(|text| text.contains("/link/"))
            })
            .await;
            crate::browser::connect(&town, ANNA, "anna").await;
            town.texts(ANNA, "here again").await;
            town.until_posts(1).await;
        });
    }
}

#[test]
fn the_carriers_own_start_lets_our_texts_through_again() {
    run_seeded(async {
        let town = Town::new(151).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "STOP").await;
        town.until_heard(ANNA, "unsubscribed").await;
        town.wait_seconds(5).await;
        let seen = town.heard(ANNA).await.len();
        town.texts(ANNA, "START").await;
        town.until("she is invited", || async {
            heard_since(&town, seen).await.iter().any(|text| text.contains("/link/"))
        })
        .await;
        let said = heard_since(&town, seen).await;
        assert_eq!(said.len(), 2, "the carrier's word and our invitation: {said:?}");
    });
}

#[test]
fn help_is_the_carriers_where_it_answers_and_ours_where_it_does_not() {
    run_seeded(async {
        let town = Town::new(152).await;
        join(&town, ANNA, "anna").await;
        for (word, ours) in
            [("HELP", false), ("info", false), ("/HELP", true), ("?", true), ("Help!", true)]
        {
            let seen = town.heard(ANNA).await.len();
            town.texts(ANNA, word).await;
            town.wait_seconds(30).await;
            let said = heard_since(&town, seen).await;
            assert_eq!(said.len(), 1, "{word}: {said:?}");
            assert_eq!(said[0].contains("posted publicly"), ours, "{word}: {said:?}");
        }
    });
}

#[test]
fn going_and_coming_all_day_costs_a_few_texts() {
    run_seeded(async {
        let town = Town::new(153).await;
        for _ in 0..20 {
            town.texts(ANNA, "/STOP").await;
            town.wait_seconds(10).await;
            town.texts(ANNA, "start.").await;
            town.wait_seconds(10).await;
        }
        let heard = town.heard(ANNA).await;
        let links = heard.iter().filter(|text| text.contains("/link/")).count();
        assert!(links <= 3, "{heard:?}");
        assert!(heard.len() <= 6, "{heard:?}");
    });
}

#[test]
fn leaving_one_line_says_nothing_about_another() {
    run_seeded(async {
        let second = "+15550100002";
        let town = Town::with(154, |config| {
            config.transports[0].settings["numbers"] = json!([LINE, second]);
        })
        .await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "/STOP").await;
        town.until_heard(ANNA, "you are out").await;
        let seen = town.heard(ANNA).await.len();
        town.wait_seconds(600).await;
        assert_eq!(town.heard(ANNA).await.len(), seen);
        // Her account is gone everywhere; whoever texts the other line is a newcomer there.
        let text = PhoneText {
            from: ANNA.into(),
            to: second.into(),
            body: "here?".to_owned(),
            pictures: Vec::new(),
        };
        town.bridge.sandbox_text("twilio", text).await.unwrap();
        town.until("she is invited there", || async {
            heard_since(&town, seen).await.iter().any(|text| text.contains("/link/"))
        })
        .await;
        assert!(town.words().await.is_empty());
        town.texts(ANNA, "and here?").await;
        town.wait_seconds(60).await;
        assert_eq!(town.heard(ANNA).await.len(), seen + 1, "still silent on the line she left");
    });
}

/// The carrier knows that somebody left, and we do not: at the first text it tells us.
#[test]
fn an_opt_out_we_did_not_hear_of_is_learnt_from_the_refusal_at_once_or_later() {
    for (seed, sync) in [(155, true), (156, false)] {
        run_seeded(async move {
            let town = Town::new(seed).await;
            join(&town, ANNA, "anna").await;
            let seen = town.heard(ANNA).await.len();
            if sync {
                // The webhook is lost and nothing is read back before she texts again.
                town.faults("twilio", json!([{ "on": "hook", "kind": "lost" }])).await;
                town.try_text(ANNA, "STOP").await.unwrap_err();
            } else {
                town.faults("twilio", json!([{ "on": "send", "kind": "opted_out" }])).await;
            }
            town.texts(ANNA, "posted").await;
            town.until_posts(1).await;
            town.wait_seconds(10).await;
            town.texts(ANNA, "not heard").await;
            town.wait_seconds(60).await;
            let ours = heard_since(&town, seen).await;
            assert!(!ours.iter().any(|text| text.contains("Posted as")), "{ours:?}");
            assert_eq!(town.words().await, ["posted"], "sync: {sync}");
            assert_eq!(town.states().await.last(), Some(&MessageState::Refused));
        });
    }
}
