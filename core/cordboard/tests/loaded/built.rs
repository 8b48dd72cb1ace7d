//! Our plugins as files, and the binary without them; built once for all tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What was built.
pub(crate) struct Built {
    /// Where the plugins' files are.
    pub(crate) plugins: PathBuf,
    /// The binary that has none.
    pub(crate) bare: PathBuf,
}

/// The repository's top folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// What there is to test; `None`, loudly, where it is not to be built.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn built() -> Option<&'static Built> {
    static BUILT: OnceLock<Built> = OnceLock::new();
    let required = std::env::var("CORDBOARD_TEST_REQUIRE").unwrap_or_default();
    if !required.split(',').any(|word| word == "files") {
        eprintln!(
            "SKIPPED: CORDBOARD_TEST_REQUIRE does not name `files`; no plugin was built as a file"
        );
        return None;
    }
    Some(BUILT.get_or_init(build))
}

fn build() -> Built {
    // The workspace's own target folder: what it has of our dependencies is used again.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let (plugins, elsewhere) = (target.join("loaded/plugins"), target.join("loaded"));
    let mut script = Command::new(root().join("deploy/build-plugins"));
    script.args(["--profile", "dev", "--out"]).arg(&plugins).env("CARGO_TARGET_DIR", target);
    run(&mut script);
    let mut cargo = Command::new(env!("CARGO"));
    // The binary goes elsewhere: that of the other tests must stay what it is. The testkit is named so
    // that our dependencies have the features that they have in a test run.
    cargo.args(["build", "--locked", "--package", "cordboard", "--package", "cordboard-testkit"]);
    cargo.args([
        "--no-default-features",
        "--features",
        "cordboard-testkit/engine",
        "--bin",
        "cordboard",
    ]);
    cargo.arg("--target-dir").arg(&elsewhere).env("CARGO_BUILD_BUILD_DIR", target);
    cargo.current_dir(root());
    run(&mut cargo);
    Built { plugins, bare: elsewhere.join("debug/cordboard") }
}

fn run(command: &mut Command) {
    let output = command.env("CARGO_NET_OFFLINE", "true").output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn each_plugin_of_ours_is_a_file_that_exports_one_symbol() {
    let Some(built) = built() else { return };
    let mut crates = 0;
    for family in ["transports", "sinks"] {
        for entry in std::fs::read_dir(root().join(family)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap().replace('-', "_");
            let file = built.plugins.join(format!("libcordboard_{name}.so"));
            let found = cordboard_engine::loader::inspect(&file).unwrap();
            assert_eq!(found.exports.unwrap(), ["CORDBOARD_PLUGIN"], "{name}");
            crates += 1;
        }
    }
    assert!(crates >= 4, "{crates}");
    assert_eq!(std::fs::read_dir(&built.plugins).unwrap().count(), crates);
}

#[test]
fn the_binary_has_no_plugin_of_its_own() {
    let Some(built) = built() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = built.plugins.join("libcordboard_x.so");
    let list = |text: &str| -> serde_json::Value {
        std::fs::write(folder.path().join("plugins.toml"), text).unwrap();
        let mut command = Command::new(&built.bare);
        command.args(["plugins", "list", "--json"]).current_dir(folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(list(""), serde_json::json!([]));
    let listed = list(&format!("[[plugin]]\npath = \"{}\"\n", file.display()));
    let expected = serde_json::json!([{
        "name": "cordboard-x", "version": env!("CARGO_PKG_VERSION"), "path": file.display().to_string(),
        "abi": "1.0", "transports": [], "sinks": ["x", "x-media"], "trouble": null,
    }]);
    assert_eq!(listed, expected);
}

#[test]
fn the_script_says_what_it_does_not_know() {
    let run = |args: &[&str]| {
        let output = Command::new(root().join("deploy/build-plugins")).args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run(&["nobody"]);
    assert_eq!(code, Some(2));
    assert!(said.starts_with("error: there is no plugin `nobody`\nhint: plugins: "), "{said}");
    assert_eq!(run(&["--colour"]).0, Some(2));
    assert_eq!(run(&["--out"]).0, Some(2));
}
