//! The plugin against its simulated provider, through a phone and back.
#![cfg(feature = "sim")]

#[path = "../common/mod.rs"]
mod common;
mod pictures;
mod world;

use common::{OURS, THEIRS, twilio_with};
use cordboard_plugin::{
    Address, CallError, DeliveryState, HttpCall, OutgoingText, PhoneText, Reason, SimPlace,
    Simulator, StatusUpdate, Transport, Trouble,
};
use cordboard_testkit::block_on;
use cordboard_twilio::sim::SimulatedTwilio;
use serde_json::json;
use world::World;

#[test]
fn a_text_comes_in_and_its_answer_is_on_the_phone() {
    let world = World::new();
    assert_eq!(world.text("Ahoy! café 👍🏽 a+b & c=d "), Ok(()));
    let messages = world.hooked();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].text, "Ahoy! café 👍🏽 a+b & c=d ");
    assert_eq!((messages[0].from.reveal(), messages[0].to.reveal()), (THEIRS, OURS));
    world.sim.advance_millis(10);
    let receipt = world.send("Posted ✓").expect("taken");
    assert_eq!((receipt.state, receipt.segments), (DeliveryState::Accepted, Some(1)));
    assert_eq!(world.phone(), ["> Ahoy! café 👍🏽 a+b & c=d ", "Posted ✓"]);
}

#[test]
fn reports_follow_in_order_and_carry_our_key() {
    let world = World::new();
    let id = world.send("Posted").expect("taken").id;
    world.let_reports_come();
    let expected = [DeliveryState::Sent, DeliveryState::Delivered].map(|state| StatusUpdate {
        id: id.clone(),
        reply_key: Some("reply/1".to_owned()),
        state,
        code: None,
        error: None,
    });
    assert_eq!(world.reports(), expected);
    let resource = world.api(&format!("/Messages/{id}.json")).json().expect("JSON");
    assert_eq!(resource["status"], "delivered");
}

#[test]
fn a_text_whose_webhook_was_lost_is_caught_up_once() {
    let world = World::new();
    world.catch_up();
    assert_eq!(world.text("first"), Ok(()));
    assert_eq!(world.order("hook", "lost"), 204);
    assert!(world.text("second").is_err());
    world.sim.advance_millis(900_000);
    world.catch_up();
    world.catch_up();
    let caught = world.bridge.messages();
    let mut words: Vec<&str> = caught.iter().map(|message| message.text.as_str()).collect();
    words.sort_unstable();
    assert_eq!(words, ["first", "second"]);
    let hooked = world.hooked();
    assert_eq!(hooked.len(), 1);
    assert!(caught.contains(&hooked[0]), "the same message by either way: {hooked:?} {caught:?}");
}

#[test]
fn more_than_a_page_of_missed_texts_is_caught_up() {
    let world = World::new();
    world.catch_up();
    for nth in 0..230 {
        assert_eq!(world.text(&nth.to_string()), Ok(()));
        world.sim.advance_millis(1000);
    }
    world.catch_up();
    let caught: Vec<String> =
        world.bridge.messages().into_iter().map(|message| message.text).collect();
    assert_eq!(caught, (0..230).map(|nth| nth.to_string()).collect::<Vec<_>>());
    assert_eq!(world.phone().len(), 200, "a phone shows its last lines");
}

#[test]
fn a_picture_comes_through_the_api_and_its_redirect() {
    let world = World::new();
    let picture = json!({ "content_type": "image/png", "base64": "iVBORw0KGgo=" });
    let text = json!({ "from": THEIRS, "to": OURS, "media": [picture] });
    assert_eq!(world.ask("POST", "/_text", text.to_string().as_bytes()).status, 204);
    let media = world.hooked()[0].media.clone();
    let fetched = block_on(world.twilio.fetch(&world.bridge, &media[0], 1000)).expect("bytes");
    assert_eq!(fetched.claimed_type, "image/png");
    assert_eq!(fetched.bytes.0, b"\x89PNG\r\n\x1a\n");
    world.catch_up();
    assert_eq!(world.bridge.messages()[0].media, media, "caught up, it has the same place");
    assert_eq!(world.order("media", "404"), 204);
    let gone = block_on(world.twilio.fetch(&world.bridge, &media[0], 1000));
    assert!(matches!(gone, Err(CallError::Refused(_))), "{gone:?}");
}

