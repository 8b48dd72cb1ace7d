//! Pictures: credentials stay with the API, and the redirect still works.

mod common;

use common::{BASIC, twilio_with};
use cordboard_plugin::{CallError, Fetched, MediaRef, Reason, Target, Transport, Trouble};
use cordboard_testkit::{FakeHost, block_on};
use serde_json::json;

const PATH: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000005/Media/ME00000000000000000000000000000001";
const CDN: &str = "https://mms.twiliocdn.com/AC/x?Expires=1&Signature=s";

fn fetch(host: &FakeHost, place: &str) -> Result<Fetched, CallError> {
    let twilio = twilio_with(json!({ "media_hosts": ["cdn.example.com", "[::1]:9000"] }), 24);
    let media = MediaRef { place: place.to_owned(), claimed_type: "image/gif".to_owned() };
    block_on(twilio.fetch(host, &media, 1000))
}

fn at_api() -> String {
    format!("https://api.twilio.com{PATH}")
}

/// Where each request went, and whether credentials went along.
fn trail(host: &FakeHost) -> Vec<(String, bool)> {
    let steps = host.requests().into_iter().map(|request| {
        let place = match request.target {
            Target::Base { name, path } => format!("{name}:{path}"),
            Target::Foreign(url) => url,
        };
        let secret = request.authorization.map(|secret| secret.reveal().to_owned());
        assert!(secret.as_deref().is_none_or(|secret| secret == BASIC));
        (place, secret.is_some())
    });
    steps.collect()
}

#[test]
fn credentials_go_to_the_api_and_not_to_where_it_leads() {
    for status in [301, 302, 303, 307, 308] {
        let host = FakeHost::new();
        host.answer(status, &[("Location", CDN)], "");
        host.answer(200, &[("content-type", "image/jpeg")], "bytes");
        let fetched = fetch(&host, &at_api()).expect("the picture");
        assert_eq!(fetched.claimed_type, "image/jpeg");
        assert_eq!(fetched.bytes.0, b"bytes");
        assert_eq!(trail(&host), [(format!("api:{PATH}"), true), (CDN.to_owned(), false)]);
        assert!(host.requests().iter().all(|request| request.answer_bytes_max == 1000));
    }
}

#[test]
fn a_picture_given_at_once_is_taken() {
    let host = FakeHost::new();
    host.answer(200, &[], "bytes");
    assert_eq!(fetch(&host, &at_api()).expect("the picture").claimed_type, "image/gif");
}

#[test]
fn a_redirect_back_to_the_api_has_credentials_only_where_they_belong() {
    let elsewhere = "https://api.twilio.com/2010-04-01/Accounts.json";
    let host = FakeHost::new();
    host.answer(307, &[("location", CDN)], "");
    host.answer(307, &[("location", &at_api())], "");
    host.answer(307, &[("location", elsewhere)], "");
    host.answer(404, &[], "");
    assert!(fetch(&host, &at_api()).is_err());
    let seen: Vec<bool> = trail(&host).into_iter().map(|(_, secret)| secret).collect();
    assert_eq!(seen, [true, false, true, false]);
}

#[test]
fn a_forged_place_gets_neither_credentials_nor_a_call() {
    for place in [
        "https://evil.example.com/x".to_owned(),
        format!("https://evil.example.com{PATH}"),
        format!("http://api.twilio.com{PATH}"),
        format!("https://api.twilio.com:8443{PATH}"),
        format!("https://api.twilio.com.evil.example.com{PATH}"),
        format!("https://api.twilio.com@evil.example.com{PATH}"),
        format!("https://user:pass@api.twilio.com{PATH}"),
        format!("https://api.twilio.com{PATH}/../../../../x"),
        format!("https://api.twilio.com{PATH}.json"),
        format!("https://api.twilio.com{PATH}?x=1"),
        format!("https://api.twilio.com{}", PATH.replace("0001/Messages", "0002/Messages")),
        "https://api.twilio.com/2010-04-01/Accounts.json".to_owned(),
        "http://cdn.example.com/x".to_owned(),
        "https://cdn.example.com:8443/x".to_owned(),
        "file:///etc/passwd".to_owned(),
        "not a url".to_owned(),
    ] {
        let host = FakeHost::new();
        host.answer(200, &[], "bytes");
        let outcome = fetch(&host, &place);
        let refused = matches!(&outcome, Err(CallError::Refused(no)) if no.reason == Reason::Media);
        assert!(refused, "{place}: {outcome:?}");
        assert_eq!(trail(&host), [], "{place}");
    }
}

#[test]
fn a_listed_host_is_asked_without_credentials() {
    for place in
        ["https://cdn.example.com/x", "https://CDN.example.com:443/x", "https://[::1]:9000/x"]
    {
        let host = FakeHost::new();
        host.answer(200, &[], "bytes");
        assert!(fetch(&host, place).is_ok(), "{place}");
        assert!(!trail(&host)[0].1, "{place}");
    }
}

#[test]
fn redirects_end() {
    let host = FakeHost::new();
    for _ in 0..9 {
        host.answer(302, &[("location", CDN)], "");
    }
    assert!(matches!(fetch(&host, &at_api()), Err(CallError::RetryAfter { .. })));
    assert_eq!(host.requests().len(), 4);
}

#[test]
fn a_redirect_out_of_tls_is_not_followed() {
    for location in ["http://mms.twiliocdn.com/x", "file:///etc/passwd", "https://"] {
        let host = FakeHost::new();
        host.answer(302, &[("location", location)], "");
        assert!(fetch(&host, &at_api()).is_err(), "{location}");
        assert_eq!(host.requests().len(), 1, "{location}");
    }
}

#[test]
fn what_fails_is_what_to_do() {
    let at_first = |status: u16| {
        let host = FakeHost::new();
        host.answer(status, &[], "");
        fetch(&host, &at_api()).expect_err("no picture")
    };
    let keys = at_first(401);
    assert!(matches!(keys, CallError::Operator { trouble: Trouble::Keys, .. }), "{keys:?}");
    assert!(matches!(at_first(404), CallError::Refused(_)));
    assert!(matches!(at_first(429), CallError::RetryAfter { .. }));
    assert!(matches!(at_first(503), CallError::RetryAfter { .. }));
    let host = FakeHost::new();
    host.answer(307, &[("location", CDN)], "").answer(403, &[], "");
    let expired = fetch(&host, &at_api());
    assert!(
        matches!(expired, Err(CallError::RetryAfter { .. })),
        "ask for a new link: {expired:?}"
    );
}
