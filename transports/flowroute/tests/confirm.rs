//! Reading a message back: only what Flowroute says too is believed.

mod common;

use common::{BASIC, OURS, THEIRS, document, flowroute_with, id};
use cordboard_plugin::{
    Address, CallError, Confirmed, HttpError, Incoming, MediaRef, MessageKey, Target, Transport,
    Trouble,
};
use cordboard_testkit::{FakeHost, START, block_on};
use proptest::prelude::*;
use serde_json::{Value, json};

const NAMED: &str = "https://mms-media-prod.s3.amazonaws.com/x?Signature=s#15550100002-a%20b.gif";
const UNNAMED: &str = "https://mms-media-prod.s3.amazonaws.com/x?Signature=s";

fn message(words: &str, places: &[&str]) -> Incoming {
    let media = places
        .iter()
        .map(|place| MediaRef { place: (*place).to_owned(), claimed_type: String::new() });
    Incoming {
        key: MessageKey { account: "flowroute".to_owned(), id: id(1) },
        from: Address::new(THEIRS),
        to: Address::new(OURS),
        text: words.to_owned(),
        media: media.collect(),
        keyword: None,
        segments: 1,
    }
}

fn confirm(host: &FakeHost, message: &Incoming) -> Result<Confirmed, CallError> {
    block_on(flowroute_with(json!({ "verify": "readback" }), 24).confirm(host, message))
}

/// What is thought of `message` when its record is this one.
fn with_record(message: &Incoming, record: &Value) -> Result<Confirmed, CallError> {
    let host = FakeHost::new();
    host.answer_json(200, record);
    confirm(&host, message)
}

/// A record of the first message, with changed attributes.
fn record(words: &str, changes: Value) -> Value {
    let mut record = document(1, words);
    for (key, value) in changes.as_object().into_iter().flatten() {
        record["data"]["attributes"][key] = value.clone();
    }
    record
}

/// The same with pictures.
fn picture_record(ids: &[&str]) -> Value {
    let mut record = record("", json!({ "is_mms": true, "body": null }));
    let rows: Vec<Value> = ids.iter().map(|id| json!({ "type": "media", "id": id })).collect();
    record["data"]["relationships"] = json!({ "media": { "data": rows } });
    record
}

#[test]
fn a_message_is_read_by_its_id_with_our_keys() {
    let old = "mdr1-febb118b9b034338adfc662a8c02fd88".to_owned();
    for (id, path) in
        [(id(1), format!("/v2.1/messages/{}", id(1))), (old.clone(), format!("/v2/messages/{old}"))]
    {
        let host = FakeHost::new();
        let mut record = document(1, "hi");
        record["data"]["id"] = id.clone().into();
        host.answer_json(200, &record);
        let mut message = message("hi", &[]);
        message.key.id = id;
        assert_eq!(confirm(&host, &message), Ok(Confirmed::Genuine));
        let request = &host.requests()[0];
        assert_eq!(request.method, "GET");
        assert_eq!(request.target, Target::Base { name: "api".to_owned(), path });
        assert_eq!(request.authorization.as_ref().map(|secret| secret.reveal()), Some(BASIC));
    }
}

#[test]
fn the_same_in_another_spelling_is_genuine() {
    for (words, record) in [
        ("hi", record("hi", json!({}))),
        ("hi", record("hi", json!({ "from": "+15550100002", "to": 15_550_100_001_u64 }))),
        ("hi ", record("hi", json!({ "direction": null }))),
        ("", record("", json!({ "body": null }))),
        (
            "👍",
            json!({ "data": { "id": id(1), "from": "15550100002", "to": "15550100001", "body": "👍" } }),
        ),
    ] {
        assert_eq!(with_record(&message(words, &[]), &record), Ok(Confirmed::Genuine), "{record}");
    }
}

#[test]
fn whatever_differs_is_not_known() {
    for changes in [
        json!({ "body": "hi!" }),
        json!({ "body": null }),
        json!({ "from": "15550100003" }),
        json!({ "to": "15550100003" }),
        json!({ "direction": "outbound" }),
    ] {
        let found = with_record(&message("hi", &[]), &record("hi", changes.clone()));
        assert_eq!(found, Ok(Confirmed::Unknown), "{changes}");
    }
}

