//! Linking by OAuth 1.0a, as calls and answers.

#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{
    CallError, Create as _, Credential, HttpError, LinkError, LinkRequest, LinkReturn,
    RemoteAccount, Secret, Settings, Sink as _, Target,
};
use cordboard_testkit::{FakeHost, START, block_on};
use cordboard_x::XMedia;
use serde_json::json;

const CALLBACK: &str = "https://bridge.example/link/x-media/callback";

fn media(link: &str) -> XMedia {
    let values = json!({ "consumer_key": "key", "consumer_secret": "secret", "link": link });
    let (name, prices) = ("x-media".to_owned(), json!(null));
    XMedia::create(&Settings { name, values, prices, public: false, catch_up_hours: 24 }).unwrap()
}

fn begin(host: &FakeHost, link: &str) -> Result<cordboard_plugin::LinkStart, CallError> {
    let request = LinkRequest { callback_url: CALLBACK.to_owned() };
    block_on(media(link).begin_link(host, &request))
}

/// An error in few letters.
fn short(error: &CallError) -> String {
    match error {
        CallError::RetryAfter { wait_ms, .. } => format!("wait {}", wait_ms.unwrap_or(-1)),
        CallError::Unreachable { .. } => "unreachable".to_owned(),
        CallError::Unclear { .. } => "unclear".to_owned(),
        CallError::Relink { .. } => "relink".to_owned(),
        CallError::Refused(refusal) => format!("refused {:?}", refusal.reason),
        CallError::Operator { trouble, .. } => format!("operator {trouble:?}"),
        other => format!("{other:?}"),
    }
}

fn legacy(code: i64) -> String {
    json!({ "errors": [{ "code": code, "message": "m" }] }).to_string()
}

#[test]
fn the_first_call_carries_the_callback_in_its_signed_header() {
    for (link, callback) in [
        ("web", "oauth_callback=\"https%3A%2F%2Fbridge.example%2Flink%2Fx-media%2Fcallback\""),
        ("code", "oauth_callback=\"oob\""),
    ] {
        let host = FakeHost::new();
        host.answer(200, &[], "oauth_token=T-1&oauth_token_secret=S&oauth_callback_confirmed=true");
        let start = begin(&host, link).unwrap();
        assert_eq!(start.authorize_url, "https://api.x.com/oauth/authorize?oauth_token=T-1");
        assert_eq!((start.state.as_str(), start.by_code), ("T-1", link == "code"));
        assert!(start.secret.reveal().contains("\"S\""));
        let request = &host.requests()[0];
        let path = "/oauth/request_token".to_owned();
        assert_eq!(request.target, Target::Base { name: "api".to_owned(), path });
        let header = request.authorization.clone().unwrap();
        assert!(header.reveal().contains(callback), "{}", header.reveal());
        assert!(!header.reveal().contains("secret\""));
        assert!(header.reveal().contains(&format!("\"{}\"", START.unix_seconds())));
    }
}

#[test]
fn each_failed_start_has_its_action() {
    let xml = |code: u16| format!("<?xml version='1.0'?><errors><error code=\"{code}\">no</error>");
    for (status, body, wanted) in [
        (403, xml(415), "operator Setting"),
        (403, legacy(415), "operator Setting"),
        (401, legacy(417), "operator Setting"),
        (401, legacy(32), "operator Keys"),
        (401, xml(32), "operator Keys"),
        (400, legacy(215), "operator Keys"),
        (401, legacy(416), "operator Keys"),
        (403, legacy(99), "operator Keys"),
        (403, legacy(453), "operator Plan"),
        (401, legacy(135), "operator Clock"),
        (401, "Failed to validate oauth signature and token".to_owned(), "operator Keys"),
        (401, json!({ "title": "Unauthorized" }).to_string(), "operator Keys"),
        (429, legacy(88), "wait 900000"),
        (503, "<html></html>".to_owned(), "unclear"),
        (200, "<html></html>".to_owned(), "unclear"),
        (200, "oauth_token=T&oauth_token_secret=".to_owned(), "unclear"),
        (200, "oauth_token=T&oauth_token_secret=S".to_owned(), "operator Setting"),
        (
            200,
            "oauth_token=T&oauth_token_secret=S&oauth_callback_confirmed=false".to_owned(),
            "operator Setting",
        ),
    ] {
        let host = FakeHost::new();
        host.answer(status, &[], body.as_str());
        let error = begin(&host, "web").unwrap_err();
        assert_eq!(short(&error), wanted, "{status} {body}: {error:?}");
        assert_eq!(host.requests().len(), 1);
    }
    let host = FakeHost::new();
    host.fail(HttpError::Unreachable("dns".to_owned()));
    assert_eq!(short(&begin(&host, "web").unwrap_err()), "unreachable");
}

