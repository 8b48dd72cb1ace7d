use super::*;
use crate::inbox::tests::{BOB, DAY_MS};

#[test]
fn a_text_is_delivered_when_all_its_parts_are() {
    let desk = Desk::new();
    let leaving = desk.begin(&text("r1", ANN), 3);
    for part in 0..3_u8 {
        desk.sent(&leaving, usize::from(part), 250 + part);
    }
    desk.done(&leaving);
    desk.report(ANN, 252, 0);
    desk.report(ANN, 250, 0);
    assert!(desk.news().is_empty());
    desk.report(ANN, 251, 0);
    desk.report(ANN, 251, 0);
    assert_eq!(desk.news(), [says("r1", "Delivered", "")]);
    assert_eq!(desk.host.inner.statuses()[0].id, leaving.id);
}

#[test]
fn a_text_is_undelivered_when_one_part_is_and_that_is_said_once() {
    let desk = Desk::new();
    let leaving = desk.begin(&text("r1", ANN), 3);
    for part in 0..3_u8 {
        desk.sent(&leaving, usize::from(part), part);
    }
    for (mr, status) in [(0, 0), (1, 0x46), (2, 0x41)] {
        desk.report(ANN, mr, status);
    }
    assert_eq!(desk.news(), [says("r1", "Undelivered", "ST 70")]);
}

#[test]
fn a_centre_that_still_tries_or_does_not_know_says_nothing() {
    let desk = Desk::new();
    desk.leave(&text("r1", ANN), 7);
    desk.report(ANN, 7, 0x30);
    desk.report(ANN, 7, 0x20);
    assert!(desk.news().is_empty());
    desk.report(ANN, 7, 0x00);
    assert_eq!(desk.news(), [says("r1", "Delivered", "")]);
    desk.leave(&text("r2", ANN), 8);
    desk.report(ANN, 8, 0x02);
    assert_eq!(desk.news().len(), 1);
}

#[test]
fn a_number_is_known_by_its_last_eight_digits() {
    for to in [ANN, "5550100023", "15550100023", "50100023"] {
        let desk = Desk::new();
        desk.leave(&text("r1", ANN), 7);
        desk.report(to, 7, 0);
        assert_eq!(desk.news().len(), 1, "{to}");
    }
    for to in [BOB, "100023", "12345"] {
        let desk = Desk::new();
        desk.leave(&text("r1", ANN), 7);
        desk.report(to, 7, 0);
        assert!(desk.news().is_empty(), "{to}");
        assert_eq!(desk.host.inner.metric_count("modem_reports_unmatched_total"), 1);
    }
}

#[test]
fn a_number_of_the_modem_that_came_round_is_the_newest_text() {
    let desk = Desk::new();
    desk.leave(&text("r1", ANN), 7);
    desk.advance(DAY_MS);
    desk.leave(&text("r2", ANN), 7);
    desk.report(ANN, 7, 0);
    assert_eq!(desk.news(), [says("r2", "Delivered", "")]);
    desk.report(ANN, 7, 0);
    assert_eq!(desk.news().len(), 2);
}

#[test]
fn a_report_of_another_card_or_after_seven_days_is_about_nothing_of_ours() {
    let desk = Desk::new();
    desk.leave(&text("r1", ANN), 7);
    let at = desk.now();
    block_on(desk.settle("another", &report(ANN, 7, 0, at))).unwrap();
    assert!(desk.news().is_empty());
    desk.advance(7 * DAY_MS);
    desk.report(ANN, 7, 0);
    assert!(desk.news().is_empty());
}

#[test]
fn what_is_remembered_of_a_number_is_bounded() {
    let desk = Desk::new();
    for n in 0..400_u16 {
        desk.leave(&text(&format!("r{n}"), ANN), u8::try_from(n % 256).unwrap());
    }
    let (_, sent) = block_on(desk.host.scan("sent/", None, 10)).unwrap().remove(0);
    assert!(sent.value.0.len() < 16_000, "{}", sent.value.0.len());
    // 399 is 143 once round.
    desk.report(ANN, 143, 0);
    assert_eq!(desk.news(), [says("r399", "Delivered", "")]);
    // 300 is one too old.
    desk.report(ANN, 299_u16.to_le_bytes()[0], 0);
    assert_eq!(desk.news().len(), 1);
}
