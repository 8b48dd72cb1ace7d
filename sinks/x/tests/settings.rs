//! What settings are taken, and that the example is one of them.

#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{
    Addresses, Create as _, MicroUsd, SettingKind, Settings, Sink as _, SinkKind,
};
use cordboard_x::config::Config;
use cordboard_x::{PLUGIN, X};
use serde_json::{Value, json};

fn settings(values: Value, prices: Value) -> Settings {
    Settings { name: "x".to_owned(), values, prices, public: false, catch_up_hours: 24 }
}

#[track_caller]
fn problem(values: Value, prices: Value) -> (String, String) {
    let error = X::create(&settings(values, prices)).err().map(|error| (error.key, error.problem));
    assert!(error.is_some(), "these settings were taken");
    error.unwrap_or_default()
}

fn example() -> toml::Table {
    include_str!("../example.toml").parse().unwrap_or_default()
}

#[test]
fn the_example_is_read_and_writes_the_real_defaults() {
    let example = serde_json::to_value(example()).unwrap();
    for (kind, sink) in PLUGIN.sinks.iter().zip(example["sink"].as_array().unwrap()) {
        assert_eq!(kind.kind, sink["kind"]);
        (kind.create)(&settings(sink["settings"].clone(), sink["prices"].clone())).unwrap();
        writes_the_defaults(kind, sink);
    }
    assert_eq!(example["sink"].as_array().unwrap().len(), PLUGIN.sinks.len());
}

#[track_caller]
fn writes_the_defaults(kind: &SinkKind, sink: &Value) {
    for setting in kind.settings {
        let written = &sink["settings"][setting.key];
        assert!(written.is_string(), "`{}` is not in the example", setting.key);
        let default = setting.default.map(|text| text.trim_matches('"')).unwrap_or("env:");
        if !default.is_empty() && default != "env:" {
            assert_eq!(written, default, "{}", setting.key);
        }
        if setting.kind == SettingKind::Secret {
            assert!(
                written.as_str().unwrap().starts_with("env:"),
                "a secret stands in the example"
            );
        }
    }
}

#[test]
fn declared_defaults_are_those_of_an_empty_table() {
    let needed = json!({ "client_id": "client", "consumer_key": "k", "consumer_secret": "s" });
    for kind in PLUGIN.sinks {
        let empty = (kind.create)(&settings(needed.clone(), Value::Null)).unwrap();
        let mut values = needed.clone();
        for setting in kind.settings {
            if let Some(default) = setting.default
                && needed[setting.key].is_null()
            {
                values[setting.key] = default.trim_matches('"').into();
            }
        }
        let written = (kind.create)(&settings(values, Value::Null)).unwrap();
        assert_eq!(empty.capabilities(), written.capabilities());
    }
}

#[test]
fn combinations_that_cannot_be_are_named() {
    let both = json!({
        "client_id": "c", "client_secret": "s", "consumer_key": "k", "consumer_secret": "s",
    });
    for (kind, more, wanted) in [
        (0, json!({}), None),
        (0, json!({ "auth": "oauth1" }), None),
        (0, json!({ "auth": "oauth1", "link": "code" }), None),
        (0, json!({ "link": "code" }), Some("link")),
        (0, json!({ "auth": "oauth1", "consumer_key": " " }), Some("consumer_key")),
        (0, json!({ "auth": "oauth1", "consumer_secret": "" }), Some("consumer_secret")),
        (0, json!({ "auth": "oauth3" }), Some("auth")),
        (0, json!({ "upload_api": "v2" }), Some("upload_api")),
        (0, json!({ "upload_base": "https://a.example" }), Some("upload_base")),
        (1, json!({}), None),
        (1, json!({ "link": "code", "upload_api": "v1.1" }), None),
        (1, json!({ "auth": "oauth2" }), None),
        (1, json!({ "auth": "oauth2", "link": "code" }), Some("link")),
        (1, json!({ "auth": "oauth2", "upload_api": "v1.1" }), Some("upload_api")),
        (1, json!({ "auth": "oauth2", "client_id": "" }), Some("client_id")),
        (1, json!({ "consumer_key": "" }), Some("consumer_key")),
        (1, json!({ "link": "letter" }), Some("link")),
        (1, json!({ "upload_api": "v3" }), Some("upload_api")),
        (1, json!({ "upload_base": "upload" }), Some("upload_base")),
    ] {
        let mut values = both.clone();
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = (PLUGIN.sinks[kind].create)(&settings(values, Value::Null));
        let key = made.err().map(|error| error.key);
        assert_eq!(key.as_deref(), wanted, "{kind} {more}");
    }
}

