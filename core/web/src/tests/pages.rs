//! Nothing that comes from outside becomes markup.

use super::door::{FakeDoor, NOW, Told, line};
use super::{TOKEN, admin, config, public, request, text};
use cordboard_engine::{LinkPage, LinkTrouble, SandboxView};
use cordboard_plugin::{Address, PhoneLine, TimelinePicture, TimelinePost};
use proptest::prelude::*;

/// Strings that would break out of text or attributes, around a mark that can be found again.
fn hostile() -> impl Strategy<Value = String> {
    let part = "[<>&\"' /=a-z]{0,12}";
    (part, part).prop_map(|(before, after)| format!("{before}<zq\"'>{after}"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

#[track_caller]
fn assert_escaped(page: &str, value: &str) {
    assert!(!page.contains("<zq"), "{value:?} became markup in {page}");
    assert!(!page.contains("&lt;zq\""), "{value:?} would end an attribute in {page}");
    assert!(page.contains("&lt;zq&quot;"), "{value:?} is not shown in {page}");
}

fn link_pages(value: &str) -> Vec<LinkPage> {
    let value = value.to_owned();
    let cookie = "c".to_owned();
    vec![
        LinkPage::Confirm {
            last_two: value.clone(),
            provider: value.clone(),
            expires_at: NOW,
            twice: true,
            code_to: Some(Address::new(value.as_str())),
        },
        LinkPage::NotConnected {
            trouble: LinkTrouble::TooLittle,
            detail: Some(value.clone()),
            words_of: Some(value.clone()),
        },
        LinkPage::GoTo { url: value.clone(), cookie: cookie.clone(), cookie_seconds: 1 },
        LinkPage::AskCode {
            last_two: value.clone(),
            handle: value.clone(),
            cookie: value.clone(),
            wrong: 1,
        },
        LinkPage::Linked {
            provider: value.clone(),
            handle: value.clone(),
            line: Address::new(value.as_str()),
            held: 1,
        },
    ]
}

fn sandbox(value: &str) -> Told {
    let picture = |media_type: &str| TimelinePicture {
        path: value.to_owned(),
        media_type: media_type.to_owned(),
        alt: Some(value.to_owned()),
    };
    let bubble = |body: String| PhoneLine {
        at: NOW,
        mine: false,
        other: Address::new(value),
        body,
        pictures: Vec::new(),
    };
    let view = SandboxView {
        phone: vec![bubble(value.to_owned()), bubble(format!("https://example.com/{value}"))],
        timeline: vec![TimelinePost {
            id: value.to_owned(),
            author: value.to_owned(),
            text: value.to_owned(),
            at: NOW,
            previous: Some(value.to_owned()),
            pictures: ["image/png", "video/mp4", value].map(picture).to_vec(),
        }],
    };
    Told {
        name: value.to_owned(),
        texted: Err(value.to_owned()),
        view,
        lines: vec![line(value, value), line("b", "c")],
        ..Told::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn link_pages_escape_every_value(value in hostile()) {
        for page in link_pages(&value) {
            let door = FakeDoor::linking(page);
            let routes = public(&door, &config());
            let shown = runtime().block_on(async { request("GET", "/link/A").reply(&routes).await });
            assert_escaped(&text(&shown), &value);
        }
    }

    #[test]
    fn the_sandbox_escapes_every_value(value in hostile()) {
        let routes = public(&FakeDoor::new(sandbox(&value)), &config());
        let form: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("phone", &value)
            .append_pair("line", &value)
            .append_pair("body", &value)
            .finish();
        let (page, view, refused) = runtime().block_on(async {
            let page = request("GET", &format!("/sandbox?{form}")).reply(&routes).await;
            let view = request("GET", "/sandbox/view").reply(&routes).await;
            let refused = request("POST", "/sandbox/text").body(&form).reply(&routes).await;
            (page, view, refused)
        });
        assert_escaped(&text(&page), &value);
        assert_escaped(&text(&refused), &value);
        let panes: serde_json::Value = serde_json::from_slice(view.body()).unwrap();
        assert_escaped(panes["phone"].as_str().unwrap(), &value);
        assert_escaped(panes["timeline"].as_str().unwrap(), &value);
    }

    #[test]
    fn the_desk_escapes_every_value(value in hostile()) {
        let routes = admin(&FakeDoor::new(sandbox(&value)));
        let page = runtime().block_on(async {
            let signed = request("POST", "/sign-in").body(format!("token={TOKEN}"));
            let signed = signed.reply(&routes).await;
            let cookie = super::header(&signed, "set-cookie").split(';').next().unwrap().to_owned();
            request("GET", "/").header("cookie", cookie).reply(&routes).await
        });
        assert_escaped(&text(&page), &value);
    }
}
