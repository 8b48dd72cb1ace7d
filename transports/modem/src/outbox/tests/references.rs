use super::*;
use crate::inbox::tests::{BOB, DAY_MS, Overtaken};

#[test]
fn long_texts_to_one_number_count_on_whatever_happens() {
    let mut desk = Desk::new();
    let first = desk.begin(&text("r0", ANN), 2).reference;
    for n in 1..300_u16 {
        desk.outbox = Outbox::new();
        let reference = desk.begin(&text(&format!("r{n}"), ANN), 2).reference;
        assert_eq!(reference, first.wrapping_add(u8::try_from(n % 256).unwrap()));
        desk.advance(60_000);
    }
}

#[test]
fn short_texts_and_other_numbers_do_not_use_references_up() {
    let desk = Desk::new();
    let first = desk.begin(&text("r0", ANN), 2).reference;
    assert_eq!(desk.begin(&text("r1", ANN), 1).reference, 0);
    desk.begin(&text("r2", BOB), 2);
    desk.begin(&text("r3", BOB), 2);
    assert_eq!(desk.begin(&text("r4", ANN), 2).reference, first.wrapping_add(1));
}

#[test]
fn a_text_that_is_tried_again_goes_on_with_what_has_not_left() {
    let mut desk = Desk::new();
    let first = desk.begin(&text("r1", ANN), 3);
    assert_eq!((&first.left, &first.unclear), (&vec![None; 3], &vec![false; 3]));
    desk.sent(&first, 0, 200);
    desk.done(&first);
    desk.advance(3_600_000);
    desk.outbox = Outbox::new();
    let again = desk.begin(&text("r1", ANN), 3);
    assert_eq!((again.id.as_str(), again.reference), (first.id.as_str(), first.reference));
    assert_eq!(again.left, [Some(200), None, None]);
    desk.unclear(&again, 1);
    let third = desk.begin(&text("r1", ANN), 3);
    assert_eq!(third.unclear, [false, true, false]);
    assert_eq!(third.left, [Some(200), None, None]);
}

#[test]
fn other_words_or_another_card_make_another_text() {
    let desk = Desk::new();
    let first = desk.begin(&text("r1", ANN), 2);
    desk.sent(&first, 0, 200);
    let other = OutgoingText { text: "Posted, with 1 before it.".to_owned(), ..text("r1", ANN) };
    let second = desk.begin(&other, 2);
    assert_eq!(second.left, [None, None]);
    assert_ne!(second.reference, first.reference);
    desk.sent(&second, 0, 201);
    let third = block_on(desk.outbox.begin(&desk.host, "another", &other, 2)).unwrap();
    assert_eq!(third.left, [None, None]);
    // Reports for what was begun anew say nothing of it.
    desk.report(ANN, 200, 0x46);
    assert!(desk.news().is_empty());
}

#[test]
fn a_text_is_forgotten_after_seven_days() {
    let desk = Desk::new();
    let leaving = desk.begin(&text("r1", ANN), 2);
    desk.sent(&leaving, 0, 1);
    desk.advance(7 * DAY_MS);
    assert_eq!(desk.begin(&text("r1", ANN), 2).left, [None, None]);
    let rows = block_on(desk.host.scan("", None, 1000)).unwrap();
    // The text that began now, its parts for the number, and the count of references.
    assert_eq!(rows.len(), 3);
}

#[test]
fn what_is_told_of_a_forgotten_text_or_of_no_part_is_left_alone() {
    let desk = Desk::new();
    let leaving = desk.begin(&text("r1", ANN), 1);
    desk.sent(&leaving, 5, 1);
    desk.advance(7 * DAY_MS);
    desk.sent(&leaving, 0, 1);
    desk.unclear(&leaving, 0);
    desk.done(&leaving);
    assert!(desk.news().is_empty());
}

#[test]
fn two_processes_take_two_references() {
    for commits in 0..2 {
        let desk = Desk::new();
        let other = |host: &FakeHost| {
            block_on(Outbox::new().begin(host, CARD, &text("r2", ANN), 2)).unwrap();
        };
        let host = Overtaken::new(&desk.host.inner, commits, other);
        let first = block_on(desk.outbox.begin(&host, CARD, &text("r1", ANN), 2)).unwrap();
        let second = desk.begin(&text("r2", ANN), 2);
        assert_ne!(first.reference, second.reference);
        assert_eq!(desk.begin(&text("r1", ANN), 2), first);
    }
}

#[test]
fn parts_of_words_that_are_no_longer_sent_are_in_nobodys_way() {
    let desk = Desk::new();
    let first = desk.begin(&text("r1", ANN), 3);
    desk.unclear(&first, 2);
    let shorter = OutgoingText { text: "Posted".to_owned(), ..text("r1", ANN) };
    let anew = desk.begin(&shorter, 2);
    desk.done(&anew);
    let unclear = desk.begin(&text("r2", ANN), 1);
    desk.unclear(&unclear, 0);
    desk.report(ANN, 9, 0);
    assert_eq!(desk.news(), [says("r2", "Delivered", "")]);
}
