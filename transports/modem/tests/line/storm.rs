//! Everything that goes wrong with modems, in an order that a seed decides. Whatever happens, each text that
//! reached the modem is handed on once, and nothing we send reaches a phone twice.

use crate::bench::STICKS;
use crate::sandbox::World;
use cordboard_modem::Modem;
use cordboard_plugin::{CallError, Host as _, StateError};
use serde_json::json;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

/// Storms, each with its seed.
const SEEDS: u64 = 27;
/// Things that happen in one storm.
const EVENTS: usize = 40;

/// What may go wrong, short of the network itself losing a text.
const FAULTS: &[(&str, &str)] = &[
    ("any", "silent"),
    ("any", "late"),
    ("any", "double"),
    ("any", "error"),
    ("any", "split"),
    ("any", "garbage"),
    ("any", "noise"),
    ("any", "lost_ok"),
    ("any", "silent_done"),
    ("any", "error_and_ok"),
    ("cmgl", "split"),
    ("cmgl", "cms 500"),
    ("cmgl", "silent"),
    ("cmgr", "error_and_ok"),
    ("cmgr", "late"),
    ("cmgd", "silent_done"),
    ("cmgd", "cms 500"),
    ("cmgd", "lost_ok"),
    ("cmgs", "silent_done"),
    ("cmgs", "late"),
    ("cmgs", "cms 500"),
    ("cmgs", "cms 42"),
    ("prompt", "silent"),
    ("cmti", "lost"),
    ("cmti", "lost"),
    ("deliver", "repeated"),
    ("report", "late"),
    ("now", "echo"),
    ("now", "garbage"),
    ("now", "noise"),
    ("now", "reset_silent"),
    ("now", "reset_announced"),
    ("now", "unplug"),
    ("now", "hang"),
];

/// What a storm has done so far.
#[derive(Default)]
struct Done {
    texted: Vec<String>,
    sent: BTreeMap<String, Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Sent,
    Unclear,
    Not,
}

fn chance(world: &World, below: usize) -> usize {
    let bytes = world.host.random(4);
    let drawn = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    usize::try_from(drawn).unwrap() % below
}

/// One of the things that happen.
async fn happens(world: &World, modem: &Modem, done: &RefCell<Done>) {
    match chance(world, 12) {
        0..=3 => {
            let mut text = format!("Text {}", done.borrow().texted.len());
            if chance(world, 4) == 0 {
                text = format!("{text} {}", "and more 🦀 ".repeat(20)).trim().to_owned();
            }
            done.borrow_mut().texted.push(text.clone());
            world.texted(&text).await;
        }
        4..=5 => {
            let key = format!("Answer {}", done.borrow().sent.len());
            answer(world, modem, done, &key).await;
        }
        6 => world.plug(true).await,
        // The bridge's own store does not answer the next call.
        7 => world.host.fail_state(StateError::Unavailable("busy".to_owned())),
        _ => {
            let (on, kind) = FAULTS[chance(world, FAULTS.len())];
            world.fault(on, kind).await;
        }
    }
    world.pass(i64::try_from(chance(world, 40)).unwrap()).await;
}

/// Sends a text as the core does: again when it may be.
async fn answer(world: &World, modem: &Modem, done: &RefCell<Done>, key: &str) {
    // If the bridge stops while this is under way, the core takes it for unclear.
    done.borrow_mut().sent.insert(key.to_owned(), Outcome::Unclear);
    let mut outcome = Outcome::Not;
    for _ in 0..3 {
        let text = if chance(world, 3) == 0 { key.repeat(25) } else { key.to_owned() };
        let text = if outcome == Outcome::Not { text } else { key.to_owned() };
        match world.send(modem, key, &text).await {
            Ok(_) => outcome = Outcome::Sent,
            Err(CallError::Unclear { .. }) => outcome = Outcome::Unclear,
            Err(_) => {
                world.pass(30).await;
                continue;
            }
        }
        break;
    }
    done.borrow_mut().sent.insert(key.to_owned(), outcome);
}

/// Yields what became of the texts we sent.
fn storm(seed: u64) -> Vec<Outcome> {
    let world = World::with_seed(seed);
    let done = RefCell::new(Done::default());
    let stick = STICKS[usize::try_from(seed).unwrap() % STICKS.len()];
    let put_in = json!({ "personality": stick });
    world.host.drive(world.order("/_card", &put_in));
    let mut left = EVENTS;
    while left > 0 {
        // The bridge lives for some of them and is then stopped in the middle of whatever it does.
        let count = 1 + chance(&world, 12).min(left - 1);
        left -= count;
        let stop_ms = i64::try_from(chance(&world, 20_000)).unwrap();
        world.lives(async |modem| {
            for _ in 1..count {
                happens(&world, modem, &done).await;
            }
            let stop = pin!(world.host.sleep_until(world.host.now().plus_millis(stop_ms)));
            futures_util::future::select(pin!(happens(&world, modem, &done)), stop).await;
        });
    }
    // The storm is over: what waits on order is used up or without effect, and the modem is well again.
    let phone = world.lives(async |_| {
        for _ in 0..6 {
            world.plug(false).await;
            world.pass(10).await;
            world.plug(true).await;
            world.pass(1_200).await;
        }
        world.phone().await
    });
    let mut texted = done.borrow().texted.clone();
    let mut handed = world.texts();
    texted.sort();
    handed.sort();
    assert_eq!(handed, texted, "seed {seed}, {stick}: {:#?}", world.host.log_lines());
    for (key, outcome) in &done.borrow().sent {
        let alone = |text: &&String| **text == *key || **text == key.repeat(25);
        let shown = phone.iter().filter(alone).count();
        let may = match outcome {
            Outcome::Sent => shown == 1,
            Outcome::Unclear => shown <= 1,
            Outcome::Not => shown == 0,
        };
        assert!(
            may,
            "seed {seed}, {stick}: {key} was {outcome:?} and shown {shown} times: {phone:?}"
        );
    }
    done.into_inner().sent.into_values().collect()
}

#[test]
fn nothing_is_lost_and_nothing_comes_twice_in_any_storm() {
    let outcomes: BTreeSet<Outcome> = (0..SEEDS).flat_map(storm).collect();
    // Otherwise it was no storm.
    assert_eq!(outcomes.len(), 3, "{outcomes:?}");
}
