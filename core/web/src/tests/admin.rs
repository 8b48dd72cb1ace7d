//! The operator's side: only with the token, one call of the engine per route, truly described.

use super::door::{FakeDoor, Told};
use super::{TOKEN, admin, config, header, request, status, text};
use crate::api::OPENAPI;
use crate::table::Site;
use crate::{Meters, WebConfig, admin_routes};
use cordboard_engine::DeskError;
use cordboard_plugin::Secret;
use serde_json::Value;
use std::collections::BTreeSet;

/// Every guarded route, and what the engine is asked for it.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/metrics", ""),
    ("GET", "/api/v1/openapi.json", ""),
    ("GET", "/api/v1/health", ""),
    ("GET", "/api/v1/lines", ""),
    ("GET", "/api/v1/sinks", ""),
    ("GET", "/api/v1/pages", ""),
    ("GET", "/api/v1/plugins", ""),
    ("POST", "/api/v1/pages/stick/act", "act stick unlock [(\"pin\", \"1234\")]"),
    ("POST", "/api/v1/sinks/wall/resume", "resume wall"),
    ("GET", "/api/v1/messages?state=failed&limit=9", "messages [Failed] 9"),
    ("GET", "/api/v1/messages/7", "message 7"),
    ("POST", "/api/v1/messages/7/retry", "retry 7"),
    ("GET", "/api/v1/sums", ""),
    ("GET", "/api/v1/money?days=7", "money 7"),
    ("GET", "/api/v1/people", "people 1000"),
    ("GET", "/api/v1/people/+15550100101", "person +15550100101"),
    ("POST", "/api/v1/people/%2B15550100101/unlink", "unlink +15550100101"),
    ("POST", "/api/v1/people/%2B15550100101/unlink?sink=pictures", "unlink +15550100101 pictures"),
    ("POST", "/api/v1/people/+15550100101/block", "block +15550100101 true"),
    ("POST", "/api/v1/people/+15550100101/unblock", "block +15550100101 false"),
    ("POST", "/api/v1/links", "link +15550100101 true"),
];

const FORM: &str = r#"{"form": "unlock", "fields": [["pin", "1234"]]}"#;
const WANTED: &str = r#"{"number": "+15550100101", "text": true}"#;

fn with_token(method: &str, path: &str) -> warp::test::RequestBuilder {
    let builder = request(method, path).header("authorization", format!("Bearer {TOKEN}"));
    match method {
        "POST" if path.ends_with("/act") => builder.body(FORM),
        "POST" => builder.body(WANTED),
        _ => builder,
    }
}

#[tokio::test]
async fn every_route_asks_the_engine_one_thing() {
    let door = FakeDoor::default();
    let routes = admin(&door);
    for (method, path, asked) in ROUTES {
        let response = with_token(method, path).reply(&routes).await;
        assert_eq!(response.status(), 200, "{method} {path}: {}", text(&response));
        assert_eq!(door.asked().join(";"), *asked, "{method} {path}");
        assert_eq!(header(&response, "cache-control"), "no-store");
    }
}

#[tokio::test]
async fn without_the_token_nothing_is_told_or_done() {
    let door = FakeDoor::default();
    let routes = admin(&door);
    for (method, path, _) in ROUTES {
        for wrong in ["", "Bearer", "Bearer ", "Bearer wrong-token", "Basic right-token", TOKEN] {
            let builder = request(method, path).header("authorization", wrong).body(WANTED);
            let response = builder.reply(&routes).await;
            assert_eq!(response.status(), 401, "{method} {path} {wrong:?}");
            assert_eq!(header(&response, "www-authenticate"), "Bearer");
        }
        assert_eq!(status(&routes, method, path).await, 401, "{method} {path}");
    }
    assert!(door.asked().is_empty());
}

#[tokio::test]
async fn a_bridge_without_a_token_lets_nobody_in() {
    let config = WebConfig { admin_token: Secret::new(""), ..config() };
    let routes = admin_routes(FakeDoor::default(), &config, Meters::detached().unwrap());
    let builder = request("GET", "/api/v1/health").header("authorization", "Bearer ");
    assert_eq!(builder.reply(&routes).await.status(), 401);
    let builder = request("POST", "/sign-in").body("token=");
    assert_eq!(builder.reply(&routes).await.status(), 401);
}

