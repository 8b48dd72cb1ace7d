//! The phones around the modem, as the sandbox sees them.

use crate::bench::{OURS, THEIRS};
use crate::http::World;
use cordboard_modem::pdu::{self, Pdu, Sort};
use cordboard_plugin::{Address, Blob, PhonePicture, PhoneText, Simulator as _};
use serde_json::{Value, json};

fn text(world: &World, body: &str, pictures: Vec<PhonePicture>) -> Result<(), String> {
    let text = PhoneText {
        from: Address::new(THEIRS),
        to: Address::new(OURS),
        body: body.to_owned(),
        pictures,
    };
    world.host.drive(world.modem.texted(&world.host, &world.place, &text))
}

/// The phone, oldest first: `>` is what the person wrote.
fn phone(world: &World) -> Vec<String> {
    let lines = world.host.drive(world.modem.phone(&world.host, &Address::new(THEIRS)));
    assert!(lines.iter().all(|line| line.other == Address::new(OURS)), "{lines:?}");
    lines.iter().map(|line| format!("{}{}", if line.mine { "> " } else { "" }, line.body)).collect()
}

fn card(world: &World) -> Value {
    serde_json::from_slice(&world.ask("GET", "/_card", b"").body.0).unwrap()
}

fn stored(world: &World) -> Vec<pdu::Deliver> {
    let card = card(world);
    let slots = card["slots"].as_array().unwrap().iter();
    let read = slots.map(|slot| {
        let octets = pdu::from_hex(slot["pdu"].as_str().unwrap()).unwrap();
        match pdu::read(&octets).unwrap() {
            Pdu::Deliver(text) => text,
            Pdu::Report(_) => unreachable!("nothing was sent"),
        }
    });
    read.collect()
}

fn post(world: &World, path: &str, body: &Value) -> u16 {
    world.ask("POST", path, body.to_string().as_bytes()).status
}

#[test]
fn a_conversation_is_on_the_phone_even_after_a_restart() {
    let mut world = World::new();
    text(&world, "hello", Vec::new()).unwrap();
    world.host.advance_millis(1_000);
    world.write("ATE0\r");
    let long = "an answer in parts ".repeat(12);
    world.send(THEIRS, &long);
    assert_eq!(phone(&world), ["> hello".to_owned(), long.clone()]);
    world.restart();
    assert_eq!(phone(&world), ["> hello".to_owned(), long]);
    let bill = world.ask("GET", "/_bill", b"");
    let bill: Value = serde_json::from_slice(&bill.body.0).unwrap();
    assert_eq!(bill, json!({ "segments_in": 1, "segments_out": 2 }));
}

#[test]
fn a_picture_comes_as_the_notice_of_an_mms() {
    let world = World::new();
    let picture = PhonePicture { media_type: "image/png".to_owned(), bytes: Blob(vec![1; 70_000]) };
    text(&world, "", vec![picture]).unwrap();
    let parts = stored(&world);
    assert!(parts.iter().all(|part| part.sort() == Sort::WapPush));
    let notice = pdu::mms_notice(&parts).unwrap();
    assert_eq!(notice.from.as_deref(), Some(THEIRS));
    assert_eq!(notice.bytes, Some(70_000));
    assert_eq!(phone(&world), ["> [picture message]"]);
}

#[test]
fn a_name_that_cannot_text_is_told_so() {
    let world = World::new();
    let text = PhoneText {
        from: Address::new("a name that is too long"),
        to: Address::new(OURS),
        body: "hello".to_owned(),
        pictures: Vec::new(),
    };
    let told = world.host.drive(world.modem.texted(&world.host, &world.place, &text));
    assert!(told.unwrap_err().contains("cannot be sent"));
}

