//! The example is the settings table, and what is wrong in a table is named.

#![expect(clippy::unwrap_used, reason = "a broken example must fail")]

use cordboard_plugin::{Addresses, Create, MicroUsd, Settings, SettingsError, Transport};
use cordboard_twilio::Twilio;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn example() -> toml::Table {
    include_str!("../example.toml").parse().unwrap()
}

fn example_transport() -> toml::Table {
    example()["transport"].as_array().unwrap()[0].as_table().unwrap().clone()
}

fn create(values: Value, prices: Value) -> Result<Twilio, SettingsError> {
    let name = "twilio".to_owned();
    Twilio::create(&Settings { name, values, prices, public: true, catch_up_hours: 24 })
}

fn usual() -> Value {
    json!({
        "account_sid": "AC00000000000000000000000000000001",
        "auth_token": "0123456789abcdef0123456789abcdef",
        "numbers": ["+15550100001"],
    })
}

#[test]
fn the_example_names_every_setting_at_its_default() {
    let transport = example_transport();
    let written = transport["settings"].as_table().unwrap();
    let declared: BTreeSet<&str> = Twilio::SETTINGS.iter().map(|setting| setting.key).collect();
    assert_eq!(written.keys().map(String::as_str).collect::<BTreeSet<_>>(), declared);
    for setting in Twilio::SETTINGS {
        let Some(default) = setting.default else { continue };
        let parsed: toml::Table = format!("value = {default}").parse().unwrap();
        assert_eq!(written[setting.key], parsed["value"], "{}", setting.key);
    }
}

#[test]
fn defaults_are_the_same_written_and_left_out() {
    let transport = example_transport();
    let mut written = serde_json::to_value(&transport["settings"]).unwrap();
    written["auth_token"] = usual()["auth_token"].clone();
    let prices = serde_json::to_value(&transport["prices"]).unwrap();
    let written = create(written, prices).unwrap();
    let left_out = create(usual(), Value::Null).unwrap();
    assert_eq!(format!("{written:?}"), format!("{left_out:?}"));
    assert_eq!(written.capabilities().price_segment_in, MicroUsd(8300));
}

#[test]
fn what_is_wrong_is_named_by_its_key() {
    for (key, value) in [
        ("account_sid", json!("AC1")),
        ("account_sid", json!("SK00000000000000000000000000000001")),
        ("auth_token", json!("")),
        ("auth_token", json!("  ")),
        ("numbers", json!([])),
        ("numbers", json!(["5550100001"])),
        ("poll_seconds", json!(4)),
        ("poll_seconds", json!(3601)),
        ("shared_keys", json!({ "id": "" })),
        ("api_base", json!("ftp://api.example.com")),
        ("api_base", json!("https://api.example.com/?a=1")),
        ("api_base", json!("here")),
        ("auth_tokens", json!("x")),
    ] {
        let mut values = usual();
        values[key] = value.clone();
        let error = create(values, Value::Null).unwrap_err();
        assert_eq!(error.key, key, "{value}: {error}");
    }
    let error = create(usual(), json!({ "usd_per_segment_out": -1.0 })).unwrap_err();
    assert_eq!(error.key, "usd_per_segment_out");
    let error = create(usual(), json!({ "usd_per_post": 1.0 })).unwrap_err();
    assert_eq!(error.key, "usd_per_post");
}

#[test]
fn a_required_setting_that_is_missing_is_named() {
    for key in ["account_sid", "auth_token", "numbers"] {
        let mut values = usual();
        values.as_object_mut().unwrap().remove(key);
        assert_eq!(create(values, Value::Null).unwrap_err().key, key);
    }
}

#[test]
fn nothing_that_is_printed_shows_the_token() {
    let twilio = create(usual(), Value::Null).unwrap();
    assert!(!format!("{twilio:?}").contains("0123456789abcdef"));
}

#[test]
fn a_polling_instance_wants_no_webhook() {
    let mut values = usual();
    assert!(create(values.clone(), Value::Null).unwrap().capabilities().webhook);
    values["receive"] = json!("poll");
    assert!(!create(values, Value::Null).unwrap().capabilities().webhook);
}

#[test]
fn what_to_paste_repeats_lost_calls_and_is_signed_without_saying_so() {
    let twilio = create(usual(), Value::Null).unwrap();
    let hook_url = "https://bridge.example.com/hooks/twilio".to_owned();
    let steps = twilio.set_up(&Addresses { hook_url, ..Addresses::default() });
    assert_eq!(steps[0].value, "https://bridge.example.com/hooks/twilio#rc=3&rp=all");
    assert!(steps[0].place.ends_with("\"A message comes in\": Webhook, HTTP POST"));
    assert_eq!(steps[1].value, steps[0].value, "the fallback address");
    assert_eq!(steps[2].value, "Defer to sender's webhook");
}

#[test]
fn a_polling_account_pastes_nothing() {
    let mut values = usual();
    values["receive"] = json!("poll");
    let steps = create(values, Value::Null).unwrap().set_up(&Addresses::default());
    assert!(steps.iter().all(|step| step.value.is_empty()), "{steps:?}");
    assert!(steps[0].note.contains("every 15 seconds"), "{steps:?}");
}