#[test]
fn a_signed_link_refuses_credentials_and_expires() {
    let world = World::new();
    let picture = json!({ "content_type": "image/png", "base64": "iVBORw0KGgo=" });
    let text = json!({ "from": THEIRS, "to": OURS, "media": [picture] });
    world.ask("POST", "/_text", text.to_string().as_bytes());
    let place = world.hooked()[0].media[0].place.clone();
    let (_, path) = place.split_once("AC00000000000000000000000000000001").expect("the account");
    let redirect = world.api(path);
    assert_eq!(redirect.status, 307);
    let link = redirect.header("location").expect("a place").to_owned();
    let link = link.strip_prefix(&world.place.base_url).expect("at the simulator").to_owned();
    let mut call = HttpCall {
        method: "GET".to_owned(),
        url: String::new(),
        path: link.clone(),
        query: String::new(),
        headers: vec![("Authorization".to_owned(), common::BASIC.to_owned())],
        body: Vec::new().into(),
    };
    let ask = |call: &HttpCall| {
        block_on(SimulatedTwilio.call(&world.sim, &world.place, call.clone())).status
    };
    assert_eq!(ask(&call), 400);
    call.headers.clear();
    assert_eq!(ask(&call), 200);
    world.sim.advance_millis(4 * 3_600_000);
    assert_eq!(ask(&call), 403);
}

#[test]
fn twilio_answers_stop_and_start_itself_and_still_tells_us() {
    let world = World::new();
    assert_eq!(world.text(" stop "), Ok(()));
    let refused = world.send("Still there?");
    assert!(
        matches!(&refused, Err(CallError::Refused(no)) if no.reason == Reason::OptedOut),
        "{refused:?}"
    );
    world.sim.advance_millis(10);
    assert_eq!(world.text("stop please"), Ok(()));
    world.sim.advance_millis(10);
    assert_eq!(world.text("Start"), Ok(()));
    world.sim.advance_millis(10);
    assert!(world.send("Welcome back").is_ok());
    assert_eq!(world.hooked().len(), 3);
    let phone = world.phone();
    assert!(phone[1].starts_with("You have successfully been unsubscribed"), "{phone:?}");
    assert_eq!(phone[2], "> stop please");
    assert!(phone[4].contains("re-subscribed"), "{phone:?}");
    assert_eq!(phone[5], "Welcome back");
}

#[test]
fn faults_are_what_they_say() {
    let world = World::new();
    for (kind, expected, taken) in [
        ("refused", "provider not reached", false),
        ("timeout", "outcome unclear", false),
        ("reset_after_accept", "outcome unclear", true),
        ("500", "outcome unclear", false),
        ("503", "outcome unclear", false),
        ("429", "try again later", false),
        ("trial", "operator must act (Registration)", false),
    ] {
        let before = world.phone().len();
        assert_eq!(world.order("send", kind), 204);
        let error = world.send("Posted").expect_err("a fault").to_string();
        assert!(error.starts_with(expected), "{kind}: {error}");
        assert_eq!(world.phone().len() - before, usize::from(taken), "{kind}");
    }
    assert!(world.send("Posted").is_ok(), "each is used up");
    assert_eq!(world.order("send", "sparkle"), 400);
    assert_eq!(world.ask("POST", "/_faults", b"{}").status, 400);
}

#[test]
fn an_answer_that_was_lost_is_settled_by_the_report() {
    let world = World::new();
    world.order("send", "reset_after_accept");
    assert!(matches!(world.send("Posted"), Err(CallError::Unclear { .. })));
    world.let_reports_come();
    let reports = world.reports();
    assert_eq!(reports.last().map(|report| report.state), Some(DeliveryState::Delivered));
    assert_eq!(reports[0].reply_key.as_deref(), Some("reply/1"));
}

