//! Commands: never posted, always answered.

use crate::browser::join;
use crate::town::{ANNA, Town};
use cordboard_engine::store::MessageState;
use cordboard_testkit::run_seeded;

#[test]
fn an_unknown_command_is_never_posted_unless_the_sender_says_yes() {
    run_seeded(async {
        let town = Town::new(60).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "\\UNOD").await;
        town.until_heard(ANNA, "No command \\UNOD").await;
        town.wait_seconds(60).await;
        assert!(town.words().await.is_empty());
        town.texts(ANNA, "YES").await;
        town.until_posts(1).await;
        assert_eq!(town.words().await, ["\\UNOD"]);
    });
}

#[test]
fn a_post_with_a_link_is_asked_about_and_holds_only_itself() {
    run_seeded(async {
        let town = Town::new(61).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "see example.com for more").await;
        town.until_heard(ANNA, "/YES posts it").await;
        town.texts(ANNA, "meanwhile").await;
        town.until_posts(1).await;
        assert_eq!(town.words().await, ["meanwhile"]);
        town.texts(ANNA, "/no").await;
        town.until_heard(ANNA, "dropped").await;
        town.until_done().await;
        assert_eq!(town.words().await, ["meanwhile"]);
    });
}

#[test]
fn each_command_is_answered_and_never_posted() {
    run_seeded(async {
        let town = Town::new(62).await;
        join(&town, ANNA, "anna").await;
        for (command, answer) in [
            ("/STATUS", "Connected as @anna"),
            ("?", "posted publicly"),
            ("\\help", "/UNDO"),
            ("/undo", "nothing to take back"),
            ("/retry", "nothing to try again"),
            ("/yes", "nothing to decide"),
            ("/QUIET", "only when something fails"),
            ("/LOUD", "receipt for every post"),
            ("/LINK", "/link/"),
        ] {
            let heard = town.heard(ANNA).await.len();
            town.texts(ANNA, command).await;
            town.until(command, || async {
                town.heard(ANNA).await.iter().skip(heard).any(|text| text.contains(answer))
            })
            .await;
        }
        town.until_done().await;
        assert!(town.words().await.is_empty());
        assert!(town.states().await.iter().all(|state| *state == MessageState::Answered));
    });
}

#[test]
fn quiet_people_hear_of_failures_only() {
    run_seeded(async {
        let town = Town::new(63).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "/quiet").await;
        town.until_heard(ANNA, "only when something fails").await;
        let heard = town.heard(ANNA).await.len();
        town.texts(ANNA, "a quiet one").await;
        town.until_posts(1).await;
        town.wait_seconds(60).await;
        assert_eq!(town.heard(ANNA).await.len(), heard);
        town.texts(ANNA, "a quiet one").await;
        town.until_heard(ANNA, "Not posted").await;
    });
}

#[test]
fn receipts_that_wait_together_become_one() {
    run_seeded(async {
        let town = Town::new(64).await;
        join(&town, ANNA, "anna").await;
        // The line is down for a while, and posting goes on.
        let busy = serde_json::json!([
            { "on": "send", "kind": "429" }, { "on": "send", "kind": "429" },
            { "on": "send", "kind": "429" },
        ]);
        town.faults("twilio", busy).await;
        for n in 0..4 {
            town.texts(ANNA, &format!("text {n}")).await;
        }
        town.until_posts(4).await;
        town.until_heard(ANNA, "more are out. Posted as @anna").await;
        town.wait_seconds(600).await;
        let receipts =
            town.heard(ANNA).await.iter().filter(|text| text.contains("Posted as")).count();
        assert!(receipts < 4, "{receipts}");
    });
}
