//! A bridge with one line, a simulated Twilio, and a phone.

#![expect(clippy::expect_used, reason = "a world that does not stand must fail the test")]

use crate::common::{BASIC, OURS, THEIRS, twilio_with};
use cordboard_plugin::{
    Address, CallError, Host, HttpAnswer, HttpCall, HttpRequest, HttpResponse, Incoming,
    OutgoingText, PhoneText, Receipt, Received, SimPlace, Simulator, StatusUpdate, Transport,
};
use cordboard_testkit::{FakeHost, block_on, poll_once};
use cordboard_twilio::Twilio;
use cordboard_twilio::sim::SimulatedTwilio;
use serde_json::json;
use std::sync::{Arc, Mutex};

const HOOK: &str = "http://127.0.0.1:8080/hooks/twilio";
const STATUS: &str = "http://127.0.0.1:8080/hooks/twilio/status?reply=reply%2F1";

/// The bridge's side, Twilio's side, and what came through the webhook.
pub(crate) struct World {
    pub(crate) twilio: Arc<Twilio>,
    pub(crate) bridge: FakeHost,
    pub(crate) sim: FakeHost,
    pub(crate) place: SimPlace,
    received: Arc<Mutex<Vec<Received>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let place = SimPlace {
            base_url: "http://127.0.0.1:8080/sandbox/twilio".to_owned(),
            hook_url: HOOK.to_owned(),
        };
        let settings = SimulatedTwilio.settings("twilio", &place);
        let twilio = Arc::new(twilio_with(settings, 24));
        let bridge = FakeHost::new().with_bases(twilio.capabilities().bases);
        let sim = bridge.sibling();
        bridge.mount_simulator("api", Arc::new(SimulatedTwilio), place.clone(), sim.clone());
        let received = Arc::new(Mutex::new(Vec::new()));
        let world = Self { twilio, bridge, sim, place, received };
        world.open_hook();
        world
    }

    /// Lets the simulator reach the plugin.
    fn open_hook(&self) {
        let (twilio, host, log) = (self.twilio.clone(), self.bridge.clone(), self.received.clone());
        self.sim.on_url(HOOK, move |call| {
            let (twilio, host, log) = (twilio.clone(), host.clone(), log.clone());
            async move {
                match twilio.receive(&host, call).await {
                    Ok(received) => {
                        let answer = received.answer.clone();
                        log.lock().expect("log").push(received);
                        answer
                    }
                    Err(rejected) => HttpAnswer::empty(rejected.status),
                }
            }
        });
    }

    pub(crate) fn text(&self, body: &str) -> Result<(), String> {
        let (from, to) = (Address::new(THEIRS), Address::new(OURS));
        let text = PhoneText { from, to, body: body.to_owned(), pictures: Vec::new() };
        block_on(SimulatedTwilio.texted(&self.sim, &self.place, &text))
    }

    pub(crate) fn send(&self, body: &str) -> Result<Receipt, CallError> {
        let text = OutgoingText {
            key: "reply/1".to_owned(),
            from: Address::new(OURS),
            to: Address::new(THEIRS),
            text: body.to_owned(),
            status_url: Some(STATUS.to_owned()),
        };
        block_on(self.twilio.send(&self.bridge, &text))
    }

    /// Time passes until nothing more is due.
    pub(crate) fn let_reports_come(&self) {
        while !self.sim.timers().is_empty() {
            self.sim.advance_millis(1000);
            for timer in self.sim.due_timers() {
                block_on(SimulatedTwilio.woke(&self.sim, &self.place, &timer.key));
            }
        }
    }

    pub(crate) fn catch_up(&self) {
        self.bridge.stop_sleeping_after(1);
        assert!(poll_once(self.twilio.run(&self.bridge)).is_none());
    }

    pub(crate) fn hooked(&self) -> Vec<Incoming> {
        let received = self.received.lock().expect("log");
        received.iter().flat_map(|received| received.messages.clone()).collect()
    }

    pub(crate) fn reports(&self) -> Vec<StatusUpdate> {
        let received = self.received.lock().expect("log");
        received.iter().flat_map(|received| received.statuses.clone()).collect()
    }

    /// The phone, oldest first: `>` is what the person wrote.
    pub(crate) fn phone(&self) -> Vec<String> {
        let lines = block_on(SimulatedTwilio.phone(&self.sim, &Address::new(THEIRS)));
        lines
            .iter()
            .map(|line| format!("{}{}", if line.mine { "> " } else { "" }, line.body))
            .collect()
    }

    pub(crate) fn order(&self, on: &str, kind: &str) -> u16 {
        let body = json!({ "faults": [{ "on": on, "kind": kind }] });
        self.ask("POST", "/_faults", body.to_string().as_bytes()).status
    }

    /// Calls the simulator as anybody may, without credentials.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> HttpAnswer {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let call = HttpCall {
            method: method.to_owned(),
            url: format!("{}{path}", self.place.base_url),
            path: bare.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: body.to_vec().into(),
        };
        block_on(SimulatedTwilio.call(&self.sim, &self.place, call))
    }

    /// Calls the API with the plugin's credentials.
    pub(crate) fn api(&self, path: &str) -> HttpResponse {
        let account = "/2010-04-01/Accounts/AC00000000000000000000000000000001";
        let request =
            HttpRequest::base("GET", "api", format!("{account}{path}")).with_authorization(BASIC);
        block_on(self.bridge.http(request)).expect("an answer")
    }
}
