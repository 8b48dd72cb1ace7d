//! Plugins from files, seen from outside: listed, checked, and what a broken one does.

use crate::common::{Running, cordboard, ran, talk, write_config};
use crate::files::{Offer, allow, make};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// A folder where everything that is built in is simulated, with the file of a plugin beside it and a
/// second one that is cut off; a line and a sink are of kinds that only the second can offer.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let plugins = folder.path().join("dist/plugins");
    std::fs::create_dir_all(&plugins).unwrap();
    allow(&plugins, 0o755);
    let offer = Offer { name: "pigeon-post", transport: Some("pigeon"), sink: Some("tiles") };
    let whole = std::fs::read(make(&plugins, "libpigeon.so", offer)).unwrap();
    std::fs::write(plugins.join("libtorn.so"), &whole[..2_000]).unwrap();
    allow(&plugins.join("libtorn.so"), 0o755);
    add(folder.path(), "[[plugin]]\npath = \"libpigeon.so\"\n");
    folder
}

const BROKEN: &str = r#"
[[plugin]]
path = "libtorn.so"
[[transport]]
name = "drums"
kind = "drum"
[transport.settings]
anything = 1
[[sink]]
name = "smoke"
kind = "smoke"
"#;

fn add(folder: &Path, text: &str) {
    let path = folder.join("plugins.toml");
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{before}\n{text}")).unwrap();
}

