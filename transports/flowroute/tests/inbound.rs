//! What each call means. One fixture per case, byte for byte as Flowroute sends it.

#![expect(clippy::expect_used, reason = "what is not as expected must fail the test")]

mod common;

use common::{HOOK, OURS, THEIRS, callback, document, flowroute, flowroute_with, id, token};
use cordboard_plugin::{
    Address, CallError, DeliveryState, HttpCall, Incoming, Level, MediaRef, MessageKey, Reason,
    Received, Rejected, StateError, StatusUpdate, Transport,
};
use cordboard_testkit::{FakeHost, block_on, webhook};
use proptest::prelude::*;
use serde_json::json;

const WORDS: &str = "Ahoy! café 👍🏽 a+b & c=d ";
const BUCKET: &str = "https://mms-media-prod.s3.amazonaws.com";
const SIGNED: &str = "?AWSAccessKeyId=ASIAEXAMPLE&Expires=1793000000&x-amz-security-token=t%2Fk%3D&Signature=s%2Bg%3D";

macro_rules! receive {
    ($name:literal) => {
        receive(include_str!(concat!("../fixtures/", $name, ".http"))).1
    };
}

fn receive(fixture: &str) -> (FakeHost, Result<Received, Rejected>) {
    let host = FakeHost::new();
    let outcome = block_on(flowroute().receive(&host, webhook(fixture)));
    assert!(host.requests().is_empty(), "a callback is answered without asking anybody");
    (host, outcome)
}

fn text(nth: u32, words: &str) -> Incoming {
    Incoming {
        key: MessageKey { account: "flowroute".to_owned(), id: id(nth) },
        from: Address::new(THEIRS),
        to: Address::new(OURS),
        text: words.to_owned(),
        media: Vec::new(),
        keyword: None,
        segments: 1,
    }
}

fn picture(place: &str, claimed_type: &str) -> MediaRef {
    MediaRef { place: place.to_owned(), claimed_type: claimed_type.to_owned() }
}

/// Flowroute takes nothing but 200 for an answer.
#[track_caller]
fn answered(outcome: Result<Received, Rejected>) -> Received {
    let received = outcome.expect("a call that is believed");
    assert_eq!(received.answer.status, 200);
    assert!(received.answer.body.0.is_empty());
    received
}

#[track_caller]
fn check(outcome: Result<Received, Rejected>, expected: Incoming) {
    let received = answered(outcome);
    assert_eq!(received.messages, [expected]);
    assert!(received.statuses.is_empty());
}

#[test]
fn one_message_is_the_same_in_every_spelling() {
    for outcome in [
        receive!("same_v2"),
        receive!("same_v21"),
        receive!("same_v22"),
        receive!("same_plus"),
        receive!("same_ten_digits"),
        receive!("same_json_number"),
        receive!("same_text_plain"),
        receive!("same_token_escaped"),
    ] {
        check(outcome, text(1, WORDS));
    }
}

#[test]
fn an_id_of_the_first_generation_is_a_key_as_well_and_is_noted() {
    let (host, outcome) = receive(include_str!("../fixtures/v2_old_id.http"));
    let received = answered(outcome);
    assert_eq!(received.messages[0].key.id, "mdr1-febb118b9b034338adfc662a8c02fd88");
    assert_eq!(received.messages[0].text, "Hello there from a phone!");
    let noted = block_on(cordboard_plugin::Host::get(&host, "old_ids_until")).expect("state");
    assert!(noted.is_some());
}

#[test]
fn an_old_id_that_cannot_be_noted_is_asked_for_again() {
    let host = FakeHost::new();
    host.fail_state(StateError::Unavailable("disk".to_owned()));
    let call = webhook(include_str!("../fixtures/v2_old_id.http"));
    let outcome = block_on(flowroute().receive(&host, call));
    assert_eq!(outcome.map_err(|rejected| rejected.status), Err(503));
}

#[test]
fn words_may_be_null_or_left_out() {
    check(receive!("no_words"), text(2, ""));
    check(receive!("no_body"), text(3, ""));
}

#[test]
fn a_long_text_is_as_many_segments_as_are_billed() {
    let expected = Incoming { segments: 4, ..text(4, &"word ".repeat(100)) };
    check(receive!("long"), expected);
}

#[test]
fn a_short_code_is_a_sender_too() {
    check(
        receive!("from_short_code"),
        Incoming { from: Address::new("55501"), ..text(5, "Your code") },
    );
}

#[test]
fn keys_nobody_knows_are_passed_over() {
    check(receive!("new_keys"), text(6, "Hi"));
}

