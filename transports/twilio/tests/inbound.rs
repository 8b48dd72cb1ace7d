//! What each call means. One fixture per case, byte for byte as Twilio sends it; the signatures were
//! made by another implementation.

#![expect(clippy::expect_used, reason = "what is not as expected must fail the test")]

mod common;

use common::{ACCOUNT, OURS, THEIRS, twilio};
use cordboard_plugin::{
    Address, CallError, DeliveryState, Incoming, Keyword, Level, MediaRef, MessageKey, Reason,
    Received, Rejected, StatusUpdate, Transport, Trouble,
};
use cordboard_testkit::{FakeHost, block_on, webhook};

macro_rules! receive {
    ($name:literal) => {
        receive(include_str!(concat!("../fixtures/", $name, ".http"))).1
    };
}

fn receive(fixture: &str) -> (FakeHost, Result<Received, Rejected>) {
    let host = FakeHost::new();
    let outcome = block_on(twilio().receive(&host, webhook(fixture)));
    assert!(host.requests().is_empty(), "a webhook is answered without asking anybody");
    (host, outcome)
}

fn text(id: &str, words: &str) -> Incoming {
    Incoming {
        key: MessageKey { account: format!("twilio:{ACCOUNT}"), id: id.to_owned() },
        from: Address::new(THEIRS),
        to: Address::new(OURS),
        text: words.to_owned(),
        media: Vec::new(),
        keyword: None,
        segments: 1,
    }
}

fn picture(message: u32, media: u32, claimed_type: &str) -> MediaRef {
    let folder = format!("https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages");
    let place = format!("{folder}/MM{message:032}/Media/ME{media:032}");
    MediaRef { place, claimed_type: claimed_type.to_owned() }
}

#[track_caller]
fn check(outcome: Result<Received, Rejected>, expected: Incoming) {
    let received = outcome.expect("a genuine call");
    assert_eq!(received.messages, [expected]);
    assert!(received.statuses.is_empty());
    assert_eq!(received.answer.status, 200);
    assert_eq!(received.answer.headers, [("content-type".to_owned(), "text/xml".to_owned())]);
    let twiml = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;
    assert_eq!(received.answer.body.0, twiml.as_bytes());
}

#[test]
fn a_text_keeps_every_code_point_and_its_final_space() {
    let words = "Ahoy! café 👍🏽 a+b & c=d ";
    check(receive!("text_emoji"), text("SM00000000000000000000000000000001", words));
}

#[test]
fn the_fallback_address_brings_the_same_message() {
    let first = receive!("text_emoji").map(|received| received.messages);
    let second = receive!("fallback").map(|received| received.messages);
    assert_eq!(first, second);
    assert!(first.is_ok());
}

#[test]
fn segments_are_as_twilio_counts_them() {
    let words = "word ".repeat(100);
    let expected = Incoming { segments: 4, ..text("SM00000000000000000000000000000002", &words) };
    check(receive!("text_long"), expected);
}

#[test]
fn a_short_code_is_a_sender_too() {
    let base = text("SM00000000000000000000000000000003", "Your code");
    check(receive!("text_from_short_code"), Incoming { from: Address::new("55501"), ..base });
}

#[test]
fn parameters_nobody_knows_are_passed_over() {
    check(receive!("text_new_parameters"), text("SM00000000000000000000000000000004", "Hi"));
}

#[test]
fn a_get_is_a_text_as_well() {
    check(receive!("text_by_get"), text("SM00000000000000000000000000000016", "by GET ✓"));
}

#[test]
fn pictures_need_no_words() {
    let media = vec![picture(5, 1, "image/jpeg"), picture(5, 2, "image/png")];
    let expected = Incoming { media, ..text("MM00000000000000000000000000000005", "") };
    check(receive!("picture_without_words"), expected);
}

#[test]
fn a_picture_without_a_place_or_type_is_tolerated() {
    let media = vec![picture(6, 1, ""), picture(6, 3, "image/gif")];
    let expected = Incoming { media, ..text("MM00000000000000000000000000000006", "Look") };
    check(receive!("picture_place_missing"), expected);
}

