//! The plugin against its simulated provider, through a phone and back.
#![cfg(feature = "sim")]

#[path = "../common/mod.rs"]
mod common;
mod pictures;
mod world;

use common::{OURS, THEIRS, flowroute_with};
use cordboard_flowroute::sim::SimulatedFlowroute;
use cordboard_plugin::{
    Address, CallError, Confirmed, DeliveryState, OutgoingText, PhoneText, Reason, SimPlace,
    Simulator, StatusUpdate, Transport, Trouble,
};
use cordboard_testkit::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};
use world::World;

const WORDS: &str = "Ahoy! café 👍🏽 a+b & c=d ";

#[test]
fn a_text_comes_in_and_its_answer_is_on_the_phone() {
    let world = World::new();
    assert_eq!(world.text(WORDS), Ok(()));
    let messages = world.hooked();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].text, WORDS);
    assert_eq!((messages[0].from.reveal(), messages[0].to.reveal()), (THEIRS, OURS));
    assert_eq!(world.confirm(&messages[0]), Ok(Confirmed::Genuine));
    world.pass_seconds(1);
    let receipt = world.send("Posted ✓").expect("taken");
    assert_eq!(receipt.state, DeliveryState::Accepted);
    assert_eq!(world.phone(), [&format!("> {WORDS}"), "Posted ✓"]);
}

#[test]
fn texts_take_turns_through_every_generation_of_the_callback() {
    let world = World::new();
    for _ in 0..4 {
        assert_eq!(world.text(WORDS), Ok(()));
    }
    let is_flat = |call: &Value| call.get("data").is_none();
    let flat: Vec<bool> = world.callbacks().iter().map(is_flat).collect();
    assert_eq!(flat, [true, false, false, true]);
    for message in world.hooked() {
        assert_eq!((message.text.as_str(), message.segments), (WORDS, 1));
        assert_eq!(world.confirm(&message), Ok(Confirmed::Genuine));
    }
}

#[test]
fn a_generation_can_be_ordered() {
    let world = World::new();
    for shape in ["v2.2", "v2.2", "v2.1", "v2"] {
        let answer = world.text_by_hand(&json!({ "body": "hi", "shape": shape }));
        assert_eq!(answer.status, 204, "{answer:?}");
    }
    let flat: Vec<bool> = world.callbacks().iter().map(|call| call.get("id").is_some()).collect();
    assert_eq!(flat, [false, false, false, true]);
    assert_eq!(world.text_by_hand(&json!({ "shape": "v3" })).status, 400);
}

#[test]
fn reports_follow_in_order_and_carry_our_key() {
    let world = World::new();
    let id = world.send("Posted").expect("taken").id;
    world.pass_seconds(3);
    let expected = [DeliveryState::Sent, DeliveryState::Delivered].map(|state| StatusUpdate {
        id: id.clone(),
        reply_key: Some("reply/1".to_owned()),
        state,
        code: None,
        error: None,
    });
    assert_eq!(world.reports(), expected);
    let record = world.api("GET", &format!("/v2.1/messages/{id}"), &Value::Null).json();
    let record = record.expect("JSON");
    let attributes = &record["data"]["attributes"];
    assert_eq!(attributes["status"], "delivered");
    assert_eq!(attributes["delivery_receipts"][1]["status"], "smsc submit");
}

#[test]
fn a_callback_that_is_not_answered_200_is_repeated_four_times() {
    let world = World::new();
    world.answer_with(Some(204));
    let told = world.text("hello").expect_err("not 200");
    assert_eq!(told, "the bridge answered 204; Flowroute tries 4 more times, 30 seconds apart");
    world.pass_seconds(29);
    assert_eq!(world.callbacks().len(), 1);
    world.pass_seconds(1);
    assert_eq!(world.callbacks().len(), 2);
    world.pass_seconds(300);
    assert_eq!(world.callbacks().len(), 5);
    assert!(world.callbacks().iter().all(|call| *call == world.callbacks()[0]), "word for word");
    assert!(world.hooked().is_empty());
}

