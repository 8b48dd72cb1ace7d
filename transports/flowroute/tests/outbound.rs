//! The call that sends a text, and what its answers mean.

#![expect(clippy::expect_used, reason = "what is not as expected must fail the test")]

mod common;

use common::{BASIC, OURS, THEIRS, TOKEN, flowroute};
use cordboard_plugin::{
    Address, CallError, DeliveryState, Host, HttpError, OutgoingText, Reason, Receipt, Secret,
    Target, Transport, Trouble,
};
use cordboard_testkit::{FakeHost, block_on};
use proptest::prelude::*;
use serde_json::{Value, json};

const ID: &str = "mdr2-39cadeace66e11e7aff806cd7f24ba2d";

fn text(words: &str, status_url: Option<&str>) -> OutgoingText {
    OutgoingText {
        key: "reply/17".to_owned(),
        from: Address::new(OURS),
        to: Address::new(THEIRS),
        text: words.to_owned(),
        status_url: status_url.map(str::to_owned),
    }
}

fn send(host: &FakeHost) -> Result<Receipt, CallError> {
    block_on(flowroute().send(host as &dyn Host, &text("Posted", None)))
}

fn accepted() -> Value {
    let link = format!("https://api.flowroute.com/v2.1/messages/{ID}");
    json!({ "data": { "links": { "self": link }, "type": "message", "id": ID } })
}

/// An answer as Flowroute writes errors.
fn error(status: u16, title: &str, detail: &str) -> Value {
    json!({ "errors": [{ "id": "1", "status": status, "title": title, "detail": detail }] })
}

fn outcome(status: u16, body: &Value) -> CallError {
    let host = FakeHost::new();
    host.answer_json(status, body);
    let error = send(&host).expect_err("no success");
    assert_eq!(host.requests().len(), 1, "asked once");
    assert!(!format!("{error:?}").contains("0100002"), "numbers stay out of errors: {error:?}");
    error
}

#[test]
fn a_text_is_posted_with_our_keys_and_where_to_report() {
    for (status_url, callback) in [
        (None, Value::Null),
        (
            Some("https://b.example.com/hooks/flowroute/status?reply=reply%2F17"),
            json!(format!(
                "https://b.example.com/hooks/flowroute/status?reply=reply%2F17&token={TOKEN}"
            )),
        ),
        (
            Some("http://127.0.0.1:8080/hooks/f/status"),
            json!(format!("http://127.0.0.1:8080/hooks/f/status?token={TOKEN}")),
        ),
    ] {
        let host = FakeHost::new();
        host.answer_json(202, &accepted());
        let text = text("Posted ✓ a+b & \"c\"", status_url);
        assert!(block_on(flowroute().send(&host, &text)).is_ok());
        let request = &host.requests()[0];
        assert_eq!(request.method, "POST");
        let path = "/v2.1/messages".to_owned();
        assert_eq!(request.target, Target::Base { name: "api".to_owned(), path });
        assert_eq!(request.authorization, Some(Secret::new(BASIC)));
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        assert_eq!(request.headers, [kind]);
        let body: Value = serde_json::from_slice(&request.body.0).expect("JSON");
        let mut expected =
            json!({ "to": "15550100002", "from": "15550100001", "body": "Posted ✓ a+b & \"c\"" });
        if !callback.is_null() {
            expected["dlr_callback"] = callback;
        }
        assert_eq!(body, expected);
    }
}

#[test]
fn curly_quotes_are_straightened() {
    let host = FakeHost::new();
    host.answer_json(202, &accepted());
    let text = text("‘It’s’ ‚here‛ “or” „there‟ — 3′ «so»", None);
    assert!(block_on(flowroute().send(&host, &text)).is_ok());
    let body: Value = serde_json::from_slice(&host.requests()[0].body.0).expect("JSON");
    assert_eq!(body["body"], "'It's' 'here' \"or\" \"there\" — 3′ «so»");
}

#[test]
fn a_taken_text_has_a_receipt() {
    let priced = json!({ "data": {
        "id": ID,
        "type": "message",
        "attributes": { "price_details": { "charged_cost": "0.0040" } },
    } });
    let old = "mdr1-39cadeace66e11e7aff806cd7f24ba2d";
    for (status, body, id) in [
        (202, accepted(), ID),
        (202, priced, ID),
        (200, json!({ "data": { "id": old } }), old),
        (200, json!({ "id": old }), old),
    ] {
        let host = FakeHost::new();
        host.answer_json(status, &body);
        let expected =
            Receipt { id: id.to_owned(), state: DeliveryState::Accepted, segments: None };
        assert_eq!(send(&host), Ok(expected), "{body}");
    }
}

