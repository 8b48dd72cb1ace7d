//! Pictures from a phone: through the callback and the signed link, and on the phone itself.

use crate::common::{OURS, THEIRS};
use crate::world::World;
use cordboard_flowroute::sim::SimulatedFlowroute;
use cordboard_plugin::{
    Address, CallError, Confirmed, Fetched, HttpAnswer, MediaRef, PhonePicture, PhoneText,
    Simulator, TimelinePicture, Transport,
};
use cordboard_testkit::block_on;
use serde_json::json;

const MEBI: usize = 1 << 20;

fn picture(media_type: &str, start: &[u8], length: usize) -> PhonePicture {
    let mut bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
    bytes[..start.len()].copy_from_slice(start);
    PhonePicture { media_type: media_type.to_owned(), bytes: bytes.into() }
}

fn jpeg(length: usize) -> PhonePicture {
    picture("image/jpeg", b"\xff\xd8\xff\xe0", length)
}

fn send(world: &World, body: &str, pictures: Vec<PhonePicture>) -> Result<(), String> {
    let (from, to) = (Address::new(THEIRS), Address::new(OURS));
    let text = PhoneText { from, to, body: body.to_owned(), pictures };
    block_on(SimulatedFlowroute.texted(&world.sim, &world.place, &text))
}

fn fetch(world: &World, media: &MediaRef) -> Result<Fetched, CallError> {
    block_on(world.flowroute.fetch(&world.bridge, media, 16 << 20))
}

/// The pictures of the phone's last bubble.
fn shown(world: &World) -> Vec<TimelinePicture> {
    let lines = block_on(SimulatedFlowroute.phone(&world.sim, &Address::new(THEIRS)));
    lines.last().map(|line| line.pictures.clone()).unwrap_or_default()
}

fn is_inert(answer: &HttpAnswer) -> bool {
    let has = |name: &str, value: &str| {
        answer.headers.iter().any(|(key, held)| key == name && held == value)
    };
    has("x-content-type-options", "nosniff")
        && has("content-security-policy", "default-src 'none'; sandbox")
}

/// Where a signed link leads, below the simulator's address.
fn below<'a>(world: &World, place: &'a str) -> &'a str {
    let bare = place.split('#').next().unwrap_or_default();
    bare.strip_prefix(&world.place.base_url).unwrap_or_default()
}

#[test]
fn two_pictures_arrive_whole_and_in_order() {
    let world = World::new();
    let sent = vec![jpeg(150_000), picture("image/png", b"\x89PNG\r\n\x1a\n", 120_000)];
    assert_eq!(send(&world, "look", sent.clone()), Ok(()));
    let call = &world.callbacks()[0];
    assert_eq!(call["included"][1]["attributes"]["mime_type"], "image/png");
    assert_eq!(call["data"]["attributes"]["status"], "");
    let messages = world.hooked();
    assert_eq!((messages.len(), messages[0].text.as_str()), (1, "look"));
    assert_eq!(world.confirm(&messages[0]), Ok(Confirmed::Genuine));
    assert_eq!(messages[0].media.len(), 2);
    for (media, sent) in messages[0].media.iter().zip(&sent) {
        let fetched = fetch(&world, media).expect("bytes");
        assert_eq!(fetched.claimed_type, sent.media_type);
        assert_eq!(fetched.bytes.0, sent.bytes.0);
    }
}

#[test]
fn pictures_take_turns_through_both_generations_that_have_them() {
    let world = World::new();
    for _ in 0..3 {
        assert_eq!(send(&world, "", vec![jpeg(100)]), Ok(()));
    }
    let versions: Vec<bool> = world
        .callbacks()
        .iter()
        .map(|call| call["included"][0]["links"]["self"].to_string().contains("/v2.2/"))
        .collect();
    assert_eq!(versions, [false, true, false]);
    assert!(world.callbacks()[0]["data"]["attributes"]["body"].is_null());
    let flat =
        json!({ "shape": "v2", "media": [{ "content_type": "image/gif", "base64": "R0lGODlh" }] });
    assert_eq!(world.text_by_hand(&flat).status, 400);
}

