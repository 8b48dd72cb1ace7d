use super::*;
use crate::pdu::Delivering;

/// Parts come by the order given, one a pass.
fn come(world: &mut World, lines: &[String], order: &[usize]) {
    for at in order {
        world.arrive(&lines[*at]);
        world.pass().unwrap();
    }
}

#[test]
fn parts_are_joined_in_any_order() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut world = World::running();
        let lines = long(ANN, &words('a', 3), world.now(), 9);
        come(&mut world, &lines, &order[..2]);
        assert!(world.texts().is_empty(), "nothing is handed on before it is whole");
        come(&mut world, &lines, &order[2..]);
        assert_eq!(world.texts(), [words('a', 3)]);
        assert_eq!(world.overdue(), None);
    }
}

#[test]
fn both_widths_of_references_and_both_alphabets_are_joined() {
    let mut world = World::running();
    let greek = "Καλημέρα κόσμε 😀 ".repeat(12);
    let greek = greek.trim();
    for (text, wide) in [(words('a', 2), true), (greek.to_owned(), false), (greek.to_owned(), true)]
    {
        let at = world.now();
        let delivering =
            Delivering { from: ANN, text: &text, at, reference: 9, wide, ..Delivering::default() };
        for line in lines(&delivering).iter().rev() {
            world.arrive(line);
        }
        world.pass().unwrap();
        assert_eq!(world.texts().pop(), Some(text));
    }
}

#[test]
fn parts_of_different_alphabets_are_joined() {
    let mut world = World::running();
    let at = world.now();
    let gsm = long(ANN, &words('a', 2), at, 9);
    let greek = long(ANN, &"κόσμε ".repeat(20), at, 9);
    world.arrive(&gsm[0]);
    world.arrive(&greek[1]);
    world.pass().unwrap();
    let joined = &world.texts()[0];
    assert!(joined.starts_with("a0") && joined.trim_end().ends_with("κόσμε"), "{joined}");
}

#[test]
fn references_of_both_widths_are_not_the_same() {
    let mut world = World::running();
    let at = world.now();
    let narrow = long(ANN, &words('a', 2), at, 9);
    let text = words('b', 2);
    let wide = lines(&Delivering {
        from: ANN,
        text: &text,
        at,
        reference: 9,
        wide: true,
        ..Delivering::default()
    });
    for line in [&narrow[0], &wide[1], &narrow[1], &wide[0]] {
        world.arrive(line);
    }
    world.pass().unwrap();
    assert_eq!(world.texts(), [words('a', 2), words('b', 2)]);
}

#[test]
fn texts_of_several_senders_and_cards_with_one_reference_stay_apart() {
    let mut world = World::running();
    let at = world.now();
    let (ann, bob) = (long(ANN, &words('a', 2), at, 9), long(BOB, &words('b', 2), at, 9));
    come(&mut world, &[ann[0].clone(), bob[1].clone(), bob[0].clone()], &[0, 1, 2]);
    assert_eq!(world.texts(), [words('b', 2)]);
    world.card = "89490200001234567890".to_owned();
    come(&mut world, &ann, &[1]);
    assert_eq!(world.texts(), [words('b', 2)]);
    world.card = CARD.to_owned();
    come(&mut world, &ann, &[1]);
    // The network's repeat to another card is another message.
    assert_eq!(world.texts(), [words('b', 2), words('a', 2)]);
}

#[test]
fn a_part_that_a_phone_sends_again_is_dropped() {
    let mut world = World::running();
    let (first, again) = (world.now(), world.now().plus_seconds(40));
    let lines = long(ANN, &words('a', 2), first, 9);
    let later = long(ANN, &words('a', 2), again, 9);
    come(&mut world, &[lines[0].clone(), later[0].clone(), later[1].clone()], &[0, 1, 2]);
    assert_eq!(world.texts(), [words('a', 2)]);
    assert_eq!(world.count("modem_part_repeats_total"), 1);
}

#[test]
fn a_reference_that_is_used_again_begins_another_text() {
    let mut world = World::running();
    let (first, second) = (world.now(), world.now().plus_seconds(300));
    let one = long(ANN, &words('a', 2), first, 0);
    let two = long(ANN, &words('b', 2), second, 0);
    // The second part of the first is late.
    come(&mut world, &[one[0].clone(), two[0].clone()], &[0, 1]);
    come(&mut world, &[two[1].clone(), one[1].clone()], &[0, 1]);
    assert_eq!(world.texts(), [words('b', 2), words('a', 2)]);
}

#[test]
fn a_reference_that_is_used_again_an_hour_later_mixes_nothing() {
    let mut world = World::running();
    let one = long(ANN, &words('a', 2), world.now(), 0);
    come(&mut world, &one, &[0]);
    world.advance(HOUR_MS + 1000);
    let two = long(ANN, &words('b', 2), world.now(), 0);
    come(&mut world, &two, &[1, 0]);
    assert_eq!(world.texts(), [words('b', 2)]);
}

#[test]
fn a_part_that_the_centre_held_for_days_still_belongs_to_its_text() {
    let mut world = World::running();
    let lines = long(ANN, &words('a', 2), world.now(), 9);
    come(&mut world, &lines, &[0]);
    world.advance(6 * DAY_MS);
    come(&mut world, &lines, &[1]);
    assert_eq!(world.texts(), [words('a', 2)]);
}

#[test]
fn parts_without_good_stamps_are_joined_by_the_time_they_came() {
    let mut world = World::running();
    let lines: Vec<_> =
        long(ANN, &words('a', 2), world.now(), 9).iter().map(|line| stampless(line)).collect();
    come(&mut world, &lines, &[0]);
    world.advance(10 * 60_000);
    come(&mut world, &lines, &[1]);
    assert_eq!(world.texts(), [words('a', 2)]);
}

#[test]
fn one_part_of_one_is_whole() {
    let mut world = World::running();
    let line = changed(&text(ANN, "hello", world.now()), |deliver| {
        deliver.header.concat =
            Some(crate::pdu::Concat { reference: 1, wide: false, total: 1, number: 1 });
    });
    world.arrive(&line);
    world.pass().unwrap();
    assert_eq!(world.texts(), ["hello"]);
}

#[test]
fn the_longest_text_there_is_is_joined() {
    let mut world = World::running();
    let lines = long(ANN, &words('a', 255), world.now(), 9);
    assert_eq!(lines.len(), 255);
    for line in &lines {
        world.arrive(line);
    }
    world.pass().unwrap();
    assert_eq!(world.texts(), [words('a', 255)]);
    assert_eq!(world.fake().messages()[0].segments, 255);
    assert!(world.rows("part/").is_empty());
}

#[test]
fn the_parts_of_a_flash_text_are_joined() {
    let mut world = World::running();
    for line in long(ANN, &words('a', 2), world.now(), 9) {
        world.arrive(&changed(&line, |deliver| {
            deliver.coding.octet = 0x10;
            deliver.coding.class = Some(0);
        }));
    }
    world.pass().unwrap();
    assert_eq!(world.texts(), [words('a', 2)]);
}