#[test]
fn an_opted_out_recipient_is_told_apart_wherever_the_code_stands() {
    let mut with_code = error(400, "Bad Request", "no");
    with_code["errors"][0]["code"] = json!(1110);
    let mut with_text_code = error(400, "Bad Request", "no");
    with_text_code["errors"][0]["status_code"] = json!("1110");
    for body in [with_code, with_text_code, error(400, "Bad Request", "Rejected (1110).")] {
        let CallError::Refused(refusal) = outcome(400, &body) else { panic!("{body}") };
        assert_eq!((refusal.reason, refusal.code.as_str()), (Reason::OptedOut, "1110"));
    }
}

#[test]
fn any_other_no_is_refused() {
    for (status, body) in [
        (400, error(400, "Bad Request", "to +15550100002 is 11101")),
        (400, json!({})),
        (409, json!(null)),
        (422, error(422, "Unprocessable Entity", "the number +15550100002 is not valid")),
    ] {
        let CallError::Refused(refusal) = outcome(status, &body) else { panic!("{body}") };
        assert_eq!((refusal.reason, refusal.code), (Reason::Other, format!("HTTP {status}")));
    }
}

#[test]
fn what_the_operator_must_do_disconnects_nobody() {
    let forbidden = |detail: &str| error(403, "Forbidden", detail);
    for (status, body, trouble) in [
        (
            401,
            error(401, "Unauthorized", "There was an issue with your API credentials."),
            Trouble::Keys,
        ),
        (401, json!([]), Trouble::Keys),
        (403, forbidden("You don't have permission to access this resource."), Trouble::Setting),
        (403, json!({}), Trouble::Setting),
        (403, forbidden("Number is not registered for 10DLC."), Trouble::Registration),
        (403, forbidden("An A2P campaign is required"), Trouble::Registration),
        (403, forbidden("Rebranding is not permitted"), Trouble::Setting),
        (404, error(404, "Not Found", ""), Trouble::Setting),
        (405, json!({}), Trouble::Setting),
        (415, json!({}), Trouble::Setting),
    ] {
        let CallError::Operator { trouble: found, .. } = outcome(status, &body) else {
            panic!("{body}")
        };
        assert_eq!(found, trouble, "{body}");
    }
}

#[test]
fn what_was_turned_away_unread_is_tried_again_in_time() {
    for (headers, expected) in [
        (&[][..], None),
        (&[("Retry-After", "30")][..], Some(30_000)),
        (&[("Retry-After", "soon")], None),
    ] {
        let host = FakeHost::new();
        host.answer(429, headers, error(429, "Too Many Requests", "").to_string());
        let Err(CallError::RetryAfter { wait_ms, .. }) = send(&host) else { panic!("{headers:?}") };
        assert_eq!(wait_ms, expected, "{headers:?}");
    }
}

#[test]
fn what_may_have_been_taken_is_unclear() {
    for status in [500, 502, 503, 504, 408, 307] {
        let error = outcome(status, &error(status, "Sorry", "1110"));
        assert!(matches!(error, CallError::Unclear { .. }), "{status} {error:?}");
    }
    let host = FakeHost::new();
    host.answer(202, &[], "{\"data\":");
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

proptest! {
    #[test]
    fn whatever_is_answered_only_an_id_is_a_success(
        status in 100_u16..600,
        body in prop_oneof![any::<Vec<u8>>(), "[\\[\\]{}\":,a-z0-9]{0,60}".prop_map(String::into_bytes)],
    ) {
        let host = FakeHost::new();
        host.answer(status, &[], body);
        if let Ok(receipt) = send(&host) {
            prop_assert!((200..300).contains(&status) && !receipt.id.is_empty());
        }
    }

    #[test]
    fn words_go_out_whole_but_for_their_quotes(words in any::<String>()) {
        let host = FakeHost::new();
        host.answer_json(202, &accepted());
        prop_assert!(block_on(flowroute().send(&host, &text(&words, None))).is_ok());
        let body: Value = serde_json::from_slice(&host.requests()[0].body.0).expect("JSON");
        let sent = body["body"].as_str().unwrap_or_default();
        prop_assert_eq!(sent.chars().count(), words.chars().count());
        for (sent, written) in sent.chars().zip(words.chars()) {
            prop_assert!(sent == written || "'\"".contains(sent));
        }
    }
}
