use super::*;
use crate::inbox::Found;
use cordboard_testkit::block_on;

const OLD: &str = "Found on the card, older than 24 hours";

#[test]
fn old_texts_on_a_card_that_was_never_seen_are_shown_and_not_acted_on() {
    let make = || {
        let mut world = World::new();
        world.arrive(&text(ANN, "of another life", world.now().plus_millis(-25 * HOUR_MS)));
        for line in long(BOB, &words('b', 2), world.now().plus_millis(-90 * DAY_MS), 1) {
            world.arrive(&line);
        }
        world.arrive(&text(ANN, "recent", world.now().plus_millis(-23 * HOUR_MS)));
        world.arrive(&stampless(&text(ANN, "whenever", world.now())));
        world
    };
    killed_anywhere(make, World::pass, |world| {
        assert_eq!(world.texts(), ["recent", "whenever"]);
        assert_eq!(world.table(OLD).len(), 3);
        assert!(world.rows("open/").is_empty());
    });
}

#[test]
fn what_was_kept_at_first_sight_stays_of_that_sight_when_it_is_worked_on_later() {
    let mut world = World::new();
    world.arrive(&text(ANN, "of another life", world.now().plus_millis(-25 * HOUR_MS)));
    block_on(world.inbox.meet(&world.host, CARD)).unwrap();
    block_on(world.inbox.keep(&world.host, CARD, &world.listing())).unwrap();
    world.advance(30 * DAY_MS);
    world.restart();
    world.pass().unwrap();
    assert!(world.texts().is_empty());
    assert_eq!(world.table(OLD).len(), 1);
}

#[test]
fn at_a_later_start_everything_is_handed_on_whatever_its_age() {
    let mut world = World::new();
    world.pass().unwrap();
    world.advance(60 * DAY_MS);
    world.restart();
    for hours in [1, 25, 24 * 30, 24 * 365] {
        let at = world.now().plus_millis(-hours * HOUR_MS);
        world.arrive(&text(ANN, &format!("{hours}"), at));
    }
    world.pass().unwrap();
    assert_eq!(world.texts(), ["8760", "720", "25", "1"]);
}

#[test]
fn forty_recent_texts_on_a_full_card_are_all_handed_on() {
    let mut world = World::new();
    for n in 0..40 {
        world.arrive(&text(ANN, &format!("{n}"), world.now().plus_seconds(-40 + n)));
    }
    world.pass().unwrap();
    assert_eq!(world.texts(), (0..40).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_text_that_comes_directly_is_never_of_another_life() {
    let world = World::new();
    world.route(&[text(ANN, "now", world.now().plus_millis(-30 * HOUR_MS))]);
    assert_eq!(world.texts(), ["now"]);
}

#[test]
fn the_first_sight_lasts_for_all_its_memories_and_listings() {
    let mut world = World::new();
    world.pass().unwrap();
    world.advance(9 * 60_000);
    world.arrive(&text(ANN, "of another life", world.now().plus_millis(-25 * HOUR_MS)));
    world.pass().unwrap();
    assert!(world.texts().is_empty());
}

#[test]
fn a_card_that_was_met_and_never_listed_is_still_at_first_sight() {
    let mut world = World::new();
    block_on(world.inbox.meet(&world.host, CARD)).unwrap();
    world.advance(5 * DAY_MS);
    world.restart();
    world.arrive(&text(ANN, "of another life", world.now().plus_millis(-25 * HOUR_MS)));
    world.pass().unwrap();
    assert!(world.texts().is_empty());
}

#[test]
fn each_card_has_its_own_first_sight_slots_and_account() {
    let mut world = World::running();
    let line = text(ANN, "ok", world.now());
    world.arrive(&line);
    world.pass().unwrap();
    world.card = "89490200001234567890".to_owned();
    world.arrive(&line);
    world.arrive(&text(ANN, "of another life", world.now().plus_millis(-25 * HOUR_MS)));
    world.pass().unwrap();
    let accounts: Vec<_> =
        world.fake().messages().into_iter().map(|message| message.key.account).collect();
    assert_eq!(accounts, [format!("modem:{CARD}"), "modem:89490200001234567890".to_owned()]);
    assert_eq!(world.table(OLD).len(), 1);
}

#[test]
fn what_is_kept_before_the_card_was_met_is_kept() {
    let world = World::new();
    let found = [Found { slot: None, line: text(ANN, "early", world.now()) }];
    block_on(world.inbox.keep(&world.host, CARD, &found)).unwrap();
    world.work();
    assert_eq!(world.texts(), ["early"]);
}

#[test]
fn a_clock_that_is_evidently_behind_makes_no_old_text_new() {
    let mut world = World::new();
    let now = world.now();
    world.arrive(&text(ANN, "of another life", now.plus_millis(-25 * HOUR_MS)));
    world.arrive(&text(ANN, "recent", now));
    world.fake().set_now(cordboard_plugin::Timestamp(100_000));
    world.pass().unwrap();
    assert_eq!(world.texts(), ["recent"]);
    assert_eq!(world.table(OLD).len(), 1);
}

#[test]
fn a_stamp_in_the_future_makes_no_recent_text_old() {
    let mut world = World::new();
    world.arrive(&text(ANN, "recent", world.now()));
    world.arrive(&text(ANN, "from afar", world.now().plus_millis(500 * DAY_MS)));
    world.pass().unwrap();
    assert_eq!(world.texts(), ["recent", "from afar"]);
}
