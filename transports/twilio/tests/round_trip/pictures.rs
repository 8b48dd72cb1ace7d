//! Pictures from a phone: through the webhook and the media address, and on the phone itself.

use crate::common::{OURS, THEIRS};
use crate::world::World;
use cordboard_plugin::{
    Address, CallError, HttpAnswer, PhonePicture, PhoneText, Simulator, TimelinePicture, Transport,
};
use cordboard_testkit::block_on;
use cordboard_twilio::sim::SimulatedTwilio;

const BYTES_MAX: usize = 5 << 20;

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
    block_on(SimulatedTwilio.texted(&world.sim, &world.place, &text))
}

/// The pictures of the phone's last bubble.
fn shown(world: &World) -> Vec<TimelinePicture> {
    let lines = block_on(SimulatedTwilio.phone(&world.sim, &Address::new(THEIRS)));
    lines.last().map(|line| line.pictures.clone()).unwrap_or_default()
}

fn is_inert(answer: &HttpAnswer) -> bool {
    let has = |name: &str, value: &str| {
        answer.headers.iter().any(|(key, held)| key == name && held == value)
    };
    has("x-content-type-options", "nosniff")
        && has("content-security-policy", "default-src 'none'; sandbox")
}

#[test]
fn two_pictures_arrive_whole_and_in_order() {
    let world = World::new();
    let sent = vec![jpeg(150_000), picture("image/png", b"\x89PNG\r\n\x1a\n", 120_000)];
    assert_eq!(send(&world, "look", sent.clone()), Ok(()));
    let webhook = world.sim.requests().pop().expect("a webhook");
    let fields = String::from_utf8(webhook.body.0).expect("a form");
    for part in ["NumMedia=2&", "MediaUrl0=", "MediaUrl1=", "MediaContentType1=image%2Fpng"] {
        assert!(fields.contains(part), "{part}: {fields}");
    }
    let messages = world.hooked();
    assert_eq!((messages.len(), messages[0].text.as_str()), (1, "look"));
    assert_eq!(messages[0].media.len(), 2);
    for (media, sent) in messages[0].media.iter().zip(&sent) {
        let fetched = block_on(world.twilio.fetch(&world.bridge, media, 1 << 20)).expect("bytes");
        assert_eq!(fetched.claimed_type, sent.media_type);
        assert_eq!(fetched.bytes.0, sent.bytes.0);
    }
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
fn what_is_no_picture_by_its_bytes_is_carried_and_never_shown() {
    let world = World::new();
    for bytes in [&b"<!doctype html><script>alert(1)</script>"[..], b"<svg onload='alert(1)'/>"] {
        let lie = PhonePicture { media_type: "text/html".to_owned(), bytes: bytes.to_vec().into() };
        assert_eq!(send(&world, "", vec![lie]), Ok(()));
        world.sim.advance_millis(10);
        let pictures = shown(&world);
        assert_eq!(pictures[0].media_type, "application/octet-stream");
        assert_eq!(world.ask("GET", &pictures[0].path, b"").status, 404);
        let place = world.hooked().pop().expect("a message").media[0].place.clone();
        let (_, path) = place.split_once(crate::common::ACCOUNT).expect("the account");
        let link = world.api(path).header("location").expect("a place").to_owned();
        let link = link.strip_prefix(&world.place.base_url).expect("at the simulator");
        let answer = world.ask("GET", link, b"");
        assert_eq!((answer.status, &answer.body.0[..]), (200, bytes));
        assert!(is_inert(&answer), "{:?}", answer.headers);
    }
}

#[test]
fn what_the_carrier_does_not_take_is_said_and_not_sent() {
    let world = World::new();
    for (pictures, words) in [
        ((0..11).map(|_| jpeg(100)).collect(), "11 pictures are too many"),
        (vec![jpeg(100), jpeg(BYTES_MAX + 1)], "a picture is too large"),
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
    // 64 MiB are kept: twelve of these, not thirteen.
    for _ in 0..13 {
        assert_eq!(send(&world, "", vec![jpeg(BYTES_MAX)]), Ok(()));
        world.sim.advance_millis(10);
    }
    let fetch = |nth: usize| {
        block_on(world.twilio.fetch(&world.bridge, &world.hooked()[nth].media[0], 6 << 20))
    };
    assert!(matches!(fetch(0), Err(CallError::Refused(_) | CallError::RetryAfter { .. })));
    for nth in [1, 12] {
        assert_eq!(fetch(nth).expect("bytes").bytes, jpeg(BYTES_MAX).bytes, "{nth}");
    }
}
