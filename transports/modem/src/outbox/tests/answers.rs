use super::*;
use crate::inbox::tests::{BOB, DAY_MS};

#[test]
fn a_text_that_leaves_as_it_should_is_told_by_its_receipt_alone() {
    let desk = Desk::new();
    desk.leave(&text("r1", ANN), 7);
    assert!(desk.news().is_empty());
}

#[test]
fn a_late_answer_tells_that_an_unclear_text_was_sent() {
    let story = |desk: &Desk| {
        block_on(async {
            let (host, outbox) = (&desk.host, &desk.outbox);
            let leaving = outbox.begin(host, CARD, &text("r1", ANN), 2).await?;
            outbox.part_sent(host, &leaving, 0, 7).await?;
            outbox.part_unclear(host, &leaving, 1).await?;
            outbox.done(host, &leaving).await?;
            outbox.part_sent(host, &leaving, 1, 8).await
        })
    };
    killed_anywhere(Desk::new, story, |desk| {
        assert_eq!(desk.news(), [says("r1", "Sent", "")]);
    });
}

#[test]
fn a_text_whose_other_parts_never_left_stays_unclear() {
    let desk = Desk::new();
    let leaving = desk.begin(&text("r1", ANN), 2);
    desk.unclear(&leaving, 0);
    desk.done(&leaving);
    desk.sent(&leaving, 0, 7);
    assert!(desk.news().is_empty());
}

#[test]
fn an_answer_that_is_told_twice_is_told_once() {
    let desk = Desk::new();
    let leaving = desk.begin(&text("r1", ANN), 1);
    desk.unclear(&leaving, 0);
    desk.sent(&leaving, 0, 7);
    desk.sent(&leaving, 0, 7);
    desk.unclear(&leaving, 0);
    assert_eq!(desk.news(), [says("r1", "Sent", "")]);
    assert_eq!(desk.begin(&text("r1", ANN), 1).left, [Some(7)]);
}

#[test]
fn a_report_settles_the_only_unclear_part_for_its_number() {
    for (status, state, code) in [
        (0x00, "Delivered", ""),
        (0x30, "Sent", ""),
        (0x01, "Sent", ""),
        (0x46, "Undelivered", "ST 70"),
    ] {
        let desk = Desk::new();
        let leaving = desk.begin(&text("r1", ANN), 1);
        desk.unclear(&leaving, 0);
        desk.done(&leaving);
        desk.report(BOB, 99, status);
        assert!(desk.news().is_empty(), "somebody else");
        desk.report(ANN, 99, status);
        assert_eq!(desk.news(), [says("r1", state, code)]);
        assert_eq!(desk.begin(&text("r1", ANN), 1).left, [Some(99)]);
    }
}

#[test]
fn a_report_that_may_be_about_two_unclear_parts_settles_none() {
    let desk = Desk::new();
    for key in ["r1", "r2"] {
        let leaving = desk.begin(&text(key, ANN), 1);
        desk.unclear(&leaving, 0);
        desk.done(&leaving);
    }
    desk.report(ANN, 99, 0);
    assert!(desk.news().is_empty());
}

#[test]
fn a_report_for_a_part_with_a_number_settles_no_unclear_one() {
    let desk = Desk::new();
    let leaving = desk.begin(&text("r1", ANN), 1);
    desk.unclear(&leaving, 0);
    desk.done(&leaving);
    desk.leave(&text("r2", ANN), 99);
    desk.report(ANN, 99, 0);
    assert_eq!(desk.news(), [says("r2", "Delivered", "")]);
}

#[test]
fn a_report_that_is_quicker_than_the_answer_waits_for_it() {
    let desk = Desk::new();
    let unclear = desk.begin(&text("r1", ANN), 1);
    desk.unclear(&unclear, 0);
    desk.done(&unclear);
    let leaving = desk.begin(&text("r2", ANN), 1);
    desk.report(ANN, 99, 0);
    assert!(desk.news().is_empty(), "it may be about the one that is being sent");
    desk.sent(&leaving, 0, 99);
    assert_eq!(desk.news(), [says("r2", "Delivered", "")]);
}

#[test]
fn a_text_that_did_not_leave_is_in_nobodys_way() {
    let desk = Desk::new();
    let unclear = desk.begin(&text("r1", ANN), 1);
    desk.unclear(&unclear, 0);
    desk.done(&unclear);
    let refused = desk.begin(&text("r2", ANN), 1);
    desk.done(&refused);
    desk.report(ANN, 99, 0);
    assert_eq!(desk.news(), [says("r1", "Delivered", "")]);
    // And one whose call was dropped is no longer on its way after ten minutes.
    let desk = Desk::new();
    let unclear = desk.begin(&text("r1", ANN), 1);
    desk.unclear(&unclear, 0);
    desk.done(&unclear);
    let dropped = desk.begin(&text("r2", ANN), 1);
    desk.advance(600_000);
    desk.report(ANN, 99, 0);
    assert!(desk.news().is_empty(), "it may be about either");
    desk.sent(&dropped, 0, 98);
    desk.report(ANN, 99, 0);
    assert_eq!(desk.news(), [says("r1", "Delivered", "")]);
}

#[test]
fn a_report_settles_the_part_at_which_a_process_died() {
    for (status, state) in [(0x00, "Delivered"), (0x30, "Sent")] {
        let mut desk = Desk::new();
        let leaving = desk.begin(&text("r1", ANN), 1);
        desk.report(BOB, 99, status);
        desk.outbox = Outbox::new();
        desk.report(ANN, 99, status);
        assert_eq!(desk.news(), [says("r1", state, "")]);
        assert_eq!(desk.begin(&text("r1", ANN), 1).left, [Some(99)]);
        assert_eq!(leaving.left, [None]);
    }
}

#[test]
fn of_a_long_text_whose_process_died_only_the_next_part_may_have_left() {
    let mut desk = Desk::new();
    let leaving = desk.begin(&text("r1", ANN), 3);
    desk.sent(&leaving, 0, 1);
    desk.outbox = Outbox::new();
    desk.report(ANN, 2, 0);
    assert_eq!(desk.begin(&text("r1", ANN), 3).left, [Some(1), Some(2), None]);
    assert!(desk.news().is_empty());
}

#[test]
fn a_doubt_is_over_after_seven_days() {
    let desk = Desk::new();
    let unclear = desk.begin(&text("r1", ANN), 1);
    desk.unclear(&unclear, 0);
    desk.done(&unclear);
    desk.advance(6 * DAY_MS);
    desk.leave(&text("r2", ANN), 5);
    desk.advance(2 * DAY_MS);
    let unclear = desk.begin(&text("r3", ANN), 1);
    desk.unclear(&unclear, 0);
    desk.report(ANN, 99, 0);
    assert_eq!(desk.news(), [says("r3", "Delivered", "")]);
}
