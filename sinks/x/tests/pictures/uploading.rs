//! Pictures on their way: both APIs, at once and in pieces, with descriptions, and in posts.

use crate::town::{Town, part, picture, with_alt};
use cordboard_plugin::{Attempt, CallError, Media, MediaHandle, Reason, Settled, header};
use cordboard_testkit::{START, block_on};
use serde_json::{Value, json};

/// Every way in which people link and pictures travel.
fn towns() -> Vec<(&'static str, Town)> {
    vec![
        ("v2", Town::new("oauth1", &json!({}))),
        ("v2 by code", Town::new("oauth1", &json!({ "link": "code" }))),
        ("v2 by bearer", Town::new("oauth2", &json!({}))),
        ("v1.1", Town::new("oauth1", &json!({ "upload_api": "v1.1" }))),
    ]
}

#[test]
fn every_kind_of_picture_is_posted_by_every_way() {
    for (way, town) in towns() {
        let who = town.link("ada");
        let kinds = ["image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4"].into_iter();
        for (kind, nth) in kinds.zip(1..) {
            let sent = with_alt(picture(kind, 70_000, nth), &format!("A {kind} & \"more\""));
            let words = format!("one {kind}");
            let out = town.post(&who, &words, std::slice::from_ref(&sent)).unwrap();
            assert_eq!(out.len(), 1, "{way} {kind}");
            let post = town.timeline().remove(0);
            assert_eq!((post.text, post.pictures.len()), (words, 1), "{way}");
            assert_eq!(post.pictures[0].media_type, kind, "{way}");
            assert_eq!(post.pictures[0].alt, sent.alt, "{way} {kind}");
            let shown = town.shown(0, 0);
            assert!(shown.status == 200 && shown.body == sent.bytes, "{way} {kind}: other bytes");
            assert_eq!(header(&shown.headers, "content-type"), Some(kind));
            assert_eq!(header(&shown.headers, "x-content-type-options"), Some("nosniff"));
        }
    }
}

#[test]
fn a_still_takes_one_call_and_a_video_comes_in_pieces() {
    for (settings, still, pieces) in [
        (
            json!({}),
            vec!["/2/media/upload"],
            vec!["/2/media/upload/initialize", "append", "append", "finalize"],
        ),
        (
            json!({ "upload_api": "v1.1" }),
            vec!["/1.1/media/upload.json"],
            vec!["/1.1/media/upload.json"; 4],
        ),
    ] {
        let town = Town::new("oauth1", &settings);
        let who = town.link("ada");
        let before = town.paths().len();
        town.upload(&who, &picture("image/jpeg", 4_900_000, 1)).unwrap();
        assert_eq!(town.paths()[before..], still);
        let before = town.paths().len();
        town.upload(&who, &picture("video/mp4", 3_000_000, 1)).unwrap();
        let taken: Vec<String> = town.paths().split_off(before);
        let (taken, looks) = taken.split_at(4);
        for (taken, wanted) in taken.iter().zip(pieces) {
            assert!(taken.ends_with(wanted), "{taken} is not {wanted}");
        }
        // One look while it is in progress, one when it is done; each at the time X asked for.
        assert_eq!(looks.len(), 2, "{looks:?}");
        let sleeps: Vec<i64> = town.host.sleeps().iter().map(|at| at.millis_since(START)).collect();
        assert_eq!(sleeps, [1000, 3000]);
    }
}

#[test]
fn no_call_carries_much_more_than_its_piece() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    town.upload(&who, &picture("image/gif", 14_000_000, 1)).unwrap();
    town.upload(&who, &picture("image/png", 4_000_000, 1)).unwrap();
    for request in town.host.requests() {
        let len = request.body.0.len();
        assert!(len < (2 << 20) + 1024 || (4_000_000..4_001_100).contains(&len), "{len}");
        // Built once at its full size: growing would hold it twice for a moment.
        assert!(request.body.0.capacity() < len + 2048);
    }
}

#[test]
fn four_stills_share_a_post_and_more_follow() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    let stills: Vec<Media> = (0..5).map(|nth| picture("image/jpeg", 100, nth)).collect();
    let out = town.post(&who, "an album", &stills).unwrap();
    let timeline = town.timeline();
    assert_eq!((timeline[1].text.as_str(), timeline[1].pictures.len()), ("an album", 4));
    assert_eq!((timeline[0].text.as_str(), timeline[0].pictures.len()), ("", 1));
    assert_eq!(timeline[0].previous.as_deref(), Some(out[0].id.as_str()));
    for (nth, still) in stills.iter().enumerate().take(4) {
        assert_eq!(town.shown(1, nth).body, still.bytes);
    }
    assert_eq!(town.shown(0, 0).body, stills[4].bytes);
}