fn data(output: &std::process::Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn plugins_are_listed_with_where_they_come_from_and_what_they_offer() {
    let folder = folder();
    let output = ran(folder.path(), &["plugins", "list"]);
    assert_eq!(output.status.code(), Some(0), "{}", talk(&output));
    let text = data(&output);
    let head = text.lines().next().unwrap();
    let words: Vec<&str> = head.split_whitespace().collect();
    assert_eq!(words, ["name", "version", "from", "abi", "transports", "sinks"]);
    let pigeon = text.lines().last().unwrap();
    let words: Vec<&str> = pigeon.split_whitespace().collect();
    let file = "dist/plugins/libpigeon.so";
    assert_eq!(words, ["pigeon-post", "0.3.1", file, "1.0", "pigeon", "tiles"]);
    assert!(text.lines().skip(1).filter(|line| line.contains("built in")).count() >= 4, "{text}");

    add(folder.path(), BROKEN);
    let output = ran(folder.path(), &["plugins", "list", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let said = talk(&output);
    assert_eq!(
        said,
        "error: plugin `dist/plugins/libtorn.so`: it is cut off\nhint: `cordboard plugins check FILE` looks closer\n"
    );
    let listed: Value = serde_json::from_str(&data(&output)).unwrap();
    let torn = json!({
        "name": "libtorn.so", "version": "", "path": "dist/plugins/libtorn.so", "abi": null,
        "transports": [], "sinks": [], "trouble": "it is cut off",
    });
    assert_eq!(listed.as_array().unwrap().last(), Some(&torn));
}

#[test]
fn a_file_is_checked_without_a_configuration() {
    let folder = folder();
    std::fs::remove_file(folder.path().join("plugins.toml")).unwrap();
    let plugins = folder.path().join("dist/plugins");
    // Even a bare name is a file here, and none of the system's folders.
    let good = cordboard(&plugins, &["plugins", "check", "libpigeon.so"], &[]).output().unwrap();
    assert_eq!(good.status.code(), Some(0), "{}", talk(&good));
    let text = data(&good);
    for line in [
        "file     ./libpigeon.so",
        "exports  CORDBOARD_PLUGIN",
        "plugin   pigeon-post 0.3.1",
        "lang     c",
        "abi      1.0",
        "transport `pigeon`",
        "setting  is               default",
        "numbers  list of numbers  required  Our numbers.",
        "loft     text             \"dry\"     How it is up there.",
        "sink `tiles`",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}:\n{text}");
    }
    assert!(talk(&good).contains("`./libpigeon.so` can be used"), "{}", talk(&good));

    let json = cordboard(&plugins, &["plugins", "check", "--json", "libpigeon.so"], &[]).output();
    let told: Value = serde_json::from_slice(&json.unwrap().stdout).unwrap();
    let bytes = std::fs::metadata(plugins.join("libpigeon.so")).unwrap().len();
    assert_eq!(
        (&told["bytes"], &told["lang"], &told["trouble"]),
        (&bytes.into(), &"c".into(), &Value::Null)
    );
    assert_eq!(told["exports"], json!(["CORDBOARD_PLUGIN"]));
    assert_eq!(told["kinds"][0]["settings"][0]["key"], "numbers");
    assert_eq!(told["kinds"][1], json!({ "family": "sink", "kind": "tiles", "settings": [] }));
}

#[test]
fn a_file_that_will_not_do_is_told_why() {
    let folder = folder();
    let plugins = folder.path().join("dist/plugins");
    std::fs::write(plugins.join("notes.txt"), "notes").unwrap();
    for (file, message) in [
        ("libtorn.so", "error: plugin `./libtorn.so`: it is cut off\n"),
        ("notes.txt", "error: plugin `./notes.txt`: it is no shared object\n"),
        (
            "none.so",
            "error: plugin `./none.so`: cannot be read: No such file or directory (os error 2)\n",
        ),
    ] {
        let output = cordboard(&plugins, &["plugins", "check", file], &[]).output().unwrap();
        assert_eq!((output.status.code(), talk(&output).as_str()), (Some(1), message));
    }
    assert_eq!(ran(folder.path(), &["plugins", "check"]).status.code(), Some(2));
    let json = cordboard(&plugins, &["plugins", "check", "--json", "libtorn.so"], &[]).output();
    let told: Value = serde_json::from_slice(&json.unwrap().stdout).unwrap();
    assert_eq!((&told["trouble"], &told["kinds"]), (&"it is cut off".into(), &json!([])));
}

#[test]
fn a_broken_file_is_an_error_for_check_and_for_a_strict_start() {
    let folder = folder();
    assert_eq!(ran(folder.path(), &["check"]).status.code(), Some(0));
    add(folder.path(), BROKEN);
    let output = ran(folder.path(), &["check"]);
    let said = talk(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!data(&output).is_empty(), "the rest is told all the same");
    assert!(!said.contains("is in order"), "{said}");
    for line in [
        "warning: transport `drums` is left out: no plugin that can be loaded offers its kind `drum`",
        "warning: sink `smoke` is left out: no plugin that can be loaded offers its kind `smoke`",
        "error: plugin `dist/plugins/libtorn.so`: it is cut off",
    ] {
        assert!(said.lines().any(|found| found == line), "{line}:\n{said}");
    }
    let output = ran(folder.path(), &["run", "--strict-plugins"]);
    assert_eq!(output.status.code(), Some(1));
    let said = talk(&output);
    assert!(said.starts_with("error: plugin `dist/plugins/libtorn.so`: it is cut off\n"), "{said}");
    assert!(!folder.path().join("data").exists(), "nothing is made");
}

#[tokio::test]
async fn a_bridge_runs_on_with_a_broken_file_and_says_so_wherever_it_is_asked() {
    let folder = folder();
    add(folder.path(), BROKEN);
    let bridge = Running::start(folder.path());
    for line in ["plugin libtorn.so", "transport drums", "sink smoke"] {
        let logged = |said: &&str| said.contains("ERROR") && said.contains(line);
        assert!(bridge.said.lines().any(|said| logged(&said)), "{line}:\n{}", bridge.said);
    }
    let public = bridge.said_of("Cordboard takes texts at ");
    let admin = bridge.said_of("operator's desk and API: ");
    let token = std::fs::read_to_string(folder.path().join("data/admin.token")).unwrap();
    rustls::crypto::ring::default_provider().install_default().ok();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let read = async |url: String| -> Value {
        let text = http.get(url).bearer_auth(token.trim()).send().await.unwrap().text().await;
        serde_json::from_str(&text.unwrap()).unwrap()
    };
    let brief = json!({ "status": "degraded", "ready": true });
    assert_eq!(read(format!("{public}/healthz")).await, brief);
    let troubles = read(format!("{admin}/api/v1/health")).await["troubles"].to_string();
    assert!(troubles.contains("plugin libtorn.so: it is cut off"), "{troubles}");
    let plugins = read(format!("{admin}/api/v1/plugins")).await;
    let torn = plugins.as_array().unwrap().last().unwrap();
    assert_eq!(torn["trouble"], "it is cut off");
    assert_eq!(plugins.as_array().unwrap().len(), 6, "{plugins}");
    let lines = read(format!("{admin}/api/v1/lines")).await;
    assert!(lines.as_array().unwrap().iter().all(|line| line["transport"] != "drums"));
    // The operator's commands go on beside it.
    let sum = ran(folder.path(), &["messages", "sum"]);
    assert_eq!(sum.status.code(), Some(0), "{}", talk(&sum));
    assert_eq!(bridge.stop().0, Some(0));
}
