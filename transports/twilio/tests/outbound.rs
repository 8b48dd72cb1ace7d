//! The call that sends a text, and what its answers mean.

#![expect(clippy::expect_used, reason = "what is not as expected must fail the test")]

mod common;

use common::{BASIC, OURS, THEIRS, twilio};
use cordboard_plugin::{
    Address, CallError, DeliveryState, Host, HttpError, OutgoingText, Reason, Receipt, Secret,
    Target, Transport, Trouble,
};
use cordboard_testkit::{FakeHost, block_on};
use serde_json::json;

fn text(status_url: Option<&str>) -> OutgoingText {
    OutgoingText {
        key: "reply/17".to_owned(),
        from: Address::new(OURS),
        to: Address::new(THEIRS),
        text: "Posted ✓ a+b & c=d".to_owned(),
        status_url: status_url.map(str::to_owned),
    }
}

fn send(host: &FakeHost) -> Result<Receipt, CallError> {
    block_on(twilio().send(host as &dyn Host, &text(None)))
}

/// What an answer with this status and code comes to.
fn outcome(status: u16, code: u32) -> CallError {
    let host = FakeHost::new();
    host.answer_json(
        status,
        &json!({ "code": code, "message": "to +15550100002", "status": status }),
    );
    let error = send(&host).expect_err("no success");
    assert_eq!(host.requests().len(), 1, "asked once");
    assert!(!format!("{error:?}").contains("0100002"), "numbers stay out of errors: {error:?}");
    error
}

#[test]
fn a_text_is_posted_with_our_keys_and_where_to_report() {
    for (status_url, callback) in [
        (None, ""),
        (
            Some("https://b.example.com/hooks/twilio/status?reply=reply%2F17"),
            "&StatusCallback=https%3A%2F%2Fb.example.com%2Fhooks%2Ftwilio%2Fstatus%3Freply%3Dreply%252F17",
        ),
        (
            Some("http://127.0.0.1:8080/hooks/t/status"),
            "&StatusCallback=http%3A%2F%2F127.0.0.1%3A8080%2Fhooks%2Ft%2Fstatus",
        ),
        (Some("https://my_bridge.example.com/hooks/twilio/status"), ""),
    ] {
        let host = FakeHost::new();
        host.answer_json(201, &json!({ "sid": "SM1", "status": "queued" }));
        assert!(block_on(twilio().send(&host, &text(status_url))).is_ok());
        let request = &host.requests()[0];
        let path = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json";
        assert_eq!(request.method, "POST");
        assert_eq!(request.target, Target::Base { name: "api".to_owned(), path: path.to_owned() });
        assert_eq!(request.authorization, Some(Secret::new(BASIC)));
        let body = String::from_utf8_lossy(&request.body.0).into_owned();
        let fields = "To=%2B15550100002&From=%2B15550100001&Body=Posted+%E2%9C%93+a%2Bb+%26+c%3Dd";
        assert_eq!(body, format!("{fields}{callback}"));
    }
}

#[test]
fn a_taken_text_has_a_receipt() {
    for (status, segments, state, counted) in [
        ("queued", "2", DeliveryState::Accepted, Some(2)),
        ("accepted", "0", DeliveryState::Accepted, None),
        ("scheduled", "1", DeliveryState::Accepted, Some(1)),
        ("sending", "1", DeliveryState::Accepted, Some(1)),
        ("sent", "1", DeliveryState::Sent, Some(1)),
        ("delivered", "1", DeliveryState::Delivered, Some(1)),
        ("undelivered", "1", DeliveryState::Undelivered, Some(1)),
        ("failed", "1", DeliveryState::Failed, Some(1)),
        ("sparkling", "many", DeliveryState::Accepted, None),
    ] {
        let host = FakeHost::new();
        let body = json!({ "sid": "SM1", "status": status, "num_segments": segments });
        host.answer_json(201, &body);
        let expected = Receipt { id: "SM1".to_owned(), state, segments: counted };
        assert_eq!(send(&host), Ok(expected), "{status}");
    }
}

#[test]
fn a_final_no_is_refused_with_its_code() {
    for (code, reason) in [
        (21211, Reason::Unroutable),
        (21266, Reason::Other),
        (21602, Reason::Content),
        (21610, Reason::OptedOut),
        (21612, Reason::Unroutable),
        (21614, Reason::Unroutable),
        (21617, Reason::TooLong),
        (21635, Reason::Unroutable),
        (30004, Reason::Other),
        (30005, Reason::Unroutable),
        (30006, Reason::Unroutable),
        (30007, Reason::Other),
        (99999, Reason::Other),
    ] {
        let CallError::Refused(refusal) = outcome(400, code) else { panic!("{code}") };
        assert_eq!((refusal.reason, refusal.code), (reason, code.to_string()));
    }
}

#[test]
fn what_the_operator_must_do_disconnects_nobody() {
    for (status, code, trouble) in [
        (401, 20003, Trouble::Keys),
        (401, 12345, Trouble::Keys),
        (403, 20005, Trouble::Plan),
        (404, 20404, Trouble::Setting),
        (400, 21408, Trouble::Setting),
        (403, 21408, Trouble::Setting),
        (400, 21606, Trouble::Setting),
        (400, 21659, Trouble::Setting),
        (400, 21660, Trouble::Setting),
        (400, 21661, Trouble::Setting),
        (400, 21608, Trouble::Registration),
        (400, 30032, Trouble::Registration),
        (400, 30034, Trouble::Registration),
        (400, 30035, Trouble::Registration),
    ] {
        let CallError::Operator { trouble: found, .. } = outcome(status, code) else {
            panic!("{code}")
        };
        assert_eq!(found, trouble, "{code}");
    }
}

#[test]
fn what_was_turned_away_unread_is_tried_again_in_time() {
    let hour = 3_600_000;
    for (status, code, expected) in [
        (429, 20429, None),
        (429, 99999, None),
        (400, 21611, Some(hour)),
        (400, 30001, None),
        (400, 30022, None),
        (400, 30023, Some(6 * hour)),
        (400, 30027, Some(6 * hour)),
    ] {
        let CallError::RetryAfter { wait_ms, .. } = outcome(status, code) else { panic!("{code}") };
        assert_eq!(wait_ms, expected, "{code}");
    }
}

#[test]
fn what_may_have_been_taken_is_unclear() {
    for (status, code) in [(500, 20500), (503, 20503), (504, 20504), (502, 0), (408, 0), (307, 0)] {
        assert!(matches!(outcome(status, code), CallError::Unclear { .. }), "{status} {code}");
    }
    let host = FakeHost::new();
    host.answer(201, &[], "{\"sid\":");
    assert!(matches!(send(&host), Err(CallError::Unclear { .. })));
}

#[test]
fn a_call_that_was_not_made_is_told_apart_from_a_lost_answer() {
    let host = FakeHost::new();
    host.fail(HttpError::Unreachable("dns".to_owned()));
    host.fail(HttpError::Unclear("reset".to_owned()));
    host.fail(HttpError::Forbidden("private".to_owned()));
    assert!(matches!(send(&host), Err(CallError::Unreachable { .. })));
    assert!(matches!(send(&host), Err(CallError::Unclear { .. })));
    let forbidden = send(&host);
    assert!(
        matches!(forbidden, Err(CallError::Operator { trouble: Trouble::Setting, .. })),
        "{forbidden:?}"
    );
}
