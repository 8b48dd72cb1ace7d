//! Linking, refreshing and revoking, as calls and answers.

#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{
    CallError, Create as _, Credential, HttpError, LinkError, LinkRequest, LinkReturn,
    RemoteAccount, Secret, Settings, Sink as _, Target, Trouble,
};
use cordboard_testkit::{FakeHost, START, block_on};
use cordboard_x::X;
use serde_json::{Value, json};

const CALLBACK: &str = "https://bridge.example/link/x/callback";

fn x(secret: &str) -> X {
    let values = json!({ "client_id": "client", "client_secret": secret });
    let prices = Value::Null;
    let name = "x".to_owned();
    X::create(&Settings { name, values, prices, public: false, catch_up_hours: 24 }).unwrap()
}

fn back(query: &[(&str, &str)]) -> LinkReturn {
    LinkReturn {
        query: query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        callback_url: CALLBACK.to_owned(),
        secret: Secret::new(format!(r#"{{"verifier":"{}"}}"#, "v".repeat(43))),
    }
}

fn tokens(scope: &str) -> Value {
    json!({
        "token_type": "bearer", "expires_in": 7200, "access_token": "A2", "scope": scope,
        "refresh_token": "R2",
    })
}

const ALL: &str = "tweet.read tweet.write users.read offline.access";

fn credential() -> Credential {
    let kind = x("s").capabilities().credentials.remove(0);
    let secret = json!({
        "access_token": "A1", "refresh_token": "R1", "scope": ALL, "expires_at": START.0,
    });
    let account = RemoteAccount { id: "1".to_owned(), handle: "@a".to_owned() };
    let (kind, realm) = (kind.kind, kind.realm);
    Credential { kind, realm, secret: Secret::new(secret.to_string()), account }
}

fn form(host: &FakeHost, nth: usize) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&host.requests()[nth].body.0).into_owned().collect()
}

fn has(form: &[(String, String)], name: &str, value: &str) -> bool {
    form.iter().any(|(key, found)| key == name && found == value)
}

#[test]
fn the_consent_address_has_all_that_x_wants() {
    let host = FakeHost::new();
    let request = LinkRequest { callback_url: CALLBACK.to_owned() };
    let start = block_on(x("s").begin_link(&host, &request)).unwrap();
    let url = url::Url::parse(&start.authorize_url).unwrap();
    assert!(start.authorize_url.starts_with("https://x.com/i/oauth2/authorize?"));
    assert!(start.authorize_url.contains("tweet.read%20tweet.write%20users.read%20offline.access"));
    assert!(!start.authorize_url.contains('+'));
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", CALLBACK),
        ("code_challenge_method", "S256"),
        ("state", &start.state),
    ] {
        assert!(has(&query, name, value), "{name}");
    }
    let verifier: Value = serde_json::from_str(start.secret.reveal()).unwrap();
    assert_eq!(verifier["verifier"].as_str().unwrap().len(), 43);
    assert!(start.state.len() >= 32);
    assert!(!start.authorize_url.contains(verifier["verifier"].as_str().unwrap()));
    assert_eq!(x("s").link_state(&query), Some(start.state));
    let again = block_on(x("s").begin_link(&host, &request)).unwrap();
    assert!(!query.contains(&("state".to_owned(), again.state)));
}

#[test]
fn the_code_is_exchanged_by_a_confidential_app() {
    let host = FakeHost::new();
    host.answer_json(200, &tokens(ALL))
        .answer_json(200, &json!({ "data": { "id": "12", "name": "N", "username": "name" } }));
    let linked = block_on(x("s").complete_link(&host, &back(&[("code", "c")]))).unwrap();
    assert_eq!(linked.account.handle, "@name");
    assert_eq!(linked.credential.refresh_at, Some(START.plus_seconds(7200 - 600)));
    let stored: Value = serde_json::from_str(linked.credential.secret.reveal()).unwrap();
    assert_eq!((&stored["access_token"], &stored["refresh_token"]), (&"A2".into(), &"R2".into()));
    let request = &host.requests()[0];
    assert_eq!(request.target, Target::Base { name: "api".into(), path: "/2/oauth2/token".into() });
    // base64 of "client:s".
    assert_eq!(request.authorization, Some(Secret::new("Basic Y2xpZW50OnM=")));
    let form = form(&host, 0);
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "c"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", &"v".repeat(43)),
    ] {
        assert!(has(&form, name, value), "{name}");
    }
    assert_eq!(host.requests()[1].authorization, Some(Secret::new("Bearer A2")));
}

#[test]
fn a_public_app_names_itself_in_the_body() {
    let host = FakeHost::new();
    host.answer_json(200, &tokens(ALL));
    block_on(x("").refresh(&host, &credential())).unwrap();
    assert_eq!(host.requests()[0].authorization, None);
    assert!(has(&form(&host, 0), "client_id", "client"));
}