#[test]
fn one_link_serves_both_sinks_where_it_can() {
    let both = json!({
        "client_id": "c", "consumer_key": "k", "consumer_secret": "s", "auth": "oauth1",
    });
    let accepted = |kind: usize, auth: &str| {
        let mut values = both.clone();
        values["auth"] = auth.into();
        (PLUGIN.sinks[kind].create)(&settings(values, Value::Null))
            .unwrap()
            .capabilities()
            .credentials
    };
    assert_eq!(accepted(0, "oauth1"), accepted(1, "oauth1"));
    let (words, pictures) = (accepted(0, "oauth2"), accepted(1, "oauth2"));
    assert_eq!(words[0].kind, "oauth2");
    assert_eq!(words[1..], pictures);
    assert_ne!(accepted(0, "oauth1")[0].realm, words[0].realm);
}

#[test]
fn what_uploads_says_what_it_takes_and_costs() {
    let values = json!({ "consumer_key": "k", "consumer_secret": "s", "link": "code" });
    let can = (PLUGIN.sinks[1].create)(&settings(values, Value::Null)).unwrap().capabilities();
    let limit = |media_type: &str| {
        can.media_limits.iter().find(|limit| limit.media_type == media_type).unwrap().bytes_max
    };
    assert_eq!(can.media_types[0], "image/jpeg");
    assert_eq!((limit("image/png"), limit("image/gif")), (5_000_000, 15_000_000));
    assert_eq!((can.price_upload, can.price_describe), (MicroUsd(0), MicroUsd(5_000)));
    assert!(can.link_by_code && can.upload_ms_max >= 300_000);
}

#[test]
fn posts_are_seen_where_the_consent_page_is() {
    for (authorize_url, web_base) in [
        ("https://x.com/i/oauth2/authorize", "https://x.com"),
        ("https://twitter.com/i/oauth2/authorize?lang=en", "https://twitter.com"),
        ("http://127.0.0.1:8080/sandbox/x/i/oauth2/authorize", "http://127.0.0.1:8080/sandbox/x"),
        ("https://gateway.example.com/consent", "https://x.com"),
    ] {
        let values = json!({ "client_id": "client", "authorize_url": authorize_url });
        assert_eq!(Config::read(&settings(values, Value::Null)).unwrap().web_base, web_base);
    }
}

#[test]
fn wrong_settings_are_named() {
    let ok = Value::Null;
    assert_eq!(problem(json!({ "client_id": " " }), ok.clone()).0, "client_id");
    assert!(problem(json!({}), ok.clone()).1.contains("client_id"));
    assert!(problem(json!({ "client_id": "a", "colour": 1 }), ok.clone()).1.contains("colour"));
    assert_eq!(problem(json!({ "client_id": "a", "api_base": "x" }), ok.clone()).0, "api_base");
    assert_eq!(problem(json!({ "client_id": "a", "authorize_url": "" }), ok).0, "authorize_url");
    let (key, _) = problem(json!({ "client_id": "a" }), json!({ "usd_per_post": -1 }));
    assert_eq!(key, "prices.usd_per_post");
    let (_, words) = problem(json!({ "client_id": "a" }), json!({ "usd_per_tweet": 1 }));
    assert!(words.contains("usd_per_tweet"));
}

#[test]
fn prices_are_those_of_the_table_or_of_x() {
    let values = json!({ "client_id": "a" });
    let usual = X::create(&settings(values.clone(), Value::Null)).unwrap().capabilities();
    assert_eq!((usual.price_post, usual.price_link_post), (MicroUsd(15_000), MicroUsd(200_000)));
    assert_eq!(usual.price_settle, MicroUsd(25_000));
    assert_eq!((usual.price_check, usual.price_retract), (MicroUsd(10_000), MicroUsd(10_000)));
    let prices = json!({ "usd_per_post": 0.01, "usd_per_link_post": 1 });
    let own = X::create(&settings(values, prices)).unwrap().capabilities();
    assert_eq!((own.price_post, own.price_link_post), (MicroUsd(10_000), MicroUsd(1_000_000)));
}

#[test]
fn another_client_is_another_realm_and_another_secret_is_not() {
    let realm = |id: &str, secret: &str| {
        let values = json!({ "client_id": id, "client_secret": secret });
        X::create(&settings(values, Value::Null))
            .unwrap()
            .capabilities()
            .credentials
            .remove(0)
            .realm
    };
    assert_eq!(realm("a", "1"), realm("a", "2"));
    assert_ne!(realm("a", "1"), realm("b", "1"));
    // The first 16 hexadecimal digits of SHA-256("a").
    assert_eq!(realm("a", ""), "https://api.x.com#ca978112ca1bbdca");
}

#[test]
fn the_type_of_app_follows_the_secret() {
    for (secret, app_type) in [("hush", "Web App, Automated App or Bot"), ("", "Native App")] {
        let values = json!({ "client_id": "id", "client_secret": secret });
        let x = X::create(&settings(values, Value::Null)).unwrap();
        let steps = x.set_up(&Addresses { reachable: true, ..Addresses::default() });
        let values: Vec<&str> = steps.iter().map(|step| step.value.as_str()).collect();
        assert_eq!(values[..2], ["Read and write", app_type]);
    }
}
