//! Every configuration we show works: the default one, the examples, and what the READMEs say.

use cordboard::builtin;
use cordboard::config::{self, Loaded};
use std::path::{Path, PathBuf};

/// What the shown configurations take from the environment.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("TWILIO_AUTH_TOKEN", "not-a-real-token"),
    ("FLOWROUTE_SECRET_KEY", "not-a-real-secret"),
    ("FLOWROUTE_CALLBACK_TOKEN", "not-a-real-token"),
    ("X_CLIENT_SECRET", "not-a-real-secret"),
    ("X_CONSUMER_SECRET", "not-a-real-secret"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

#[track_caller]
fn load(path: &Path) -> Loaded {
    config::load(path, &builtin::plugins(), &ENVIRONMENT).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_default_configuration_needs_no_account() {
    let loaded = config::load(&root().join("plugins.toml"), &builtin::plugins(), &[("A", "b")])
        .unwrap_or_else(|error| panic!("{error}"));
    let instances = loaded.engine.transports.iter().chain(&loaded.engine.sinks);
    assert!(instances.clone().count() >= 2);
    for instance in instances {
        assert!(instance.simulate, "{} is not simulated", instance.name);
    }
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

#[test]
fn every_example_can_be_loaded() {
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let loaded = load(&path);
            // Inside a container nothing else can be reached from outside; the file says so.
            let known =
                path.ends_with("docker.toml").then_some("the operator's API listens on 0.0.0.0");
            let unknown = |warning: &&String| known.is_none_or(|known| !warning.starts_with(known));
            let warnings: Vec<&String> = loaded.warnings.iter().filter(unknown).collect();
            assert!(warnings.is_empty(), "{}: {warnings:?}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen} examples");
}

/// The fenced blocks of a language in a Markdown text. Blocks inside lists are indented; so are they.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}");
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in markdown.lines() {
        match (&mut open, line.trim()) {
            (None, start) if start == fence => open = Some(String::new()),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some(block), _) => *block += &format!("{line}\n"),
            (None, _) => {}
        }
    }
    blocks
}

#[test]
fn what_the_readmes_show_can_be_loaded() {
    for readme in ["README.md", "deploy/README.md"] {
        // The top README is written last; until then there is nothing to hold it to.
        let Ok(markdown) = std::fs::read_to_string(root().join(readme)) else { continue };
        // One that takes its secrets from systemd is read, with such files, in tests/deploy/unit.rs.
        let blocks = blocks(&markdown, "toml").into_iter();
        for block in blocks.filter(|block| !block.contains("file:/run/credentials/")) {
            let whole = completed(&block);
            let file = root().join("shown.toml");
            if let Err(error) = config::parse(&file, &whole, &builtin::plugins(), &ENVIRONMENT) {
                panic!("{readme}: {error}\n{whole}");
            }
        }
    }
}

/// A block that shows only some tables, with the rest from the default configuration.
fn completed(block: &str) -> String {
    const REST: &[(&str, &str)] = &[
        (
            "[[transport]]",
            "\n[[transport]]\nname = \"twilio\"\nkind = \"twilio\"\nsimulate = true\n[transport.settings]\nnumbers = [\"+15550100000\"]\n",
        ),
        ("[[sink]]", "\n[[sink]]\nname = \"x\"\nkind = \"x\"\nsimulate = true\n"),
        ("[[route]]", "\n[[route]]\npost = [\"x\"]\n"),
    ];
    let missing = REST.iter().filter(|(table, _)| !block.contains(table));
    missing.fold(block.to_owned(), |whole, (_, rest)| whole + rest)
}

#[test]
fn blocks_are_found_in_lists_too() {
    let markdown = "a\n```toml\nb = 1\n```\n1. c\n\n   ```toml\n   d = 1\n   ```\n```sh\ne\n```\n";
    assert_eq!(blocks(markdown, "toml"), ["b = 1\n", "   d = 1\n"]);
}
