//! Pictures in the sandbox: sent by a phone, shown on it and on the timeline.

use super::door::{FakeDoor, NOW, Told};
use super::{config, header, public, request, text};
use cordboard_engine::SandboxView;
use cordboard_plugin::{Address, HttpAnswer, PhoneLine, TimelinePicture, TimelinePost};

const PART: &str = "--cut\r\nContent-Disposition: form-data; name=";

/// A form as a browser sends it: words, then files by type.
fn form(words: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = format!(
        "{PART}\"phone\"\r\n\r\n+15550100103\r\n{PART}\"line\"\r\n\r\ntwin|+15550100001\r\n\
         {PART}\"body\"\r\n\r\n{words}\r\n"
    )
    .into_bytes();
    for (media_type, bytes) in files {
        let name = if bytes.is_empty() { "" } else { "a.jpg" };
        let head = format!(
            "{PART}\"pictures\"; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
        );
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend_from_slice(b"--cut--\r\n");
    body
}

async fn send(door: &FakeDoor, body: &[u8]) -> http::Response<bytes::Bytes> {
    request("POST", "/sandbox/text")
        .header("content-type", "multipart/form-data; boundary=cut")
        .body(body)
        .reply(&public(door, &config()))
        .await
}

#[tokio::test]
async fn a_phone_sends_pictures_with_and_without_words() {
    let door = FakeDoor::default();
    let large = vec![0xff; 5 << 20];
    for (body, texted) in [
        (
            form("look", &[("image/jpeg", b"one"), ("video/mp4", &large)]),
            "look +image/jpeg:3 +video/mp4:5242880",
        ),
        (form("", &[("Image/PNG", b"one")]), " +image/png:3"),
        (form("hi & bye", &[("application/octet-stream", b"")]), "hi & bye"),
    ] {
        let response = send(&door, &body).await;
        assert_eq!(response.status(), 303, "{texted}: {}", text(&response));
        assert!(header(&response, "location").starts_with("/sandbox?phone=%2B15550100103"));
        assert_eq!(door.asked(), [format!("text twin +15550100103 +15550100001 {texted}")]);
    }
}

#[tokio::test]
async fn what_a_phone_does_not_send_is_said_in_words() {
    let neither = "one of these files is neither";
    for (body, words) in [
        (form("look", &[("image/jpeg", b"one"), ("text/html", b"<b>")]), neither),
        (form("look", &[("image/svg+xml", b"<svg/>")]), neither),
        (form("look", &[("", b"one")]), neither),
        (form("", &[]), "Write something, or choose a picture."),
    ] {
        let door = FakeDoor::default();
        let response = send(&door, &body).await;
        let page = text(&response);
        assert_eq!(response.status(), 400, "{page}");
        assert!(page.contains(words), "{page}");
        assert!(!door.asked().iter().any(|asked| asked.starts_with("text")), "{words}");
    }
}

#[tokio::test]
async fn only_this_form_may_be_long_and_only_so_long() {
    let door = FakeDoor::default();
    let pictures = vec![0xff; (25 << 20) - 4096];
    assert_eq!(send(&door, &form("", &[("image/jpeg", &pictures)])).await.status(), 303);
    assert_eq!(door.asked().len(), 1);
    let too_long = vec![0xff; 25 << 20];
    assert_eq!(send(&door, &form("", &[("image/jpeg", &too_long)])).await.status(), 413);
    let without_parts = request("POST", "/sandbox/text").body(vec![b'x'; 65 << 10]);
    assert_eq!(without_parts.reply(&public(&door, &config())).await.status(), 413);
    let broken_off = form("look", &[("image/jpeg", b"one")]);
    assert_eq!(send(&door, &broken_off[..broken_off.len() - 9]).await.status(), 400);
    assert!(door.asked().is_empty());
}

#[tokio::test]
async fn other_sites_cannot_send_pictures() {
    let door = FakeDoor::default();
    let response = request("POST", "/sandbox/text")
        .header("content-type", "multipart/form-data; boundary=cut")
        .header("sec-fetch-site", "cross-site")
        .body(form("look", &[("image/jpeg", b"one")]))
        .reply(&public(&door, &config()))
        .await;
    assert_eq!(response.status(), 403);
    assert!(door.asked().is_empty());
}

fn picture(media_type: &str, alt: Option<&str>) -> TimelinePicture {
    TimelinePicture {
        path: "/wall/media/7".to_owned(),
        media_type: media_type.to_owned(),
        alt: alt.map(str::to_owned),
    }
}

#[tokio::test]
async fn pictures_are_shown_with_their_descriptions() {
    let view = SandboxView {
        phone: vec![PhoneLine {
            at: NOW,
            mine: true,
            other: Address::new("+15550100001"),
            body: String::new(),
            pictures: vec![picture("image/webp", None), picture("application/octet-stream", None)],
        }],
        timeline: vec![TimelinePost {
            id: "1".to_owned(),
            author: "@ann".to_owned(),
            text: String::new(),
            at: NOW,
            previous: None,
            pictures: vec![
                picture("image/jpeg", Some("a \"red\" kite")),
                picture("image/png", None),
                picture("video/mp4", Some("waves")),
                picture("image/svg+xml", None),
            ],
        }],
    };
    let door = FakeDoor::new(Told { view, ..Told::default() });
    let response = request("GET", "/sandbox").reply(&public(&door, &config())).await;
    let page = text(&response);
    for part in [
        r#"<img src="/sandbox/wall/media/7" alt="Picture">"#,
        "a file that this page does not show",
        r#"<img src="/sandbox/wall/media/7" alt="a &quot;red&quot; kite">"#,
        r#"<figcaption class="small">a &quot;red&quot; kite</figcaption>"#,
        r#"<img src="/sandbox/wall/media/7" alt="">"#,
        r#"<figcaption class="small">no description</figcaption>"#,
        r#"<video src="/sandbox/wall/media/7" controls preload="metadata" aria-label="waves">"#,
        r#"enctype="multipart/form-data""#,
        r#"type="file" accept="image/*,video/mp4" multiple"#,
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(page.matches("<img ").count(), 3, "no drawing with scripts: {page}");
    let policy = header(&response, "content-security-policy");
    assert!(policy.contains("img-src 'self' blob:; media-src 'self' blob:;"), "{policy}");
}

#[tokio::test]
async fn what_a_provider_hands_out_never_becomes_a_page_of_ours() {
    for (content_type, policy) in [
        ("image/svg+xml", Some("default-src 'none'; sandbox")),
        ("image/jpeg", Some("default-src 'none'; sandbox")),
        ("application/json", Some("default-src 'none'; sandbox")),
        ("text/html; charset=utf-8", None),
    ] {
        let answer = HttpAnswer::new(200, content_type, "<script>alert(1)</script>");
        let door = FakeDoor::new(Told { answer, ..Told::default() });
        let response =
            request("GET", "/sandbox/wall/media/7").reply(&public(&door, &config())).await;
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        let given = response.headers().get("content-security-policy");
        assert_eq!(given.map(|value| value.to_str().unwrap()), policy, "{content_type}");
    }
    let answer = HttpAnswer::new(200, "image/png", "").with_header("content-security-policy", "x");
    let door = FakeDoor::new(Told { answer, ..Told::default() });
    let response = request("GET", "/sandbox/wall/media/7").reply(&public(&door, &config())).await;
    assert_eq!(header(&response, "content-security-policy"), "x");
}
