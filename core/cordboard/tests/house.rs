//! The rules of the house that a compiler does not check.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Longest file, in lines without its unit tests.
const FILE_LINES_MAX: usize = 400;
/// Longest function, in lines from its head to its closing brace.
const FUNCTION_LINES_MAX: usize = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// All `.rs` files below the given folders of the workspace, without integration tests.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["tests", "fixtures", "target"].contains(&name.as_str()) {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let shown = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((shown, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no sources below {folders:?}");
    found
}

/// A file without the unit tests at its end.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

/// Whether `word` stands in `text`, not as a part of a longer word.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

#[test]
fn the_core_names_no_plugin() {
    let mut named = Vec::new();
    for (path, text) in sources(&["core"]) {
        if path == "core/cordboard/src/builtin.rs" {
            continue;
        }
        let text = text.to_lowercase();
        for word in ["twilio", "flowroute", "twitter"] {
            if text.contains(word) {
                named.push(format!("{path} names {word}"));
            }
        }
        if has_word(&text, "x-media") {
            named.push(format!("{path} names x-media"));
        }
    }
    assert!(named.is_empty(), "{named:#?}");
}

#[test]
fn files_and_functions_are_short() {
    let mut long = Vec::new();
    for (path, text) in sources(&["core", "transports", "sinks"]) {
        let text = without_tests(&text);
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            long.push(format!("{path} has {lines} lines"));
        }
        for (name, lines) in functions(text) {
            if lines > FUNCTION_LINES_MAX {
                long.push(format!("{path}: `{name}` has {lines} lines"));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

/// Functions and their lengths. Sources are formatted, so a function ends at the first closing brace
/// that stands as far left as its head.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let head = line.trim_start();
        let is_head =
            ["fn ", "async fn ", "const fn ", "pub fn ", "pub async fn ", "pub const fn "]
                .iter()
                .any(|start| head.starts_with(start))
                || (head.starts_with("pub(") && head.contains(" fn "));
        if !is_head {
            continue;
        }
        let end = lines[at..].iter().position(|end| {
            indent(end) == indent(line)
                && (end.trim_end() == format!("{}}}", &line[..indent(line)]))
        });
        let declared = lines[at..].iter().position(|end| end.ends_with(';'));
        if let Some(end) = end
            && declared.is_none_or(|declared| {
                declared > end || lines[at..at + declared].iter().any(|line| line.contains('{'))
            })
        {
            let name = head.split("fn ").nth(1).unwrap_or(head);
            found.push((name.chars().take_while(|c| *c != '(').collect(), end + 1));
        }
    }
    found
}

#[test]
fn the_measure_of_functions_is_right() {
    let text = "impl A {\n    fn a(\n        b: u8,\n    ) -> u8 {\n        if b {\n        }\n    }\n\n    fn c();\n}\n\npub(crate) fn d() {\n}\n";
    assert_eq!(functions(text), [("a".to_owned(), 6), ("d".to_owned(), 2)]);
}

/// The C boundary, each side: nothing else may be unsafe.
const BOUNDARY: &[&str] =
    &["core/plugin/src/abi/", "core/plugin/src/export.rs", "core/engine/src/loader/"];

#[test]
fn only_the_boundary_is_unsafe() {
    for (path, text) in sources(&["core", "transports", "sinks"]) {
        if BOUNDARY.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert!(!is_unsafe(line), "{path}: {line}");
        }
    }
}

/// Whether a line opens something unsafe; the word in a string (a page's policy has it) is none.
fn is_unsafe(line: &str) -> bool {
    line.split("unsafe").skip(1).map(str::trim_start).any(|rest| {
        ["{", "fn ", "impl", "trait ", "extern ", "("].iter().any(|next| rest.starts_with(next))
    })
}

#[test]
fn unsafe_is_told_from_the_word() {
    assert!(is_unsafe(concat!("let a = un", "safe { b };")));
    assert!(is_unsafe(concat!("#[un", "safe(no_mangle)]")));
    assert!(!is_unsafe("style-src 'unsafe-inline'"));
}

/// What a plugin may not bring along: a runtime, sockets, an HTTP client or server.
const FORBIDDEN: &[&str] = &["tokio", "hyper", "reqwest", "mio", "async-std", "smol", "socket2"];

#[test]
fn plugins_bring_no_runtime_and_no_sockets() {
    // Packages for other systems need not be on this machine.
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--all-features"])
        .args(["--filter-platform", &host()])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let plugins: Vec<&serde_json::Value> = packages
        .iter()
        .filter(|package| {
            let manifest = package["manifest_path"].as_str().unwrap();
            ["transports", "sinks"].iter().any(|f| Path::new(manifest).starts_with(root().join(f)))
        })
        .collect();
    assert!(plugins.len() >= 2, "the workspace's plugins were not found");
    for plugin in plugins {
        let reached = reached(nodes, plugin["id"].as_str().unwrap());
        for package in packages.iter().filter(|p| reached.contains(p["id"].as_str().unwrap())) {
            let name = package["name"].as_str().unwrap();
            assert!(!FORBIDDEN.contains(&name), "{} depends on {name}", plugin["name"]);
        }
    }
}

/// This machine, as Rust calls it.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Ids of all packages that `from` needs to run: normal dependencies only.
fn reached<'a>(nodes: &'a [serde_json::Value], from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        let node = nodes.iter().find(|node| node["id"] == id).unwrap();
        for dep in node["deps"].as_array().unwrap() {
            let kinds = dep["dep_kinds"].as_array().unwrap();
            let id = dep["pkg"].as_str().unwrap();
            if kinds.iter().any(|kind| kind["kind"].is_null()) && reached.insert(id) {
                open.push(id);
            }
        }
    }
    reached
}