fn back(query: &[(&str, &str)]) -> LinkReturn {
    LinkReturn {
        query: query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        callback_url: CALLBACK.to_owned(),
        secret: Secret::new(r#"{"token":"T","token_secret":"S"}"#),
    }
}

#[test]
fn each_failed_return_says_what_to_do_next() {
    let granted = "oauth_token=1-T&oauth_token_secret=S&user_id=12&screen_name=name";
    let words = "Error processing your OAuth request: Invalid oauth_verifier parameter";
    for (link, status, body, wanted) in [
        ("web", 401, words.to_owned(), "expired"),
        ("code", 401, words.to_owned(), "wrong code"),
        ("web", 401, legacy(89), "expired"),
        ("code", 401, legacy(32), "wrong code"),
        ("code", 401, legacy(135), "failed operator Clock"),
        ("web", 403, legacy(64), "failed refused Account"),
        ("code", 403, legacy(453), "failed operator Plan"),
        ("web", 429, legacy(88), "failed wait 900000"),
        ("web", 503, String::new(), "failed unclear"),
        ("web", 200, "<html></html>".to_owned(), "failed unclear"),
        ("web", 200, granted.replace("12", "x"), "failed unclear"),
        ("web", 200, granted.replace("name=name", "name="), "failed unclear"),
    ] {
        let host = FakeHost::new();
        host.answer(status, &[], body.as_str());
        let verifier = back(&[("oauth_token", "T"), ("oauth_verifier", " 0123 456 ")]);
        let error = block_on(media(link).complete_link(&host, &verifier)).unwrap_err();
        let found = match &error {
            LinkError::Declined => "declined".to_owned(),
            LinkError::Expired(_) => "expired".to_owned(),
            LinkError::WrongCode(_) => "wrong code".to_owned(),
            LinkError::TooLittle(_) => "too little".to_owned(),
            LinkError::Failed(error) => format!("failed {}", short(error)),
        };
        assert_eq!(found, wanted, "{link} {status} {body}: {error:?}");
        assert_eq!(host.requests()[0].body.0, b"oauth_verifier=0123456");
    }
    let host = FakeHost::new();
    let other = back(&[("oauth_token", "other"), ("oauth_verifier", "1")]);
    assert!(block_on(media("web").complete_link(&host, &other)).is_err());
    let denied = back(&[("denied", "T")]);
    let declined = block_on(media("web").complete_link(&host, &denied)).unwrap_err();
    assert_eq!(declined, LinkError::Declined);
    assert!(host.requests().is_empty());
}

#[test]
fn the_new_token_is_tried_before_anybody_is_told() {
    let granted = "oauth_token=1-T&oauth_token_secret=S&user_id=12&screen_name=name";
    let me =
        |id: &str| json!({ "data": { "id": id, "name": "N", "username": "name" } }).to_string();
    let verifier = || back(&[("oauth_token", "T"), ("oauth_verifier", "1")]);
    for (status, headers, body, fits) in [
        (200, vec![("x-access-level", "read-write")], me("12"), true),
        (200, vec![("X-Access-Level", "read-write-directmessages")], me("12"), true),
        (200, vec![], me("12"), true),
        (200, vec![("x-access-level", "read")], me("12"), false),
        (200, vec![], me("13"), false),
        (401, vec![], legacy(89), false),
        (402, vec![], "{}".to_owned(), false),
        (403, vec![("x-access-level", "read")], legacy(453), false),
        (429, vec![], legacy(88), true),
        (503, vec![], String::new(), true),
    ] {
        let host = FakeHost::new();
        host.answer(200, &[], granted).answer(status, &headers, body.as_str());
        let linked = block_on(media("web").complete_link(&host, &verifier()));
        assert_eq!(linked.is_ok(), fits, "{status} {headers:?}: {linked:?}");
        let Ok(linked) = linked else { continue };
        assert_eq!((linked.account.id.as_str(), linked.account.handle.as_str()), ("12", "@name"));
        assert_eq!(linked.credential.secret.reveal(), r#"{"token":"1-T","token_secret":"S"}"#);
        assert_eq!(linked.credential.refresh_at, None);
    }
}

#[test]
fn a_token_that_is_gone_is_as_good_as_revoked() {
    let credential = Credential {
        kind: "oauth1".to_owned(),
        realm: String::new(),
        secret: Secret::new(r#"{"token":"T","token_secret":"S"}"#),
        account: RemoteAccount { id: "1".to_owned(), handle: "@a".to_owned() },
    };
    for (status, body, fits) in [
        (200, json!({ "access_token": "T" }).to_string(), true),
        (401, legacy(89), true),
        (401, legacy(32), false),
        (503, String::new(), false),
    ] {
        let host = FakeHost::new();
        host.answer(status, &[], body.as_str());
        let revoked = block_on(media("web").revoke(&host, &credential));
        assert_eq!(revoked.is_ok(), fits, "{status} {body}");
    }
}