#[tokio::test]
async fn wrong_methods_and_addresses_are_told_so() {
    let routes = admin(&FakeDoor::default());
    for (method, path, expected) in [
        ("DELETE", "/api/v1/people/+15550100101", 405),
        ("POST", "/api/v1/messages", 405),
        ("HEAD", "/metrics", 405),
        ("GET", "/api/v1/links", 405),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/people", 404),
        ("GET", "/hooks/twin", 404),
        ("GET", "/link/ABCD", 404),
        ("GET", "/sandbox", 404),
    ] {
        let response = with_token(method, path).reply(&routes).await;
        assert_eq!(response.status(), expected, "{method} {path}");
        let problem: Value = serde_json::from_slice(response.body()).unwrap();
        assert!(problem["error"].is_string(), "{method} {path}");
    }
}

#[tokio::test]
async fn what_the_engine_refuses_has_its_status_and_words() {
    for (refusal, expected) in [
        (DeskError::NotFound("no such thing".to_owned()), 404),
        (DeskError::Refused("not now".to_owned()), 409),
        (DeskError::Store("locked".to_owned()), 503),
    ] {
        let words = refusal.to_string();
        let door = FakeDoor::new(Told { refusal: Some(refusal), ..Told::default() });
        let routes = admin(&door);
        for (method, path, asked) in ROUTES.iter().filter(|(_, _, asked)| !asked.is_empty()) {
            let response = with_token(method, path).reply(&routes).await;
            assert_eq!(response.status(), expected, "{method} {path} {asked}");
            let problem: Value = serde_json::from_slice(response.body()).unwrap();
            assert_eq!(problem["error"], words.as_str());
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_without_repeating_it() {
    let door = FakeDoor::default();
    let routes = admin(&door);
    for (method, path, body) in [
        ("GET", "/api/v1/messages?limit=1001", ""),
        ("GET", "/api/v1/messages?colour=red", ""),
        ("GET", "/api/v1/messages/seven", ""),
        ("GET", "/api/v1/people?limit=0", ""),
        ("POST", "/api/v1/links", ""),
        ("POST", "/api/v1/links", r#"{"number": 15550100177}"#),
        ("POST", "/api/v1/links", r#"{"number": "+15550100177", "txet": true}"#),
    ] {
        let builder = request(method, path).header("authorization", format!("Bearer {TOKEN}"));
        let response = builder.body(body).reply(&routes).await;
        assert_eq!(response.status(), 400, "{method} {path} {body}");
        assert!(!text(&response).contains("0100177"), "{}", text(&response));
    }
    assert!(door.asked().is_empty());
}

#[tokio::test]
async fn the_document_describes_every_route_and_no_other() {
    let site = Site::new(FakeDoor::default(), &config());
    let table = crate::admin::table(site, Meters::detached().unwrap());
    let mut served = BTreeSet::new();
    for row in table.rows().iter().filter(|row| row.pattern.starts_with("/api/")) {
        let pattern = row.pattern.split('/').map(|segment| match segment.strip_prefix(':') {
            Some(name) => format!("{{{name}}}"),
            None => segment.to_owned(),
        });
        let pattern = pattern.collect::<Vec<_>>().join("/");
        served.extend(row.methods.iter().map(|method| format!("{method} {pattern}")));
    }
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let methods = operations.as_object().unwrap().keys();
        described.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    assert_eq!(served, described);
}

#[tokio::test]
async fn the_document_names_the_keys_that_are_answered() {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let routes = admin(&FakeDoor::default());
    for (path, schema) in [
        ("/api/v1/health", "Health"),
        ("/api/v1/lines", "Line"),
        ("/api/v1/sinks", "Sink"),
        ("/api/v1/pages", "Page"),
        ("/api/v1/plugins", "Plugin"),
        ("/api/v1/messages", "Message"),
        ("/api/v1/messages/7", "MessageDetail"),
        ("/api/v1/sums", "Sums"),
        ("/api/v1/money", "Money"),
        ("/api/v1/people", "Person"),
        ("/api/v1/people/+15550100101", "Person"),
    ] {
        let response = with_token("GET", path).reply(&routes).await;
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        let one = answer.get(0).unwrap_or(&answer);
        let properties = &document["components"]["schemas"][schema]["properties"];
        assert_eq!(keys(one), keys(properties), "{path}");
        if let Some(step) = one["set_up"].get(0) {
            assert_eq!(
                keys(step),
                keys(&document["components"]["schemas"]["SetUpStep"]["properties"])
            );
        }
        if let Some(identity) = one.get("identity") {
            assert_eq!(keys(identity), keys(&properties["identity"]["properties"]));
        }
    }
    let made = with_token("POST", "/api/v1/links").reply(&routes).await;
    let made: Value = serde_json::from_slice(made.body()).unwrap();
    assert_eq!(keys(&made), keys(&document["components"]["schemas"]["MadeLink"]["properties"]));
}

#[track_caller]
fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn the_desk_asks_who_is_there_and_shows_how_the_bridge_is() {
    let routes = admin(&FakeDoor::default());
    let response = request("GET", "/").reply(&routes).await;
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, "sign-in"));
    let form = text(&request("GET", "/sign-in").reply(&routes).await);
    assert!(form.contains(r#"name="token""#));
    let wrong = request("POST", "/sign-in").body("token=wrong-token").reply(&routes).await;
    assert_eq!(wrong.status(), 401);
    assert!(!wrong.headers().contains_key("set-cookie"));
    assert!(!text(&wrong).contains("wrong-token"));

    let right = request("POST", "/sign-in").body(format!("token={TOKEN}")).reply(&routes).await;
    assert_eq!((right.status().as_u16(), header(&right, "location")), (303, "./"));
    let cookie = header(&right, "set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(TOKEN));
    let session = cookie.split(';').next().unwrap();
    let page = text(&request("GET", "/").header("cookie", session).reply(&routes).await);
    let parts = "<h3>Parts</h3>";
    for words in ["degraded", "no credit", "/api/v1/openapi.json", "+15550100001", "csrf", parts] {
        assert!(page.contains(words), "{words}: {page}");
    }
    for words in ["cordboard-fake 1.2.3", "built in", "dist/plugins/libwall.so", "1.0"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("it is &lt;cut&gt; off"), "{page}");
    assert!(page.contains("&lt;b&gt;42") && !page.contains("<b>42"), "a plugin's data is no HTML");
}

#[tokio::test]
async fn a_session_is_no_key_to_the_api_and_signing_out_needs_our_own_form() {
    let routes = admin(&FakeDoor::default());
    let signed = request("POST", "/sign-in").body(format!("token={TOKEN}")).reply(&routes).await;
    let session = header(&signed, "set-cookie").split(';').next().unwrap();
    let api = request("GET", "/api/v1/health").header("cookie", session).reply(&routes).await;
    assert_eq!(api.status(), 401);
    let forged = request("POST", "/sign-out").header("cookie", session).body("csrf=x");
    assert_eq!(forged.reply(&routes).await.status(), 403);
    let page = text(&request("GET", "/").header("cookie", session).reply(&routes).await);
    let csrf = page.split(r#"name="csrf" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let out = request("POST", "/sign-out").header("cookie", session).body(format!("csrf={csrf}"));
    let out = out.reply(&routes).await;
    assert_eq!(out.status(), 303);
    assert!(header(&out, "set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn a_form_of_an_instance_is_sent_from_our_own_page_and_answered_on_it() {
    let door = FakeDoor::default();
    let routes = admin(&door);
    let signed = request("POST", "/sign-in").body(format!("token={TOKEN}")).reply(&routes).await;
    let session = header(&signed, "set-cookie").split(';').next().unwrap();
    let page = text(&request("GET", "/").header("cookie", session).reply(&routes).await);
    let csrf = page.split(r#"name="csrf" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let form = "instance=stick&form=unlock&pin=12+34";
    for forged in [form.to_owned(), format!("{form}&csrf=x")] {
        let sent = request("POST", "/act").header("cookie", session).body(forged);
        assert_eq!(sent.reply(&routes).await.status(), 403);
    }
    door.asked();
    let sent = request("POST", "/act").header("cookie", session);
    let sent = sent.body(format!("{form}&csrf={csrf}")).reply(&routes).await;
    assert_eq!(sent.status(), 200);
    assert!(text(&sent).contains("it is &lt;b&gt;done&lt;/b&gt;"), "{}", text(&sent));
    assert_eq!(door.asked().join(";"), r#"act stick unlock [("pin", "12 34")]"#);
}