#[test]
fn parts_come_in_any_order_and_codings_as_wanted() {
    let world = World::new();
    let long = "a text in three parts ".repeat(16);
    let by_hand = json!({ "from": THEIRS, "to": OURS, "body": long, "parts_order": [3, 1, 2] });
    assert_eq!(post(&world, "/_text", &by_hand), 204);
    let numbers = stored(&world).into_iter().map(|part| part.header.concat.unwrap().number);
    assert_eq!(numbers.collect::<Vec<_>>(), [3, 1, 2]);
    assert_eq!(pdu::join(&stored(&world)), long);
    assert_eq!(post(&world, "/_card", &json!({})), 204, "a new modem");
    for (dcs, body) in
        [(0x10, "flash"), (0x08, "in units"), (0x18, "flash in units"), (0xf1, "one")]
    {
        assert_eq!(
            post(&world, "/_text", &json!({ "from": THEIRS, "body": body, "dcs": dcs })),
            204
        );
        let text = stored(&world).pop().unwrap();
        assert_eq!((text.coding.octet, text.text().as_str()), (dcs, body));
    }
    let long = "é".repeat(100);
    let forced = json!({ "from": THEIRS, "body": long, "dcs": 8 });
    assert_eq!(post(&world, "/_card", &json!({})), 204);
    assert_eq!(post(&world, "/_text", &forced), 204);
    assert_eq!(stored(&world).len(), 2);
    assert_eq!(pdu::join(&stored(&world)), long);
}

#[test]
fn any_bytes_can_be_delivered() {
    let world = World::new();
    assert_eq!(post(&world, "/_text", &json!({ "pdus": ["0791", "00"] })), 204);
    assert_eq!(card(&world)["slots"][0]["pdu"], "0791");
    for wrong in [
        json!({ "pdus": ["0"] }),
        json!({ "from": THEIRS, "body": "x", "parts_order": [2] }),
        json!({ "from": THEIRS, "body": "x", "parts_order": [0] }),
        json!({ "what": 1 }),
        json!({ "from": "a name that is too long", "body": "x" }),
    ] {
        assert_eq!(post(&world, "/_text", &wrong), 400, "{wrong}");
    }
}

#[test]
fn the_world_can_be_moved_over_http() {
    let world = World::new();
    let other = json!({ "personality": "huawei", "card": { "slots": 1, "imei": "1" } });
    assert_eq!(post(&world, "/_card", &other), 204);
    assert_eq!(card(&world)["personality"], "huawei");
    assert_eq!(card(&world)["imei"], "1");
    assert_eq!(post(&world, "/_network", &json!({ "registration": 3 })), 204);
    text(&world, "hello", Vec::new()).unwrap();
    assert_eq!(card(&world)["held"], 1);
    assert_eq!(post(&world, "/_network", &json!({ "registration": 1, "signal": 7 })), 204);
    assert_eq!(card(&world)["held"], 0);
    for (path, wrong) in [
        ("/_card", json!({ "personality": "none" })),
        ("/_card", json!({ "card": { "what": 1 } })),
        ("/_network", json!({})),
        ("/_plug", json!({})),
        ("/_faults", json!({ "faults": [{ "on": "cmgs", "kind": "none" }] })),
        ("/_faults", json!([])),
    ] {
        assert_eq!(post(&world, path, &wrong), 400, "{path} {wrong}");
    }
    assert_eq!(post(&world, "/elsewhere", &json!({})), 404);
}

#[test]
fn no_two_texts_of_a_phone_are_alike() {
    let world = World::new();
    for _ in 0..3 {
        text(&world, "ok", Vec::new()).unwrap();
    }
    let sent_at = stored(&world).into_iter().map(|text| text.sent_at.unwrap().unix_seconds());
    let sent_at: Vec<i64> = sent_at.collect();
    assert_eq!(sent_at, [sent_at[0], sent_at[0] + 1, sent_at[0] + 2]);
}

#[test]
fn a_text_is_on_its_phone_and_on_its_way_or_neither() {
    let mut world = World::new();
    text(&world, "first", Vec::new()).unwrap();
    let told = world.host.drive(async {
        let host = &world.host;
        let text = PhoneText {
            from: Address::new(THEIRS),
            to: Address::new(OURS),
            body: "second".to_owned(),
            pictures: Vec::new(),
        };
        host.fail_state(cordboard_plugin::StateError::Unavailable("a full disk".to_owned()));
        world.modem.texted(host, &world.place, &text).await
    });
    assert!(told.is_err());
    world.restart();
    assert_eq!(phone(&world), ["> first"]);
    assert_eq!(stored(&world).len(), 1);
}
