//! Any sequence of texts, faults and crashes, from a seed: nothing lost, nothing posted twice.

use crate::browser::{connect, join};
use crate::town::{ANNA, BERT, Dice, Town, seeds, unfinished};
use cordboard_engine::store::{MessageFilter, MessageState};
use cordboard_testkit::run_seeded;
use serde_json::json;
use std::collections::BTreeMap;

/// Seeds that run every time; more with `CORDBOARD_TEST_SEEDS=n`.
const SEEDS: u64 = 12;
const STEPS: usize = 40;

#[test]
fn nothing_is_lost_and_nothing_posted_twice() {
    for seed in 1..=seeds(SEEDS) {
        println!("seed {seed}");
        run_seeded(one_life(seed));
    }
}

async fn one_life(seed: u64) {
    let mut dice = Dice::new(seed);
    let mut town = Town::with(seed, |config| config.policy.replies_per_number_day = 1000).await;
    join(&town, ANNA, "anna").await;
    join(&town, BERT, "bert").await;
    let mut said: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for step in 0..STEPS {
        match dice.below(10) {
            0..5 => {
                let (phone, author) =
                    if dice.below(2) == 0 { (ANNA, "@anna") } else { (BERT, "@bert") };
                let words = format!("seed {seed} step {step}");
                // A text that the webhook did not take is read back later; it was said all the same.
                town.try_text(phone, &words).await.ok();
                said.entry(author).or_default().push(words);
            }
            5..7 => {
                let kind = dice.pick(&[
                    "401",
                    "429",
                    "503",
                    "html",
                    "unreachable",
                    "503_after_accept",
                    "reset_after_accept",
                    "timeout_after_accept",
                    "402",
                ]);
                town.faults("x", json!([{ "on": "publish", "kind": kind }])).await;
            }
            7 => {
                let on = dice.pick(&["settle", "token"]);
                let kind = dice.pick(&["503", "429", "unreachable"]);
                town.faults("x", json!([{ "on": on, "kind": kind }])).await;
            }
            8 => town = town.crash().await,
            _ => town.wait_seconds(dice.below(4000) as u64).await,
        }
    }
    link_again(&town).await;
    town.until("all is settled", || async { unfinished(&town.sums().await) == 0 }).await;
    assert!(town.sums().await.holds());
    let timeline = town.timeline().await;
    for (author, said) in said {
        let words: Vec<_> = timeline
            .iter()
            .filter(|(by, _)| by == author)
            .map(|(_, words)| words.clone())
            .collect();
        let mut once = words.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), words.len(), "seed {seed}: {author} posted twice: {words:#?}");
        let missing: Vec<_> = said.iter().filter(|text| !words.contains(text)).collect();
        assert!(
            missing.is_empty(),
            "seed {seed}: {author} lost {missing:?}\n{}",
            lives(&town).await
        );
    }
}

/// Faults can end a connection, and a crash can lose the answer to a refresh: then people do as they
/// are told, and connect again. What they said waits for that.
async fn link_again(town: &Town) {
    for _ in 0..8 {
        town.wait_seconds(1800).await;
        for (phone, handle) in [(ANNA, "anna"), (BERT, "bert")] {
            let person = town.bridge.person(&phone.into()).await.unwrap();
            if person.accounts.iter().any(|account| account.relink) {
                town.texts(phone, "/LINK").await;
                town.wait_seconds(60).await;
                connect(town, phone, handle).await;
            }
        }
    }
}

async fn lives(town: &Town) -> String {
    let filter = MessageFilter { states: Vec::new(), sender: None, before: None, rows_max: 200 };
    let mut lives = String::new();
    for message in town.bridge.messages(filter).await.unwrap() {
        if !matches!(message.state, MessageState::Posted | MessageState::Answered) {
            let life = town.bridge.message(message.id).await.unwrap();
            lives += &serde_json::to_string_pretty(&life).unwrap();
        }
    }
    lives
}
