//! What happens when the program is started in a way that cannot work: the exit code, the message,
//! and that nothing is made or destroyed.

use crate::common::{Running, cordboard, ran, talk, write_config};
use cordboard_plugin::Timestamp;
use cordboard_store::{Change, SealKey, Store, StoreOptions, StoreUrl};
use std::net::TcpListener;
use std::path::Path;

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn replace(folder: &Path, old: &str, new: &str) {
    let path = folder.join("plugins.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{old}");
    std::fs::write(path, text.replacen(old, new, 1)).unwrap();
}

const LIVE: &str = r#"
[[transport]]
name = "twilio"
kind = "twilio"
[transport.settings]
account_sid = "AC00000000000000000000000000000001"
auth_token = "env:TWILIO_AUTH_TOKEN"
numbers = ["+15550100000"]

[[sink]]
name = "x"
kind = "x"
simulate = true

[[route]]
post = ["x"]
"#;

#[test]
fn a_wrong_configuration_ends_with_2_one_message_and_nothing_made() {
    for (old, new, message) in [
        (
            "auth_token =",
            "auth_tokn =",
            "error: `auth_tokn` is not a setting of transport `twilio` (plugins.toml:7:1)\nhint: did you mean `auth_token`?\n",
        ),
        (
            "env:TWILIO_AUTH_TOKEN",
            "0123456789abcdef",
            "error: `auth_token` of transport `twilio` is a secret and must be `env:NAME` or `file:PATH` (plugins.toml:7:14)\nhint: put it into an environment variable and write \"env:TWILIO_AUTH_TOKEN\", or into a file and write \"file:PATH\"\n",
        ),
        (
            "env:TWILIO_AUTH_TOKEN",
            "env:NOT_SET",
            "error: the variable `NOT_SET`, named by `auth_token` of transport `twilio`, is not set (plugins.toml:7:14)\nhint: set `NOT_SET` before starting, or name a file that holds it: `file:PATH`\n",
        ),
        (
            "numbers = [\"+15550100000\"]",
            "numbers = 15550100000",
            "error: `numbers` of transport `twilio` must be a list, not a whole number (plugins.toml:8:11)\nhint: write it as [\"…\", \"…\"]\n",
        ),
        (
            "kind = \"twilio\"",
            "kind = \"twillio\"",
            "error: `twillio` is not a kind of transport (plugins.toml:4:8)\nhint: did you mean `twilio`?\n",
        ),
        (
            "name = \"x\"",
            "name = \"twilio\"",
            "error: two instances have the name `twilio` (plugins.toml:11:8)\nhint: names stand in addresses and logs, so transports and sinks share them; rename one\nand 1 more problem in this file\n",
        ),
        (
            "post = [\"x\"]",
            "post = [\"y\"]",
            "error: `post` of route 1 names `y`, and no sink has that name (plugins.toml:16:8)\nhint: did you mean `x`?\n",
        ),
    ] {
        for command in [&["run"][..], &["check"], &[]] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("plugins.toml"), LIVE).unwrap();
            replace(folder.path(), old, new);
            let set = [("TWILIO_AUTH_TOKEN", "not-a-real-token")];
            let output = cordboard(folder.path(), command, &set).output().unwrap();
            assert_eq!(talk(&output), message);
            assert_eq!(output.status.code(), Some(2), "{new}");
            assert!(output.stdout.is_empty());
            assert_eq!(names(folder.path()), ["plugins.toml"], "{new}");
        }
    }
}

