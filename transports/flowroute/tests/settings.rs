//! The example is the settings table, and what is wrong in a table is named.

#![expect(clippy::unwrap_used, reason = "a broken example must fail")]

use cordboard_flowroute::Flowroute;
use cordboard_plugin::{
    Addresses, Create, MicroUsd, Pace, SettingKind, Settings, SettingsError, Transport,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SECRET: &str = "fedcba9876543210fedcba9876543210";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn example_transport() -> toml::Table {
    let example: toml::Table = include_str!("../example.toml").parse().unwrap();
    example["transport"].as_array().unwrap()[0].as_table().unwrap().clone()
}

fn create(values: Value, prices: Value) -> Result<Flowroute, SettingsError> {
    create_at(true, values, prices)
}

fn create_at(public: bool, values: Value, prices: Value) -> Result<Flowroute, SettingsError> {
    let name = "flowroute".to_owned();
    Flowroute::create(&Settings { name, values, prices, public, catch_up_hours: 24 })
}

fn usual() -> Value {
    json!({
        "access_key": "00000001",
        "secret_key": SECRET,
        "numbers": ["+15550100001"],
        "callback_token": TOKEN,
    })
}

fn usual_with(key: &str, value: Value) -> Value {
    let mut values = usual();
    values[key] = value;
    values
}

#[test]
fn the_example_names_every_setting_at_its_default() {
    let transport = example_transport();
    let written = transport["settings"].as_table().unwrap();
    let declared: BTreeSet<&str> = Flowroute::SETTINGS.iter().map(|setting| setting.key).collect();
    assert_eq!(written.keys().map(String::as_str).collect::<BTreeSet<_>>(), declared);
    for setting in Flowroute::SETTINGS {
        let Some(default) = setting.default else { continue };
        let parsed: toml::Table = format!("value = {default}").parse().unwrap();
        if setting.kind == SettingKind::Secret {
            // A secret's only default is none, and none is not written.
            assert_eq!(parsed["value"].as_str(), Some(""), "{}", setting.key);
            assert!(written[setting.key].as_str().unwrap().starts_with("env:"));
            continue;
        }
        assert_eq!(written[setting.key], parsed["value"], "{}", setting.key);
    }
}

#[test]
fn defaults_are_the_same_written_and_left_out() {
    let transport = example_transport();
    let mut written = serde_json::to_value(&transport["settings"]).unwrap();
    written["secret_key"] = SECRET.into();
    written["callback_token"] = TOKEN.into();
    let prices = serde_json::to_value(&transport["prices"]).unwrap();
    let written = create(written, prices).unwrap();
    let left_out = create(usual(), Value::Null).unwrap();
    assert_eq!(format!("{written:?}"), format!("{left_out:?}"));
    let can = written.capabilities();
    assert_eq!((can.price_segment_in, can.price_segment_out), (MicroUsd(4000), MicroUsd(4000)));
    assert!(!can.confirms && can.webhook && can.pictures_in);
}

#[test]
fn what_is_wrong_is_named_by_its_key() {
    for (key, value) in [
        ("access_key", json!("")),
        ("access_key", json!("a:b")),
        ("access_key", json!("a b")),
        ("secret_key", json!("")),
        ("secret_key", json!("  ")),
        ("numbers", json!([])),
        ("numbers", json!(["5550100001"])),
        ("callback_token", json!("")),
        ("callback_token", json!("fifteen-letters")),
        ("callback_token", json!("x".repeat(257))),
        ("callback_token", json!("0123456789abcde+")),
        ("callback_token", json!("0123456789abcdef é")),
        ("verify", json!("signature")),
        ("allow_ips", json!(["here"])),
        ("allow_ips", json!(["198.51.100.0/33"])),
        ("api_base", json!("ftp://api.example.com")),
        ("api_base", json!("https://api.example.com/?a=1")),
        ("api_base", json!("here")),
        ("secret_keys", json!("x")),
    ] {
        let error = create(usual_with(key, value.clone()), Value::Null).unwrap_err();
        let named = if key == "verify" { "signature" } else { key };
        assert_eq!(error.key, named, "{value}: {error}");
    }
    let error = create(usual(), json!({ "usd_per_segment_out": -1.0 })).unwrap_err();
    assert_eq!(error.key, "usd_per_segment_out");
    let error = create(usual(), json!({ "usd_per_post": 1.0 })).unwrap_err();
    assert_eq!(error.key, "usd_per_post");
}

#[test]
fn a_required_setting_that_is_missing_is_named() {
    for key in ["access_key", "secret_key", "numbers", "callback_token"] {
        let mut values = usual();
        values.as_object_mut().unwrap().remove(key);
        assert_eq!(create(values, Value::Null).unwrap_err().key, key);
    }
}

#[test]
fn a_public_bridge_needs_a_token_and_is_told_why() {
    let mut values = usual();
    values.as_object_mut().unwrap().remove("callback_token");
    let error = create(values.clone(), Value::Null).unwrap_err();
    assert!(error.problem.contains("signs nothing") && error.problem.contains("openssl rand"));
    assert!(create_at(false, values, Value::Null).is_ok(), "on this machine alone it does not");
    let short = create_at(false, usual_with("callback_token", json!("short")), Value::Null);
    assert_eq!(
        short.unwrap_err().key,
        "callback_token",
        "one that is given is checked all the same"
    );
}

#[test]
fn nothing_that_is_printed_shows_a_secret() {
    let flowroute = create(usual(), Value::Null).unwrap();
    let steps = flowroute.set_up(&Addresses::default());
    let error = create(usual_with("callback_token", json!("se cr et se cr et")), Value::Null);
    let printed = format!("{flowroute:?} {steps:?} {error:?}");
    for secret in [SECRET, TOKEN, "se cr et"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn reading_back_is_asked_of_the_core() {
    let values = usual_with("verify", json!("readback"));
    assert!(create(values, Value::Null).unwrap().capabilities().confirms);
}

#[test]
fn what_flowroute_answers_and_how_fast_it_goes_is_said() {
    let can = create(usual(), Value::Null).unwrap().capabilities();
    assert_eq!(can.carrier_words, ["STOP", "UNSTOP"]);
    assert_eq!(can.pace, Pace { at_once: 8, gap_ms: 200, call_ms_max: 20_000 });
}

#[test]
fn both_callbacks_are_pasted_with_a_placeholder_for_the_token() {
    let hook_url = "https://bridge.example.com/hooks/flowroute".to_owned();
    let addresses = Addresses { hook_url: hook_url.clone(), ..Addresses::default() };
    let steps = create(usual(), Value::Null).unwrap().set_up(&addresses);
    for (step, field) in steps.iter().zip(["\"SMS Callback\"", "\"MMS Callback\""]) {
        assert!(step.place.ends_with(field), "{step:?}");
        assert_eq!(step.value, format!("{hook_url}?token=YOUR_CALLBACK_TOKEN"));
        assert!(step.note.contains("`callback_token`"), "{step:?}");
    }
    let values = usual_with("callback_token", json!(""));
    let steps = create_at(false, values, Value::Null).unwrap().set_up(&addresses);
    assert_eq!((steps[0].value.as_str(), steps[1].value.as_str()), (&*hook_url, &*hook_url));
}
