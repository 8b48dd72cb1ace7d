use super::*;
use cordboard_testkit::block_on;

const WAIT_MS: i64 = 30 * 60_000;

/// A world in which so many of three parts of a text have come.
fn missing(parts: usize) -> (World, Vec<String>) {
    let mut world = World::running();
    let lines = long(ANN, &words('a', 3), world.now(), 9);
    for line in &lines[..parts] {
        world.arrive(line);
    }
    world.pass().unwrap();
    (world, lines)
}

#[test]
fn whoever_sent_a_text_that_does_not_become_whole_is_asked_once() {
    let (world, _) = missing(2);
    let due = world.now().plus_millis(WAIT_MS);
    assert_eq!(world.overdue(), Some(due));
    world.advance(WAIT_MS - 1);
    world.work();
    assert!(world.replies().is_empty());
    world.advance(1);
    for _ in 0..3 {
        world.work();
        assert_eq!(world.overdue(), None);
        world.advance(DAY_MS);
    }
    assert_eq!(
        world.replies(),
        [
            "Part of your text is missing (2 of 3 arrived), so nothing was posted. Please send it again."
        ]
    );
    let reply = &world.fake().replies()[0];
    assert_eq!((reply.from.reveal(), reply.to.reveal()), (LINE, ANN));
    assert_eq!(reply.transport, None);
    assert_eq!(crate::pdu::segments(&reply.text), 1);
    assert!(world.texts().is_empty());
}

#[test]
fn a_text_waits_from_its_last_part_on() {
    let (mut world, lines) = missing(1);
    world.advance(WAIT_MS - 1);
    world.arrive(&lines[2]);
    world.pass().unwrap();
    assert_eq!(world.overdue(), Some(world.now().plus_millis(WAIT_MS)));
    world.advance(WAIT_MS - 1);
    world.work();
    assert!(world.replies().is_empty());
}

#[test]
fn the_earliest_question_is_the_next() {
    let (mut world, _) = missing(1);
    let first = world.overdue();
    world.advance(60_000);
    world.arrive(&long(BOB, &words('b', 2), world.now(), 1)[0]);
    world.pass().unwrap();
    assert_eq!(world.overdue(), first);
    world.advance(WAIT_MS - 60_000);
    world.work();
    assert_eq!(world.replies().len(), 1);
    assert_eq!(world.overdue(), first.map(|first| first.plus_millis(60_000)));
}

#[test]
fn what_came_while_the_bridge_was_down_counts_before_anybody_is_asked() {
    let (mut world, lines) = missing(2);
    world.advance(DAY_MS);
    world.restart();
    world.arrive(&lines[2]);
    world.pass().unwrap();
    assert!(world.replies().is_empty());
    assert_eq!(world.texts(), [words('a', 3)]);
}

#[test]
fn the_network_has_two_minutes_to_hand_over_what_it_held_back() {
    let (mut world, lines) = missing(2);
    world.advance(DAY_MS);
    world.restart();
    world.pass().unwrap();
    assert_eq!(world.overdue(), Some(world.now().plus_millis(120_000)));
    world.advance(119_999);
    world.work();
    assert!(world.replies().is_empty());
    world.arrive(&lines[2]);
    world.pass().unwrap();
    assert_eq!(world.texts(), [words('a', 3)]);
}

#[test]
fn nobody_is_asked_while_another_card_is_in_the_modem() {
    let (mut world, _) = missing(2);
    world.restart();
    world.card = "89490200001234567890".to_owned();
    world.advance(WAIT_MS);
    world.pass().unwrap();
    world.advance(WAIT_MS);
    world.work();
    assert!(world.replies().is_empty());
    assert_eq!(world.overdue(), None);
    world.card = CARD.to_owned();
    world.pass().unwrap();
    world.advance(WAIT_MS);
    world.work();
    assert_eq!(world.replies().len(), 1);
}

#[test]
fn a_text_that_becomes_whole_after_all_is_handed_on() {
    let (mut world, lines) = missing(2);
    world.advance(WAIT_MS);
    world.work();
    world.advance(6 * DAY_MS);
    world.arrive(&lines[2]);
    world.pass().unwrap();
    assert_eq!(world.texts(), [words('a', 3)]);
    assert_eq!(world.replies().len(), 1);
}