#[test]
fn a_picture_without_words_is_posted_and_found_again() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    let [first, second] = [1, 2].map(|nth| picture("image/png", 50, nth));
    let handle = town.upload(&who, &first).unwrap();
    town.fault("publish", "reset_after_accept");
    let lost = part("", vec![handle]);
    assert!(matches!(town.publish(&who, &lost, None), Err(CallError::Unclear { .. })));
    let other = part("", vec![town.upload(&who, &second).unwrap()]);
    let settle = |part| {
        let attempt = Attempt { part, previous: None, started_at: town.host.time() };
        block_on(town.x.settle(&town.host, &who, &attempt)).unwrap()
    };
    assert!(matches!(settle(lost.clone()), Settled::Yes(_)));
    assert_eq!(settle(other), Settled::No);
    // The simulated X holds that a picture is good for one post.
    let CallError::Refused(refusal) = town.publish(&who, &lost, None).unwrap_err() else {
        panic!("not refused");
    };
    assert_eq!(refusal.reason, Reason::Media);
    assert_eq!(town.timeline().len(), 1);
}

/// The time, where the trait of the host is not in sight.
trait Then {
    fn time(&self) -> cordboard_plugin::Timestamp;
}

impl Then for cordboard_testkit::FakeHost {
    fn time(&self) -> cordboard_plugin::Timestamp {
        cordboard_plugin::Host::now(self)
    }
}

#[test]
fn the_same_words_with_another_picture_are_another_post() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    for nth in 0..2 {
        town.post(&who, "look", &[picture("image/png", 50, nth)]).unwrap();
    }
    town.post(&who, "look", &[]).unwrap();
    let CallError::Refused(refusal) = town.post(&who, "look", &[]).unwrap_err() else {
        panic!("not refused");
    };
    assert_eq!(refusal.reason, Reason::Duplicate);
    let page = town.ask("GET", &format!("/i/status/{}", town.timeline()[1].id), "", "");
    let page = String::from_utf8(page.body.0).unwrap();
    assert!(page.contains("<img src=\"http://127.0.0.1:8080/sandbox/x/media/"), "{page}");
}

#[test]
fn a_description_can_come_later_and_costs_its_price() {
    for settings in [json!({}), json!({ "upload_api": "v1.1" })] {
        let town = Town::new("oauth1", &settings);
        let who = town.link("ada");
        let bill = || {
            let bill = town.ask("GET", "/_bill", "", "").body.0;
            serde_json::from_slice::<Value>(&bill).unwrap()["micro_usd"].as_i64().unwrap()
        };
        let before = bill();
        let handle = town.upload(&who, &picture("image/png", 50, 1)).unwrap();
        assert_eq!(bill() - before, town.media.capabilities().price_upload.0);
        assert!(!handle.described);
        town.publish(&who, &part("look", vec![handle.clone()]), None).unwrap();
        let before = bill();
        let describe = |alt: &str| block_on(town.media.describe(&town.host, &who, &handle, alt));
        describe("A cat.").unwrap();
        assert_eq!(bill() - before, town.media.capabilities().price_describe.0);
        assert_eq!(town.timeline()[0].pictures[0].alt.as_deref(), Some("A cat."));
        // X takes 1000 characters.
        describe(&"é".repeat(1500)).unwrap();
        let alt = town.timeline()[0].pictures[0].alt.clone().unwrap();
        assert!(alt.chars().count() == 1000 && alt.ends_with("é…"), "{alt}");
        assert!(matches!(describe(" \n"), Err(CallError::Refused(_))));
        let gone = MediaHandle { id: "1".to_owned(), ..handle.clone() };
        let later = town.media.describe(&town.host, &who, &gone, "A cat.");
        let CallError::Refused(refusal) = block_on(later).unwrap_err() else { panic!("taken") };
        assert_eq!(refusal.reason, Reason::Media);
    }
}

#[test]
fn a_picture_is_not_lost_for_want_of_its_description() {
    let town = Town::new("oauth1", &json!({}));
    let who = town.link("ada");
    town.fault("metadata", "503");
    let handle = town.upload(&who, &with_alt(picture("image/png", 50, 1), "A cat.")).unwrap();
    assert!(!handle.described);
    assert!(town.host.log_lines().iter().any(|line| line.line.contains("not described")));
    let second = town.upload(&who, &with_alt(picture("image/png", 50, 2), "A cat.")).unwrap();
    assert!(second.described);
}

#[test]
fn handles_say_when_x_forgets_them() {
    for (_, town) in towns() {
        let who = town.link("ada");
        for kind in ["image/png", "video/mp4"] {
            let handle = town.upload(&who, &picture(kind, 50, 1)).unwrap();
            let left = handle.expires_at.unwrap().millis_since(town.host.time());
            assert!((86_390_000..=86_400_000).contains(&left), "{kind}: {left}");
        }
    }
}