#[test]
fn an_unregistered_line_is_reported_afterwards() {
    let world = World::new();
    world.order("send", "registration");
    assert!(world.send("Posted").is_ok());
    world.let_reports_come();
    let reports = world.reports();
    let last = reports.last().expect("a report");
    assert_eq!((last.state, last.code.as_deref()), (DeliveryState::Undelivered, Some("30034")));
    let error = last.error.as_ref();
    let registration =
        matches!(error, Some(CallError::Operator { trouble: Trouble::Registration, .. }));
    assert!(registration, "{error:?}");
    assert!(world.phone().is_empty());
}

#[test]
fn what_twilio_checks_is_checked() {
    let world = World::new();
    for (from, to, body, code) in [
        (OURS, "+1", "Hi", "21211"),
        (OURS, "", "Hi", "21604"),
        ("", THEIRS, "Hi", "21603"),
        (OURS, THEIRS, "", "21602"),
        (OURS, OURS, "Hi", "21266"),
        ("+15557000001", THEIRS, "Hi", "21606"),
        (OURS, THEIRS, &"x".repeat(1601), "21617"),
    ] {
        let text = OutgoingText {
            key: "reply/1".to_owned(),
            from: Address::new(from),
            to: Address::new(to),
            text: body.to_owned(),
            status_url: None,
        };
        let error = block_on(world.twilio.send(&world.bridge, &text)).expect_err(code);
        assert!(format!("{error:?}").contains(code), "{code}: {error:?}");
    }
    let path = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json";
    let stranger = world.ask("GET", path, b"");
    assert_eq!(stranger.status, 401);
    assert!(String::from_utf8_lossy(&stranger.body.0).contains("20003"));
    assert_eq!(world.ask("GET", "/", b"").status, 404);
}

#[test]
fn the_doctor_sees_keys_numbers_and_where_texts_go() {
    let world = World::new();
    let findings = block_on(world.twilio.diagnose(&world.bridge));
    assert_eq!(findings.len(), 2);
    assert!(findings.iter().all(|finding| finding.ok), "{findings:?}");
    let wrong =
        twilio_with(json!({ "api_base": world.place.base_url, "auth_token": "another" }), 24);
    let findings = block_on(wrong.diagnose(&world.bridge));
    assert_eq!(findings.len(), 1);
    assert!(!findings[0].ok && !findings[0].hint.is_empty());
    let elsewhere = twilio_with(
        json!({ "api_base": world.place.base_url, "numbers": [OURS, "+15557000001"] }),
        24,
    );
    let findings = block_on(elsewhere.diagnose(&world.bridge));
    assert_eq!(findings.iter().map(|finding| finding.ok).collect::<Vec<_>>(), [true, true, false]);
}

#[test]
fn a_restarted_simulator_remembers() {
    let world = World::new();
    assert_eq!(world.text("hello"), Ok(()));
    let again = SimulatedTwilio;
    let lines = block_on(again.phone(&world.sim, &Address::new(THEIRS)));
    assert_eq!(lines.len(), 1);
}

#[test]
fn a_bridge_that_is_down_or_refuses_is_told_to_the_phone() {
    let world = World::new();
    let nowhere =
        SimPlace { hook_url: "http://127.0.0.1:1/hooks/x".to_owned(), ..world.place.clone() };
    let text = PhoneText {
        from: Address::new(THEIRS),
        to: Address::new(OURS),
        body: "hello".to_owned(),
        pictures: Vec::new(),
    };
    assert!(block_on(SimulatedTwilio.texted(&world.sim, &nowhere, &text)).is_err());
    let tries = world.sim.requests().len();
    assert_eq!(tries, 2, "one more try when nothing could be sent");
    let other = PhoneText { to: Address::new("+15550100009"), ..text };
    let refused = block_on(SimulatedTwilio.texted(&world.sim, &world.place, &other));
    assert_eq!(refused, Err("the bridge answered 403; Twilio does not ask again".to_owned()));
}
