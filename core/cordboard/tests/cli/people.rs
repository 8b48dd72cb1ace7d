//! `people` and `link` where a line cannot send.

use crate::common::{Running, ran, talk, write_config};
use std::path::Path;

const ANNA: &str = "+15550101142";

#[track_caller]
fn said(folder: &Path, args: &[&str]) -> (String, String) {
    let output = ran(folder, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", talk(&output));
    (String::from_utf8(output.stdout.clone()).unwrap(), talk(&output))
}

#[test]
fn the_list_has_links_to_pass_on_when_there_are_any() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_config(folder);
    assert_eq!(Running::start(folder).stop().0, Some(0));
    said(folder, &["people", "block", "+15550101243"]);
    let (list, _) = said(folder, &["people", "list"]);
    assert!(!list.contains("link"), "{list}");
    let file = folder.join("plugins.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("kind     = \"twilio\"", "kind     = \"twilio\"\nreplies = false");
    std::fs::write(&file, text).unwrap();
    let (url, talk) = said(folder, &["link", ANNA, "--text"]);
    assert!(talk.contains("was not texted"), "{talk}");
    let (list, _) = said(folder, &["people", "list"]);
    assert!(list.contains("link") && list.contains(url.trim()), "{list}");
    let (shown, _) = said(folder, &["people", "show", ANNA]);
    assert!(shown.contains(url.trim()), "{shown}");
    let (json, _) = said(folder, &["people", "list", "--json"]);
    let people: serde_json::Value = serde_json::from_str(&json).unwrap();
    let links: Vec<_> = people.as_array().unwrap().iter().map(|who| &who["link"]).collect();
    assert_eq!(links, [&serde_json::json!(url.trim()), &serde_json::Value::Null]);
}
