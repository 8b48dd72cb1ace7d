//! Webhooks and health: what arrives is what the transport gets.

use super::door::{FakeDoor, Told};
use super::{config, header, https, public, request, status, text};
use crate::{Peer, TrustedProxies, WebConfig};
use cordboard_plugin::HttpAnswer;

#[tokio::test]
async fn every_public_address_takes_its_methods_and_no_other() {
    let routes = public(&FakeDoor::default(), &config());
    for (method, path, expected) in [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/help", 200),
        ("POST", "/help", 405),
        ("POST", "/hooks/twin", 200),
        ("GET", "/hooks/twin", 200),
        ("POST", "/hooks/twin/status", 200),
        ("HEAD", "/hooks/twin", 405),
        ("PUT", "/hooks/twin", 405),
        ("DELETE", "/hooks/twin/status", 405),
        ("POST", "/hooks/", 404),
        ("POST", "/hooks", 404),
        ("POST", "/hooks/twin/other", 404),
        ("POST", "/healthz", 405),
        ("HEAD", "/link/ABCD", 405),
        ("DELETE", "/link/ABCD", 405),
        ("POST", "/link/wall/callback", 405),
        ("GET", "/link/wall/code", 405),
        ("GET", "/api/v1/messages", 404),
        ("GET", "/metrics", 404),
        ("GET", "/sign-in", 404),
        ("GET", "/favicon.ico", 404),
    ] {
        assert_eq!(status(&routes, method, path).await, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let routes = public(&FakeDoor::default(), &config());
    let response = request("DELETE", "/link/ABCD").reply(&routes).await;
    assert_eq!(header(&response, "allow"), "GET, POST");
}

#[tokio::test]
async fn a_call_reaches_the_transport_exactly_as_it_arrived() {
    let door = FakeDoor::default();
    let routes = public(&door, &https());
    let body = b"\xff\xfe\x00a=%2B&b=\r\n";
    request("POST", "/hooks/twin?b=%2b+x&a=1&a=%7E")
        .header("x-signature", "abc")
        .header("x-latin", http::HeaderValue::from_bytes(b"caf\xe9").unwrap())
        .header("x-utf8", http::HeaderValue::from_bytes("café".as_bytes()).unwrap())
        .body(body)
        .reply(&routes)
        .await;
    let call = door.call();
    assert_eq!(call.url, "https://bridge.example/hooks/twin?b=%2b+x&a=1&a=%7E");
    assert_eq!(call.query, "b=%2b+x&a=1&a=%7E");
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", ""));
    assert_eq!(call.body.0, body);
    assert_eq!(call.header("X-Signature"), Some("abc"));
    assert_eq!(call.header("x-utf8"), Some("café"));
    assert_eq!(call.header("x-latin"), None);
    assert_eq!(door.asked(), ["hook twin "]);
}

#[tokio::test]
async fn receipts_go_to_the_status_path_and_a_lone_question_mark_stays() {
    let door = FakeDoor::default();
    let routes = public(&door, &https());
    request("POST", "/hooks/twin/status?").reply(&routes).await;
    let call = door.call();
    assert_eq!(call.path, "/status");
    assert_eq!(call.url, "https://bridge.example/hooks/twin/status?");
    request("POST", "/hooks/twin/status").reply(&routes).await;
    assert_eq!(door.call().url, "https://bridge.example/hooks/twin/status");
}

#[tokio::test]
async fn the_answer_goes_out_as_the_transport_gave_it() {
    let answer = HttpAnswer::new(418, "text/xml", "<x/>").with_header("x-own", "1");
    let door = FakeDoor::new(Told { answer, ..Told::default() });
    let response = request("POST", "/hooks/twin").reply(&public(&door, &config())).await;
    assert_eq!(response.status(), 418);
    assert_eq!(header(&response, "content-type"), "text/xml");
    assert_eq!(header(&response, "x-own"), "1");
    assert_eq!(text(&response), "<x/>");
}

#[tokio::test]
async fn our_own_errors_are_never_plain_text_and_repeat_nothing() {
    let door = FakeDoor::default();
    let routes = public(&door, &config());
    let long = vec![b'x'; (1 << 20) + 1];
    for (method, path, body) in [
        ("POST", "/hooks/twin", &long[..]),
        ("HEAD", "/hooks/secretname", b"secretbody"),
        ("POST", "/secretname", b"secretbody"),
    ] {
        let response = request(method, path).body(body).reply(&routes).await;
        assert!(response.status().is_client_error());
        assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
        assert!(!text(&response).contains("secret"));
    }
    assert!(door.asked().is_empty());
}

#[tokio::test]
async fn a_webhook_may_be_one_mebibyte_and_not_a_byte_more() {
    let routes = public(&FakeDoor::default(), &config());
    for (bytes, expected) in [(1 << 20, 200), ((1 << 20) + 1, 413)] {
        let response = request("POST", "/hooks/twin").body(vec![b'x'; bytes]).reply(&routes).await;
        assert_eq!(response.status(), expected, "{bytes} bytes");
    }
}

#[tokio::test]
async fn ten_thousand_parameters_pass_untouched() {
    let door = FakeDoor::default();
    let body = (0..10_000).map(|n| format!("p{n}=%20")).collect::<Vec<_>>().join("&");
    let response =
        request("POST", "/hooks/twin").body(&body).reply(&public(&door, &config())).await;
    assert_eq!(response.status(), 200);
    assert_eq!(door.call().body.0, body.into_bytes());
}

#[tokio::test]
async fn nobody_can_claim_to_call_from_elsewhere() {
    let proxies = TrustedProxies::parse(&["127.0.0.1"]).unwrap();
    let config = WebConfig { trusted_proxies: proxies, ..config() };
    let door = FakeDoor::default();
    let routes = public(&door, &config);
    for (peer, claimed, believed) in [
        ("127.0.0.1:999", "198.51.100.7", "198.51.100.7"),
        ("192.0.2.1:999", "198.51.100.7", "192.0.2.1"),
    ] {
        let builder = request("POST", "/hooks/twin").header("x-forwarded-for", claimed);
        builder.extension(Peer(peer.parse().unwrap())).reply(&routes).await;
        assert_eq!(door.call().header("x-forwarded-for"), Some(believed), "{peer}");
    }
    request("POST", "/hooks/twin").header("x-forwarded-for", "198.51.100.7").reply(&routes).await;
    assert_eq!(door.call().header("x-forwarded-for"), None);
}

#[tokio::test]
async fn health_on_the_public_port_says_that_but_not_why() {
    let response = request("GET", "/healthz").reply(&public(&FakeDoor::default(), &config())).await;
    assert_eq!(response.status(), 200);
    assert_eq!(text(&response), r#"{"ready":true,"status":"degraded"}"#);
}

#[tokio::test]
async fn readiness_follows_the_engine() {
    let door = FakeDoor::new(Told { ready: false, ..Told::default() });
    let routes = public(&door, &config());
    assert_eq!(status(&routes, "GET", "/readyz").await, 503);
    assert_eq!(status(&routes, "GET", "/healthz").await, 200);
}
