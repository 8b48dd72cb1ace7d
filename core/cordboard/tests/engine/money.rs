//! Money: whatever arrives, a day costs no more than is printed at start; two simulated providers keep
//! bills of their own and judge what the bridge says it spent.

use crate::browser::join;
use crate::town::{ANNA, BERT, Dice, Town, seeds};
use cordboard_engine::store::SpentOn;
use cordboard_plugin::MicroUsd;
use cordboard_testkit::run_seeded;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Seeds that run every time; more with `CORDBOARD_TEST_SEEDS=n`.
const SEEDS: u64 = 6;
const STEPS: usize = 60;

/// What a day has cost: by ourselves, and by what arrived.
type Days = BTreeMap<i64, (i64, i64)>;

async fn days(town: &Town) -> Days {
    let mut days = Days::new();
    for line in town.bridge.money(30).await.unwrap().spent {
        let (ours, arrived) = days.entry(line.day).or_default();
        *(if line.on == SpentOn::TextIn { arrived } else { ours }) += line.price.0;
    }
    days
}

async fn total(town: &Town, sorts: &[SpentOn]) -> (i64, i64) {
    let spent = town.bridge.money(30).await.unwrap().spent;
    let lines = spent.iter().filter(|line| sorts.contains(&line.on));
    lines.fold((0, 0), |(n, price), line| (n + line.n, price + line.price.0))
}

async fn bill(town: &Town, simulator: &str) -> Value {
    let answer = town.simulator(simulator, "/_bill", Value::Null).await;
    serde_json::from_slice(&answer.body.0).unwrap()
}

/// The providers have billed no more than the ledger says, and the texts agree exactly.
async fn the_bills_agree(town: &Town) {
    let carrier = bill(town, "twilio").await;
    let (segments_in, _) = total(town, &[SpentOn::TextIn]).await;
    let (segments_out, _) = total(town, &[SpentOn::TextOut]).await;
    assert_eq!(carrier["segments_in"], segments_in);
    assert!(carrier["segments_out"].as_i64().unwrap() <= segments_out, "{carrier}");
    let billed = bill(town, "x").await["micro_usd"].as_i64().unwrap();
    let (_, spent) = total(town, &[SpentOn::Post, SpentOn::Call]).await;
    assert!(billed <= spent, "billed {billed}, in the ledger {spent}");
}

#[test]
fn a_storm_of_strangers_gets_the_invitations_allowed_and_no_more() {
    run_seeded(async {
        let town = Town::new(90).await;
        join(&town, ANNA, "anna").await;
        let before = days(&town).await.into_values().next().unwrap();
        for n in 0..1000 {
            // Made-up numbers (555-01xx) of a hundred areas.
            let stranger = format!("+1{}55501{:02}", 200 + n % 100, n / 100);
            town.texts(&stranger, "hello").await;
        }
        town.wait_seconds(600).await;
        let invited = invitations(&town).await;
        assert_eq!(invited, 29, "the limit of an hour is 30, and one was for Anna");
        // In each hour of a whole day strangers text again, and the rest of their share is used up.
        for hour in 0..12 {
            town.wait_seconds(3600).await;
            for n in 0..40 {
                town.texts(&format!("+1{}55502{hour:02}", 300 + n), "hello").await;
            }
        }
        town.wait_seconds(600).await;
        let cap = town.bridge.config().policy.spend_per_day.0;
        for (ours, _) in days(&town).await.into_values() {
            assert!(ours - before.0 <= cap / 2, "strangers cost {ours}");
        }
        the_bills_agree(&town).await;
    });
}

async fn invitations(town: &Town) -> usize {
    let filter = cordboard_engine::store::MessageFilter { rows_max: 1000, ..Default::default() };
    let messages = town.bridge.messages(filter).await.unwrap();
    messages
        .iter()
        .filter(|message| message.outcome == "invited" && message.sender.reveal() != ANNA)
        .count()
}

#[test]
fn whatever_arrives_a_day_costs_no_more_than_its_limit() {
    for seed in 1..=seeds(SEEDS) {
        println!("seed {seed}");
        // Every other time with so little money that the limit is reached within an hour.
        let cap = if seed % 2 == 0 { 300_000 } else { 5_000_000 };
        run_seeded(random_traffic(seed, cap));
    }
}