#[test]
fn pictures_need_no_words() {
    let media = vec![
        picture(
            &format!("{BUCKET}/15550100002-IMG_1.jpg{SIGNED}#15550100002-IMG_1.jpg"),
            "image/jpeg",
        ),
        picture(
            &format!("{BUCKET}/15550100002-IMG%202.png{SIGNED}#15550100002-IMG%202.png"),
            "image/png",
        ),
    ];
    check(receive!("mms_v21"), Incoming { media, ..text(7, "") });
}

#[test]
fn a_picture_counts_though_its_ids_differ() {
    let place = "https://s3.us-west-2.amazonaws.com/flowroute-messaging-media/1790000000-IMG_1.jpg";
    let media = vec![picture(place, "image/jpeg")];
    check(receive!("mms_v22"), Incoming { media, ..text(8, "Look") });
}

#[test]
fn smil_and_texts_among_the_pictures_are_none() {
    let media = vec![picture(&format!("{BUCKET}/1-a.gif{SIGNED}#1-a.gif"), "image/gif")];
    check(receive!("mms_smil"), Incoming { media, ..text(9, "") });
}

#[test]
fn pictures_that_are_not_included_are_named_by_their_ids() {
    let place = "https://api.flowroute.com/v2.1/media/15550100002-IMG%20%3F%2F..%25.jpg";
    let media = vec![picture(place, "")];
    check(receive!("mms_not_included"), Incoming { media, ..text(10, "Look") });
}

#[test]
fn a_picture_without_a_place_or_type_is_tolerated() {
    let media = vec![
        picture(&format!("{BUCKET}/1-a.gif{SIGNED}"), "image/gif"),
        picture(&format!("{BUCKET}/1-d"), ""),
    ];
    check(receive!("mms_broken_items"), Incoming { media, ..text(11, "Some") });
}

#[test]
fn ten_pictures_are_taken_at_most() {
    let place = |nth: u32| format!("{BUCKET}/{nth}-a.png");
    let media = (1..=10).map(|nth| picture(&place(nth), "image/png")).collect();
    check(receive!("mms_twelve"), Incoming { media, ..text(12, "Many") });
}

#[test]
fn what_we_sent_is_no_message() {
    let received = answered(receive!("outbound"));
    assert!(received.messages.is_empty() && received.statuses.is_empty());
}

#[test]
fn a_text_at_the_address_for_receipts_is_not_lost() {
    check(receive!("text_at_the_status"), text(18, "hi"));
}

#[test]
fn what_is_not_believed_or_says_too_little_is_rejected() {
    for (outcome, status, reason) in [
        (receive!("no_token"), 403, "no token"),
        (receive!("empty_token"), 403, "no token"),
        (receive!("wrong_token"), 403, "wrong token"),
        (receive!("short_token"), 403, "wrong token"),
        (receive!("status_no_token"), 403, "no token"),
        (receive!("other_number"), 403, "for a number that is not ours"),
        (receive!("elsewhere"), 404, "no such webhook"),
        (receive!("by_get"), 405, "not a POST"),
        (receive!("not_json"), 400, "not JSON"),
        (receive!("no_id"), 400, "no id of a message"),
        (receive!("foreign_id"), 400, "no id of a message"),
        (receive!("no_from"), 400, "no from"),
        (receive!("no_to"), 400, "no to"),
        (receive!("body_is_a_list"), 400, "a body that is no text"),
        (receive!("status_without_id"), 400, "no id of a message"),
    ] {
        assert_eq!(outcome, Err(Rejected { status, reason: reason.to_owned() }));
    }
}

#[test]
fn a_number_that_is_not_ours_is_told_to_the_operator_by_two_digits() {
    let (host, _) = receive(include_str!("../fixtures/other_number.http"));
    let lines = host.log_lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].level, Level::Warn);
    assert!(lines[0].line.contains("…09"), "{}", lines[0].line);
    assert!(!lines[0].line.contains("0100009"), "{}", lines[0].line);
}

/// What becomes of a call from `address`, with only some of them allowed.
fn from_address(address: Option<&str>) -> Result<(), u16> {
    let allowed = json!({ "allow_ips": ["198.51.100.7", "203.0.113.0/24", "2001:db8::/32"] });
    let mut call = callback("", &token(), document(1, "hi").to_string());
    let forwarded = address.map(|address| ("X-Forwarded-For".to_owned(), address.to_owned()));
    call.headers.extend(forwarded);
    let outcome = block_on(flowroute_with(allowed, 24).receive(&FakeHost::new(), call));
    outcome.map(|_| ()).map_err(|rejected| rejected.status)
}