#[test]
fn a_picture_needs_no_words_and_stands_on_the_phone() {
    let world = World::new();
    let sent = jpeg(60_001);
    assert_eq!(send(&world, "", vec![sent.clone()]), Ok(()));
    assert_eq!(world.hooked()[0].text, "");
    let pictures = shown(&world);
    assert_eq!(pictures.len(), 1);
    assert_eq!(pictures[0].media_type, "image/jpeg");
    let answer = world.ask("GET", &pictures[0].path, b"");
    assert_eq!((answer.status, &answer.body.0), (200, &sent.bytes.0));
    assert!(answer.headers.contains(&("content-type".to_owned(), "image/jpeg".to_owned())));
    assert!(is_inert(&answer), "{:?}", answer.headers);
}

#[test]
fn a_missed_picture_is_asked_of_the_api() {
    let world = World::new();
    world.catch_up();
    world.order("hook", "lost");
    let sent = jpeg(70_000);
    assert!(send(&world, "", vec![sent.clone()]).is_err());
    world.pass_seconds(900);
    world.catch_up();
    let caught = world.bridge.messages();
    assert_eq!((caught.len(), caught[0].media.len()), (1, 1));
    assert_eq!(fetch(&world, &caught[0].media[0]).expect("bytes").bytes, sent.bytes);
    let request = world.bridge.requests().pop().expect("a request");
    assert!(request.authorization.is_some());
}

#[test]
fn a_signed_link_refuses_credentials_and_runs_out() {
    let world = World::new();
    assert_eq!(send(&world, "", vec![jpeg(100)]), Ok(()));
    let media = world.hooked()[0].media[0].clone();
    let path = below(&world, &media.place);
    let headers = vec![("authorization".to_owned(), "Basic eDp5".to_owned())];
    assert_eq!(world.ask_with("GET", path, headers, b"").status, 400);
    assert_eq!(world.ask("GET", path, b"").status, 200);
    world.order("media", "503");
    assert!(matches!(fetch(&world, &media), Err(CallError::RetryAfter { .. })));
    assert!(fetch(&world, &media).is_ok());
    world.sim.advance_millis(7 * 24 * 3_600_000);
    assert!(matches!(fetch(&world, &media), Err(CallError::Refused(_))));
}

#[test]
fn what_is_no_picture_by_its_bytes_is_carried_and_never_shown() {
    let world = World::new();
    for bytes in [&b"<!doctype html><script>alert(1)</script>"[..], b"<svg onload='alert(1)'/>"] {
        let lie =
            PhonePicture { media_type: "image/html".to_owned(), bytes: bytes.to_vec().into() };
        assert_eq!(send(&world, "", vec![lie]), Ok(()));
        let pictures = shown(&world);
        assert_eq!(pictures[0].media_type, "application/octet-stream");
        assert_eq!(world.ask("GET", &pictures[0].path, b"").status, 404);
        let place = world.hooked().pop().expect("a message").media[0].place.clone();
        let answer = world.ask("GET", below(&world, &place), b"");
        assert_eq!((answer.status, &answer.body.0[..]), (200, bytes));
        assert!(is_inert(&answer), "{:?}", answer.headers);
        world.pass_seconds(1);
    }
}

#[test]
fn what_the_carrier_does_not_take_is_said_and_not_sent() {
    let world = World::new();
    for (pictures, words) in [
        ((0..11).map(|_| jpeg(100)).collect(), "11 pictures are too many"),
        (vec![jpeg(8 * MEBI), jpeg(7 * MEBI + 1)], "the pictures are too large"),
        (vec![PhonePicture { bytes: Vec::new().into(), ..jpeg(100) }], "without bytes"),
    ] {
        let refused = send(&world, "look", pictures).expect_err(words);
        assert!(refused.contains(words), "{refused}");
    }
    assert!(world.phone().is_empty() && world.hooked().is_empty());
    let most = (0..10).map(|_| jpeg(100)).collect();
    assert_eq!(send(&world, "look", most), Ok(()));
    assert_eq!(world.hooked()[0].media.len(), 10);
}

#[test]
fn the_oldest_pictures_are_forgotten_when_all_take_too_much() {
    let world = World::new();
    // 64 MiB are kept: four of these, not five.
    for _ in 0..5 {
        assert_eq!(send(&world, "", vec![jpeg(15 * MEBI)]), Ok(()));
        world.pass_seconds(1);
    }
    let nth = |nth: usize| fetch(&world, &world.hooked()[nth].media[0]);
    assert!(matches!(nth(0), Err(CallError::Refused(_))));
    for kept in [1, 4] {
        assert_eq!(nth(kept).expect("bytes").bytes, jpeg(15 * MEBI).bytes, "{kept}");
    }
}
