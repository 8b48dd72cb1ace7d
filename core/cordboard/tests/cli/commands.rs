//! Commands through the real program: alone, and beside a running bridge.

use crate::common::{Running, cordboard, ran, talk, write_config};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

#[track_caller]
fn json(folder: &Path, args: &[&str]) -> Value {
    let output = ran(folder, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", talk(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A bare HTTP call; status and body.
#[track_caller]
fn http(base: &str, head: &str, body: &str) -> (u16, String) {
    let host = base.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{head} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, body.to_owned())
}

#[test]
fn a_start_says_where_the_sandbox_is_and_makes_private_files() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let bridge = Running::start(folder.path());
    let sandbox = bridge.said_of("sandbox: ");
    let base = sandbox.strip_suffix("/sandbox").unwrap();
    assert!(!base.ends_with(":0"), "{sandbox}");
    assert_eq!(http(base, "GET /readyz", "").0, 200);
    assert_eq!(http(base, "GET /sandbox", "").0, 200);
    assert!(bridge.said.contains("simulated, no account needed: "), "{}", bridge.said);
    assert!(bridge.said.contains("the most a day can cost: 5.00 USD"), "{}", bridge.said);
    let data = folder.path().join("data");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in ["admin.token", "store.key", "cordboard.db", "lock"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    let (code, said) = bridge.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("stopping"), "{said}");
}

#[test]
fn an_ssh_session_is_told_the_tunnel() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let variables = [("SSH_CONNECTION", "192.0.2.9 5000 192.0.2.1 22"), ("USER", "ann")];
    let mut child =
        cordboard(folder.path(), &["run"], &variables).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let tunnel = lines.find(|line| line.contains("ssh -L "));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(tunnel.unwrap().ends_with(" ann@192.0.2.1"));
}

#[test]
fn check_prints_the_addresses_and_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("../../../../plugins.toml");
    std::fs::write(folder.path().join("plugins.toml"), text).unwrap();
    let output = ran(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", talk(&output));
    let data = String::from_utf8(output.stdout).unwrap();
    for expected in [
        "+15550100000",
        "http://127.0.0.1:8080/hooks/twilio\n",
        "http://127.0.0.1:8080/hooks/twilio/status\n",
        "http://127.0.0.1:8080/link/x/callback\n",
        "simulated: nothing to paste",
    ] {
        assert!(data.contains(expected), "{expected} is not in\n{data}");
    }
    let all = json(folder.path(), &["check", "--json"]);
    assert_eq!(all[0]["hook_url"], "http://127.0.0.1:8080/hooks/twilio");
    assert_eq!(all[1]["callback_url"], "http://127.0.0.1:8080/link/x/callback");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn commands_answer_the_same_alone_and_beside_a_running_bridge() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let folder = folder.path();
    let before = ran(folder, &["people", "list"]);
    assert_eq!(before.status.code(), Some(1));
    assert!(talk(&before).contains("there is no store at `data/cordboard.db` yet"));
    let bridge = Running::start(folder);
    let base = bridge.said_of("sandbox: ").replace("/sandbox", "");
    let check = |state: &str| {
        assert_eq!(json(folder, &["people", "list", "--json"]), Value::Array(vec![]), "{state}");
        assert_eq!(json(folder, &["messages", "list", "--json"]), Value::Array(vec![]), "{state}");
        let sums = json(folder, &["messages", "sum", "--json"]);
        assert_eq!(sums["total"], 0, "{state}");
        assert_eq!(sums["waiting"], 0, "{state}");
        for args in [
            &["people", "show", "+15550100001"][..],
            &["people", "unlink", "+15550100001"],
            &["people", "unlink", "+15550100001", "--sink", "x"],
            &["messages", "show", "1"],
            &["messages", "retry", "1", "2"],
            &["resume", "x"],
            &["resume", "y"],
        ] {
            let output = ran(folder, args);
            assert_eq!(output.status.code(), Some(1), "{state} {args:?}: {}", talk(&output));
            assert!(talk(&output).contains("error: "), "{state} {args:?}: {}", talk(&output));
        }
    };
    check("beside");
    assert_eq!(json(folder, &["health", "--json"])["status"], "ok");
    let health = ran(folder, &["health"]);
    assert_eq!((health.status.code(), health.stdout.as_slice()), (Some(0), &b"ok\n"[..]));
    let link = ran(folder, &["link", "+15550100001"]);
    assert_eq!(link.status.code(), Some(0), "{}", talk(&link));
    let url = String::from_utf8(link.stdout).unwrap();
    assert!(url.starts_with(&format!("{base}/link/")), "{url}");
    let path = url.trim().strip_prefix(&base).unwrap();
    assert_eq!(http(&base, &format!("GET {path}"), "").0, 200);
    bridge.stop();
    check("alone");
    let health = ran(folder, &["health"]);
    assert_eq!(health.status.code(), Some(1));
    assert!(talk(&health).contains("error: no bridge runs on `data`"), "{}", talk(&health));
    assert_eq!(ran(folder, &["people", "block", "+15550100002"]).status.code(), Some(0));
    let people = json(folder, &["people", "list", "--json"]);
    assert_eq!(people[0]["sender"], "+15550100002");
    assert_eq!(people[0]["standing"], "blocked");
    let bridge = Running::start(folder);
    assert_eq!(json(folder, &["people", "list", "--json"]), people);
    assert_eq!(ran(folder, &["people", "unblock", "+15550100002"]).status.code(), Some(0));
    assert_eq!(json(folder, &["people", "list", "--json"])[0]["standing"], "known");
    bridge.stop();
}

