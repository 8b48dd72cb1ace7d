//! Linking pages: what they promise, which status they have, whose cookie they set.

use super::door::{FakeDoor, NOW};
use super::{config, header, https, public, request, text};
use crate::WebConfig;
use cordboard_engine::{LinkPage, LinkTrouble};
use cordboard_plugin::Address;

fn confirm() -> LinkPage {
    LinkPage::Confirm {
        last_two: "42".to_owned(),
        provider: "X".to_owned(),
        expires_at: NOW.plus_seconds(1800),
        twice: false,
        code_to: None,
    }
}

fn go_to() -> LinkPage {
    LinkPage::GoTo {
        url: "https://x.example/authorize?state=abc".to_owned(),
        cookie: "c00kie".to_owned(),
        cookie_seconds: 900,
    }
}

fn ask_code(wrong: u32) -> LinkPage {
    LinkPage::AskCode {
        last_two: "42".to_owned(),
        handle: "@ann".to_owned(),
        cookie: "f1eld".to_owned(),
        wrong,
    }
}

#[tokio::test]
async fn the_first_page_says_whose_phone_will_post_where_and_changes_nothing() {
    let door = FakeDoor::linking(confirm());
    let response = request("GET", "/link/abcd-EFGH-2345").reply(&public(&door, &config())).await;
    assert_eq!(response.status(), 200);
    let page = text(&response);
    assert!(page.contains("This lets the phone ending 42 post as you on X."), "{page}");
    assert!(page.contains("every text") && page.contains("publicly"), "{page}");
    assert!(page.contains("30 more minutes"), "{page}");
    assert_eq!(page.matches("<button").count(), 1);
    assert!(page.contains(r#"<form method="post">"#), "{page}");
    assert_eq!(door.asked(), ["page abcd-EFGH-2345"]);
    assert!(!response.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn pages_are_guarded_and_need_nothing_from_elsewhere() {
    let door = FakeDoor::linking(confirm());
    let response = request("GET", "/link/ABCD").reply(&public(&door, &https())).await;
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "same-origin"),
        ("x-robots-tag", "noindex"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    let policy = header(&response, "content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("style-src 'unsafe-inline'"));
    // Browsers apply form-action to the redirect to the provider, too.
    assert!(!policy.contains("form-action"), "{policy}");
    let page = text(&response);
    assert!(page.contains(r#"name="viewport""#));
    for elsewhere in ["<script", "<img", "<link", "src=", "url("] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[tokio::test]
async fn pressing_the_button_leads_on_and_marks_the_browser() {
    for (config, secure) in [(config(), ""), (https(), "; Secure")] {
        let door = FakeDoor::linking(go_to());
        let response = request("POST", "/link/ABCD").reply(&public(&door, &config)).await;
        assert_eq!(response.status(), 303);
        assert_eq!(header(&response, "location"), "https://x.example/authorize?state=abc");
        let expected = format!(
            "cordboard_link=c00kie; Path=/link; Max-Age=900; HttpOnly; SameSite=Lax{secure}"
        );
        assert_eq!(header(&response, "set-cookie"), expected);
        assert_eq!(door.asked(), ["press ABCD"]);
    }
}

#[tokio::test]
async fn below_a_path_the_cookie_keeps_to_that_path() {
    let config = WebConfig { public_url: "https://bridge.example/sms".to_owned(), ..config() };
    let door = FakeDoor::linking(go_to());
    let response = request("POST", "/link/ABCD").reply(&public(&door, &config)).await;
    assert!(header(&response, "set-cookie").contains("Path=/sms/link;"));
}

#[tokio::test]
async fn a_press_made_by_another_site_only_shows_the_page() {
    for (name, value, pressed) in [
        ("sec-fetch-site", "same-origin", true),
        ("sec-fetch-site", "none", true),
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
        ("origin", "https://bridge.example", true),
        ("origin", "http://127.0.0.1:8080", true),
        ("origin", "https://evil.example", false),
        ("origin", "https://bridge.example.evil.example", false),
        // What a page without a referrer, or in a sandboxed frame, makes a browser send.
        ("origin", "null", false),
    ] {
        let door = FakeDoor::linking(confirm());
        let builder = request("POST", "/link/ABCD").header(name, value);
        assert_eq!(builder.reply(&public(&door, &https())).await.status(), 200);
        let expected = if pressed { "press ABCD" } else { "page ABCD" };
        assert_eq!(door.asked(), [expected], "{name}: {value}");
    }
}

#[tokio::test]
async fn the_return_hands_on_query_and_cookie() {
    let door = FakeDoor::linking(LinkPage::Linked {
        provider: "X".to_owned(),
        handle: "@ann".to_owned(),
        line: Address::new("+15550100001"),
        held: 2,
    });
    let response = request("GET", "/link/wall/callback?state=s%2Bs&code=c+c")
        .header("cookie", "other=1; cordboard_link=c00kie;x=y")
        .reply(&public(&door, &config()))
        .await;
    assert_eq!(response.status(), 200);
    let asked = r#"return wall [("state", "s+s"), ("code", "c c")] Some("c00kie")"#;
    assert_eq!(door.asked(), [asked]);
    let page = text(&response);
    for words in ["@ann", "+15550100001", "2 texts of yours wait", "YES", "STOP"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test]
async fn a_cookie_of_a_similar_name_is_not_ours() {
    let door = FakeDoor::default();
    let builder = request("GET", "/link/wall/callback").header("cookie", "xcordboard_link=1");
    builder.reply(&public(&door, &config())).await;
    assert_eq!(door.asked(), ["return wall [] None"]);
}

#[tokio::test]
async fn another_browser_is_asked_for_the_texted_code() {
    let door = FakeDoor::linking(ask_code(1));
    let routes = public(&door, &config());
    let response = request("GET", "/link/wall/callback?state=s").reply(&routes).await;
    let page = text(&response);
    assert!(page.contains("@ann") && page.contains("ending 42") && page.contains("not the code"));
    assert!(page.contains(r#"action="code""#) && page.contains(r#"value="f1eld""#), "{page}");
    assert!(header(&response, "set-cookie").starts_with("cordboard_link=f1eld; Path=/link;"));
    door.asked();
    request("POST", "/link/wall/code")
        .header("cookie", "cordboard_link=f1eld")
        .body("browser=f1eld&code=123+456")
        .reply(&routes)
        .await;
    assert_eq!(door.asked(), [r#"code wall Some("f1eld") f1eld 123 456"#]);
}

#[tokio::test]
async fn a_first_question_for_the_code_blames_nobody() {
    let door = FakeDoor::linking(ask_code(0));
    let response = request("GET", "/link/wall/callback").reply(&public(&door, &config())).await;
    assert!(!text(&response).contains("not the code"));
}

#[tokio::test]
async fn a_form_over_its_cap_is_refused() {
    let door = FakeDoor::default();
    let body = format!("code={}", "1".repeat(64 << 10));
    let response =
        request("POST", "/link/wall/code").body(body).reply(&public(&door, &config())).await;
    assert_eq!(response.status(), 413);
    assert!(door.asked().is_empty());
}

#[tokio::test]
async fn each_trouble_has_its_status() {
    for (trouble, expected) in [
        (LinkTrouble::Unknown, 404),
        (LinkTrouble::Expired, 410),
        (LinkTrouble::Used, 410),
        (LinkTrouble::Replaced, 410),
        (LinkTrouble::Declined, 403),
        (LinkTrouble::TooLittle, 403),
        (LinkTrouble::Provider, 502),
        (LinkTrouble::Operator, 500),
        (LinkTrouble::TooMany, 429),
        (LinkTrouble::Limit, 503),
        (LinkTrouble::NotReady, 503),
    ] {
        let door = FakeDoor::linking(LinkPage::Trouble(trouble));
        let response = request("GET", "/link/ABCD").reply(&public(&door, &config())).await;
        assert_eq!(response.status(), expected, "{trouble:?}");
        assert_eq!(response.headers().contains_key("retry-after"), expected == 503);
    }
}