#[test]
fn ten_pictures_are_taken_at_most() {
    let media = (1..=10).map(|nth| picture(7, nth, "image/png")).collect();
    let expected = Incoming { media, ..text("MM00000000000000000000000000000007", "Many") };
    check(receive!("pictures_twelve"), expected);
}

#[test]
fn advanced_opt_out_names_its_keyword() {
    let base = text("SM00000000000000000000000000000008", "Stop");
    let expected = Incoming { keyword: Some(Keyword::Stop), ..base };
    check(receive!("stop_by_advanced_opt_out"), expected);
}

#[test]
fn what_is_not_ours_or_says_too_little_is_rejected() {
    for (outcome, status, reason) in [
        (receive!("unsigned"), 403, "not signed"),
        (receive!("signed_for_other_url"), 403, "wrong signature"),
        (receive!("one_byte_more"), 403, "wrong signature"),
        (receive!("other_account"), 403, "for another account"),
        (receive!("re_targeted"), 403, "re-targeted: for a number that is not ours"),
        (receive!("no_messagesid"), 400, "no MessageSid"),
        (receive!("no_from"), 400, "no From"),
        (receive!("from_empty"), 400, "no From"),
        (receive!("no_to"), 400, "no To"),
        (receive!("no_accountsid"), 400, "no AccountSid"),
        (receive!("not_utf8"), 400, "a parameter is not UTF-8"),
        (receive!("elsewhere"), 404, "no such webhook"),
        (receive!("status_unsigned"), 403, "not signed"),
        (receive!("status_other_reply"), 403, "wrong signature"),
        (receive!("status_without_id"), 400, "no MessageSid"),
    ] {
        assert_eq!(outcome, Err(Rejected { status, reason: reason.to_owned() }));
    }
}

#[test]
fn a_re_targeted_number_is_told_to_the_operator_by_two_digits() {
    let (host, _) = receive(include_str!("../fixtures/re_targeted.http"));
    let lines = host.log_lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, Level::Warn);
    assert!(lines[0].line.contains("…09"), "{}", lines[0].line);
    assert!(!lines[0].line.contains("0100009"), "{}", lines[0].line);
}

fn statuses(outcome: Result<Received, Rejected>) -> Vec<StatusUpdate> {
    let received = outcome.expect("a genuine call");
    assert!(received.messages.is_empty());
    assert_eq!(received.answer.status, 204);
    assert!(received.answer.body.0.is_empty());
    received.statuses
}

#[test]
fn a_report_carries_our_key_and_what_became_of_the_text() {
    let opted_out = CallError::refused(Reason::OptedOut, "21610", "the recipient has opted out");
    for (outcome, state, code, error) in [
        (receive!("status_sent"), DeliveryState::Sent, None, None),
        (receive!("status_delivered"), DeliveryState::Delivered, None, None),
        (receive!("status_handset_off"), DeliveryState::Undelivered, Some("30003"), None),
        (receive!("status_opted_out"), DeliveryState::Failed, Some("21610"), Some(opted_out)),
    ] {
        let expected = StatusUpdate {
            id: "SM00000000000000000000000000000021".to_owned(),
            reply_key: Some("reply/17".to_owned()),
            state,
            code: code.map(str::to_owned),
            error,
        };
        assert_eq!(statuses(outcome), [expected]);
    }
}

#[test]
fn a_report_of_an_unregistered_line_is_for_the_operator() {
    let updates = statuses(receive!("status_unregistered"));
    let error = updates[0].error.as_ref();
    assert!(
        matches!(error, Some(CallError::Operator { trouble: Trouble::Registration, .. })),
        "{error:?}"
    );
}

#[test]
fn a_report_without_our_key_still_counts() {
    let updates = statuses(receive!("status_without_reply"));
    assert_eq!(updates[0].reply_key, None);
    assert_eq!(updates[0].state, DeliveryState::Delivered);
}

#[test]
fn a_state_nobody_knows_is_logged_and_acknowledged() {
    let (host, outcome) = receive(include_str!("../fixtures/status_unknown_word.http"));
    assert_eq!(statuses(outcome), []);
    assert!(host.log_lines()[0].line.contains("partiallydelivered"));
}