#[test]
fn unless_its_sender_has_sent_the_same_words_again() {
    for asked in [true, false] {
        let (mut world, lines) = missing(2);
        if asked {
            world.advance(WAIT_MS);
            world.work();
        }
        world.advance(60_000);
        for line in long(ANN, &words('a', 3), world.now(), 10) {
            world.arrive(&line);
        }
        world.pass().unwrap();
        assert_eq!(world.texts().len(), 1);
        world.arrive(&lines[2]);
        world.pass().unwrap();
        // Without a question of ours it was the person's own wish to say it twice.
        assert_eq!(world.texts().len(), if asked { 1 } else { 2 });
        assert_eq!(world.count("modem_late_texts_dropped_total"), u64::from(asked));
        assert!(world.rows("open/").is_empty() && world.rows("part/").is_empty());
    }
}

#[test]
fn the_same_words_of_somebody_else_or_from_before_do_not_count() {
    let mut world = World::running();
    for (from, reference) in [(ANN, 1), (BOB, 2)] {
        for line in long(from, &words('a', 3), world.now(), reference) {
            world.arrive(&line);
        }
        world.pass().unwrap();
        world.advance(60_000);
    }
    let lines = long(ANN, &words('a', 3), world.now(), 9);
    world.arrive(&lines[0]);
    world.arrive(&lines[1]);
    world.pass().unwrap();
    world.advance(WAIT_MS);
    world.work();
    for line in long(BOB, &words('a', 3), world.now(), 3) {
        world.arrive(&line);
    }
    world.arrive(&lines[2]);
    world.pass().unwrap();
    assert_eq!(world.texts().len(), 4);
}

#[test]
fn a_text_is_forgotten_seven_days_after_it_was_asked_about() {
    let (mut world, lines) = missing(2);
    world.advance(WAIT_MS);
    world.work();
    world.advance(7 * DAY_MS - 1);
    assert_eq!(world.overdue(), None);
    assert_eq!(world.rows("part/").len(), 2);
    world.advance(1);
    assert_eq!(world.overdue(), None);
    assert!(world.rows("open/").is_empty() && world.rows("part/").is_empty());
    world.arrive(&lines[2]);
    world.pass().unwrap();
    assert!(world.texts().is_empty());
}

#[test]
fn a_clock_that_leaps_forward_forgets_nothing_without_asking() {
    let (world, _) = missing(2);
    world.advance(20_000 * DAY_MS);
    assert!(world.overdue().is_some());
    world.work();
    assert_eq!(world.replies().len(), 1);
    assert_eq!(world.rows("part/").len(), 2);
}

#[test]
fn a_text_of_a_card_that_is_gone_is_forgotten_after_thirty_days() {
    let (mut world, _) = missing(2);
    world.restart();
    world.advance(30 * DAY_MS - 1);
    assert_eq!(block_on(world.inbox.overdue(&world.host)), Ok(None));
    assert_eq!(world.rows("part/").len(), 2);
    world.advance(1);
    world.overdue();
    assert!(world.rows("open/").is_empty() && world.rows("part/").is_empty());
}

#[test]
fn only_a_full_number_is_asked() {
    let mut world = World::running();
    for from in ["12345", "Bank"] {
        world.arrive(&long(from, &words('a', 2), world.now(), 9)[0]);
    }
    world.pass().unwrap();
    world.advance(WAIT_MS);
    world.work();
    assert!(world.replies().is_empty());
    assert_eq!(world.overdue(), None);
}

#[test]
fn what_is_missing_is_shown_without_whole_numbers() {
    let (world, _) = missing(2);
    let rows = world.table("Parts are missing");
    assert_eq!(rows[0][..3], ["…23", "text", "2 of 3"]);
    assert_eq!(rows[0][4], "");
    world.advance(WAIT_MS);
    world.work();
    assert_ne!(world.table("Parts are missing")[0][4], "");
}
