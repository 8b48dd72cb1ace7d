//! The sink and the simulated X, talking to each other.

#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{
    Attempt, CallError, Create as _, Credential, Draft, FreshCredential, Host as _, HttpAnswer,
    HttpCall, LinkError, LinkRequest, LinkReturn, Linked, Part, Published, Reason, Secret,
    Settings, Settled, SimPlace, Simulator as _, Sink as _, TimelinePost, header,
};
use cordboard_testkit::{FakeHost, block_on};
use cordboard_x::X;
use cordboard_x::sim::SimulatedX;
use serde_json::{Value, json};
use std::sync::Arc;

const CALLBACK: &str = "http://127.0.0.1:8080/link/x/callback";

/// A sink, its simulated provider, and the two worlds they live in.
struct Bridge {
    x: X,
    host: FakeHost,
    sim_host: FakeHost,
    place: SimPlace,
}

impl Bridge {
    fn new() -> Self {
        let base_url = "http://127.0.0.1:8080/sandbox/x".to_owned();
        let place = SimPlace { base_url, hook_url: String::new() };
        let settings = Settings {
            name: "x".to_owned(),
            values: SimulatedX.settings("x", &place),
            prices: Value::Null,
            public: false,
            catch_up_hours: 24,
        };
        let host = FakeHost::new();
        let sim_host = host.sibling();
        host.mount_simulator("api", Arc::new(SimulatedX), place.clone(), sim_host.clone());
        Self { x: X::create(&settings).unwrap(), host, sim_host, place }
    }

    fn ask(&self, method: &str, path: &str, query: &str, body: &str) -> HttpAnswer {
        let call = HttpCall {
            method: method.to_owned(),
            url: format!("{}{path}?{query}", self.place.base_url),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: body.into(),
        };
        block_on(SimulatedX.call(&self.sim_host, &self.place, call))
    }

    fn order(&self, path: &str, body: &Value) {
        assert_eq!(self.ask("POST", path, "", &body.to_string()).status, 200);
    }

    fn faults(&self, on: &str, kind: &str) {
        self.order("/_faults", &json!({ "faults": [{ "on": on, "kind": kind }] }));
    }

    fn counts(&self) -> Value {
        serde_json::from_slice(&self.ask("GET", "/_counts", "", "").body.0).unwrap()
    }

    fn timeline(&self) -> Vec<TimelinePost> {
        block_on(SimulatedX.timeline(&self.sim_host))
    }

    /// Walks through the consent page as a browser does.
    fn consent(&self, decision: &str, handle: &str) -> LinkReturn {
        let request = LinkRequest { callback_url: CALLBACK.to_owned() };
        let start = block_on(self.x.begin_link(&self.host, &request)).unwrap();
        let (_, query) = start.authorize_url.split_once('?').unwrap();
        let page = self.ask("GET", "/i/oauth2/authorize", query, "");
        assert_eq!(page.status, 200);
        let page = String::from_utf8(page.body.0).unwrap();
        assert!(page.contains("simulated X") && !page.contains("<script"));
        let form = format!("{query}&decision={decision}&handle={handle}");
        let back = self.ask("POST", "/i/oauth2/authorize", "", &form);
        assert_eq!(back.status, 302);
        let location = header(&back.headers, "location").unwrap();
        let url = url::Url::parse(location).unwrap();
        assert!(location.starts_with(CALLBACK));
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert_eq!(self.x.link_state(&query), Some(start.state));
        LinkReturn { query, callback_url: CALLBACK.to_owned(), secret: start.secret }
    }

    fn link(&self, handle: &str) -> Credential {
        let back = self.consent("authorize", handle);
        let linked: Linked = block_on(self.x.complete_link(&self.host, &back)).unwrap();
        let FreshCredential { kind, realm, secret, .. } = linked.credential;
        Credential { kind, realm, secret, account: linked.account }
    }

    fn refreshed(&self, old: &Credential) -> Result<Credential, CallError> {
        let fresh = block_on(self.x.refresh(&self.host, old))?;
        Ok(Credential { secret: fresh.secret, ..old.clone() })
    }

    fn parts(&self, text: &str) -> Vec<Part> {
        let draft = Draft { text: text.to_owned(), media_types: Vec::new(), thread: true };
        self.x.plan(&draft).unwrap().parts
    }