#[test]
fn a_bridge_that_is_well_again_gets_the_text_by_a_repeat() {
    let world = World::new();
    world.answer_with(Some(503));
    assert!(world.text("hello").is_err());
    world.pass_seconds(30);
    world.answer_with(None);
    world.pass_seconds(300);
    let words: Vec<String> = world.hooked().into_iter().map(|message| message.text).collect();
    assert_eq!(words, ["hello"]);
    assert_eq!(world.callbacks().len(), 3, "200 ends it");
}

#[test]
fn a_text_whose_callback_was_lost_is_caught_up_once() {
    let world = World::new();
    world.catch_up();
    assert_eq!(world.text("first"), Ok(()));
    world.pass_seconds(1);
    assert_eq!(world.order("hook", "lost"), 204);
    assert!(world.text("second").is_err());
    world.pass_seconds(900);
    world.catch_up();
    world.catch_up();
    let caught = world.bridge.messages();
    let words: Vec<&str> = caught.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(words, ["first", "second"]);
    let hooked = world.hooked();
    assert_eq!(hooked.len(), 1);
    assert!(caught.contains(&hooked[0]), "the same message by either way: {hooked:?} {caught:?}");
}

#[test]
fn many_missed_texts_are_caught_up() {
    let world = World::new();
    world.catch_up();
    for nth in 0..230 {
        assert_eq!(world.text(&nth.to_string()), Ok(()));
        world.sim.advance_millis(1000);
    }
    world.pass_seconds(200);
    world.catch_up();
    let caught: Vec<String> =
        world.bridge.messages().into_iter().map(|message| message.text).collect();
    assert_eq!(caught, (0..230).map(|nth| nth.to_string()).collect::<Vec<_>>());
    assert_eq!(world.phone().len(), 200, "a phone shows its last lines");
}

