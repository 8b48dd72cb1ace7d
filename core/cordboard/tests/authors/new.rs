//! `plugins new`.

use crate::made::{cordboard, root, sink, stderr, stdout, transport};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What a crate's tests say when they pass.
#[track_caller]
fn passes(made: &crate::made::Made, tests: usize) {
    let output = made.cargo(&["test", "--features", "sim"]);
    assert!(output.status.success(), "{}\n{}", stdout(&output), stderr(&output));
    let passed = stdout(&output).matches(" ... ok\n").count();
    assert_eq!(passed, tests, "{}", stdout(&output));
    let warned = stderr(&output).contains("warning");
    assert!(!warned, "{}", stderr(&output));
}

#[test]
fn a_new_transport_builds_and_passes_its_tests_at_once() {
    passes(transport(), 36);
}

#[test]
fn a_new_sink_builds_and_passes_its_tests_at_once() {
    passes(sink(), 27);
}

#[test]
fn nothing_of_the_template_is_left_in_a_new_crate() {
    for (made, word) in [(transport(), "carrier"), (sink(), "bulletin")] {
        let mut open = vec![made.folder.clone()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
                let left = text.replace("carrier_words", "").contains(word);
                assert!(!left, "{} still says {word}", path.display());
            }
        }
    }
}

#[test]
fn it_says_what_to_do_next_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let source = root();
    let order = ["plugins", "new", "sink", "wall", "--cordboard", source.to_str().unwrap()];
    let first = cordboard(folder.path(), &order);
    assert!(first.status.success(), "{}", stderr(&first));
    let steps = "  cargo test --features sim\n  \
        cargo rustc --release --lib --crate-type cdylib --features export\n  \
        cordboard plugins test target/release/libcordboard_wall.so\n";
    assert_eq!(stdout(&first), steps);
    let readme = folder.path().join("wall/README.md");
    std::fs::write(&readme, "mine").unwrap();
    let second = cordboard(folder.path(), &order);
    assert_eq!(second.status.code(), Some(2));
    assert!(stderr(&second).contains("nothing is overwritten"), "{}", stderr(&second));
    assert_eq!(std::fs::read_to_string(readme).unwrap(), "mine");
}

#[test]
fn what_cannot_be_made_is_refused_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (source, here) = (root(), folder.path().to_str().unwrap().to_owned());
    let source = source.to_str().unwrap();
    for (args, said) in [
        (vec!["transport", "A", "--cordboard", source], "cannot be the name of a plugin"),
        (vec!["transport", "../a", "--cordboard", source], "cannot be the name of a plugin"),
        (vec!["transport", "host", "--cordboard", source], "the type `Host`, which is another"),
        (vec!["sink", "x", "--cordboard", source], "a plugin of the kind `x` already"),
        (vec!["sink", "wall", "--cordboard", &here], "is not Cordboard's source"),
        (vec!["sink", "wall"], "its source is not above the folder"),
        (vec!["thing", "wall"], "invalid value 'thing'"),
    ] {
        let args: Vec<&str> = ["plugins", "new"].into_iter().chain(args).collect();
        let output = cordboard(folder.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{args:?}: {}", stderr(&output));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn in_the_tree_a_new_crate_is_a_member_like_the_others() {
    let tree = tempfile::tempdir().unwrap();
    for part in ["Cargo.toml", "Cargo.lock", "core", "transports", "sinks"] {
        let copied = Command::new("cp").arg("-R").arg(root().join(part)).arg(tree.path()).status();
        assert!(copied.unwrap().success(), "{part}");
    }
    let order = ["plugins", "new", "transport", "acme", "--path", "transports/acme"];
    let output = cordboard(tree.path(), &order);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains(" ../../target/release/libcordboard_acme.so\n"));
    let crate_folder = tree.path().join("transports/acme");
    assert!(!crate_folder.join("Cargo.lock").exists() && !crate_folder.join(".gitignore").exists());
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version=1"])
        .current_dir(&crate_folder)
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", stderr(&metadata));
    assert!(!stderr(&metadata).contains("warning"), "{}", stderr(&metadata));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours = packages.iter().find(|package| package["name"] == "cordboard-acme").unwrap();
    let twin = packages.iter().find(|package| package["name"] == "cordboard").unwrap();
    assert_eq!(ours["version"], twin["version"]);
    let members = metadata["workspace_members"].as_array().unwrap();
    assert!(members.contains(&ours["id"]), "{members:?}");
}

/// Versions of the packages that come from a registry, by name.
fn locked(lock: &Path) -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(lock).unwrap();
    let lock: toml::Table = text.parse().unwrap();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let field = |name: &str| package.get(name).and_then(|value| value.as_str());
        if field("source").is_some() {
            let version = field("version").unwrap().to_owned();
            versions.entry(field("name").unwrap().to_owned()).or_default().push(version);
        }
    }
    versions
}

/// Otherwise a new crate could not be built where there is no network, and would not be what our tests
/// have built. After `cargo update`, run it in the templates as well.
#[test]
fn the_templates_lock_what_the_workspace_locks() {
    let ours = locked(&root().join("Cargo.lock"));
    for template in ["transport-template", "sink-template"] {
        let theirs = locked(&root().join("examples/plugins").join(template).join("Cargo.lock"));
        assert!(!theirs.is_empty());
        for (name, versions) in theirs {
            let known = ours.get(&name).cloned().unwrap_or_default();
            let fits = versions.iter().all(|version| known.contains(version));
            assert!(fits, "{template} locks {name} {versions:?}, the workspace {known:?}");
        }
    }
}
