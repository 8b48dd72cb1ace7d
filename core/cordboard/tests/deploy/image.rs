//! The Dockerfile's steps, held against the tree they are taken from.

use crate::dockerfile::{Step, binary, configuration, image, only, root, stages, user};
use clap::Parser as _;
use cordboard::cli::Cli;
use cordboard::config::{self, KeySource, Loaded};
use std::path::{Path, PathBuf};
use std::process::Command;

fn loaded() -> Loaded {
    let path = root().join("examples/docker.toml");
    config::load(&path, &cordboard::builtin::plugins(), &[("A", "b")]).unwrap()
}

/// What `.dockerignore` lets through.
fn let_through(path: &str) -> bool {
    let ignore = std::fs::read_to_string(root().join(".dockerignore")).unwrap();
    let mut rules = ignore.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(rules.next(), Some("*"), "everything else stays out");
    rules.filter_map(|rule| rule.strip_prefix('!')).any(|kept| kept == path)
}

/// All files that the steps of a stage copy out of the tree.
fn copied(steps: &[Step]) -> Vec<String> {
    steps.iter().filter_map(Step::copies).flat_map(|(sources, _)| sources.to_vec()).collect()
}

#[test]
fn whatever_is_copied_is_there_and_reaches_the_engine() {
    for source in stages().iter().flat_map(|stage| copied(stage)) {
        assert!(root().join(&source).exists(), "{source} is not in the tree");
        assert!(let_through(&source), "{source} is kept out by .dockerignore");
    }
}

#[test]
fn both_stages_are_the_same_debian_and_the_compiler_is_new_enough() {
    let from: Vec<String> = stages().iter().map(|stage| stage[0].words[0].clone()).collect();
    let [build, run] = from.as_slice() else { panic!("{from:?}") };
    assert_eq!(run, "debian:bookworm-slim", "glibc, and no shell script of others");
    let tag = build.strip_prefix("rust:").unwrap();
    // A binary runs on the glibc it was built with, not on an older one.
    let version = tag.strip_suffix("-slim-bookworm").unwrap();
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let needed = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    let number = |text: &str| -> Vec<u32> { text.split('.').map(|n| n.parse().unwrap()).collect() };
    assert!(number(version) >= number(needed), "{version} is older than {needed}");
}

/// A copy of what the build stage copies.
fn build_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for source in copied(&stages()[0]) {
        if let Some(parent) = folder.path().join(&source).parent() {
            std::fs::create_dir_all(parent).unwrap();
        }
        let copied = Command::new("cp")
            .arg("-R")
            .args([root().join(&source), folder.path().join(&source)])
            .status();
        assert!(copied.unwrap().success(), "{source}");
    }
    folder
}

#[test]
fn the_build_stage_has_the_whole_workspace() {
    let folder = build_folder();
    let members = |folder: &Path| -> Vec<String> {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--locked", "--offline", "--no-deps", "--format-version=1"])
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        packages.iter().map(|package| package["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(members(folder.path()), members(&root()));
}

#[test]
fn no_source_includes_a_file_that_is_not_copied() {
    let folder = build_folder();
    let mut open: Vec<PathBuf> =
        ["core", "transports", "sinks"].map(|top| folder.path().join(top)).to_vec();
    let mut seen = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let tests = path.ends_with("tests") && !path.ends_with("src/tests");
            if !tests && !path.ends_with("target") {
                open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for included in text.split("include_str!(\"").skip(1) {
                let name = included.split('"').next().unwrap();
                assert!(path.parent().unwrap().join(name).exists(), "{}: {name}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn the_build_command_makes_the_binary_that_is_copied() {
    let stages = stages();
    let command = only(&stages[0], "RUN").words.join(" ");
    assert_eq!(command, "cargo build --release --locked --package cordboard");
    let folder = &only(&stages[0], "WORKDIR").words[0];
    let manifest = std::fs::read_to_string(root().join("core/cordboard/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    assert_eq!(manifest["package"]["name"].as_str(), Some("cordboard"));
    assert_eq!(manifest["bin"][0]["name"].as_str().unwrap_or("cordboard"), "cordboard");
    let built = format!("{folder}/target/release/cordboard");
    let found = stages[1].iter().any(|step| step.words.contains(&built));
    assert!(found, "{built} is not copied");
    assert_eq!(binary(), "/usr/local/bin/cordboard");
    // The bridge calls providers over TLS with the system's root certificates.
    assert!(
        stages[1].iter().any(|step| step.words.iter().any(|word| word.contains("ca-certificates")))
    );
}

#[test]
fn user_volume_and_ports_are_those_of_the_configuration() {
    let (image, loaded) = (image(), loaded());
    let (user, group) = user();
    assert!(user >= 10_000 && group >= 10_000, "not a user of the host");
    let volume = only(&image, "VOLUME").words[0].clone();
    let made = format!("install --directory --owner={user} --group={group} --mode=0700 {volume}");
    assert_eq!(only(&image, "RUN").words.join(" "), made);
    assert_eq!(loaded.data_dir, Path::new(&volume));
    let kept = |source: &KeySource| match source {
        KeySource::File(path) => path.clone(),
        KeySource::Given(_) => panic!("in a file on the volume"),
    };
    for path in [loaded.store_path.clone(), kept(&loaded.key), kept(&loaded.token)] {
        assert!(path.starts_with(&volume), "{}", path.display());
    }
    let ports = [loaded.listen, loaded.admin_listen].map(|listen| listen.port().to_string());
    assert_eq!(only(&image, "EXPOSE").words, ports);
    for listen in [loaded.listen, loaded.admin_listen] {
        assert!(listen.ip().is_unspecified(), "{listen} cannot be reached from outside");
    }
}

#[test]
fn what_is_started_and_asked_is_on_the_command_line() {
    let image = image();
    let (target, source) = configuration();
    assert_eq!(source, "examples/docker.toml");
    assert_eq!(only(&image, "ENV").words, [format!("CORDBOARD_CONFIG={target}")]);
    let mut start = only(&image, "ENTRYPOINT").list();
    start.extend(only(&image, "CMD").list());
    for words in [start, only(&image, "HEALTHCHECK").list()] {
        assert_eq!(words[0], "cordboard");
        assert!(Cli::try_parse_from(&words).is_ok(), "{words:?}");
    }
}
