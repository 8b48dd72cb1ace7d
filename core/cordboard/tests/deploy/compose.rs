//! `deploy/compose.yaml` and the Caddyfile, held against the Dockerfile and the configuration.

use crate::dockerfile::{configuration, image, only, root, user};
use cordboard::config;
use std::collections::BTreeMap;

/// Keys and what stands behind or below them: `services/cordboard/read_only` is `true`. Items of a
/// list are joined by blanks.
fn compose() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("deploy/compose.yaml")).unwrap();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut path: Vec<(usize, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim();
        if words.is_empty() {
            continue;
        }
        let (item, words) = match words.strip_prefix("- ") {
            Some(rest) => (true, rest),
            None => (false, words),
        };
        let quoted = words.starts_with('"');
        let pair = words.split_once(": ").or_else(|| Some((words.strip_suffix(':')?, "")));
        match pair.filter(|_| !quoted) {
            Some((key, value)) => {
                path.retain(|(at, _)| *at < indent);
                path.push((indent, key.to_owned()));
                let at: Vec<&str> = path.iter().map(|(_, key)| key.as_str()).collect();
                found.insert(at.join("/"), value.replace(['[', ']', '"', ','], ""));
            }
            None => {
                assert!(item, "not understood: {line}");
                path.retain(|(at, _)| *at < indent);
                let at: Vec<&str> = path.iter().map(|(_, key)| key.as_str()).collect();
                let list = found.entry(at.join("/")).or_default();
                *list = format!("{list} {}", words.trim_matches('"')).trim().to_owned();
            }
        }
    }
    found
}

#[track_caller]
fn is(compose: &BTreeMap<String, String>, key: &str, value: &str) {
    assert_eq!(compose.get(key).map(String::as_str), Some(value), "{key}");
}

#[test]
fn the_bridge_has_a_read_only_root_no_rights_and_loopback_ports() {
    let compose = compose();
    let of = |key: &str| format!("services/cordboard/{key}");
    is(&compose, &of("read_only"), "true");
    is(&compose, &of("cap_drop"), "ALL");
    is(&compose, &of("security_opt"), "no-new-privileges:true");
    let (id, group) = user();
    is(&compose, &of("user"), &format!("{id}:{group}"));
    is(&compose, &of("build/context"), "..");
    is(&compose, &of("build/dockerfile"), "deploy/Dockerfile");
    let ports: Vec<String> = only(&image(), "EXPOSE").words.clone();
    let published: Vec<String> =
        ports.iter().map(|port| format!("127.0.0.1:{port}:{port}")).collect();
    is(&compose, &of("ports"), &published.join(" "));
    let volume = only(&image(), "VOLUME").words[0].clone();
    let (target, source) = configuration();
    let mounts = format!("data:{volume} ${{CORDBOARD_CONFIG_FILE:-../{source}}}:{target}:ro");
    is(&compose, &of("volumes"), &mounts);
    assert!(compose.contains_key("volumes/data"), "the volume is declared");
}

#[test]
fn stopping_takes_longer_than_the_bridge_needs() {
    let grace = compose()["services/cordboard/stop_grace_period"].clone();
    let seconds: u32 = grace.strip_suffix('s').unwrap().parse().unwrap();
    let policy = cordboard_engine::Policy::default();
    assert!(seconds >= policy.shutdown_seconds + 5, "{seconds} s");
}

#[test]
fn caddy_is_an_option_that_the_bridge_believes() {
    let compose = compose();
    is(&compose, "services/caddy/profiles", "caddy");
    is(&compose, "services/caddy/read_only", "true");
    let address = &compose["services/caddy/networks/front/ipv4_address"];
    let text = std::fs::read_to_string(root().join("examples/docker.toml")).unwrap();
    let example: toml::Table = text.parse().unwrap();
    let trusted = example["bridge"]["trusted_proxies"].as_array().unwrap();
    assert_eq!(trusted.len(), 1, "nobody else is believed");
    assert_eq!(trusted[0].as_str(), Some(address.as_str()));
    let image = image();
    let port = &only(&image, "EXPOSE").words[0];
    is(&compose, "services/caddy/environment/CORDBOARD_UPSTREAM", &format!("cordboard:{port}"));
    assert!(compose.contains_key("services/caddy/environment/CORDBOARD_HOST"));
    assert!(compose["services/caddy/volumes"].starts_with("./Caddyfile:/etc/caddy/Caddyfile:ro "));
}

#[test]
fn the_caddyfile_leads_to_where_a_bridge_listens_and_keeps_no_log() {
    let text = std::fs::read_to_string(root().join("deploy/Caddyfile")).unwrap();
    let steps: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
    let listen = config::tables::BRIDGE.iter().find(|setting| setting.key == "listen").unwrap();
    let listen = listen.default.unwrap().trim_matches('"');
    let upstream = format!("reverse_proxy {{$CORDBOARD_UPSTREAM:{listen}}}");
    assert_eq!(steps, ["", "{$CORDBOARD_HOST:sms.example.org} {", upstream.as_str(), "}"]);
    assert!(compose().values().all(|value| !value.contains("0.0.0.0")), "nothing on all addresses");
}
