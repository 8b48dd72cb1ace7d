//! What a configuration file may say, and what is told about one that is wrong. The kinds are
//! made up here, so that the rules are tested apart from any plugin.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod examples;
#[path = "../files/mod.rs"]
mod files;
mod made_up;
mod plugins;
mod policy;

use cordboard::config::{self, ConfigError, KeySource, Loaded, tables};
use cordboard_engine::{PinPolicy, Policy, Receipts, Signup};
use cordboard_plugin::MicroUsd;
use made_up::PLUGIN;
use std::path::Path;

const GOOD: &str = r#"
[[transport]]
name = "line"
kind = "carrier"
[transport.settings]
auth_token = "env:TOKEN"
numbers = ["+15550100001"]

[[sink]]
name = "wall"
kind = "board"

[[route]]
post = ["wall"]
"#;

fn load(text: &str) -> Result<Loaded, ConfigError> {
    let environment = [("TOKEN", "hush-hush"), ("EMPTY", " "), ("KEY", "0707")];
    config::parse(Path::new("/etc/cb/plugins.toml"), text, &[&PLUGIN], &environment)
}

/// `GOOD` with one piece replaced, or text added in front when the piece is empty.
fn changed(old: &str, new: &str) -> String {
    if old.is_empty() {
        return format!("{new}\n{GOOD}");
    }
    assert!(GOOD.contains(old), "{old}");
    GOOD.replacen(old, new, 1)
}

