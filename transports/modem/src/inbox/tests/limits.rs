use super::*;

#[test]
fn a_sender_has_twenty_open_texts_at_most_and_the_oldest_is_asked_about_and_given_up() {
    let mut world = World::running();
    for reference in 0..25 {
        world.arrive(&long(ANN, &words('a', 2), world.now(), reference)[0]);
        world.arrive(&long(BOB, &words('b', 2), world.now(), reference)[1]);
        world.pass().unwrap();
        world.advance(1000);
    }
    assert_eq!(world.rows("open/").len(), 40);
    assert_eq!(world.rows("part/").len(), 40);
    assert_eq!(world.replies().len(), 10);
    assert_eq!(world.count("modem_texts_given_up_total"), 10);
    // The newest are still there.
    let last = long(ANN, &words('a', 2), world.now(), 24);
    world.arrive(&last[1]);
    world.pass().unwrap();
    assert_eq!(world.texts().len(), 1);
}

#[test]
fn what_was_asked_about_is_given_up_first() {
    let mut world = World::running();
    world.arrive(&long(ANN, &words('a', 2), world.now(), 0)[0]);
    world.pass().unwrap();
    world.advance(31 * 60_000);
    world.work();
    assert_eq!(world.replies().len(), 1);
    for reference in 1..21 {
        world.arrive(&long(ANN, &words('a', 2), world.now(), reference)[0]);
    }
    world.pass().unwrap();
    assert_eq!(world.rows("open/").len(), 20);
    assert_eq!(world.replies().len(), 1, "nobody is asked twice");
}

#[test]
fn a_card_has_five_hundred_parts_at_most() {
    let mut world = World::running();
    for sender in 0..60_u16 {
        let from = format!("+1555010{:04}", 100 + sender);
        let lines = long(&from, &words('a', 10), world.now(), sender);
        lines[1..].iter().for_each(|line| {
            world.arrive(line);
        });
        world.pass().unwrap();
        world.advance(1000);
        assert!(world.rows("part/").len() <= 500);
    }
    assert!(world.rows("part/").len() > 490);
    // Each was asked when it was given up, and their order is that of their age.
    let asked: Vec<String> =
        world.fake().replies().iter().map(|reply| reply.to.reveal().to_owned()).collect();
    let expected: Vec<String> =
        (0..asked.len()).map(|sender| format!("+1555010{:04}", 100 + sender)).collect();
    assert_eq!(asked, expected);
    assert!((4..=6).contains(&asked.len()));
}

#[test]
fn what_is_shown_is_bounded() {
    let mut world = World::running();
    for n in 0..230 {
        world.arrive(&format!("{n}"));
        let silent = changed(&text(ANN, &format!("{n}"), world.now()), |deliver| {
            deliver.protocol = 0x40;
        });
        world.arrive(&silent);
        world.pass().unwrap();
        world.advance(1000);
    }
    assert_eq!(world.rows("bad/").len(), 200);
    assert_eq!(world.rows("note/").len(), 50);
    assert_eq!(world.table("Cannot be read")[0][3], "229", "the newest first");
}

#[test]
fn texts_of_another_life_are_bounded_as_well() {
    let mut world = World::new();
    for n in 0..230 {
        let at = world.now().plus_millis(-30 * DAY_MS);
        world.arrive(&text(ANN, &format!("{n}"), at));
    }
    world.pass().unwrap();
    assert_eq!(world.rows("old/").len(), 200);
    assert!(world.texts().is_empty());
}
