//! A modem line: whatever becomes of the process, the modem and its card, each text is posted once.

use crate::browser::join;
use crate::copies::{after, copies_of, every};
use crate::town::{ANNA, Dice, LINE, Town, config, seeds, unfinished};
use crate::transports::by;
use cordboard_engine::Config;
use cordboard_engine::store::MessageState;
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every n-th copy is tried; another n with `CORDBOARD_TEST_EVERY=n`.
const EVERY: usize = 11;
/// Random lives that run every time; more with `CORDBOARD_TEST_SEEDS=n`.
const SEEDS: u64 = 4;
const STEPS: usize = 30;

fn one_modem() -> Config {
    let mut config = config();
    by("modem")(&mut config);
    config.policy.replies_per_number_day = 1000;
    config
}

/// A text straight to the modem, its parts in this order.
async fn in_parts(town: &Town, body: &str, order: &[u8]) {
    let text = json!({ "from": ANNA, "to": LINE, "body": body, "parts_order": order });
    let answer = town.simulator("line", "/_text", text).await;
    assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body.0));
}

async fn card(town: &Town) -> Value {
    serde_json::from_slice(&town.simulator("line", "/_card", Value::Null).await.body.0).unwrap()
}

/// Puts a modem of a personality in the place of the one that is there, with so many slots.
async fn replace(town: &Town, personality: &str, slots: u16) {
    let modem = json!({ "personality": personality, "card": { "slots": slots } });
    let answer = town.simulator("line", "/_card", modem).await;
    assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body.0));
}

/// Two texts of one part, one of three, and the words of all.
const SHORT: [&str; 2] = ["alpha", "bravo"];

fn long() -> String {
    (0..55).map(|n| format!("long{n:02}")).collect::<Vec<_>>().join(" ")
}

/// All words, without the numbers of a thread's parts.
fn words(texts: &[String]) -> Vec<String> {
    let all = texts.iter().flat_map(|text| text.split_whitespace());
    all.filter(|word| !word.starts_with('(')).map(str::to_owned).collect()
}

async fn life(town: &Town) {
    join(town, ANNA, "anna").await;
    town.texts(ANNA, SHORT[0]).await;
    town.until_posts(1).await;
    in_parts(town, &long(), &[3, 1, 2]).await;
    town.until("the long text is out", || async { words(&town.words().await).len() >= 56 }).await;
    // The delete is done, and its answer lost: the slot may hold something else when it is tried again.
    town.faults("line", json!([{ "on": "cmgd", "kind": "silent_done" }])).await;
    town.texts(ANNA, SHORT[1]).await;
    town.until("the last text is out", || async { words(&town.words().await).len() >= 57 }).await;
    town.until_done().await;
    town.wait_seconds(300).await;
}

/// The rows of the loss table: between the network's acknowledgement and the read, the read and the
/// commit, the commit and the delete, the delete and the decoding; and all that follows.
#[test]
fn a_crash_at_any_write_loses_no_text_of_a_modem_and_posts_none_twice() {
    let shelf = tempfile::tempdir().unwrap();
    let copies = copies_of(shelf.path(), 91, one_modem(), life);
    assert!(copies.len() > 100, "{} writes", copies.len());
    for (n, copy) in copies.iter().enumerate().step_by(every(EVERY)) {
        println!("write {n} of {}", copies.len());
        run_seeded(async {
            let town = after(copy, 2000 + n as u64, one_modem()).await;
            town.wait_seconds(900).await;
            town.until("all is settled", || async { unfinished(&town.sums().await) == 0 }).await;
            assert!(town.sums().await.holds(), "write {n}");
            let rows = town.texts_kept().await;
            let mut said = Vec::new();
            for text in [SHORT[0], &long(), SHORT[1]] {
                // What the phone has sent is with the network, on the card, or with us; never nowhere.
                if town.sent_from(ANNA).await.iter().any(|sent| sent == text) {
                    assert_eq!(
                        rows.iter().filter(|kept| *kept == text).count(),
                        1,
                        "{n}: {rows:?}"
                    );
                    said.extend(words(&[text.to_owned()]));
                }
            }
            assert_eq!(words(&town.words().await), said, "write {n}");
            let slots = card(&town).await;
            assert!(!slots.to_string().contains("\"pdu\""), "write {n}: left on the card: {slots}");
        });
    }
}

#[test]
fn ten_parts_of_emoji_arrive_whole_in_any_order() {
    run_seeded(async {
        let town = Town::with(12, by("modem")).await;
        join(&town, ANNA, "anna").await;
        let text: String = ["👍🏽", "👩‍👩‍👧", "🇺🇳", "🧑🏿‍🚀"].iter().cycle().take(108).copied().collect();
        for (n, order) in [
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
            [7, 2, 10, 5, 1, 9, 4, 8, 3, 6],
        ]
        .iter()
        .enumerate()
        {
            let text = format!("{n}{text}");
            in_parts(&town, &text, order).await;
            town.until("it has arrived", || async { town.texts_kept().await.contains(&text) })
                .await;
        }
        assert_eq!(town.texts_kept().await.len(), 4, "the first one was hello");
    });
}

