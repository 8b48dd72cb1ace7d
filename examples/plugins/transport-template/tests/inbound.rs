//! Webhook calls, byte for byte as the provider sends them, and what they mean.

#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold must fail the test")]

mod common;

use common::instance;
use cordboard_plugin::{DeliveryState, Received, Rejected, Transport as _};
use cordboard_testkit::{FakeHost, block_on, webhook};

fn received(fixture: &str) -> Result<Received, Rejected> {
    let path = format!("fixtures/{fixture}.http");
    let text = std::fs::read_to_string(&path).expect(&path);
    block_on(instance().receive(&FakeHost::new(), webhook(&text)))
}

#[test]
fn texts_arrive_as_they_were_sent() {
    for (fixture, id, from, text, segments) in [
        ("text", "m-1", "+15550100002", "Hello", 1),
        ("text_accents", "m-2", "+15550100002", "café 👍, two lines\nand a space ", 2),
        ("text_without_segments", "m-3", "12345", "", 1),
    ] {
        let received = received(fixture).expect(fixture);
        assert_eq!(received.answer.status, 204, "{fixture}");
        let [message] = received.messages.as_slice() else { panic!("{fixture}: not one") };
        assert_eq!(message.key.id, id, "{fixture}");
        assert_eq!(message.from.reveal(), from, "{fixture}");
        assert_eq!(message.to.reveal(), "+15550100001", "{fixture}");
        assert_eq!((message.text.as_str(), message.segments), (text, segments), "{fixture}");
    }
}

#[test]
fn reports_say_what_became_of_a_text() {
    for (fixture, key, state, code) in [
        ("status_delivered", Some("reply-1"), DeliveryState::Delivered, None),
        ("status_failed", Some("reply-1"), DeliveryState::Failed, Some("30")),
        ("status_unknown_word", Some("reply-1"), DeliveryState::Accepted, None),
        ("status_without_reference", None, DeliveryState::Undelivered, None),
    ] {
        let received = received(fixture).expect(fixture);
        let [status] = received.statuses.as_slice() else { panic!("{fixture}: not one") };
        assert_eq!(status.id, "out-1", "{fixture}");
        assert_eq!(status.reply_key.as_deref(), key, "{fixture}");
        assert_eq!((status.state, status.code.as_deref()), (state, code), "{fixture}");
    }
}

#[test]
fn an_event_of_another_kind_is_answered_and_left_alone() {
    let received = received("unknown_event").expect("answered");
    assert!(received.messages.is_empty() && received.statuses.is_empty());
}

#[test]
fn what_is_not_genuine_or_cannot_be_read_is_rejected() {
    for (fixture, status) in [
        ("forged_no_signature", 403),
        ("forged_empty_signature", 403),
        ("forged_other_scheme", 403),
        ("forged_cut_signature", 403),
        ("forged_other_words", 403),
        ("forged_status", 403),
        ("by_get", 405),
        ("not_json", 400),
        ("text_without_id", 400),
        ("text_without_sender", 400),
    ] {
        let rejected = received(fixture).expect_err(fixture);
        assert_eq!(rejected.status, status, "{fixture}: {rejected}");
    }
}