#[test]
fn a_small_file_is_filled_with_defaults() {
    let loaded = load(GOOD).unwrap();
    assert_eq!(loaded.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(loaded.admin_listen, "127.0.0.1:8081".parse().unwrap());
    assert_eq!(loaded.data_dir, Path::new("/etc/cb/data"));
    assert_eq!(loaded.store_path, Path::new("/etc/cb/data/cordboard.db"));
    assert!(
        matches!(&loaded.key, KeySource::File(path) if path == Path::new("/etc/cb/data/store.key"))
    );
    assert!(
        matches!(&loaded.token, KeySource::File(path) if path == Path::new("/etc/cb/data/admin.token"))
    );
    let engine = loaded.engine;
    assert_eq!(engine.bridge.public_url, "http://127.0.0.1:8080");
    assert!(!engine.bridge.public);
    let transport = &engine.transports[0];
    assert!(transport.replies && !transport.simulate);
    assert!(transport.prices.is_null());
    assert_eq!(
        transport.settings,
        serde_json::json!({
            "auth_token": "hush-hush", "numbers": ["+15550100001"], "receive": "webhook",
            "poll_seconds": 15, "shared_keys": {}, "api_base": "https://api.carrier.example",
            "account": "none", "media_hosts": [],
        })
    );
    assert_eq!(engine.routes[0].post, ["wall"]);
    assert_eq!(engine.routes[0].media, None);
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn the_declared_defaults_of_the_policy_are_the_engines() {
    let policy = load(GOOD).unwrap().engine.policy;
    assert_eq!(format!("{policy:?}"), format!("{:?}", Policy::default()));
}

#[test]
fn every_declared_default_can_be_read() {
    let all = tables::TOP.iter().flat_map(|(_, _, settings)| settings.iter());
    for setting in all {
        if let Some(default) = setting.default.filter(|default| Some(*default) != tables::NONE) {
            assert!(config::default_is_readable(setting.kind, default), "{}", setting.key);
        }
        assert!(setting.doc.ends_with('.'), "{} has no sentence", setting.key);
    }
}

#[test]
fn what_is_written_wins_over_defaults() {
    let text = changed(
        "",
        r#"
        [bridge]
        name = "Bulletin"
        listen = "0.0.0.0:9000"
        public_url = "https://sms.example/in/"
        data_dir = "/var/lib/cb"
        trusted_proxies = ["10.0.0.0/8"]
        [store]
        url = "sqlite:/var/lib/cb/x.db"
        key = "env:KEY"
        [admin]
        listen = "localhost:9001"
        alert_numbers = ["+15550100009"]
        [policy]
        signup = "invite"
        receipts = "never"
        pin = "required"
        quiet_days = 0
        long_text = "refuse"
        spend_per_day_usd = 2
        queue_rows_max = 10
        "#,
    );
    let loaded = load(&text).unwrap();
    assert_eq!(loaded.engine.bridge.name, "Bulletin");
    assert_eq!(loaded.engine.bridge.public_url, "https://sms.example/in");
    assert!(loaded.engine.bridge.public);
    assert_eq!(loaded.data_dir, Path::new("/var/lib/cb"));
    assert_eq!(loaded.store_path, Path::new("/var/lib/cb/x.db"));
    assert!(matches!(&loaded.key, KeySource::Given(key) if key.reveal() == "0707"));
    assert_eq!(loaded.admin_listen, "127.0.0.1:9001".parse().unwrap());
    assert_eq!(loaded.engine.alert_numbers.len(), 1);
    let policy = loaded.engine.policy;
    assert_eq!((policy.signup, policy.receipts), (Signup::Invite, Receipts::Never));
    assert_eq!((policy.pin, policy.quiet_days), (PinPolicy::Required, 0));
    assert!(!policy.long_text_thread);
    assert_eq!(policy.spend_per_day, MicroUsd(2_000_000));
    assert_eq!(policy.queue_rows_max, 10);
}

#[test]
fn a_simulated_instance_needs_no_secrets_but_keeps_the_rules() {
    let simulated = "kind = \"carrier\"\nsimulate = true";
    let text = changed("kind = \"carrier\"", simulated).replace("env:TOKEN", "env:NOT_SET");
    let loaded = load(&text).unwrap();
    assert!(loaded.engine.transports[0].simulate);
    assert_eq!(loaded.engine.transports[0].settings.get("auth_token"), None);
    let without = text.replace("auth_token = \"env:NOT_SET\"\n", "");
    load(&without).unwrap();
    let bare = text.replace("env:NOT_SET", "hush");
    assert!(load(&bare).unwrap_err().message.contains("is a secret"));
    assert!(!load(&bare).unwrap_err().to_string().contains("hush"), "a bare secret is repeated");
}

#[test]
fn a_simulated_instance_on_a_public_bridge_is_warned_about() {
    let text = changed("kind = \"carrier\"", "kind = \"carrier\"\nsimulate = true");
    let public = "[bridge]\npublic_url = \"https://sms.example\"\n";
    let loaded = load(&format!("{public}{text}")).unwrap();
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    let open = format!("{public}sandbox_public = true\n{text}");
    assert!(load(&open).unwrap().warnings.is_empty());
}

#[test]
fn prices_are_kept_as_written_and_absent_ones_stay_absent() {
    let text = changed("[[sink]]", "[transport.prices]\nusd_per_segment_in = 0\n\n[[sink]]");
    let prices = load(&text).unwrap().engine.transports[0].prices.clone();
    assert_eq!(prices, serde_json::json!({ "usd_per_segment_in": 0.0 }));
}

#[test]
fn secrets_come_from_files_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "hush\n").unwrap();
    let file = folder.path().join("plugins.toml");
    std::fs::write(&file, GOOD.replace("env:TOKEN", "file:token")).unwrap();
    let loaded = config::load(&file, &[&PLUGIN], &[("A", "b")]).unwrap();
    assert_eq!(loaded.engine.transports[0].settings["auth_token"], "hush");
    std::fs::write(folder.path().join("token"), "\n").unwrap();
    let error = config::load(&file, &[&PLUGIN], &[("A", "b")]).unwrap_err();
    assert!(
        error.message.ends_with("named by `auth_token` of transport `line`, is empty"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_not_there_is_told_with_the_way_to_name_another() {
    let folder = tempfile::tempdir().unwrap();
    let error = config::load(&folder.path().join("none.toml"), &[], &[("A", "b")]).unwrap_err();
    assert!(error.message.starts_with("cannot read the configuration `"), "{error}");
    assert!(error.hint.contains("--config"), "{error}");
}

/// Old piece, new piece, what is told.
const BAD: &[(&str, &str, &str)] = include!("bad_input.in");

#[test]
fn each_slip_is_told_with_its_place_and_a_hint() {
    let mut wrong = String::new();
    for (old, new, expected) in BAD {
        let told = match load(&changed(old, new)) {
            Ok(_) => "taken".to_owned(),
            Err(error) => error.to_string().replace("/etc/cb/", ""),
        };
        if told != *expected {
            wrong += &format!("{new}\n  told:     {told:?}\n  expected: {expected:?}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn an_empty_file_is_told_what_it_lacks() {
    let error = load("").unwrap_err();
    assert_eq!(error.message, "there is no `[[transport]]`");
    assert_eq!(error.more, 2);
}

#[test]
fn the_reference_in_the_readme_is_what_is_declared() {
    let readme = include_str!("../../README.md");
    let reference = config::reference();
    assert!(readme.ends_with(&format!("\n{}\n", reference.trim_end())), "{reference}");
}
