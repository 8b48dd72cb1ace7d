//! The process dies after any of its writes: started on what is on the disk then, the bridge ends where
//! it would have ended anyway.

use crate::browser::{connect, join};
use crate::copies::{Copy, after, copies_of, every};
use crate::town::{ANNA, BERT, Town, config, unfinished};
use cordboard_engine::store::{MessageFilter, MessageState, WaitReason};
use cordboard_testkit::run_seeded;
use serde_json::json;
use std::collections::BTreeSet;

/// Every n-th copy is tried; another n with `CORDBOARD_TEST_EVERY=n`.
const EVERY: usize = 9;

/// What Anna and Bert say that is to be seen in the end. Each word is said once in the whole test.
const SINGLE: &str = "alpha";
const LOST_ANSWER: &str = "bravo";
const TAKEN_BACK: &str = "charlie";
const WHILE_UNLINKED: &str = "delta";
const CANCELLED: &str = "echo";
const AT_LAST: &str = "foxtrot";
const WITH_PIN: &str = "golf";
const PIN: &str = "48213";

/// A text of two parts.
fn long() -> String {
    (0..50).map(|n| format!("long{n:02}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_crash_after_any_write_loses_nothing_and_posts_nothing_twice() {
    let shelf = tempfile::tempdir().unwrap();
    let copies = copies_of(shelf.path(), 90, config(), life);
    assert!(copies.len() > 100, "{} writes", copies.len());
    for (n, copy) in copies.iter().enumerate().step_by(every(EVERY)) {
        println!("write {n} of {}", copies.len());
        run_seeded(after_crash(n, copy));
    }
}

/// A life in which much happens.
async fn life(town: &Town) {
    join(town, ANNA, "anna").await;
    join(town, BERT, "bert").await;
    town.texts(ANNA, SINGLE).await;
    town.texts(ANNA, &long()).await;
    town.until_posts(3).await;
    town.faults("x", json!([{ "on": "publish", "kind": "503_after_accept" }])).await;
    town.texts(ANNA, LOST_ANSWER).await;
    town.until_heard(ANNA, "bravo").await;
    town.texts(ANNA, TAKEN_BACK).await;
    town.until_posts(5).await;
    town.texts(ANNA, "/UNDO").await;
    town.until_heard(ANNA, "Taken back").await;
    town.simulator("x", "/_revoke", json!({ "handle": "anna" })).await;
    town.texts(ANNA, WHILE_UNLINKED).await;
    town.until_heard(ANNA, "connection ended").await;
    connect(town, ANNA, "anna").await;
    town.until_posts(5).await;
    let slow = json!([{ "on": "publish", "kind": "429", "wait_seconds": 3600 }]);
    town.faults("x", slow).await;
    town.texts(BERT, CANCELLED).await;
    town.until("Bert's text waits", || async {
        town.states().await.last() == Some(&MessageState::Waiting)
    })
    .await;
    town.texts(BERT, "/STOP").await;
    town.until_heard(BERT, "you are out").await;
    town.texts(ANNA, AT_LAST).await;
    town.until_posts(6).await;
    town.texts(ANNA, &format!("/PIN {PIN}")).await;
    town.until_heard(ANNA, "PIN set").await;
    town.texts(ANNA, &format!("{PIN} {WITH_PIN}")).await;
    town.until_posts(7).await;
    town.texts(ANNA, PIN).await;
    town.until_heard(ANNA, "Right PIN").await;
    town.until_done().await;
    town.wait_seconds(120).await;
}

async fn after_crash(n: usize, copy: &Copy) {
    let town = after(copy, 1000 + n as u64, config()).await;
    // What the provider has and we had not is read back.
    for _ in 0..6 {
        town.wait_seconds(120).await;
        if waits_for_relink(&town).await {
            town.texts(ANNA, "/LINK").await;
            town.wait_seconds(60).await;
            connect(&town, ANNA, "anna").await;
        }
    }
    town.until("all is settled", || async { unfinished(&town.sums().await) == 0 }).await;
    town.wait_seconds(600).await;
    assert!(town.sums().await.holds(), "write {n}");
    assert_once(&town, n).await;
    for phone in [ANNA, BERT] {
        let mut heard = town.heard(phone).await;
        // Said once for each link that is made.
        heard.retain(|text| !text.starts_with("Connected as"));
        let once: BTreeSet<&String> = heard.iter().collect();
        assert_eq!(once.len(), heard.len(), "write {n}: a reply came twice: {heard:#?}");
    }
}

async fn waits_for_relink(town: &Town) -> bool {
    messages(town).await.iter().any(|message| message.wait == WaitReason::Relink)
}

async fn messages(town: &Town) -> Vec<cordboard_engine::store::Message> {
    let filter = MessageFilter { states: Vec::new(), sender: None, before: None, rows_max: 100 };
    town.bridge.messages(filter).await.unwrap()
}

/// What has been said is out once, word by word, unless it was taken back.
async fn assert_once(town: &Town, n: usize) {
    let said: Vec<String> = messages(town).await.into_iter().map(|message| message.text).collect();
    let has = |text: &str| said.iter().any(|said| said == text);
    let mut expected: Vec<String> =
        [SINGLE, LOST_ANSWER, WHILE_UNLINKED, AT_LAST, WITH_PIN, &long()]
            .into_iter()
            .filter(|text| has(text))
            .flat_map(|text| text.split(' ').map(str::to_owned))
            .collect();
    let unless = |text: &str, order: &str| (has(text) && !has(order)).then(|| text.to_owned());
    expected.extend(unless(TAKEN_BACK, "/UNDO"));
    expected.extend(unless(CANCELLED, "/STOP"));
    expected.sort();
    let known: BTreeSet<&String> = expected.iter().collect();
    let all = town.words().await.join(" ");
    let kept = said.join(" ");
    assert!(!all.contains(PIN) && !kept.contains(PIN), "write {n}: {all} / {kept}");
    let mut seen: Vec<String> = all
        .split_whitespace()
        .filter(|word| known.contains(&(*word).to_owned()) || word.chars().all(char::is_alphabetic))
        .map(str::to_owned)
        .collect();
    seen.sort();
    assert_eq!(seen, expected, "write {n}: {said:?}");
}
