//! The sandbox: who may see it, and what it shows.

use super::door::{FakeDoor, NOW, Told, line};
use super::{config, header, https, public, request, status, text};
use crate::WebConfig;
use cordboard_engine::SandboxView;
use cordboard_plugin::{Address, PhoneLine, TimelinePost};

const PATHS: &[(&str, &str)] = &[
    ("GET", "/sandbox"),
    ("GET", "/sandbox/page.js"),
    ("GET", "/sandbox/view"),
    ("POST", "/sandbox/text"),
    ("PATCH", "/sandbox/twin/any/thing"),
];

#[tokio::test]
async fn only_a_loopback_name_opens_the_sandbox_of_a_loopback_bridge() {
    let routes = public(&FakeDoor::default(), &config());
    for (host, open) in [
        ("127.0.0.1:8080", true),
        ("127.0.0.1", true),
        ("localhost:1234", true),
        ("LOCALHOST", true),
        ("[::1]:8080", true),
        ("bridge.example", false),
        ("localhost.evil.example", false),
        ("127.0.0.1.evil.example", false),
        ("evil.example@127.0.0.1", true),
        ("192.168.1.5:8080", false),
        ("", false),
    ] {
        for (method, path) in PATHS {
            let builder = warp::test::request().method(method).path(path).header("host", host);
            let hidden = builder.reply(&routes).await.status() == 404;
            assert_eq!(hidden, !open, "{host:?} {path}");
        }
    }
    let nameless = warp::test::request().path("/sandbox").reply(&routes).await;
    assert_eq!(nameless.status(), 404);
}

#[tokio::test]
async fn a_public_bridge_hides_the_sandbox_unless_told_otherwise() {
    let anywhere = WebConfig { listen: "0.0.0.0:8080".parse().unwrap(), ..config() };
    for config in [https(), anywhere] {
        let open = WebConfig { sandbox_public: true, ..config.clone() };
        for (config, expected) in [(config, 404), (open, 200)] {
            let routes = public(&FakeDoor::default(), &config);
            assert_eq!(status(&routes, "GET", "/sandbox").await, expected);
            assert_eq!(status(&routes, "GET", "/sandbox/twin/timeline").await, expected);
        }
    }
}

#[tokio::test]
async fn where_nothing_is_simulated_there_is_no_sandbox() {
    let config = WebConfig { sandbox_public: true, ..config() };
    let door = FakeDoor::new(Told { simulated: false, ..Told::default() });
    let routes = public(&door, &config);
    for (method, path) in PATHS {
        assert_eq!(status(&routes, method, path).await, 404, "{path}");
    }
}

#[tokio::test]
async fn the_bare_address_leads_a_newcomer_to_the_sandbox_and_strangers_to_help() {
    let response = request("GET", "/").reply(&public(&FakeDoor::default(), &config())).await;
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, "/sandbox"));
    let response = request("GET", "/").reply(&public(&FakeDoor::default(), &https())).await;
    assert_eq!(response.status(), 200);
    assert!(text(&response).contains("help@bridge.example"));
}

