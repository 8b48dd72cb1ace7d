//! The example is the settings table, and what is wrong in a table is named.

#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold must fail the test")]

mod common;

use common::settings;
use cordboard_bulletin::Bulletin;
use cordboard_plugin::{Create as _, MicroUsd, Settings, Sink as _};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn example() -> toml::Table {
    let example: toml::Table = include_str!("../example.toml").parse().expect("TOML");
    example["sink"][0].as_table().expect("a table").clone()
}

#[test]
fn the_example_names_every_setting_at_its_default() {
    let example = example();
    let written = example["settings"].as_table().expect("a table");
    let declared: BTreeSet<&str> = Bulletin::SETTINGS.iter().map(|setting| setting.key).collect();
    assert_eq!(written.keys().map(String::as_str).collect::<BTreeSet<_>>(), declared);
    for setting in Bulletin::SETTINGS {
        let Some(default) = setting.default else { continue };
        let default: toml::Table = format!("value = {default}").parse().expect("TOML");
        assert_eq!(written[setting.key], default["value"], "{}", setting.key);
    }
}

#[test]
fn the_prices_of_the_example_are_the_defaults() {
    let mut written = settings();
    written.prices = serde_json::to_value(&example()["prices"]).expect("JSON");
    let price = |settings: &Settings| {
        Bulletin::create(settings).expect("they hold").capabilities().price_post
    };
    assert_eq!(price(&written), price(&settings()));
    written.prices = json!({ "usd_per_post": 0.02 });
    assert_eq!(price(&written), MicroUsd(20_000));
}

#[test]
fn what_is_wrong_is_named_by_its_key() {
    for (key, value) in
        [("api_token", json!(" ")), ("api_token", Value::Null), ("api_tokn", json!("x"))]
    {
        let mut settings = settings();
        match value {
            Value::Null => drop(settings.values.as_object_mut().map(|all| all.remove(key))),
            value => settings.values[key] = value,
        }
        let error = Bulletin::create(&settings).expect_err(key);
        assert_eq!(error.key, key, "{error}");
    }
}