    fn post(&self, who: &Credential, text: &str) -> Result<Published, CallError> {
        let mut previous = None;
        for part in self.parts(text) {
            let next = self.x.publish(&self.host, who, &part, previous.as_ref());
            previous = Some(block_on(next)?);
        }
        Ok(previous.unwrap())
    }

    fn settle(&self, who: &Credential, text: &str) -> Settled {
        let part = self.parts(text).remove(0);
        let attempt = Attempt { part, previous: None, started_at: self.host.now() };
        block_on(self.x.settle(&self.host, who, &attempt)).unwrap()
    }
}

#[test]
fn a_person_links_posts_and_takes_it_back() {
    let bridge = Bridge::new();
    let who = bridge.link("ada");
    assert_eq!(who.account.handle, "@ada");
    let published = bridge.post(&who, "Tea & <cake> at example.com").unwrap();
    assert_eq!(published.id.len(), 19);
    let timeline = bridge.timeline();
    assert_eq!(timeline[0].text, "Tea & <cake> at example.com");
    assert_eq!(timeline[0].author, "@ada");
    block_on(bridge.x.retract(&bridge.host, &who, &published)).unwrap();
    assert!(bridge.timeline().is_empty());
    block_on(bridge.x.retract(&bridge.host, &who, &published)).unwrap();
}

#[test]
fn the_address_of_a_post_shows_it_until_it_is_gone() {
    let bridge = Bridge::new();
    let who = bridge.link("ada");
    let published = bridge.post(&who, "Tea & <b>cake</b>\nat noon").unwrap();
    let url = published.url.clone().unwrap();
    let path = url.strip_prefix(&bridge.place.base_url).unwrap().to_owned();
    let page = bridge.ask("GET", &path, "", "");
    let words = String::from_utf8(page.body.0).unwrap();
    assert_eq!(page.status, 200);
    assert!(header(&page.headers, "content-type").unwrap().starts_with("text/html"));
    for part in ["@ada", "Tea &amp; &lt;b&gt;cake&lt;/b&gt;<br>at noon", "simulated"] {
        assert!(words.contains(part), "no {part} in {words}");
    }
    let long = format!("{path}{}", "0".repeat(300));
    for elsewhere in ["/i/status/", "/i/status/1", long.as_str()] {
        assert_eq!(bridge.ask("GET", elsewhere, "", "").status, 404, "{elsewhere}");
    }
    block_on(bridge.x.retract(&bridge.host, &who, &published)).unwrap();
    assert_eq!(bridge.ask("GET", &path, "", "").status, 404);
}

#[test]
fn a_long_text_is_a_thread_in_order() {
    let bridge = Bridge::new();
    let who = bridge.link("ada");
    bridge.post(&who, &"A sentence of some length. ".repeat(30)).unwrap();
    let timeline = bridge.timeline();
    assert_eq!(timeline.len(), 3);
    for pair in timeline.windows(2) {
        assert_eq!(pair[0].previous.as_ref(), Some(&pair[1].id));
    }
    assert!(timeline[2].text.ends_with("(1/3)") && timeline[2].previous.is_none());
}

#[test]
fn a_person_may_decline() {
    let bridge = Bridge::new();
    let back = bridge.consent("cancel", "ada");
    let error = block_on(bridge.x.complete_link(&bridge.host, &back)).unwrap_err();
    assert_eq!(error, LinkError::Declined);
}

#[test]
fn a_code_works_once_and_for_thirty_seconds() {
    let bridge = Bridge::new();
    let back = bridge.consent("authorize", "ada");
    bridge.host.advance_millis(29_000);
    block_on(bridge.x.complete_link(&bridge.host, &back)).unwrap();
    let again = block_on(bridge.x.complete_link(&bridge.host, &back)).unwrap_err();
    assert!(matches!(again, LinkError::Expired(_)));
    let back = bridge.consent("authorize", "ada");
    bridge.host.advance_millis(30_000);
    let late = block_on(bridge.x.complete_link(&bridge.host, &back)).unwrap_err();
    assert!(matches!(late, LinkError::Expired(_)));
}

