//! `/CHECK`: one more look at what nobody could tell, and its answer.

use crate::browser::join;
use crate::town::{ANNA, Town};
use cordboard_engine::store::{MessageFilter, MessageState};
use cordboard_testkit::run_seeded;
use serde_json::json;

/// A town where Anna, who wants no receipts, has an unclear text that nothing tells about by itself:
/// `publish` went wrong in that way, and looking failed `looks` times. The same words were posted and
/// taken back before, so that a refusal of duplicates would say nothing.
async fn in_doubt(seed: u64, publish: &str, looks: u32) -> Town {
    let town = Town::new(seed).await;
    join(&town, ANNA, "anna").await;
    town.texts(ANNA, "/QUIET").await;
    town.texts(ANNA, "twins").await;
    town.until_posts(1).await;
    town.texts(ANNA, "/UNDO").await;
    town.until_heard(ANNA, "Taken back").await;
    let faults = json!([
        { "on": "publish", "kind": publish },
        { "on": "settle", "kind": "503", "times": looks },
    ]);
    town.faults("x", faults).await;
    town.texts(ANNA, "twins").await;
    town.until_heard(ANNA, "did not say whether").await;
    assert_eq!(town.states().await.last(), Some(&MessageState::Unclear));
    town
}

async fn asked(town: &Town) -> usize {
    town.heard(ANNA).await.iter().filter(|text| text.contains("did not say whether")).count()
}

#[test]
fn what_is_found_brings_a_receipt_though_receipts_are_off() {
    run_seeded(async {
        let town = in_doubt(110, "reset_after_accept", 5).await;
        town.texts(ANNA, "/CHECK").await;
        town.until_heard(ANNA, "Posted as @anna: \"twins\"").await;
        town.until_done().await;
        assert_eq!(town.words().await, ["twins"]);
    });
}

#[test]
fn what_is_not_there_is_tried_again_and_said_so() {
    run_seeded(async {
        let town = in_doubt(111, "503", 5).await;
        town.texts(ANNA, "\\check").await;
        town.until_heard(ANNA, "\"twins\" is not on X. Trying again").await;
        town.until_posts(1).await;
        town.until_done().await;
        assert_eq!(town.words().await, ["twins"]);
    });
}

#[test]
fn each_look_in_vain_is_told_and_nothing_is_posted() {
    run_seeded(async {
        let town = in_doubt(112, "503", 50).await;
        for looks in 2..5 {
            town.texts(ANNA, "/CHECK").await;
            town.until("the look is told", || async { asked(&town).await == looks }).await;
        }
        town.wait_seconds(7200).await;
        assert_eq!(asked(&town).await, 4, "one look for each /CHECK");
        assert!(town.words().await.is_empty());
    });
}

#[test]
fn a_look_never_comes_before_the_call_is_over() {
    run_seeded(async {
        let town = Town::new(113).await;
        join(&town, ANNA, "anna").await;
        // The call is lost at once, but may still be on its way to X.
        town.faults("x", json!([{ "on": "publish", "kind": "503" }])).await;
        town.texts(ANNA, "patience").await;
        town.until("it is unclear", || async {
            town.states().await.last() == Some(&MessageState::Unclear)
        })
        .await;
        for command in ["/CHECK", "/RETRY"] {
            town.texts(ANNA, command).await;
            town.wait_seconds(10).await;
            let filter = MessageFilter {
                states: vec![MessageState::Unclear],
                sender: None,
                before: None,
                rows_max: 1,
            };
            let unclear = town.bridge.messages(filter).await.unwrap();
            let life = town.bridge.message(unclear[0].id).await.unwrap();
            assert_eq!(life.posts[0].looks, 0, "{command}");
        }
        town.until_posts(1).await;
        assert_eq!(town.words().await, ["patience"]);
    });
}

#[test]
fn with_nothing_in_doubt_the_newest_text_is_told_of() {
    run_seeded(async {
        let town = Town::new(114).await;
        join(&town, ANNA, "anna").await;
        town.texts(ANNA, "/CHECK").await;
        town.until_heard(ANNA, "Nothing to check").await;
        town.texts(ANNA, "out in the open").await;
        town.until_posts(1).await;
        town.texts(ANNA, "/CHECK").await;
        town.until_heard(ANNA, "Nothing is in doubt: \"out in the open\" is posted").await;
        assert_eq!(town.words().await, ["out in the open"]);
    });
}