#[test]
fn only_allowed_addresses_are_heard_when_there_are_some() {
    for address in ["198.51.100.7", "203.0.113.250", "::ffff:203.0.113.1", "2001:db8::5"] {
        assert_eq!(from_address(Some(address)), Ok(()), "{address}");
    }
    for address in ["198.51.100.8", "203.0.114.1", "2001:db9::5", "unknown", "", "203.0.113.1, x"] {
        assert_eq!(from_address(Some(address)), Err(403), "{address}");
    }
    assert_eq!(from_address(None), Err(403), "an unknown caller is outside");
}

#[test]
fn an_allowed_address_needs_the_token_all_the_same() {
    let mut call = callback("", "", document(1, "hi").to_string());
    call.headers.push(("x-forwarded-for".to_owned(), "198.51.100.7".to_owned()));
    let flowroute = flowroute_with(json!({ "allow_ips": ["198.51.100.7"] }), 24);
    let outcome = block_on(flowroute.receive(&FakeHost::new(), call));
    assert_eq!(outcome, Err(Rejected::forged("no token")));
}

#[test]
fn a_report_carries_our_key_and_what_became_of_the_text() {
    let opted_out = CallError::refused(Reason::OptedOut, "1110", "the recipient has opted out");
    for (outcome, state, code, error) in [
        (receive!("status_submit"), DeliveryState::Sent, None, None),
        (receive!("status_buffered"), DeliveryState::Sent, None, None),
        (receive!("status_delivered"), DeliveryState::Delivered, None, None),
        (receive!("status_refused"), DeliveryState::Undelivered, Some("1110"), Some(opted_out)),
        (receive!("status_failed_unknown_code"), DeliveryState::Undelivered, Some("1999"), None),
    ] {
        let expected = StatusUpdate {
            id: id(33),
            reply_key: Some("reply/17".to_owned()),
            state,
            code: code.map(str::to_owned),
            error,
        };
        let received = answered(outcome);
        assert!(received.messages.is_empty());
        assert_eq!(received.statuses, [expected]);
    }
}

#[test]
fn a_report_without_our_key_or_at_the_other_address_still_counts() {
    for outcome in [receive!("status_without_reply"), receive!("status_at_the_hook")] {
        let updates = answered(outcome).statuses;
        assert_eq!(updates[0].reply_key, None);
        assert_eq!(updates[0].state, DeliveryState::Delivered);
    }
}

#[test]
fn a_word_or_code_nobody_knows_is_logged_and_acknowledged() {
    let (host, outcome) = receive(include_str!("../fixtures/status_unknown_word.http"));
    assert_eq!(answered(outcome).statuses, []);
    let line = &host.log_lines()[0].line;
    assert!(line.contains("teleported") && line.contains("1999"), "{line}");
    assert!(!line.contains("5550"), "no number is logged: {line}");
    let (host, _) = receive(include_str!("../fixtures/status_failed_unknown_code.http"));
    assert!(host.log_lines()[0].line.contains("1999"));
}

/// JSON of the keys that matter, with anything in them.
fn anything() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        "\\PC{0,12}".prop_map(|value| json!(value)),
        Just(json!("15550100001")),
        Just(json!("mdr2-1")),
        Just(json!("media")),
        Just(json!("message")),
        Just(json!("delivery_receipt")),
        Just(json!(HOOK)),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let key = prop::sample::select(vec![
            "data",
            "attributes",
            "id",
            "type",
            "to",
            "from",
            "body",
            "direction",
            "is_mms",
            "included",
            "relationships",
            "media",
            "url",
            "mime_type",
            "file_name",
            "status",
            "status_code",
            "level",
            "timestamp",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|values| json!(values)),
            prop::collection::btree_map(key, inner, 0..8).prop_map(|values| json!(values)),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_the_json_is_it_is_answered(document in anything(), path in "(/status)?") {
        let host = FakeHost::new();
        let call = callback(&path, &token(), document.to_string());
        match block_on(flowroute().receive(&host, call)) {
            Ok(received) => {
                prop_assert_eq!(received.answer.status, 200);
                for message in received.messages {
                    prop_assert!(message.key.id.starts_with("mdr"));
                    prop_assert_eq!(message.to, Address::new(OURS));
                }
            }
            Err(rejected) => prop_assert!((400..500).contains(&rejected.status)),
        }
    }

    #[test]
    fn whatever_the_query_is_only_the_token_opens(query in "[ -~]{0,80}") {
        prop_assume!(!query.contains("token"));
        let call: HttpCall = callback("", &query, document(1, "hi").to_string());
        let outcome = block_on(flowroute().receive(&FakeHost::new(), call));
        prop_assert_eq!(outcome.map_err(|rejected| rejected.status), Err(403));
    }
}