#[test]
fn forty_texts_on_a_full_card_at_start_are_all_posted() {
    run_seeded(async {
        let town = Town::with(13, |config| {
            by("modem")(config);
            config.policy.receipts = cordboard_engine::Receipts::Never;
            config.policy.spend_per_person_day = cordboard_plugin::MicroUsd::from_usd(50.0);
            config.policy.spend_per_day = cordboard_plugin::MicroUsd::from_usd(50.0);
        })
        .await;
        replace(&town, "plain", 40).await;
        join(&town, ANNA, "anna").await;
        let town = town.asleep().await;
        for n in 0..40 {
            town.texts(ANNA, &format!("waiting {n}")).await;
            town.wait_seconds(30).await;
        }
        assert_eq!(card(&town).await.to_string().matches("\"pdu\"").count(), 40);
        town.bridge.start().await.unwrap();
        town.until_posts(40).await;
        let expected: Vec<String> = (0..40).map(|n| format!("waiting {n}")).collect();
        assert_eq!(town.words().await, expected);
        town.until("the card is empty", || async {
            !card(&town).await.to_string().contains("\"pdu\"")
        })
        .await;
    });
}

/// What can go wrong with a modem, and is over by itself.
const FAULTS: [(&str, &str); 16] = [
    ("any", "silent"),
    ("any", "garbage"),
    ("any", "split"),
    ("any", "lost_ok"),
    ("any", "reset_silent"),
    ("any", "reset_announced"),
    ("cmgl", "torn"),
    ("cmgd", "silent_done"),
    ("cmgd", "error"),
    ("cmgs", "silent_done"),
    ("cmgs", "cms 38"),
    ("prompt", "silent"),
    ("cmti", "lost"),
    ("deliver", "repeated"),
    ("now", "hang"),
    ("now", "echo"),
];

/// Random texts, faults and crashes, with every personality in turn.
#[test]
fn nothing_is_lost_or_posted_twice_whatever_the_modem_does() {
    let personalities = ["huawei", "simcom", "quectel", "zte", "ublox", "simcom_a7670", "plain"];
    for seed in 1..=seeds(SEEDS) {
        let personality = personalities[usize::try_from(seed).unwrap() % personalities.len()];
        println!("seed {seed}, {personality}");
        run_seeded(random_life(seed, personality));
    }
}

async fn random_life(seed: u64, personality: &str) {
    let mut dice = Dice::new(seed);
    let mut town = Town::with(seed, |config| *config = one_modem()).await;
    replace(&town, personality, 10).await;
    join(&town, ANNA, "anna").await;
    let mut said = Vec::new();
    for step in 0..STEPS {
        match dice.below(10) {
            0..5 => {
                let text = match dice.below(3) {
                    0 => format!("seed {seed} step {step} {}", "and on ".repeat(40).trim_end()),
                    _ => format!("seed {seed} step {step} 👍"),
                };
                town.texts(ANNA, &text).await;
                said.push(text);
            }
            5..8 => {
                let (on, kind) = FAULTS[dice.below(FAULTS.len())];
                town.faults("line", json!([{ "on": on, "kind": kind }])).await;
            }
            8 => town = town.crash().await,
            _ => town.wait_seconds(dice.below(2000) as u64).await,
        }
    }
    // Whoever sits beside it pulls out what hangs for good, and puts it back.
    town.wait_seconds(1800).await;
    for plugged in [false, true] {
        town.simulator("line", "/_plug", json!({ "plugged": plugged })).await;
        town.wait_seconds(60).await;
    }
    town.until("every text has arrived", || async { town.texts_kept().await.len() > said.len() })
        .await;
    town.until("all is settled", || async { unfinished(&town.sums().await) == 0 }).await;
    let kept = town.texts_kept().await;
    let once: BTreeSet<&String> = kept.iter().collect();
    assert_eq!(once.len(), kept.len(), "seed {seed}: a text came twice: {kept:#?}");
    let missing: Vec<&String> = said.iter().filter(|text| !once.contains(text)).collect();
    assert!(missing.is_empty(), "seed {seed}: lost {missing:#?}");
    let failed = town.states().await.iter().filter(|state| **state == MessageState::Failed).count();
    assert_eq!(failed, 0, "seed {seed}");
    let posts = town.words().await.len();
    assert!(posts >= said.len(), "seed {seed}: {posts} posts of {} texts", said.len());
}
