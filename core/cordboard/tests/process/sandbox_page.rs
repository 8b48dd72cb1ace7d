//! The sandbox round trip in a real browser: phone, invitation, link, consent, post, receipt.

use crate::bridge::{Running, configure};
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a slow machine may take.
const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) struct Driver {
    child: Child,
    url: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The driver, or word that `what` is not tested; where it is required it must be there.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn driver_or_skip(what: &str) -> Option<Driver> {
    let driver = driver();
    if driver.is_none() {
        let required = std::env::var("CORDBOARD_TEST_REQUIRE").unwrap_or_default();
        assert!(!required.contains("chromium"), "chromedriver is required and missing");
        eprintln!("SKIPPED: no chromedriver on this machine; {what} was not tested");
    }
    driver
}

/// The browser's driver on a port of its own choice; `None` where there is none.
fn driver() -> Option<Driver> {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let lines = BufReader::new(child.stdout.take()?).lines().map_while(Result::ok);
    let port = lines.into_iter().find_map(|line| {
        let (_, rest) = line.split_once("started successfully on port ")?;
        rest.trim_end_matches('.').parse::<u16>().ok()
    });
    port.map(|port| Driver { child, url: format!("http://127.0.0.1:{port}") })
}

pub(crate) async fn browser(driver: &Driver, profile: &std::path::Path) -> Client {
    let arguments = [
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--window-size=1100,800".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    let capabilities = serde_json::json!({
        "goog:chromeOptions": { "args": arguments },
        "browserName": "chrome",
    });
    let capabilities = capabilities.as_object().unwrap().clone();
    let client = ClientBuilder::new(hyper_connector())
        .capabilities(capabilities)
        .connect(&driver.url)
        .await
        .unwrap();
    let patience = TimeoutConfiguration::new(None, Some(PATIENCE), Some(Duration::from_secs(1)));
    client.update_timeouts(patience).await.unwrap();
    client
}

fn hyper_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}

/// Waits until the page's text holds `part`.
pub(crate) async fn until_shown(client: &Client, part: &str) {
    let began = Instant::now();
    loop {
        let page =
            client.find(Locator::Css("body")).await.unwrap().text().await.unwrap_or_default();
        if page.contains(part) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "never shown: {part}\n{page}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub(crate) async fn text(client: &Client, words: &str) {
    let field = client.find(Locator::Css("#compose input[name=body]")).await.unwrap();
    field.send_keys(words).await.unwrap();
    client.find(Locator::Css("#send")).await.unwrap().click().await.unwrap();
}

/// Keeps a picture of the page.
pub(crate) async fn keep_screenshot(client: &Client, name: &str) {
    keep(&format!("{name}.png"), &client.screenshot().await.unwrap());
}

/// Keeps a file under `target/tmp/screenshots/`.
pub(crate) fn keep(name: &str, bytes: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}

#[tokio::test]
async fn a_newcomer_sees_the_whole_round_trip() {
    let Some(driver) = driver_or_skip("the sandbox page") else { return };
    let dir = tempfile::tempdir().unwrap();
    configure(dir.path(), 0);
    let bridge = Running::start(dir.path(), "info");
    let client = browser(&driver, &dir.path().join("profile")).await;

    client.goto(&format!("{}/sandbox", bridge.url)).await.unwrap();
    until_shown(&client, "Simulated here").await;
    keep_screenshot(&client, "1-first-sight").await;
    text(&client, "hello").await;
    until_shown(&client, "/link/").await;

    let link = client.find(Locator::Css(".bubble.theirs a")).await.unwrap();
    let address = link.attr("href").await.unwrap().unwrap();
    client.goto(&address).await.unwrap();
    until_shown(&client, "This lets the phone ending 01 post as you on X").await;
    keep_screenshot(&client, "2-link").await;
    client.find(Locator::Css("form button")).await.unwrap().click().await.unwrap();
    until_shown(&client, "imulated").await;
    keep_screenshot(&client, "3-consent").await;
    let authorize = Locator::Css("button[value=authorize]");
    client.find(authorize).await.unwrap().click().await.unwrap();
    until_shown(&client, "@sandbox").await;
    keep_screenshot(&client, "4-connected").await;

    client.goto(&format!("{}/sandbox", bridge.url)).await.unwrap();
    until_shown(&client, "Connected as @sandbox").await;
    text(&client, "Good morning from the sandbox").await;
    until_shown(&client, "Posted as @sandbox").await;
    let post = client.find(Locator::Css(".post")).await.unwrap();
    let author = post.find(Locator::Css(".author")).await.unwrap().text().await.unwrap();
    let words = post.find(Locator::Css(".words")).await.unwrap().text().await.unwrap();
    assert_eq!(author, "@sandbox");
    assert_eq!(words, "Good morning from the sandbox");
    keep_screenshot(&client, "5-posted").await;
    client.close().await.unwrap();
}
