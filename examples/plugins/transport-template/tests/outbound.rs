//! The call that sends a text, and what each answer to it means.

#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold must fail the test")]

mod common;

use common::{TOKEN, instance};
use cordboard_plugin::{CallError, OutgoingText, Reason, Receipt, Target, Transport as _, Trouble};
use cordboard_testkit::{FakeHost, block_on};
use serde_json::{Value, json};

fn text() -> OutgoingText {
    OutgoingText {
        key: "reply-1".to_owned(),
        from: "+15550100001".into(),
        to: "+15550100002".into(),
        text: "Posted: \"Hello\"".to_owned(),
        status_url: Some("https://bridge.example.com/hooks/carrier/status".to_owned()),
    }
}

/// What becomes of the text when the provider answers so.
fn sent(status: u16, headers: &[(&str, &str)], body: &Value) -> Result<Receipt, CallError> {
    let host = FakeHost::new();
    host.answer(status, headers, body.to_string());
    block_on(instance().send(&host, &text()))
}

#[test]
fn the_call_is_as_the_provider_documents_it() {
    let host = FakeHost::new();
    host.answer_json(202, &json!({ "id": "out-1", "segments": 2 }));
    let receipt = block_on(instance().send(&host, &text())).expect("accepted");
    assert_eq!((receipt.id.as_str(), receipt.segments), ("out-1", Some(2)));
    let requests = host.requests();
    let [call] = requests.as_slice() else { panic!("not one call: {requests:?}") };
    let target = Target::Base { name: "api".to_owned(), path: "/v1/messages".to_owned() };
    assert_eq!((call.method.as_str(), &call.target), ("POST", &target));
    let token = call.authorization.as_ref().map(|secret| secret.reveal().to_owned());
    assert_eq!(token, Some(format!("Bearer {TOKEN}")));
    let body: Value = serde_json::from_slice(&call.body.0).expect("JSON");
    let expected = json!({
        "from": "+15550100001",
        "to": "+15550100002",
        "text": "Posted: \"Hello\"",
        "reference": "reply-1",
        "status_url": "https://bridge.example.com/hooks/carrier/status",
    });
    assert_eq!(body, expected);
}

#[test]
fn each_error_is_something_else_to_do() {
    type Means = fn(&CallError) -> bool;
    let table: &[(u16, &str, Means)] = &[
        (401, "bad_token", |error| is_trouble(error, Trouble::Keys)),
        (402, "no_credit", |error| is_trouble(error, Trouble::Credit)),
        (403, "forbidden", |error| is_trouble(error, Trouble::Plan)),
        (403, "not_registered", |error| is_trouble(error, Trouble::Registration)),
        (422, "opted_out", |error| is_refused(error, Reason::OptedOut)),
        (422, "invalid_number", |error| is_refused(error, Reason::Unroutable)),
        (422, "anything", |error| is_refused(error, Reason::Other)),
        (408, "", |error| matches!(error, CallError::Unclear { .. })),
        (500, "", |error| matches!(error, CallError::Unclear { .. })),
        (302, "", |error| matches!(error, CallError::Unclear { .. })),
    ];
    for (status, code, means) in table {
        let error = sent(*status, &[], &json!({ "error": { "code": code } })).expect_err(code);
        assert!(means(&error), "{status} {code}: {error:?}");
    }
}

fn is_trouble(error: &CallError, expected: Trouble) -> bool {
    matches!(error, CallError::Operator { trouble, .. } if *trouble == expected)
}

fn is_refused(error: &CallError, expected: Reason) -> bool {
    matches!(error, CallError::Refused(refusal) if refusal.reason == expected)
}

#[test]
fn a_throttled_text_waits_as_long_as_the_provider_asks() {
    for (headers, expected) in [
        (&[("retry-after", "7")][..], Some(7000)),
        (&[("retry-after", "soon")], None),
        (&[("retry-after", "-1")], None),
        (&[], None),
    ] {
        let error = sent(429, headers, &json!({})).expect_err("throttled");
        let CallError::RetryAfter { wait_ms, .. } = error else { panic!("{headers:?}: {error:?}") };
        assert_eq!(wait_ms, expected, "{headers:?}");
    }
}