async fn random_traffic(seed: u64, cap: i64) {
    let mut dice = Dice::new(seed);
    let mut town =
        Town::with(seed + 900, |config| config.policy.spend_per_day = MicroUsd(cap)).await;
    join(&town, ANNA, "anna").await;
    join(&town, BERT, "bert").await;
    let mut before = days(&town).await;
    for step in 0..STEPS {
        let phone = if dice.below(2) == 0 { ANNA } else { BERT };
        match dice.below(12) {
            0..4 => town.texts(phone, &format!("seed {seed} step {step}")).await,
            4 => {
                town.texts(phone, &format!("step {step}: see example.com")).await;
                town.wait_seconds(30).await;
                town.texts(phone, "YES").await;
            }
            5 => {
                let words = dice.pick(&["/UNDO", "/RETRY", "/STATUS", "HELP", "?", "/LINK"]);
                town.texts(phone, words).await;
            }
            6 => town.texts(phone, dice.pick(&["STOP", "START"])).await,
            7 => {
                for n in 0..dice.below(20) {
                    let stranger = format!("+1{}55501{:02}", 200 + dice.below(90), n);
                    town.texts(&stranger, dice.pick(&["hi", "HELP", "STOP", "START"])).await;
                }
            }
            8 => {
                let kind = dice.pick(&[
                    "503",
                    "429",
                    "401",
                    "402",
                    "unreachable",
                    "503_after_accept",
                    "timeout_after_accept",
                ]);
                town.faults("x", json!([{ "on": "publish", "kind": kind }])).await;
            }
            9 => town.faults("x", json!([{ "on": "settle", "kind": "503" }])).await,
            10 => town = town.crash().await,
            _ => town.wait_seconds(dice.below(7200) as u64).await,
        }
        town.wait_seconds(60).await;
        let now = days(&town).await;
        for (day, (ours, _)) in &now {
            let (ours_before, arrived_before) = before.get(day).copied().unwrap_or_default();
            assert!(
                *ours <= ours_before || ours + arrived_before <= cap,
                "seed {seed} step {step} day {day}: {ours} and {arrived_before} are more than {cap}"
            );
        }
        before = now;
    }
    town.wait_seconds(3600).await;
    the_bills_agree(&town).await;
}

#[test]
fn an_attempt_that_came_to_nothing_is_given_back() {
    run_seeded(async {
        let town = Town::new(92).await;
        join(&town, ANNA, "anna").await;
        let faults =
            ["503", "429", "unreachable"].map(|kind| json!({ "on": "publish", "kind": kind }));
        town.faults("x", json!(faults)).await;
        town.texts(ANNA, "paid for once").await;
        town.until_posts(1).await;
        town.wait_seconds(60).await;
        assert_eq!(total(&town, &[SpentOn::Post]).await, (1, 15_000));
        the_bills_agree(&town).await;
    });
}

#[test]
fn a_thread_without_money_for_all_of_it_is_not_begun() {
    run_seeded(async {
        // Nine tenths of 0.06 pay for three posts; the thread has four.
        let town = Town::with(93, |config| {
            config.policy.spend_per_person_day = MicroUsd(60_000);
            config.transports[0].prices =
                json!({ "usd_per_segment_in": 0, "usd_per_segment_out": 0 });
        })
        .await;
        join(&town, ANNA, "anna").await;
        let long = "a sentence of some length, to be cut somewhere. ".repeat(22);
        town.texts(ANNA, &long).await;
        town.until_heard(ANNA, "today's limit").await;
        town.until_done().await;
        assert!(town.words().await.is_empty());
        assert_eq!(total(&town, &[SpentOn::Post]).await, (0, 0));
    });
}

#[test]
fn over_everybodys_limit_there_is_money_left_to_say_so_and_to_take_back() {
    run_seeded(async {
        let operator = "+15550109999";
        let town = Town::with(94, |config| {
            config.policy.spend_per_day = MicroUsd(2_000_000);
            config.policy.replies_per_number_day = 100;
            config.policy.spend_per_person_day = MicroUsd(10_000_000);
            config.alert_numbers = vec![operator.into()];
        })
        .await;
        join(&town, ANNA, "anna").await;
        for n in 0..70 {
            town.texts(ANNA, &format!("text {n}")).await;
            town.wait_seconds(20).await;
            if town.heard(ANNA).await.iter().any(|text| text.contains("posted tomorrow")) {
                break;
            }
        }
        town.until_heard(operator, "today's money").await;
        let out = town.words().await.len();
        town.texts(ANNA, "/STATUS").await;
        town.until_heard(ANNA, "1 text waits").await;
        // The first drops what waits; what is out is taken back with a call that costs money.
        for _ in 0..2 {
            town.texts(ANNA, "/UNDO").await;
            town.wait_seconds(5).await;
        }
        town.until("one is gone", || async { town.words().await.len() < out }).await;
    });
}
