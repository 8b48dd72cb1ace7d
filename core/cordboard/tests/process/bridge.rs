//! A bridge as its own process, and a person with a phone and a browser, over real HTTP.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Our number.
pub(crate) const LINE: &str = "+15550100001";
/// How long a slow machine may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running bridge; killed when dropped.
pub(crate) struct Running {
    child: Child,
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
    log: Arc<Mutex<String>>,
}

/// Writes a configuration with everything simulated into `dir`.
pub(crate) fn configure(dir: &Path, port: u16) {
    let text = format!(
        r#"
[bridge]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
data_dir = "data"
[admin]
listen = "127.0.0.1:0"
[[transport]]
name = "twilio"
kind = "twilio"
simulate = true
[transport.settings]
numbers = ["{LINE}"]
[[sink]]
name = "x"
kind = "x"
simulate = true
[[route]]
from = "*"
post = ["x"]
"#
    );
    std::fs::write(dir.join("plugins.toml"), text).unwrap();
}

impl Running {
    /// Starts the bridge configured in `dir` and waits for its sandbox address.
    pub(crate) fn start(dir: &Path, log_level: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cordboard"));
        command.args(["--config", "plugins.toml"]).current_dir(dir);
        Self::start_by(&mut command, log_level)
    }

    /// Starts a bridge by a command that becomes it, and waits for its sandbox address.
    pub(crate) fn start_by(command: &mut Command, log_level: &str) -> Self {
        let mut child = command
            .env("CORDBOARD_LOG", log_level)
            .env_remove("SSH_CONNECTION")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (found, address) = std::sync::mpsc::channel();
        let copy = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once("sandbox: ") {
                    found.send(url.trim().trim_end_matches("/sandbox").to_owned()).ok();
                }
                copy.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        let url = address.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            panic!("the bridge did not start:\n{}", log.lock().unwrap());
        });
        Self { child, url, log }
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits for the end; brings whether it ended well.
    pub(crate) fn terminate(&mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    /// Everything it has written so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A person with a phone and a browser without JavaScript.
pub(crate) struct Person {
    http: reqwest::Client,
    pub(crate) bridge: String,
    pub(crate) phone: String,
    /// Everything secret that this person has seen.
    pub(crate) seen: Vec<String>,
}

impl Person {
    pub(crate) fn new(bridge: &Running, phone: &str) -> Self {
        // The first test in a process wins.
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self { http, bridge: bridge.url.clone(), phone: phone.to_owned(), seen: Vec::new() }
    }

    /// Texts our number from the sandbox's phone.
    pub(crate) async fn texts(&self, body: &str) {
        let line = format!("twilio|{LINE}");
        let form = form(&[("phone", &self.phone), ("line", &line), ("body", body)]);
        let answer = self.post(&format!("{}/sandbox/text", self.bridge), &form, None).await;
        assert!(answer.status().is_redirection(), "{}", answer.status());
    }

    /// The two panes of the sandbox page, as HTML: phone, timeline.
    pub(crate) async fn panes(&self) -> (String, String) {
        let url = format!("{}/sandbox/view?{}", self.bridge, form(&[("phone", &self.phone)]));
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        let panes: serde_json::Value = serde_json::from_str(&text).unwrap();
        let pane = |name: &str| panes[name].as_str().unwrap().to_owned();
        (pane("phone"), pane("timeline"))
    }

    /// Waits until the panes show something.
    pub(crate) async fn until(&self, what: &str, shown: impl Fn(&str, &str) -> bool) {
        let began = Instant::now();
        loop {
            let (phone, timeline) = self.panes().await;
            if shown(&phone, &timeline) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "never {what}:\n{phone}\n{timeline}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A first text, the invitation, and the whole way through the browser.
    pub(crate) async fn join(&mut self, handle: &str) {
        self.texts("hello").await;
        self.until("invited", |phone, _| phone.contains("/link/")).await;
        let (phone, _) = self.panes().await;
        let (_, rest) = phone.rsplit_once("/link/").unwrap();
        let token: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let link = format!("{}/link/{token}", self.bridge);
        let page = self.http.get(&link).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let pressed = self.post(&link, "", None).await;
        self.seen.push(token);
        self.agree(pressed, handle).await;
        self.until("connected", |phone, _| phone.contains("Connected as")).await;
    }

    /// Agrees at the provider as often as it asks: once for words, once for pictures.
    async fn agree(&mut self, pressed: reqwest::Response, handle: &str) {
        let mut leaving = pressed;
        for _ in 0..3 {
            assert_eq!(leaving.status(), 303);
            let cookie = leaving.headers()[SET_COOKIE].to_str().unwrap();
            let cookie = cookie.split(';').next().unwrap().to_owned();
            let authorize = leaving.headers()[LOCATION].to_str().unwrap().to_owned();
            let consent = self.http.get(&authorize).send().await.unwrap().text().await.unwrap();
            let body = filled(&consent, handle);
            let action = authorize.split('?').next().unwrap();
            let granted = self.post(action, &body, None).await;
            assert_eq!(granted.status(), 302);
            let back = granted.headers()[LOCATION].to_str().unwrap().to_owned();
            let done = self.http.get(&back).header(COOKIE, &cookie).send().await.unwrap();
            self.seen.push(cookie.split_once('=').unwrap().1.to_owned());
            for url in [&authorize, &back] {
                let query = url::Url::parse(url).unwrap();
                let names = ["state", "code", "code_challenge", "oauth_token", "oauth_verifier"];
                let pairs = query.query_pairs().filter(|(name, _)| names.contains(&&**name));
                self.seen.extend(pairs.map(|(_, value)| value.into_owned()));
            }
            if done.status() == 200 {
                assert!(done.text().await.unwrap().contains(&format!("@{handle}")));
                return;
            }
            leaving = done;
        }
        panic!("asked more than three times");
    }

    pub(crate) async fn post(
        &self,
        url: &str,
        body: &str,
        header: Option<(&str, &str)>,
    ) -> reqwest::Response {
        let mut call = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned());
        if let Some((name, value)) = header {
            call = call.header(name, value);
        }
        call.send().await.unwrap()
    }
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The consent form, filled in with an account and its button pressed.
fn filled(html: &str, handle: &str) -> String {
    let attribute = |tag: &str, name: &str| {
        let value = tag.split_once(&format!("{name}=\""))?.1.split('"').next()?;
        Some(value.replace("&quot;", "\"").replace("&amp;", "&"))
    };
    let mut pairs: Vec<(String, String)> = html
        .split("<input ")
        .skip(1)
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .filter(|(name, _)| name != "handle")
        .collect();
    pairs.push(("handle".to_owned(), handle.to_owned()));
    pairs.push(("decision".to_owned(), "authorize".to_owned()));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