#[test]
fn another_verifier_links_nobody() {
    let bridge = Bridge::new();
    let mut back = bridge.consent("authorize", "ada");
    back.secret = Secret::new(format!(r#"{{"verifier":"{}"}}"#, "w".repeat(43)));
    let error = block_on(bridge.x.complete_link(&bridge.host, &back)).unwrap_err();
    assert!(matches!(error, LinkError::Expired(_)), "{error:?}");
}

#[test]
fn refresh_tokens_rotate_and_work_once() {
    let bridge = Bridge::new();
    let first = bridge.link("ada");
    let second = bridge.refreshed(&first).unwrap();
    assert_ne!(first.secret, second.secret);
    assert!(matches!(bridge.refreshed(&first), Err(CallError::Relink { .. })));
    bridge.post(&second, "still here").unwrap();
    bridge.refreshed(&second).unwrap();
    assert_eq!(bridge.counts(), json!({ "refreshes": { "ada": 2 }, "posts": { "ada": 1 } }));
}

#[test]
fn an_expired_token_asks_for_a_refresh_and_then_works() {
    let bridge = Bridge::new();
    let who = bridge.link("ada");
    bridge.host.advance_millis(7_200_000);
    assert!(matches!(bridge.post(&who, "late"), Err(CallError::Relink { .. })));
    let who = bridge.refreshed(&who).unwrap();
    bridge.post(&who, "late").unwrap();
    bridge.order("/_expire", &json!({ "handle": "Ada" }));
    assert!(matches!(bridge.post(&who, "later"), Err(CallError::Relink { .. })));
    bridge.refreshed(&who).unwrap();
}

#[test]
fn a_disconnected_app_must_be_linked_again() {
    let bridge = Bridge::new();
    let (ada, bob) = (bridge.link("ada"), bridge.link("bob"));
    bridge.order("/_revoke", &json!({ "handle": "ada" }));
    assert!(matches!(bridge.refreshed(&ada), Err(CallError::Relink { .. })));
    assert!(block_on(bridge.x.check(&bridge.host, &bob)).unwrap().may_write);
    block_on(bridge.x.revoke(&bridge.host, &bob)).unwrap();
    assert!(matches!(bridge.refreshed(&bob), Err(CallError::Relink { .. })));
    block_on(bridge.x.revoke(&bridge.host, &bob)).unwrap();
}

#[test]
fn the_same_words_are_refused_for_a_day() {
    let bridge = Bridge::new();
    let (ada, bob) = (bridge.link("ada"), bridge.link("bob"));
    bridge.post(&ada, "ok").unwrap();
    let error = bridge.post(&ada, "ok").unwrap_err();
    let CallError::Refused(refusal) = error else { panic!("{error:?}") };
    assert_eq!(refusal.reason, Reason::Duplicate);
    bridge.post(&bob, "ok").unwrap();
    bridge.host.advance_millis(24 * 3_600_000);
    let ada = bridge.refreshed(&ada).unwrap();
    bridge.post(&ada, "ok").unwrap();
}

#[test]
fn a_lost_answer_is_settled_by_looking() {
    for kind in ["reset_after_accept", "timeout_after_accept", "503_after_accept"] {
        let bridge = Bridge::new();
        let who = bridge.link("ada");
        let text = "Is it there? a & b, see example.com/x.";
        bridge.faults("publish", kind);
        assert!(matches!(bridge.post(&who, text), Err(CallError::Unclear { .. })), "{kind}");
        let id = bridge.timeline()[0].id.clone();
        let Settled::Yes(found) = bridge.settle(&who, text) else { panic!("{kind}: not found") };
        assert_eq!(found.id, id);
    }
}

#[test]
fn a_post_that_was_not_made_is_settled_as_no() {
    let bridge = Bridge::new();
    let who = bridge.link("ada");
    bridge.faults("publish", "503");
    assert!(matches!(bridge.post(&who, "hello"), Err(CallError::Unclear { .. })));
    assert_eq!(bridge.settle(&who, "hello"), Settled::No);
    bridge.faults("settle", "503");
    assert_eq!(bridge.settle(&who, "hello"), Settled::Unknown);
}

#[test]
fn ordered_faults_have_the_actions_of_the_real_ones() {
    let bridge = Bridge::new();
    let who = bridge.link("ada");
    for (kind, fits) in [
        ("401", (|e| matches!(e, CallError::Relink { .. })) as fn(&CallError) -> bool),
        ("402", |e| matches!(e, CallError::Operator { .. })),
        ("403", |e| matches!(e, CallError::Refused(_))),
        ("429", |e| matches!(e, CallError::RetryAfter { wait_ms: Some(900_000), .. })),
        ("503", |e| matches!(e, CallError::Unclear { .. })),
        ("html", |e| matches!(e, CallError::Unclear { .. })),
        ("unreachable", |e| matches!(e, CallError::Unreachable { .. })),
    ] {
        bridge.faults("publish", kind);
        let error = bridge.post(&who, "hello").unwrap_err();
        assert!(fits(&error), "{kind}: {error:?}");
    }
    assert!(bridge.timeline().is_empty());
    bridge.post(&who, "hello").unwrap();
    bridge.faults("token", "reset_after_accept");
    assert!(matches!(bridge.refreshed(&who), Err(CallError::Unclear { .. })));
    assert!(matches!(bridge.refreshed(&who), Err(CallError::Relink { .. })));
}

#[test]
fn the_hundred_and_first_post_waits_for_the_window() {
    let bridge = Bridge::new();
    let who = bridge.link("ada");
    for nth in 0..100 {
        bridge.post(&who, &format!("post {nth}")).unwrap();
    }
    let error = bridge.post(&who, "one more").unwrap_err();
    assert!(matches!(error, CallError::RetryAfter { wait_ms: Some(900_000), .. }), "{error:?}");
    bridge.host.advance_millis(900_000);
    bridge.post(&who, "one more").unwrap();
    let ids: Vec<String> = bridge.timeline().into_iter().map(|post| post.id).collect();
    assert!(ids.is_sorted_by(|newer, older| newer > older), "not newest first");
}

#[test]
fn the_simulator_refuses_what_x_refuses() {
    let bridge = Bridge::new();
    assert_eq!(bridge.ask("POST", "/2/oauth2/token", "", "grant_type=refresh_token").status, 401);
    assert_eq!(bridge.ask("POST", "/2/tweets", "", r#"{"text":"a"}"#).status, 401);
    assert_eq!(bridge.ask("GET", "/2/users/me", "", "").status, 401);
    assert_eq!(bridge.ask("GET", "/i/oauth2/authorize", "client_id=other", "").status, 400);
    assert_eq!(bridge.ask("GET", "/elsewhere", "", "").status, 404);
    assert_eq!(bridge.ask("POST", "/_faults", "", r#"{"faults":[{"on":"x"}]}"#).status, 400);
    let token = serde_json::from_str::<Value>(bridge.link("ada").secret.reveal()).unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let long = json!({ "text": "日".repeat(141) }).to_string();
    for (body, status) in [
        (r#"{"text":"a","colour":"red"}"#, 400),
        (r#"{"text":"  "}"#, 400),
        ("not json", 400),
        (r#"{"text":"a","media":{"media_ids":["1"]}}"#, 400),
        (r#"{"text":"a","reply":{"in_reply_to_tweet_id":"1"}}"#, 403),
        (&long, 403),
        (r#"{"text":"a"}"#, 201),
    ] {
        let call = HttpCall {
            method: "POST".to_owned(),
            url: format!("{}/2/tweets", bridge.place.base_url),
            path: "/2/tweets".to_owned(),
            query: String::new(),
            headers: vec![
                ("Authorization".to_owned(), bearer.clone()),
                ("Content-Type".to_owned(), "application/json".to_owned()),
            ],
            body: body.into(),
        };
        let answer = block_on(SimulatedX.call(&bridge.sim_host, &bridge.place, call));
        assert_eq!(answer.status, status, "{body}");
    }
}

#[test]
fn calls_at_the_same_time_all_take_effect_once() {
    let bridge = Bridge::new();
    let who = bridge.link("ada");
    let (bridge, who) = (&bridge, &who);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for nth in 0..10 {
                    bridge.post(who, &format!("{thread} says {nth}")).unwrap();
                }
            });
        }
    });
    assert_eq!(bridge.timeline().len(), 40);
    assert_eq!(bridge.counts()["posts"]["ada"], 40);
}