#[tokio::test]
async fn the_first_look_says_what_to_do_and_what_is_simulated() {
    let response = request("GET", "/sandbox").reply(&public(&FakeDoor::default(), &config())).await;
    let page = text(&response);
    for part in [
        r#"<form id="compose" method="post" action="/sandbox/text""#,
        r#"name="body""#,
        r#"name="phone" value="+15550100101""#,
        r#"<button id="send""#,
        "Text something, e.g. hello",
        "twin, wall",
        "simulate = true",
        r#"name="viewport""#,
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let policy = header(&response, "content-security-policy");
    assert!(policy.contains("script-src 'self'") && policy.contains("form-action 'self'"));
    assert!(!page.contains("<script>") && !page.contains("onclick"));
}

#[tokio::test]
async fn bubbles_and_posts_stand_where_they_belong() {
    let bubble = |mine, body: &str| PhoneLine {
        at: NOW,
        mine,
        other: Address::new("+15550100001"),
        body: body.to_owned(),
        pictures: Vec::new(),
    };
    let view = SandboxView {
        phone: vec![bubble(true, "hello"), bubble(false, "open http://127.0.0.1:8080/link/AB.")],
        timeline: vec![TimelinePost {
            id: "1".to_owned(),
            author: "@ann".to_owned(),
            text: "hello world".to_owned(),
            at: NOW,
            previous: None,
            pictures: Vec::new(),
        }],
    };
    let door = FakeDoor::new(Told { view, ..Told::default() });
    let routes = public(&door, &config());
    let page = text(&request("GET", "/sandbox?phone=%2B15550100102").reply(&routes).await);
    assert!(
        page.contains(r#"<div class="bubble mine"><span class="words">hello</span>"#),
        "{page}"
    );
    assert!(page.contains(r#"<div class="bubble theirs">"#));
    assert!(page.contains(r#"<a href="http://127.0.0.1:8080/link/AB" target="_blank""#));
    assert!(page.contains(r#"<article class="post">"#));
    assert!(page.contains(r#"<span class="author">@ann</span>"#));
    assert!(page.contains(r#"<p class="words">hello world</p>"#));
    assert_eq!(door.asked(), ["view +15550100102"]);
    let view = request("GET", "/sandbox/view?phone=+15550100102").reply(&routes).await;
    let panes: serde_json::Value = serde_json::from_slice(view.body()).unwrap();
    assert!(panes["phone"].as_str().unwrap().contains("bubble mine"));
    assert!(panes["timeline"].as_str().unwrap().contains("hello world"));
    assert_eq!(door.asked(), ["view +15550100102"]);
}

#[tokio::test]
async fn sending_works_without_javascript_and_comes_back_to_the_same_phone() {
    let lines = vec![line("twin", "+15550100001"), line("other", "+15550100002")];
    let door = FakeDoor::new(Told { lines, ..Told::default() });
    let routes = public(&door, &config());
    for (chosen, texted) in [
        ("other%7C%2B15550100002", "text other +15550100103 +15550100002 hi & bye"),
        ("unknown", "text twin +15550100103 +15550100001 hi & bye"),
    ] {
        let body = format!("phone=%2B15550100103&line={chosen}&body=hi+%26+bye");
        let response = request("POST", "/sandbox/text").body(body).reply(&routes).await;
        assert_eq!(response.status(), 303);
        let location = format!("/sandbox?phone=%2B15550100103&line={chosen}");
        assert_eq!(header(&response, "location"), location);
        assert_eq!(door.asked(), [texted]);
    }
}

#[tokio::test]
async fn a_text_that_is_not_taken_is_said_and_kept() {
    let told = Told { texted: Err("the bridge is starting".to_owned()), ..Told::default() };
    let routes = public(&FakeDoor::new(told), &config());
    let body = "phone=%2B15550100103&body=dear+diary";
    let response = request("POST", "/sandbox/text").body(body).reply(&routes).await;
    assert_eq!(response.status(), 400);
    let page = text(&response);
    assert!(page.contains("the bridge is starting") && page.contains(r#"value="dear diary""#));
}

#[tokio::test]
async fn only_made_up_phones_may_text() {
    for phone in ["%2B4915550100", "15550100101", "%2B1555x", "alice"] {
        let door = FakeDoor::default();
        let builder = request("POST", "/sandbox/text").body(format!("phone={phone}&body=x"));
        let response = builder.reply(&public(&door, &config())).await;
        assert_eq!(response.status(), 400, "{phone}");
        assert!(!door.asked().iter().any(|asked| asked.starts_with("text")), "{phone}");
    }
}

#[tokio::test]
async fn other_sites_cannot_text_but_may_call_the_simulated_provider() {
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
        ("origin", "http://localhost:9999"),
    ] {
        let door = FakeDoor::default();
        let routes = public(&door, &config());
        let body = "phone=%2B15550100103&body=x";
        let builder = request("POST", "/sandbox/text").header(name, value).body(body);
        assert_eq!(builder.reply(&routes).await.status(), 403, "{name}: {value}");
        assert!(door.asked().is_empty());
        let builder = request("POST", "/sandbox/twin/2/oauth2/token").header(name, value);
        assert_eq!(builder.reply(&routes).await.status(), 200);
    }
}

#[tokio::test]
async fn a_simulated_provider_gets_the_call_whole() {
    let door = FakeDoor::default();
    let routes = public(&door, &config());
    let picture = vec![0xff; 5 << 20];
    request("PUT", "/sandbox/wall/2/media%2Fx?a=%31")
        .header("cookie", "session=1")
        .body(&picture)
        .reply(&routes)
        .await;
    let call = door.call();
    assert_eq!(call.url, "http://127.0.0.1:8080/sandbox/wall/2/media%2Fx?a=%31");
    assert_eq!((call.method.as_str(), call.path.as_str()), ("PUT", "/2/media%2Fx"));
    assert_eq!(call.header("cookie"), Some("session=1"));
    assert_eq!(call.body.0, picture);
    let long = request("PUT", "/sandbox/wall/x").body(vec![0; (6 << 20) + 1]).reply(&routes).await;
    assert_eq!(long.status(), 413);
}