#[test]
fn a_link_that_fails_says_what_to_do_next() {
    let complete = |host: &FakeHost, query: &[(&str, &str)]| {
        block_on(x("s").complete_link(host, &back(query))).unwrap_err()
    };
    let host = FakeHost::new();
    assert_eq!(complete(&host, &[("error", "access_denied")]), LinkError::Declined);
    assert!(matches!(complete(&host, &[("error", "server_error")]), LinkError::Failed(_)));
    assert!(matches!(complete(&host, &[]), LinkError::Failed(_)));
    assert!(host.requests().is_empty());
    host.answer_json(200, &tokens("tweet.read users.read offline.access"));
    assert!(matches!(complete(&host, &[("code", "c")]), LinkError::TooLittle(_)));
    let mut short = tokens("tweet.read tweet.write users.read");
    short.as_object_mut().unwrap().remove("refresh_token");
    host.answer_json(200, &short);
    assert!(matches!(complete(&host, &[("code", "c")]), LinkError::TooLittle(_)));
    let words = "Value passed for the authorization code was invalid.";
    host.answer_json(400, &json!({ "error": "invalid_request", "error_description": words }));
    assert!(matches!(complete(&host, &[("code", "c")]), LinkError::Expired(_)));
    host.answer_json(401, &json!({ "error": "unauthorized_client" }));
    let keys = complete(&host, &[("code", "c")]);
    let LinkError::Failed(CallError::Operator { trouble, .. }) = keys else {
        panic!("{keys:?}");
    };
    assert_eq!(trouble, Trouble::Keys);
}

#[test]
fn a_refresh_keeps_what_x_leaves_out() {
    let host = FakeHost::new();
    host.answer_json(200, &json!({ "token_type": "bearer", "access_token": "A2" }));
    let fresh = block_on(x("s").refresh(&host, &credential())).unwrap();
    let stored: Value = serde_json::from_str(fresh.secret.reveal()).unwrap();
    assert_eq!(stored["refresh_token"], "R1");
    assert_eq!(stored["scope"], ALL);
    assert_eq!(fresh.refresh_at, Some(START.plus_seconds(7200 - 600)));
    assert!(has(&form(&host, 0), "refresh_token", "R1"));
}

#[test]
fn each_failed_refresh_has_its_action() {
    let dead = json!({
        "error": "invalid_request", "error_description": "Value passed for the token was invalid.",
    });
    let cases: [(u16, Value, &str); 9] = [
        (400, dead, "relink"),
        (400, json!({ "error": "invalid_grant" }), "relink"),
        (400, json!({ "error": "invalid_request" }), "unclear"),
        (401, json!({ "error": "unauthorized_client" }), "operator"),
        (401, json!({ "error": "invalid_client" }), "operator"),
        (402, json!({}), "operator"),
        (429, json!({}), "retry"),
        (503, json!({}), "unclear"),
        (200, json!({ "token": "?" }), "unclear"),
    ];
    for (status, body, expected) in cases {
        let host = FakeHost::new();
        host.answer_json(status, &body);
        let error = block_on(x("s").refresh(&host, &credential())).unwrap_err();
        assert_eq!(name(&error), expected, "{status} {body}: {error:?}");
        assert_eq!(host.requests().len(), 1, "{status}");
    }
    for (error, expected) in [
        (HttpError::Unclear("lost".to_owned()), "unclear"),
        (HttpError::Unreachable("dns".to_owned()), "unreachable"),
    ] {
        let host = FakeHost::new();
        host.fail(error);
        let error = block_on(x("s").refresh(&host, &credential())).unwrap_err();
        assert_eq!(name(&error), expected);
    }
}

fn name(error: &CallError) -> &'static str {
    match error {
        CallError::Relink { .. } => "relink",
        CallError::Operator { .. } => "operator",
        CallError::RetryAfter { .. } => "retry",
        CallError::Unclear { .. } => "unclear",
        CallError::Unreachable { .. } => "unreachable",
        _ => "other",
    }
}

#[test]
fn both_tokens_are_revoked_and_one_that_is_gone_is_fine() {
    let host = FakeHost::new();
    let words = "Value passed for the token was invalid.";
    host.answer_json(400, &json!({ "error": "invalid_request", "error_description": words }))
        .answer(204, &[], "");
    block_on(x("s").revoke(&host, &credential())).unwrap();
    assert!(has(&form(&host, 0), "token", "R1") && has(&form(&host, 1), "token", "A1"));
    assert_eq!(host.requests()[0].authorization, Some(Secret::new("Basic Y2xpZW50OnM=")));
    host.answer(503, &[], "");
    assert!(block_on(x("s").revoke(&host, &credential())).is_err());
}

#[test]
fn a_check_says_whose_and_whether_it_may_write() {
    let host = FakeHost::new();
    host.answer_json(200, &json!({ "data": { "id": "12", "name": "N", "username": "name" } }));
    let checked = block_on(x("s").check(&host, &credential())).unwrap();
    assert!(checked.may_write);
    assert_eq!(checked.account.id, "12");
    host.answer_json(401, &json!({ "title": "Unauthorized", "type": "about:blank" }));
    let error = block_on(x("s").check(&host, &credential())).unwrap_err();
    assert_eq!(name(&error), "relink");
    let mut unreadable = credential();
    unreadable.secret = Secret::new("?");
    assert_eq!(name(&block_on(x("s").check(&host, &unreadable)).unwrap_err()), "relink");
}

#[test]
fn no_error_shows_a_secret() {
    let host = FakeHost::new();
    host.answer_json(400, &json!({ "error": "R1", "error_description": "token R1" }));
    let error = block_on(x("s").refresh(&host, &credential())).unwrap_err();
    assert!(!format!("{error:?}").contains("R1"), "{error:?}");
}
