//! The simulated X judges signatures by code of its own: what it must not let through.

use crate::town::{Town, place};
use cordboard_plugin::{HttpCall, Simulator as _, Target, header};
use cordboard_testkit::block_on;
use cordboard_x::sim::SimulatedX;
use serde_json::json;

const BASE: &str = "http://127.0.0.1:8080/sandbox/x";

/// The last request of the sinks, as it arrives at X.
fn last(town: &Town) -> HttpCall {
    let request = town.host.requests().pop().unwrap();
    let Target::Base { path, .. } = &request.target else { panic!("not of a base") };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = request.headers.clone();
    let authorization = request.authorization.unwrap().reveal().to_owned();
    headers.push(("authorization".to_owned(), authorization));
    HttpCall {
        method: request.method,
        url: format!("{BASE}{path}{}{query}", if query.is_empty() { "" } else { "?" }),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: request.body,
    }
}

fn ask(town: &Town, call: HttpCall) -> (u16, String) {
    let answer = block_on(SimulatedX.call(&town.sim, &place(), call));
    (answer.status, String::from_utf8_lossy(&answer.body.0).into_owned())
}

/// A signed call that X has not seen: it was not reached.
fn unseen(town: &Town) -> HttpCall {
    let who = town.link("ada");
    town.fault("me", "unreachable");
    assert!(block_on(town.media.check(&town.host, &who)).is_err());
    last(town)
}

#[test]
fn a_signed_call_works_once() {
    let town = Town::new("oauth1", &json!({}));
    let call = unseen(&town);
    assert_eq!(ask(&town, call.clone()).0, 200);
    let (status, body) = ask(&town, call);
    assert!(status == 401 && body.contains("\"code\":32"), "{body}");
}

#[test]
fn a_changed_call_is_turned_away() {
    type Change = fn(&mut HttpCall);
    let authorization = |call: &mut HttpCall, from: &str, to: &str| {
        let value = header(&call.headers, "authorization").unwrap().to_owned();
        assert!(value.contains(from), "{value}");
        call.headers.retain(|(name, _)| name != "authorization");
        call.headers.push(("authorization".to_owned(), value.replacen(from, to, 1)));
    };
    let changes: [(Change, u16, &str); 4] = [
        (|call| call.url = call.url.replacen("http:", "https:", 1), 401, "32"),
        (|call| call.url = format!("{BASE}/2/users/you"), 401, "32"),
        (|call| call.query = "a=b".to_owned(), 401, "32"),
        (|call| call.headers.clear(), 401, "Unauthorized"),
    ];
    for (nth, (change, status, says)) in changes.into_iter().enumerate() {
        let town = Town::new("oauth1", &json!({}));
        let mut call = unseen(&town);
        change(&mut call);
        let (found, body) = ask(&town, call);
        assert!(found == status && body.contains(says), "{nth}: {found} {body}");
    }
    for (from, to, status, code) in [
        ("oauth_signature=\"", "oauth_signature=\"A", 401, 32),
        ("oauth_nonce=\"", "oauth_nonce=\"0", 401, 32),
        ("oauth_consumer_key=\"", "oauth_consumer_key=\"0", 401, 32),
        ("oauth_token=\"", "oauth_token=\"0", 401, 89),
        ("oauth_timestamp=\"17", "oauth_timestamp=\"16", 401, 135),
        ("oauth_timestamp=\"", "oauth_timestamp=\"x", 400, 215),
        ("HMAC-SHA1", "PLAINTEXT", 400, 215),
        ("oauth_version=\"1.0\"", "oauth_version=\"2.0\"", 400, 215),
        ("oauth_nonce=\"", "oauth_nonce=", 400, 215),
    ] {
        let town = Town::new("oauth1", &json!({}));
        let mut call = unseen(&town);
        authorization(&mut call, from, to);
        let (found, body) = ask(&town, call);
        let code = format!("\"code\":{code},");
        assert!(found == status && body.contains(&code), "{to}: {found} {body}");
    }
}

#[test]
fn a_form_is_part_of_what_is_signed() {
    let town = Town::new("oauth1", &json!({}));
    let start = town.begin(&*town.media).unwrap();
    let answer = town.decide(&start, "authorize", "ada");
    town.fault("access_token", "unreachable");
    assert!(town.complete(&town.back(&start, &answer)).is_err());
    let call = last(&town);
    let changed = HttpCall { body: "oauth_verifier=1".into(), ..call.clone() };
    assert!(ask(&town, changed).1.contains("\"code\":32"));
    let (status, body) = ask(&town, call);
    assert!(status == 200 && body.contains("screen_name=ada"), "{status} {body}");
}

#[test]
fn what_must_be_signed_is_not_opened_by_a_bearer() {
    let town = Town::new("oauth2", &json!({}));
    for path in ["/oauth/request_token", "/oauth/access_token", "/1.1/oauth/invalidate_token.json"]
    {
        assert_eq!(town.ask("POST", path, "", "").status, 400, "{path}");
    }
    assert_eq!(town.ask("POST", "/1.1/media/upload.json", "", "").status, 403);
    assert_eq!(town.ask("GET", "/oauth/authorize", "oauth_token=other", "").status, 400);
    assert_eq!(town.ask("POST", "/_app", "", r#"{"access":"all"}"#).status, 400);
}