#[test]
fn pictures_are_compared_as_far_as_both_name_them() {
    let genuine = Ok(Confirmed::Genuine);
    let unknown = Ok(Confirmed::Unknown);
    let not_listed = record("", json!({ "is_mms": true, "body": null }));
    let words_only = record("", json!({ "is_mms": false }));
    for (places, record, expected) in [
        (&[NAMED][..], picture_record(&["15550100002-a b.gif"]), &genuine),
        (&[NAMED], picture_record(&["0.smil", "15550100002-a b.gif"]), &genuine),
        (&[UNNAMED], picture_record(&["15550100002-c.gif"]), &genuine),
        (&[NAMED], not_listed, &genuine),
        (&[], picture_record(&["0.smil"]), &genuine),
        (&[NAMED], picture_record(&["15550100002-c.gif"]), &unknown),
        (&[UNNAMED, UNNAMED], picture_record(&["15550100002-c.gif"]), &unknown),
        (&[UNNAMED], words_only, &unknown),
    ] {
        assert_eq!(&with_record(&message("", places), &record), expected, "{places:?} {record}");
    }
}

#[test]
fn a_record_that_comes_a_little_later_is_waited_for() {
    let host = FakeHost::new();
    host.answer_json(404, &json!({})).answer_json(404, &json!({}));
    host.answer_json(200, &document(1, "hi"));
    assert_eq!(confirm(&host, &message("hi", &[])), Ok(Confirmed::Genuine));
    assert_eq!(host.sleeps(), [START.plus_seconds(2), START.plus_seconds(4)]);
}

#[test]
fn an_id_that_flowroute_does_not_know_is_unknown() {
    let host = FakeHost::new();
    for _ in 0..9 {
        host.answer_json(404, &json!({ "errors": [] }));
    }
    assert_eq!(confirm(&host, &message("hi", &[])), Ok(Confirmed::Unknown));
    assert_eq!(host.requests().len(), 3);
}

#[test]
fn an_old_id_without_a_record_is_told_to_the_operator() {
    let host = FakeHost::new();
    for _ in 0..3 {
        host.answer_json(404, &json!({}));
    }
    let mut message = message("hi", &[]);
    message.key.id = "mdr1-febb118b9b034338adfc662a8c02fd88".to_owned();
    assert_eq!(confirm(&host, &message), Ok(Confirmed::Unknown));
    assert!(host.log_lines()[0].line.contains("set the callback anew"), "{:?}", host.log_lines());
}

#[test]
fn an_id_of_another_form_is_asked_of_nobody() {
    let host = FakeHost::new();
    let mut message = message("hi", &[]);
    message.key.id = "mdr2-../../v2/numbers".to_owned();
    assert_eq!(confirm(&host, &message), Ok(Confirmed::Unknown));
    assert!(host.requests().is_empty());
}

#[test]
fn what_cannot_be_asked_is_asked_later() {
    for (status, body) in [
        (500, json!({})),
        (503, json!({})),
        (429, json!({})),
        (200, json!([])),
        (200, document(2, "hi")),
    ] {
        let host = FakeHost::new();
        host.answer_json(status, &body);
        let found = confirm(&host, &message("hi", &[]));
        assert!(matches!(found, Err(CallError::RetryAfter { .. })), "{status}: {found:?}");
    }
    let host = FakeHost::new();
    host.answer_json(401, &json!({}));
    host.fail(HttpError::Unclear("reset".to_owned()));
    let keys = confirm(&host, &message("hi", &[]));
    assert!(matches!(keys, Err(CallError::Operator { trouble: Trouble::Keys, .. })), "{keys:?}");
    assert!(confirm(&host, &message("hi", &[])).is_err());
}

proptest! {
    #[test]
    fn only_the_message_itself_is_believed(status in 100_u16..600, body in any::<Vec<u8>>()) {
        let host = FakeHost::new();
        for _ in 0..3 {
            host.answer(status, &[], body.clone());
        }
        prop_assert_ne!(confirm(&host, &message("hi", &[])), Ok(Confirmed::Genuine));
    }
}