#[test]
fn flowroute_answers_stop_and_unstop_itself_and_still_tells_us() {
    let world = World::new();
    assert_eq!(world.text(" stop "), Ok(()));
    let refused = world.send("Still there?");
    assert!(
        matches!(&refused, Err(CallError::Refused(no)) if no.reason == Reason::OptedOut),
        "{refused:?}"
    );
    for words in ["stop please", "START", "unstop"] {
        world.pass_seconds(1);
        assert_eq!(world.text(words), Ok(()));
    }
    world.pass_seconds(1);
    assert!(world.send("Welcome back").is_ok());
    assert_eq!(world.hooked().len(), 4);
    let phone = world.phone();
    assert!(phone[1].contains("no more messages"), "{phone:?}");
    assert_eq!(phone[2..5], ["> stop please", "> START", "> unstop"], "no other word is answered");
    assert!(phone[5].contains("again. Reply STOP"), "{phone:?}");
    assert_eq!(phone[6], "Welcome back");
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
        ("opted_out", "refused: OptedOut (1110)", false),
        ("unregistered", "operator must act (Registration)", false),
        ("not_ours", "operator must act (Setting)", false),
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
fn five_texts_go_in_a_second_and_the_sixth_waits() {
    let world = World::new();
    for _ in 0..5 {
        assert!(world.send("Posted").is_ok());
    }
    let sixth = world.send("Posted");
    assert!(matches!(sixth, Err(CallError::RetryAfter { wait_ms: None, .. })), "{sixth:?}");
    world.sim.advance_millis(1000);
    assert!(world.send("Posted").is_ok());
}

#[test]
fn one_mms_goes_in_a_second() {
    let world = World::new();
    let mms = json!({
        "to": "15550100002",
        "from": "15550100001",
        "body": "look",
        "media_urls": ["https://media.example.com/1.png"],
    });
    let status = || world.api("POST", "/v2.1/messages", &mms).status;
    assert_eq!((status(), status()), (202, 429));
    assert!(world.send("Posted").is_ok(), "counted apart");
    world.sim.advance_millis(1000);
    assert_eq!(status(), 202);
}

#[test]
fn an_answer_that_was_lost_is_settled_by_the_report() {
    let world = World::new();
    world.order("send", "reset_after_accept");
    assert!(matches!(world.send("Posted"), Err(CallError::Unclear { .. })));
    world.pass_seconds(3);
    let reports = world.reports();
    assert_eq!(reports.last().map(|report| report.state), Some(DeliveryState::Delivered));
    assert_eq!(reports[0].reply_key.as_deref(), Some("reply/1"));
}

#[test]
fn a_text_may_end_at_the_carrier_or_at_a_phone_that_refuses_it() {
    let world = World::new();
    world.order("send", "buffered");
    world.order("send", "phone_refuses");
    assert!(world.send("one").is_ok() && world.send("two").is_ok());
    world.pass_seconds(3);
    assert_eq!(world.phone(), ["one"]);
    let reports = world.reports();
    let states: Vec<DeliveryState> = reports.iter().map(|report| report.state).collect();
    use DeliveryState::{Sent, Undelivered};
    assert_eq!(states[..2], [Sent, Sent]);
    assert_eq!(states.iter().filter(|state| **state == Undelivered).count(), 1);
    let refused = reports.iter().find(|report| report.state == Undelivered).expect("one");
    assert_eq!(refused.code.as_deref(), Some("1110"));
    assert!(
        matches!(&refused.error, Some(CallError::Refused(no)) if no.reason == Reason::OptedOut)
    );
}

#[test]
fn a_message_that_is_forged_or_not_there_is_not_confirmed() {
    let world = World::new();
    assert_eq!(world.text("hello"), Ok(()));
    let genuine = world.hooked().remove(0);
    let mut other_words = genuine.clone();
    other_words.text = "something else".to_owned();
    assert_eq!(world.confirm(&other_words), Ok(Confirmed::Unknown));
    let mut other_id = genuine.clone();
    other_id.key.id = common::id(1);
    assert_eq!(world.confirm(&other_id), Ok(Confirmed::Unknown));
    world.order("record", "503");
    assert!(matches!(world.confirm(&genuine), Err(CallError::RetryAfter { .. })));
    world.order("record", "404");
    assert_eq!(world.confirm(&genuine), Ok(Confirmed::Genuine), "a little later it is there");
}

#[test]
fn what_flowroute_checks_is_checked() {
    let world = World::new();
    for (from, to, body, expected) in [
        (OURS, "+1", "Hi", "HTTP 422"),
        (OURS, THEIRS, "", "HTTP 422"),
        ("+15557000001", THEIRS, "Hi", "Setting"),
    ] {
        let text = OutgoingText {
            key: "reply/1".to_owned(),
            from: Address::new(from),
            to: Address::new(to),
            text: body.to_owned(),
            status_url: None,
        };
        let error = block_on(world.flowroute.send(&world.bridge, &text)).expect_err(expected);
        assert!(format!("{error:?}").contains(expected), "{expected}: {error:?}");
    }
    assert!(world.send("“quoted”").is_ok(), "curly quotes do not get there");
    let curly = json!({ "to": "15550100002", "from": "15550100001", "body": "“quoted”" });
    assert_eq!(world.api("POST", "/v2.1/messages", &curly).status, 400);
    let stranger = world.ask("GET", "/v2.1/messages?start_date=2026-09-21", b"");
    assert_eq!(stranger.status, 401);
    assert_eq!(world.api("GET", "/v2.1/messages?limit=1", &Value::Null).status, 422);
    assert_eq!(world.api("GET", "/v2.1/messages?start_date=2026-09-21", &Value::Null).status, 200);
    assert_eq!(world.api("DELETE", "/v2.1/messages", &Value::Null).status, 405);
    assert_eq!(world.api("GET", "/", &Value::Null).status, 404);
}

#[test]
fn the_bill_counts_segments_each_way() {
    let world = World::new();
    assert_eq!(world.text(&"word ".repeat(40)), Ok(()));
    assert!(world.send("Posted").is_ok());
    assert_eq!(world.text("STOP"), Ok(()));
    let bill = world.ask("GET", "/_bill", b"");
    let bill: Value = serde_json::from_slice(&bill.body.0).expect("JSON");
    assert_eq!(bill, json!({ "segments_in": 3, "segments_out": 1 }));
}

#[test]
fn the_doctor_sees_keys_records_and_numbers() {
    let world = World::new();
    let findings = block_on(world.flowroute.diagnose(&world.bridge));
    assert_eq!(findings.len(), 3);
    assert!(findings.iter().all(|finding| finding.ok), "{findings:?}");
    let changed = |changes: Value| {
        let mut settings = SimulatedFlowroute.settings("flowroute", &world.place);
        for (key, value) in changes.as_object().into_iter().flatten() {
            settings[key] = value.clone();
        }
        block_on(flowroute_with(settings, 24).diagnose(&world.bridge))
    };
    let wrong = changed(json!({ "secret_key": "another" }));
    assert_eq!(wrong.len(), 1);
    assert!(!wrong[0].ok && !wrong[0].hint.is_empty());
    let elsewhere = changed(json!({ "numbers": [OURS, "+15557000001"] }));
    let fine: Vec<bool> = elsewhere.iter().map(|finding| finding.ok).collect();
    assert_eq!(fine, [true, true, false, true]);
}

#[test]
fn a_restarted_simulator_remembers() {
    let world = World::new();
    assert_eq!(world.text("hello"), Ok(()));
    let again = SimulatedFlowroute;
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
    let down = block_on(SimulatedFlowroute.texted(&world.sim, &nowhere, &text));
    assert!(down.expect_err("nobody").starts_with("the bridge did not answer"));
    let other = PhoneText { to: Address::new("+15550100009"), ..text };
    let refused = block_on(SimulatedFlowroute.texted(&world.sim, &world.place, &other));
    assert!(refused.expect_err("not ours").starts_with("the bridge answered 403"));
}

#[test]
fn its_settings_open_an_instance_that_allows_few_addresses() {
    let world = World::new();
    let mut settings = json!({ "allow_ips": ["198.51.100.7"], "verify": "token" });
    let over = SimulatedFlowroute.settings("flowroute", &world.place);
    for (key, value) in over.as_object().into_iter().flatten() {
        settings[key] = value.clone();
    }
    let simulated = flowroute_with(settings, 24);
    assert!(simulated.capabilities().confirms);
    let call = common::callback(
        "",
        "token=simulated-callback-token",
        common::document(1, "hi").to_string(),
    );
    assert!(block_on(simulated.receive(&world.bridge, call)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_it_is_asked_the_simulator_answers(
        method in "(GET|POST|PUT)",
        path in "(/_faults|/_text|/media/|/_pictures/|/v2.1/messages|/v2.1/messages/|/v2.1/media/|/v2/numbers/)[ -~]{0,12}",
        body in any::<Vec<u8>>(),
    ) {
        let world = World::new();
        let headers = vec![
            ("authorization".to_owned(), common::BASIC.to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        let answer = world.ask_with(&method, &path, headers, &body);
        prop_assert!((200..500).contains(&answer.status), "{:?}", answer);
    }
}

#[test]
fn refused_keys_are_for_the_operator() {
    let world = World::new();
    let mut settings = SimulatedFlowroute.settings("flowroute", &world.place);
    settings["access_key"] = "00000002".into();
    let text = OutgoingText {
        key: "reply/1".to_owned(),
        from: Address::new(OURS),
        to: Address::new(THEIRS),
        text: "Posted".to_owned(),
        status_url: None,
    };
    let refused = block_on(flowroute_with(settings, 24).send(&world.bridge, &text));
    assert!(
        matches!(refused, Err(CallError::Operator { trouble: Trouble::Keys, .. })),
        "{refused:?}"
    );
}

#[test]
fn a_callback_that_is_late_comes_by_its_first_repeat() {
    let world = World::new();
    assert_eq!(world.order("hook", "late"), 204);
    assert!(world.text("hello").is_err());
    assert!(world.hooked().is_empty());
    world.pass_seconds(30);
    assert_eq!(world.hooked().len(), 1);
    world.pass_seconds(300);
    assert_eq!(world.callbacks().len(), 1);
}
