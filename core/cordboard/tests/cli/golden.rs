//! What `check` tells about each configuration we show, word for word.
//!
//! `CORDBOARD_TEST_BLESS=1 cargo test -p cordboard --test cli golden` writes the files anew; read the
//! difference before it is committed.

use crate::common::cordboard;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the examples take from the environment.
const SECRETS: [(&str, &str); 5] = [
    ("TWILIO_AUTH_TOKEN", "not-a-real-token"),
    ("FLOWROUTE_SECRET_KEY", "not-a-real-secret"),
    ("FLOWROUTE_CALLBACK_TOKEN", "not-a-real-token"),
    ("X_CLIENT_SECRET", "not-a-real-secret"),
    ("X_CONSUMER_SECRET", "not-a-real-secret"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The configurations, relative to the root.
fn shown() -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join("examples")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let examples = names.filter(|name| name.ends_with(".toml"));
    let mut shown: BTreeSet<String> = examples.map(|name| format!("examples/{name}")).collect();
    assert!(shown.len() >= 5, "{shown:?}");
    shown.insert("plugins.toml".to_owned());
    shown
}

/// stdout, then stderr, as a terminal shows them, apart.
fn told(config: &str) -> String {
    let output = cordboard(&root(), &["check", "--config", config], &SECRETS).output().unwrap();
    let [data, talk] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    let code = output.status.code().unwrap();
    format!("$ cordboard check --config {config}\n{data}--- stderr\n{talk}--- exit {code}\n")
}

#[test]
fn check_tells_of_each_example_what_its_golden_file_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/check");
    let bless = std::env::var_os("CORDBOARD_TEST_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut files = BTreeSet::new();
    for config in shown() {
        let name = Path::new(&config).file_stem().unwrap().to_str().unwrap().to_owned() + ".txt";
        let told = told(&config);
        for (_, secret) in SECRETS {
            assert!(!told.contains(secret), "{config} tells a secret");
        }
        let file = folder.join(&name);
        if bless {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &told).unwrap();
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        if told != golden {
            wrong.push(format!("{}\n--- is\n{told}--- should be\n{golden}", file.display()));
        }
        files.insert(name);
    }
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !files.contains(&name) {
            wrong.push(format!("{name} belongs to no example"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
