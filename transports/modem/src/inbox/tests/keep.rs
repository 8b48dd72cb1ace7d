use super::*;
use crate::inbox::{Found, Slot};
use cordboard_testkit::block_on;

fn keep(world: &World, found: &[(Option<Slot>, &str)]) {
    let found: Vec<Found> = found
        .iter()
        .map(|(slot, line)| Found { slot: slot.clone(), line: (*line).to_owned() })
        .collect();
    block_on(world.inbox.keep(&world.host, CARD, &found)).unwrap();
}

fn committed(world: &World, slot: &Slot) -> Option<String> {
    block_on(world.inbox.committed(&world.host, CARD, slot)).unwrap()
}

#[test]
fn a_slot_that_is_listed_again_is_the_same_message_however_late() {
    let mut world = World::running();
    let line = stampless(&text(ANN, "ok", world.now()));
    for _ in 0..3 {
        keep(&world, &[(Some(sm(3)), &line)]);
        world.work();
        world.advance(5 * DAY_MS);
        world.restart();
    }
    assert_eq!(world.texts(), ["ok"]);
    assert_eq!(committed(&world, &sm(3)), Some(line));
}

#[test]
fn a_listing_in_other_letters_is_the_same_message() {
    let world = World::running();
    let line = text(ANN, "ok", world.now());
    keep(&world, &[(Some(sm(3)), &line)]);
    keep(&world, &[(Some(sm(3)), &format!(" {} \r", line.to_lowercase()))]);
    assert_eq!(world.rows("kept/").len(), 1);
}

#[test]
fn a_slot_with_other_content_holds_a_new_message() {
    let world = World::running();
    let (one, two) = (text(ANN, "one", world.now()), text(ANN, "two", world.now()));
    keep(&world, &[(Some(sm(3)), &one)]);
    // The delete was done, and its answer lost; the index was given away at once.
    keep(&world, &[(Some(sm(3)), &two)]);
    assert_eq!(committed(&world, &sm(3)), Some(two));
    world.work();
    assert_eq!(world.texts(), ["one", "two"]);
}

#[test]
fn a_slot_is_told_by_memory_and_index() {
    let world = World::running();
    let line = text(ANN, "one", world.now());
    keep(&world, &[(Some(sm(3)), &line)]);
    assert_eq!(committed(&world, &sm(4)), None);
    assert_eq!(committed(&world, &Slot { memory: "ME".to_owned(), index: 3 }), None);
    block_on(world.inbox.deleted(&world.host, CARD, &[sm(3)])).unwrap();
    assert_eq!(committed(&world, &sm(3)), None);
}

#[test]
fn a_slot_that_a_listing_shows_empty_holds_nothing_of_ours() {
    let world = World::running();
    let line = stampless(&text(ANN, "ok", world.now()));
    keep(&world, &[(Some(sm(1)), &line), (Some(sm(2)), "00")]);
    world.work();
    // The delete was done, and its answer lost; days later the same words fall into the same slot.
    world.advance(4 * DAY_MS);
    block_on(world.inbox.listed(&world.host, CARD, "SM", &[2])).unwrap();
    block_on(world.inbox.listed(&world.host, CARD, "ME", &[])).unwrap();
    assert_eq!(committed(&world, &sm(1)), None);
    assert_eq!(committed(&world, &sm(2)).as_deref(), Some("00"));
    keep(&world, &[(Some(sm(1)), &line)]);
    world.work();
    assert_eq!(world.texts(), ["ok", "ok"]);
}

#[test]
fn the_networks_repeat_is_the_same_message_and_counted() {
    for stamped in [true, false] {
        let mut world = World::running();
        let mut line = text(ANN, "ok", world.now());
        if !stamped {
            line = stampless(&line);
        }
        world.arrive(&line);
        world.pass().unwrap();
        world.advance(14 * 60_000);
        world.arrive("0");
        world.arrive(&line);
        world.route(std::slice::from_ref(&line));
        world.pass().unwrap();
        assert_eq!(world.texts(), ["ok"]);
        assert_eq!(world.count("modem_repeats_total"), 2);
        assert!(world.store.is_empty(), "the copy is deleted as well");
    }
}

