//! Pictures: signed links get no credentials, and a forged callback makes us fetch nothing elsewhere.

mod common;

use common::{BASIC, flowroute_with};
use cordboard_plugin::{CallError, Fetched, MediaRef, Reason, Target, Transport, Trouble};
use cordboard_testkit::{FakeHost, block_on};
use proptest::prelude::*;
use serde_json::json;

const LINK: &str =
    "https://mms-media-prod.s3.amazonaws.com/15550100002-a.gif?Expires=1&Signature=s%2B";
const AT_API: &str = "https://api.flowroute.com/v2.1/media/15550100002-a%20b.gif";

fn fetch(host: &FakeHost, place: &str) -> Result<Fetched, CallError> {
    fetch_with(host, "https://api.flowroute.com", place)
}

fn fetch_with(host: &FakeHost, api_base: &str, place: &str) -> Result<Fetched, CallError> {
    let settings =
        json!({ "api_base": api_base, "media_hosts": ["cdn.example.com", "[::1]:9000"] });
    let media = MediaRef { place: place.to_owned(), claimed_type: "image/gif".to_owned() };
    block_on(flowroute_with(settings, 24).fetch(host, &media, 1000))
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
fn a_signed_link_is_asked_without_credentials() {
    let host = FakeHost::new();
    host.answer(200, &[("content-type", "image/jpeg")], "bytes");
    let fetched = fetch(&host, &format!("{LINK}#15550100002-a.gif")).expect("the picture");
    assert_eq!(
        (fetched.claimed_type.as_str(), &fetched.bytes.0[..]),
        ("image/jpeg", &b"bytes"[..])
    );
    assert_eq!(trail(&host), [(LINK.to_owned(), false)], "what follows the # is ours");
    assert_eq!(host.requests()[0].answer_bytes_max, 1000);
}

#[test]
fn a_picture_of_a_record_is_asked_of_the_api_with_credentials() {
    let host = FakeHost::new();
    host.answer(200, &[], "bytes");
    assert_eq!(fetch(&host, AT_API).expect("the picture").claimed_type, "image/gif");
    assert_eq!(trail(&host), [("api:/v2.1/media/15550100002-a%20b.gif".to_owned(), true)]);
}

#[test]
fn credentials_do_not_follow_a_redirect() {
    for status in [301, 302, 303, 307, 308] {
        let host = FakeHost::new();
        host.answer(status, &[("Location", LINK)], "");
        host.answer(200, &[], "bytes");
        assert!(fetch(&host, AT_API).is_ok());
        let seen: Vec<bool> = trail(&host).into_iter().map(|(_, secret)| secret).collect();
        assert_eq!(seen, [true, false]);
    }
}

#[test]
fn pictures_come_from_s3_flowroute_and_listed_hosts() {
    for place in [
        LINK,
        "https://s3.amazonaws.com/bucket/x",
        "https://s3.us-west-2.amazonaws.com/flowroute-messaging-media/x",
        "https://s3-us-west-2.amazonaws.com/flowroute-messaging-media/x",
        "https://bucket.name.s3.us-west-2.amazonaws.com/x",
        "https://bucket.s3.dualstack.us-west-2.amazonaws.com/x",
        "https://media.flowroute.com/x",
        "https://api.flowroute.com/v2.1/elsewhere?x=1",
        "https://cdn.example.com/x",
        "https://CDN.example.com:443/x",
        "https://[::1]:9000/x",
    ] {
        let host = FakeHost::new();
        host.answer(200, &[], "bytes");
        assert!(fetch(&host, place).is_ok(), "{place}");
        assert!(!trail(&host)[0].1, "{place}");
    }
}

#[test]
fn a_forged_place_gets_neither_credentials_nor_a_call() {
    for place in [
        "https://evil.example.com/x",
        "https://s3.amazonaws.com.evil.example.com/x",
        "https://evil-s3.example.com/x",
        "https://flowroute.com.evil.example.com/x",
        "https://notflowroute.com/x",
        "https://ec2-198-51-100-1.compute-1.amazonaws.com/x",
        "https://x.execute-api.us-west-2.amazonaws.com/x",
        "https://bucket.s3-website-us-west-2.amazonaws.com/x",
        "https://s3.amazonaws.com:8443/x",
        "https://s3.amazonaws.com@evil.example.com/x",
        "https://user:pass@s3.amazonaws.com/x",
        "http://s3.amazonaws.com/x",
        "http://api.flowroute.com/v2.1/media/x",
        "https://user@api.flowroute.com/v2.1/media/x",
        "http://cdn.example.com/x",
        "https://cdn.example.com:8443/x",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
        "not a url",
        "",
    ] {
        let host = FakeHost::new();
        host.answer(200, &[], "bytes");
        let outcome = fetch(&host, place);
        let refused = matches!(&outcome, Err(CallError::Refused(no)) if no.reason == Reason::Media);
        assert!(refused, "{place}: {outcome:?}");
        assert_eq!(trail(&host), [], "{place}");
    }
}

#[test]
fn credentials_stay_below_the_folder_of_pictures() {
    for path in [
        "/v2.1/media/../messages",
        "/v2.1/media/%2e%2e/messages",
        "/v2.1/media/a/b",
        "/v2.1/media/",
    ] {
        let host = FakeHost::new();
        host.answer(200, &[], "bytes");
        let _ = fetch(&host, &format!("https://api.flowroute.com{path}"));
        assert!(trail(&host).iter().all(|(_, secret)| !secret), "{path}: {:?}", trail(&host));
    }
}

#[test]
fn without_tls_at_the_api_a_picture_there_needs_none_either() {
    let base = "http://127.0.0.1:8080/sandbox/flowroute";
    for (place, taken) in [
        (format!("{base}/media/x"), true),
        ("http://cdn.example.com/x".to_owned(), true),
        ("http://s3.amazonaws.com/x".to_owned(), false),
        ("http://127.0.0.1:8081/media/x".to_owned(), false),
    ] {
        let host = FakeHost::new();
        host.answer(200, &[], "bytes");
        assert_eq!(fetch_with(&host, base, &place).is_ok(), taken, "{place}");
    }
}

#[test]
fn an_unknown_host_is_told_to_the_operator() {
    let host = FakeHost::new();
    assert!(fetch(&host, "https://new.example.com/secret?Signature=s").is_err());
    let line = &host.log_lines()[0].line;
    assert!(line.contains("new.example.com") && line.contains("media_hosts"), "{line}");
    assert!(!line.contains("secret") && !line.contains("Signature"), "{line}");
}

#[test]
fn redirects_end_and_lead_only_where_a_picture_may_be() {
    let host = FakeHost::new();
    for _ in 0..9 {
        host.answer(302, &[("location", LINK)], "");
    }
    assert!(matches!(fetch(&host, LINK), Err(CallError::RetryAfter { .. })));
    assert_eq!(host.requests().len(), 4);
    for location in
        ["http://s3.amazonaws.com/x", "https://evil.example.com/", "file:///etc/passwd", "https://"]
    {
        let host = FakeHost::new();
        host.answer(302, &[("location", location)], "");
        assert!(fetch(&host, LINK).is_err(), "{location}");
        assert_eq!(host.requests().len(), 1, "{location}");
    }
}

#[test]
fn what_fails_is_what_to_do() {
    let at = |place: &str, status: u16| {
        let host = FakeHost::new();
        host.answer(status, &[], "");
        fetch(&host, place).expect_err("no picture")
    };
    let keys = at(AT_API, 401);
    assert!(matches!(keys, CallError::Operator { trouble: Trouble::Keys, .. }), "{keys:?}");
    for (place, status) in [(AT_API, 403), (AT_API, 404), (LINK, 401), (LINK, 403), (LINK, 404)] {
        assert!(matches!(at(place, status), CallError::Refused(_)), "{place} {status}");
    }
    for (place, status) in [(AT_API, 429), (LINK, 503), (LINK, 408), (AT_API, 500)] {
        assert!(matches!(at(place, status), CallError::RetryAfter { .. }), "{place} {status}");
    }
}

proptest! {
    #[test]
    fn credentials_leave_only_for_the_api(place in "(https?://)?([a-z0-9.@:/%#?-]{0,20})(api\\.flowroute\\.com)?(/v2\\.1/media/)?[ -~]{0,20}") {
        let host = FakeHost::new();
        host.answer(200, &[], "bytes");
        let _ = fetch(&host, &place);
        for (place, secret) in trail(&host) {
            prop_assert!(!secret || place.starts_with("api:/v2.1/media/"), "{}", place);
        }
    }
}
