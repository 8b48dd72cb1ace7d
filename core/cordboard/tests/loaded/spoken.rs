//! What a plugin from a file says while it works on a message is logged with that message's id.

use crate::files::{Offer, allow, make};
use crate::processes::{PATIENCE, Running};
use std::process::Command;
use std::time::Instant;

const CONFIG: &str = r#"
[bridge]
listen = "127.0.0.1:0"
plugin_dir = "plugins"
[admin]
listen = "127.0.0.1:0"
[[plugin]]
path = "libpigeon.so"
[[transport]]
name = "loft"
kind = "pigeon"
[transport.settings]
numbers = ["+15550100001"]
[[sink]]
name = "tiles"
kind = "tiles"
[[route]]
post = ["tiles"]
"#;

#[tokio::test]
async fn a_line_of_a_file_bears_the_id_of_the_message_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    allow(&plugins, 0o755);
    let offer = Offer { name: "pigeon-post", transport: Some("pigeon"), sink: Some("tiles") };
    make(&plugins, "libpigeon.so", offer);
    std::fs::write(folder.path().join("plugins.toml"), CONFIG).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cordboard"));
    command.current_dir(folder.path()).env("CORDBOARD_LOG", "info");
    let (mut bridge, _) = Running::start(&mut command, "the most a day can cost");
    let said = bridge.said();
    let url = said.split_once("takes texts at ").unwrap().1.lines().next().unwrap();
    rustls::crypto::ring::default_provider().install_default().ok();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.post(format!("{url}/hooks/loft")).body("coo").send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", bridge.said());
    // The stranger is invited: that is a text of ours about the message, and a pigeon carries it.
    let began = Instant::now();
    while !bridge.said().contains("a pigeon takes off") {
        assert!(began.elapsed() < PATIENCE, "{}", bridge.said());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(bridge.terminate(), "{}", bridge.said());
    let said = bridge.said();
    let line = said.lines().find(|line| line.contains("a pigeon takes off")).unwrap();
    assert!(line.contains("about{message.id=1}: "), "{line}");
    assert!(line.contains("plugin=\"loft\""), "{line}");
    assert!(!said.contains("+15550101142"), "a number in the log:\n{said}");
}