#[test]
fn both_copies_in_one_listing_are_one_message() {
    let world = World::running();
    let line = text(ANN, "ok", world.now());
    keep(&world, &[(Some(sm(1)), &line), (Some(sm(2)), &line), (None, &line)]);
    world.work();
    assert_eq!(world.texts(), ["ok"]);
    assert_eq!(committed(&world, &sm(1)), Some(line.clone()));
    assert_eq!(committed(&world, &sm(2)), Some(line));
}

#[test]
fn later_than_that_only_a_good_stamp_tells_a_repeat() {
    // A centre whose clock stands still, or that writes nonsense.
    let now = World::running().now();
    let stands_still = text(ANN, "ok", now.plus_millis(-400 * DAY_MS));
    let nonsense = stampless(&text(ANN, "ok", now));
    let good = text(ANN, "ok", now);
    for (line, expected) in [(stands_still, 3), (nonsense, 3), (good, 1)] {
        let mut world = World::running();
        for pause in [16 * 60_000, 2 * DAY_MS, 0] {
            world.arrive(&line);
            world.pass().unwrap();
            world.advance(pause);
        }
        assert_eq!(world.texts().len(), expected, "each of them under a key of its own");
    }
}

#[test]
fn a_pdu_is_remembered_for_three_days() {
    let mut world = World::running();
    world.arrive(&text(ANN, "ok", world.now()));
    world.pass().unwrap();
    world.advance(3 * DAY_MS - 1);
    assert_eq!(world.rows("seen/").len(), 1);
    world.advance(1);
    assert!(world.rows("seen/").is_empty());
}

#[test]
fn texts_that_came_together_are_handed_on_in_the_order_of_their_stamps() {
    let mut world = World::running();
    let start = world.now().plus_millis(-HOUR_MS);
    // A SIM of forty slots whose lowest ones were free last.
    for index in 0..40_u16 {
        let at = start.plus_seconds(i64::from((index + 17) % 40) * 60);
        let line = text(ANN, &format!("{:02}", (index + 17) % 40), at);
        world.store.insert(sm(index), line);
    }
    world.pass().unwrap();
    let expected: Vec<String> = (0..40).map(|n| format!("{n:02}")).collect();
    assert_eq!(world.texts(), expected);
}

#[test]
fn within_a_second_the_slot_decides_and_what_has_no_stamp_came_now() {
    let mut world = World::running();
    let before = world.now().plus_seconds(-60);
    world.arrive(&stampless(&text(ANN, "last", before)));
    world.arrive(&text(ANN, "first", before));
    world.arrive(&text(ANN, "second", before));
    world.pass().unwrap();
    assert_eq!(world.texts(), ["first", "second", "last"]);
}

#[test]
fn noise_without_end_is_kept_as_far_as_it_fits() {
    let mut world = World::running();
    world.arrive(&"noise ".repeat(20_000));
    let slot = sm(0);
    let found = world.listing();
    block_on(world.inbox.keep(&world.host, CARD, &found)).unwrap();
    block_on(world.inbox.keep(&world.host, CARD, &found)).unwrap();
    assert_eq!(world.rows("kept/").len(), 1);
    assert!(committed(&world, &slot).is_some());
    world.work();
    assert_eq!(world.table("Cannot be read").len(), 1);
}

#[test]
fn a_full_modem_is_kept_in_one_commit() {
    let mut world = World::running();
    for n in 0..255 {
        world.arrive(&text(ANN, &format!("{n}"), world.now()));
    }
    let found = world.listing();
    // The commit comes behind two looks for each message and one at the card.
    world.host.kill_after(1 + 2 * 255, Kill::After);
    assert!(block_on(world.inbox.keep(&world.host, CARD, &found)).is_err());
    world.restart();
    assert_eq!(world.rows("kept/").len(), 255);
}