#[test]
fn commands_beside_a_bridge_do_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let path = folder.path().join("plugins.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("file:data/store.key", "env:STORE_KEY", 1)).unwrap();
    let key = "07".repeat(32);
    let mut child = cordboard(folder.path(), &["run"], &[("STORE_KEY", key.as_str())])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("the most a day can cost")));
    let beside = ran(folder.path(), &["messages", "sum"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(beside.status.code(), Some(0), "{}", talk(&beside));
    let alone = ran(folder.path(), &["messages", "sum"]);
    assert_eq!(alone.status.code(), Some(2));
    assert!(talk(&alone).contains("the variable `STORE_KEY`"), "{}", talk(&alone));
}

#[test]
fn a_simulated_provider_runs_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = cordboard(folder.path(), &["sim", "twilio"], &[])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut base = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
    let base = base.trim();
    let (status, body) = http(base, "GET /_phone?number=%2B15550100001", "");
    assert_eq!((status, body.as_str()), (200, "[]"));
    assert_eq!(http(base, "POST /_text", "{}").0, 400);
    let to = r#"{"from":"+15550100001","to":"+15550100000","body":"hello"}"#;
    let (status, body) = http(base, "POST /_text", to);
    assert_eq!(status, 409, "no bridge takes the text: {body}");
    let path = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json";
    assert_eq!(http(base, &format!("GET {path}"), "").0, 401, "keys are asked for");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.path().join("data").exists());
}

#[test]
fn an_address_that_no_provider_reaches_is_not_offered_for_pasting() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for (example, pasted) in
        [("going-live-twilio.toml", true), ("poll-no-public-address.toml", false)]
    {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_cordboard"))
            .args(["check", "--config"])
            .arg(examples.join(example))
            .env("TWILIO_AUTH_TOKEN", "not-a-real-token")
            .env("X_CLIENT_SECRET", "not-a-real-secret")
            .env("X_CONSUMER_SECRET", "not-a-real-secret")
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{example}");
        assert_eq!(told.contains("#rc=3&rp=all\n"), pasted, "{example}: {told}");
        assert_eq!(told.contains("nothing to paste: we ask"), !pasted, "{example}: {told}");
    }
}