#[test]
fn a_missing_configuration_and_wrong_usage_end_with_2() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["run"][..],
        &["--config", "other.toml"],
        &["dance"],
        &["people", "show", "5550100001"],
        &["messages", "retry"],
        &["sim", "nothing"],
    ] {
        let output = ran(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", talk(&output));
        assert!(talk(&output).starts_with("error: "), "{args:?}: {}", talk(&output));
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn the_configuration_can_be_named_by_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    std::fs::rename(folder.path().join("plugins.toml"), folder.path().join("mine.toml")).unwrap();
    let output = cordboard(folder.path(), &["check"], &[("CORDBOARD_CONFIG", "mine.toml")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", talk(&output));
    assert_eq!(names(folder.path()), ["mine.toml"], "check makes nothing");
}

#[test]
fn a_data_folder_that_cannot_be_made_is_told_with_the_way_out() {
    // Below a regular file nobody can make a folder, not even root.
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    std::fs::write(folder.path().join("file"), "").unwrap();
    replace(folder.path(), "data_dir   = \"data\"", "data_dir   = \"file/data\"");
    let output = ran(folder.path(), &["run"]);
    assert_eq!(output.status.code(), Some(1));
    let talk = talk(&output);
    assert!(talk.contains("error: cannot make the folder `file/data`"), "{talk}");
    assert!(talk.contains("hint: give the user who runs the bridge the right"), "{talk}");
}

#[test]
fn a_port_in_use_is_told_and_the_store_is_not_touched() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    replace(folder.path(), "\"127.0.0.1:0\"", &format!("\"{address}\""));
    let output = ran(folder.path(), &["run"]);
    assert_eq!(output.status.code(), Some(1));
    let talk = talk(&output);
    assert!(talk.starts_with(&format!("error: cannot listen on {address}")), "{talk}");
    assert!(talk.contains("\nhint: another program has this port"), "{talk}");
    assert_eq!(names(&folder.path().join("data")), ["lock"]);
}

#[test]
fn a_second_process_on_the_same_data_is_refused_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let first = Running::start(folder.path());
    let output = ran(folder.path(), &["run"]);
    assert_eq!(output.status.code(), Some(1));
    let talk = talk(&output);
    assert!(talk.starts_with("error: the data folder `data` is in use by process "), "{talk}");
    assert!(talk.contains("hint: stop that bridge first"), "{talk}");
    let sum = ran(folder.path(), &["messages", "sum"]);
    assert_eq!(sum.status.code(), Some(0), "{}", crate::common::talk(&sum));
    assert_eq!(first.stop().0, Some(0));
}

/// Starts a bridge once, so that there is a store, and stops it.
fn once(folder: &Path) {
    write_config(folder);
    assert_eq!(Running::start(folder).stop().0, Some(0));
}

#[test]
fn a_lost_key_is_told_and_no_other_is_made() {
    let folder = tempfile::tempdir().unwrap();
    once(folder.path());
    let data = folder.path().join("data");
    let database = std::fs::read(data.join("cordboard.db")).unwrap();
    std::fs::remove_file(data.join("store.key")).unwrap();
    let output = ran(folder.path(), &["run"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(talk(&output).contains("store.key is gone"), "{}", talk(&output));
    assert!(talk(&output).contains("put the key file back"), "{}", talk(&output));
    assert!(!data.join("store.key").exists());
    assert!(std::fs::read(data.join("cordboard.db")).unwrap() == database, "the store changed");
}

#[test]
fn another_key_is_told_and_nothing_is_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    once(folder.path());
    let data = folder.path().join("data");
    let key = std::fs::read(data.join("store.key")).unwrap();
    std::fs::write(data.join("store.key"), "07".repeat(32)).unwrap();
    for command in [&["run"][..], &["people", "list"]] {
        let output = ran(folder.path(), command);
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let talk = talk(&output);
        assert!(talk.contains("sealed with another key"), "{talk}");
        assert!(talk.contains("hint: put the right key file back"), "{talk}");
    }
    std::fs::write(data.join("store.key"), key).unwrap();
    assert_eq!(Running::start(folder.path()).stop().0, Some(0));
}

#[test]
fn a_database_of_a_newer_version_is_told_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    once(folder.path());
    let data = folder.path().join("data");
    let options = StoreOptions {
        url: StoreUrl::Sqlite(data.join("cordboard.db")),
        data_dir: data.clone(),
        key: SealKey::load_or_create(&data.join("store.key"), false).unwrap(),
        inline: true,
        version: "99.0.0",
    };
    let newer = async {
        let store = Store::open(options, Timestamp(0)).unwrap();
        let (key, value) = ("schema.oldest_reader".to_owned(), "99".to_owned());
        store.commit(None, vec![Change::SetFact { key, value }], Timestamp(0)).await.unwrap();
        store.close().await.unwrap();
    };
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(newer);
    let before = std::fs::read(data.join("cordboard.db")).unwrap();
    for command in [&["run"][..], &["messages", "sum"]] {
        let output = ran(folder.path(), command);
        assert_eq!(output.status.code(), Some(1));
        let talk = talk(&output);
        assert!(talk.contains("error: the database was written by a newer Cordboard"), "{talk}");
        assert!(talk.contains("hint: install that version"), "{talk}");
    }
    assert!(std::fs::read(data.join("cordboard.db")).unwrap() == before, "the store changed");
}

#[test]
fn a_database_that_is_none_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    once(folder.path());
    let database = folder.path().join("data/cordboard.db");
    std::fs::write(&database, "not a database at all, but long enough to look like a file")
        .unwrap();
    let output = ran(folder.path(), &["run"]);
    assert_eq!(output.status.code(), Some(1));
    let talk = talk(&output);
    assert!(talk.starts_with("error: ") && talk.contains("cordboard.db"), "{talk}");
    assert!(std::fs::read_to_string(&database).unwrap().starts_with("not a database"));
}
