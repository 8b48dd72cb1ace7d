//! The main round trip, with everything loaded from files: invitation, link, post, receipt, /UNDO. The
//! simulated providers are processes of their own, so the bridge talks to them as to real ones.

use crate::built::{Built, built};
use crate::processes::{PATIENCE, Running, StandIn};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const LINE: &str = "+15550100001";
const PHONE: &str = "+15550101142";

/// A bridge on files alone, and the world around it.
struct World {
    http: reqwest::Client,
    bridge: Running,
    carrier: Running,
    board: Running,
    url: String,
    admin: String,
    phones: String,
    timeline: String,
    folder: tempfile::TempDir,
}

/// The settings under which a bridge talks to the simulators: those that they name themselves.
fn configuration(built: &Built, carrier: &str, board: &str) -> String {
    let plugins = built.plugins.display();
    format!(
        r#"
[bridge]
listen = "127.0.0.1:0"
plugin_dir = "{plugins}"
[admin]
listen = "127.0.0.1:0"
[[plugin]]
path = "libcordboard_twilio.so"
[[plugin]]
path = "libcordboard_flowroute.so"
[[plugin]]
path = "libcordboard_modem.so"
[[plugin]]
path = "libcordboard_x.so"
[[transport]]
name = "twilio"
kind = "twilio"
[transport.settings]
account_sid = "{sid}"
auth_token = "env:CARRIER_TOKEN"
numbers = ["{LINE}"]
api_base = "{carrier}"
[[sink]]
name = "x"
kind = "x"
[sink.settings]
client_id = "{client}"
client_secret = "env:BOARD_SECRET"
api_base = "{board}"
authorize_url = "{board}/i/oauth2/authorize"
[[route]]
post = ["x"]
"#,
        sid = cordboard_twilio::sim::ACCOUNT_SID,
        client = cordboard_x::sim::CLIENT_ID,
    )
}

fn simulator(kind: &str, hook: &str) -> (Running, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cordboard"));
    command.args(["sim", kind, "--hook", hook]);
    let label = " listens at ";
    Running::start(&mut command, label)
}

fn bridge(built: &Built, folder: &Path) -> (Running, String) {
    let mut command = Command::new(&built.bare);
    command.args(["run", "--strict-plugins"]).current_dir(folder);
    command.env("CARRIER_TOKEN", cordboard_twilio::sim::AUTH_TOKEN);
    command.env("BOARD_SECRET", cordboard_x::sim::CLIENT_SECRET);
    let (running, _) = Running::start(&mut command, "the most a day can cost");
    let url = said_of(&running, "takes texts at ");
    (running, url)
}

fn said_of(running: &Running, label: &str) -> String {
    let said = running.said();
    let found = said.lines().find_map(|line| Some(line.split_once(label)?.1.trim().to_owned()));
    found.unwrap_or_else(|| panic!("no {label:?} in:\n{said}"))
}

impl World {
    fn new(built: &Built) -> Self {
        // The first test in a process wins.
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .unwrap();
        let (carriers, boards) = (StandIn::new(), StandIn::new());
        let folder = tempfile::tempdir().unwrap();
        let config = configuration(built, &carriers.url, &boards.url);
        std::fs::write(folder.path().join("plugins.toml"), config).unwrap();
        let (bridge, url) = bridge(built, folder.path());
        let admin = said_of(&bridge, "operator's desk and API: ");
        let (carrier, phones) = simulator("twilio", &format!("{url}/hooks/twilio"));
        let (board, timeline) = simulator("x", "");
        carriers.leads_to(&phones);
        boards.leads_to(&timeline);
        Self { http, bridge, carrier, board, url, admin, phones, timeline, folder }
    }

    async fn texts(&self, body: &str) {
        let text = json!({ "from": PHONE, "to": LINE, "body": body }).to_string();
        let answer = self.http.post(format!("{}/_text", self.phones)).body(text).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }

    async fn read(&self, url: String) -> Value {
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until the phone shows something of ours, and brings that text.
    async fn heard(&self, part: &str) -> String {
        let url = format!("{}/_phone?number={}", self.phones, PHONE.replace('+', "%2B"));
        let ours = |line: &Value| line["mine"] == false && line.to_string().contains(part);
        self.until(part, url, move |lines| lines.iter().rev().find(|line| ours(line)).cloned())
            .await
    }

    /// Waits until the world sees this or, with `gone`, does not any more.
    async fn seen(&self, words: &str, gone: bool) {
        let url = format!("{}/_timeline", self.timeline);
        let there = |posts: &[Value]| posts.iter().any(|post| post.to_string().contains(words));
        self.until(words, url, move |posts| (there(posts) != gone).then_some(Value::Null)).await;
    }

    async fn until(
        &self,
        what: &str,
        url: String,
        found: impl Fn(&[Value]) -> Option<Value>,
    ) -> String {
        let began = Instant::now();
        loop {
            let now = self.read(url.clone()).await;
            if let Some(found) = found(now.as_array().unwrap()) {
                return found["body"].as_str().unwrap_or_default().to_owned();
            }
            let (bridge, carrier, board) =
                (self.bridge.said(), self.carrier.said(), self.board.said());
            assert!(
                began.elapsed() < PATIENCE,
                "never {what:?}:\n{now:#}\n{bridge}\n{carrier}\n{board}"
            );
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    async fn post(&self, url: &str, form: String) -> reqwest::Response {
        let call = self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        call.body(form).send().await.unwrap()
    }

    /// Opens a texted link, agrees at the provider, and comes back.
    async fn connects(&self, invitation: &str) -> String {
        let (_, token) = invitation.split_once("/link/").unwrap();
        let token = token.split_whitespace().next().unwrap();
        let pressed = self.post(&format!("{}/link/{token}", self.url), String::new()).await;
        assert_eq!(pressed.status(), 303);
        let header =
            |answer: &reqwest::Response, name| answer.headers()[name].to_str().unwrap().to_owned();
        let cookie = header(&pressed, SET_COOKIE).split(';').next().unwrap().to_owned();
        let authorize = header(&pressed, LOCATION);
        let consent = self.http.get(&authorize).send().await.unwrap().text().await.unwrap();
        let action = authorize.split('?').next().unwrap();
        let granted = self.post(action, agreed(&consent)).await;
        assert_eq!(granted.status(), 302);
        let back = header(&granted, LOCATION);
        let done = self.http.get(&back).header(COOKIE, cookie).send().await.unwrap();
        assert_eq!(done.status(), 200);
        done.text().await.unwrap()
    }

    async fn api(&self, path: &str) -> Value {
        let token = std::fs::read_to_string(self.folder.path().join("data/admin.token")).unwrap();
        let call = self.http.get(format!("{}/api/v1/{path}", self.admin)).bearer_auth(token.trim());
        let text = call.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

/// The consent form as somebody named `files` agrees to it.
fn agreed(html: &str) -> String {
    let attribute = |tag: &str, name: &str| {
        let value = tag.split_once(&format!("{name}=\""))?.1.split('"').next()?;
        Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
    };
    let hidden = html
        .split("<input ")
        .skip(1)
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .filter(|(name, _)| name != "handle");
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(hidden)
        .extend_pairs([("handle", "files"), ("decision", "authorize")])
        .finish()
}

#[tokio::test]
async fn a_person_joins_posts_and_takes_back_with_everything_from_files() {
    let Some(built) = built() else { return };
    let mut world = World::new(built);
    world.texts("hello").await;
    let invitation = world.heard("/link/").await;
    let page = world.connects(&invitation).await;
    assert!(page.contains("@files"), "{page}");
    world.heard("Connected as @files").await;
    world.texts("words from a file").await;
    world.seen("words from a file", false).await;
    let receipt = world.heard("/status/").await;
    assert!(receipt.contains("words from a file"), "{receipt}");
    world.texts("/UNDO").await;
    world.heard("Taken back").await;
    world.seen("words from a file", true).await;

    let plugins = world.api("plugins").await;
    let plugins = plugins.as_array().unwrap();
    assert_eq!(plugins.len(), 4, "{plugins:?}");
    assert!(plugins.iter().all(|one| one["path"].is_string() && one["trouble"].is_null()));
    assert_eq!(world.api("health").await["status"], "ok");
    let sums = world.api("sums").await;
    assert_eq!(sums["total"], 3, "{sums}");
    assert!(world.bridge.terminate(), "{}", world.bridge.said());
}
