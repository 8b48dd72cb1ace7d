//! The example is the settings table, and what is wrong in a table is named.

#![expect(clippy::unwrap_used, reason = "a broken example must fail")]

use cordboard_modem::Modem;
use cordboard_plugin::{
    Addresses, Create, MicroUsd, SettingKind, Settings, SettingsError, Transport,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn example_transport() -> toml::Table {
    let example: toml::Table = include_str!("../example.toml").parse().unwrap();
    example["transport"].as_array().unwrap()[0].as_table().unwrap().clone()
}

fn create(values: Value, prices: Value) -> Result<Modem, SettingsError> {
    let name = "modem".to_owned();
    Modem::create(&Settings { name, values, prices, public: true, catch_up_hours: 24 })
}

fn usual() -> Value {
    json!({ "number": "+15550100001" })
}

#[track_caller]
fn error(values: Value, prices: Value) -> SettingsError {
    create(values, prices).err().unwrap()
}

#[test]
fn the_example_names_every_setting_at_its_default() {
    let transport = example_transport();
    let written = transport["settings"].as_table().unwrap();
    let declared: BTreeSet<&str> = Modem::SETTINGS.iter().map(|setting| setting.key).collect();
    assert_eq!(written.keys().map(String::as_str).collect::<BTreeSet<_>>(), declared);
    for setting in Modem::SETTINGS {
        let Some(default) = setting.default else { continue };
        if setting.kind == SettingKind::Secret {
            assert!(written[setting.key].as_str().unwrap().starts_with("env:"), "{}", setting.key);
            continue;
        }
        let parsed: toml::Table = format!("value = {default}").parse().unwrap();
        assert_eq!(written[setting.key], parsed["value"], "{}", setting.key);
    }
}

#[test]
fn defaults_are_the_same_written_and_left_out() {
    let transport = example_transport();
    let mut written = serde_json::to_value(&transport["settings"]).unwrap();
    written["sim_pin"] = json!("");
    let prices = serde_json::to_value(&transport["prices"]).unwrap();
    let written = create(written, prices).unwrap();
    let left_out = create(usual(), Value::Null).unwrap();
    assert_eq!(written.capabilities(), left_out.capabilities());
    assert_eq!(format!("{written:?}"), format!("{left_out:?}"));
    assert_eq!(written.capabilities().price_segment_in, MicroUsd(0));
}

#[test]
fn what_is_wrong_is_named_by_its_key() {
    for (key, value) in [
        ("number", json!("5550100001")),
        ("number", json!("")),
        ("port", json!("")),
        ("port", json!("ttyUSB0")),
        ("port", json!("https://modem.example.com")),
        ("port", json!("http://")),
        ("baud", json!(0)),
        ("sim_pin", json!("12")),
        ("sim_pin", json!("12a4")),
        ("sim_pin", json!("123456789")),
        ("imei", json!("35000000000000")),
        ("imei", json!("35000000000000x")),
        ("store", json!("burn")),
        ("part_wait_minutes", json!(0)),
        ("part_wait_minutes", json!(1441)),
        ("ports", json!("x")),
    ] {
        let mut values = usual();
        values[key] = value.clone();
        let error = error(values, Value::Null);
        // Serde names the word it did not know, not the key it stood at.
        let named = error.key == key || (key == "store" && error.problem.contains("burn"));
        assert!(named, "{key} = {value}: {error}");
        assert!(!error.problem.contains("12a4"), "a secret is repeated: {error}");
    }
    assert_eq!(error(usual(), json!({ "usd_per_segment_out": -1.0 })).key, "usd_per_segment_out");
    assert_eq!(error(usual(), json!({ "usd_per_post": 1.0 })).key, "usd_per_post");
    assert_eq!(error(json!({}), Value::Null).key, "number");
}

#[test]
fn nothing_that_is_printed_shows_the_pin() {
    let mut values = usual();
    values["sim_pin"] = json!("4711");
    let modem = create(values, Value::Null).unwrap();
    assert!(!format!("{modem:?}").contains("4711"));
}

#[cfg(feature = "sim")]
#[test]
fn a_line_to_a_simulated_modem_is_a_base() {
    let mut values = usual();
    assert!(create(values.clone(), Value::Null).unwrap().capabilities().bases.is_empty());
    values["port"] = json!("http://127.0.0.1:8080/sandbox/modem/line");
    let bases = create(values, Value::Null).unwrap().capabilities().bases;
    assert_eq!(bases[0].name, "line");
    assert_eq!(bases[0].url, "http://127.0.0.1:8080/sandbox/modem/line");
}

#[cfg(not(feature = "sim"))]
#[test]
fn without_the_simulator_there_is_no_line_to_one() {
    let mut values = usual();
    values["port"] = json!("http://127.0.0.1:8080/sandbox/modem/line");
    assert_eq!(error(values, Value::Null).key, "port");
}

#[test]
fn a_modem_takes_one_text_at_a_time_and_pastes_nothing() {
    let modem = create(usual(), json!({ "usd_per_segment_out": 0.09 })).unwrap();
    let capabilities = modem.capabilities();
    assert_eq!(capabilities.numbers, ["+15550100001"]);
    assert_eq!(capabilities.price_segment_out, MicroUsd(90_000));
    assert_eq!((capabilities.pace.at_once, capabilities.pace.gap_ms), (1, 2_000));
    let steps = modem.set_up(&Addresses::default());
    assert!(steps.iter().all(|step| step.value.is_empty()), "{steps:?}");
}

#[test]
fn an_instance_without_settings_has_no_line() {
    let modem = Modem::unconfigured().unwrap();
    assert_eq!(modem.capabilities().numbers, Vec::<String>::new());
    let host = cordboard_testkit::FakeHost::new();
    let ended = cordboard_testkit::block_on(modem.run(&host));
    assert!(ended.is_err());
}
