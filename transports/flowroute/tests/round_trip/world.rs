//! A bridge with one line, a simulated Flowroute, and a phone.

#![expect(clippy::expect_used, reason = "a world that does not stand must fail the test")]

use crate::common::{BASIC, OURS, THEIRS, flowroute_with};
use cordboard_flowroute::Flowroute;
use cordboard_flowroute::sim::SimulatedFlowroute;
use cordboard_plugin::{
    Address, CallError, Confirmed, Host, HttpAnswer, HttpCall, HttpRequest, HttpResponse, Incoming,
    OutgoingText, PhoneText, Receipt, Received, SimPlace, Simulator, StatusUpdate, Transport,
};
use cordboard_testkit::{FakeHost, block_on, poll_once};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const HOOK: &str = "http://127.0.0.1:8080/hooks/flowroute";
const STATUS: &str = "http://127.0.0.1:8080/hooks/flowroute/status?reply=reply%2F1";

/// The bridge's side, Flowroute's side, and what came by callback.
pub(crate) struct World {
    pub(crate) flowroute: Arc<Flowroute>,
    pub(crate) bridge: FakeHost,
    pub(crate) sim: FakeHost,
    pub(crate) place: SimPlace,
    received: Arc<Mutex<Vec<Received>>>,
    /// What the bridge answers while it is unwell.
    unwell: Arc<Mutex<Option<u16>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let place = SimPlace {
            base_url: "http://127.0.0.1:8080/sandbox/flowroute".to_owned(),
            hook_url: HOOK.to_owned(),
        };
        let settings = SimulatedFlowroute.settings("flowroute", &place);
        let flowroute = Arc::new(flowroute_with(settings, 24));
        let bridge = FakeHost::new().with_bases(flowroute.capabilities().bases);
        let sim = bridge.sibling();
        bridge.mount_simulator("api", Arc::new(SimulatedFlowroute), place.clone(), sim.clone());
        let (received, unwell) = (Arc::default(), Arc::default());
        let world = Self { flowroute, bridge, sim, place, received, unwell };
        world.open_hook();
        world
    }

    /// Lets the simulator reach the plugin.
    fn open_hook(&self) {
        let (flowroute, host) = (self.flowroute.clone(), self.bridge.clone());
        let (log, unwell) = (self.received.clone(), self.unwell.clone());
        self.sim.on_url(HOOK, move |call| {
            let (flowroute, host) = (flowroute.clone(), host.clone());
            let (log, unwell) = (log.clone(), unwell.clone());
            async move {
                if let Some(status) = *unwell.lock().expect("state") {
                    return HttpAnswer::empty(status);
                }
                match flowroute.receive(&host, call).await {
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

    /// Lets the bridge answer everything so, or be well again.
    pub(crate) fn answer_with(&self, status: Option<u16>) {
        *self.unwell.lock().expect("state") = status;
    }

    pub(crate) fn text(&self, body: &str) -> Result<(), String> {
        let (from, to) = (Address::new(THEIRS), Address::new(OURS));
        let text = PhoneText { from, to, body: body.to_owned(), pictures: Vec::new() };
        block_on(SimulatedFlowroute.texted(&self.sim, &self.place, &text))
    }

    /// A text by `POST /_text`, with more fields laid over.
    pub(crate) fn text_by_hand(&self, fields: &Value) -> HttpAnswer {
        let mut text = json!({ "from": THEIRS, "to": OURS });
        for (key, value) in fields.as_object().into_iter().flatten() {
            text[key] = value.clone();
        }
        self.ask("POST", "/_text", text.to_string().as_bytes())
    }

    pub(crate) fn send(&self, body: &str) -> Result<Receipt, CallError> {
        let text = OutgoingText {
            key: "reply/1".to_owned(),
            from: Address::new(OURS),
            to: Address::new(THEIRS),
            text: body.to_owned(),
            status_url: Some(STATUS.to_owned()),
        };
        block_on(self.flowroute.send(&self.bridge, &text))
    }

    pub(crate) fn confirm(&self, message: &Incoming) -> Result<Confirmed, CallError> {
        block_on(self.flowroute.confirm(&self.bridge, message))
    }

    /// So much time passes, a second at a time, and what is due happens.
    pub(crate) fn pass_seconds(&self, seconds: u32) {
        for _ in 0..seconds {
            self.sim.advance_millis(1000);
            for timer in self.sim.due_timers() {
                block_on(SimulatedFlowroute.woke(&self.sim, &self.place, &timer.key));
            }
        }
    }

    pub(crate) fn catch_up(&self) {
        self.bridge.stop_sleeping_after(1);
        assert!(poll_once(self.flowroute.run(&self.bridge)).is_none());
    }

    pub(crate) fn hooked(&self) -> Vec<Incoming> {
        let received = self.received.lock().expect("log");
        received.iter().flat_map(|received| received.messages.clone()).collect()
    }

    pub(crate) fn reports(&self) -> Vec<StatusUpdate> {
        let received = self.received.lock().expect("log");
        received.iter().flat_map(|received| received.statuses.clone()).collect()
    }

    /// The bodies of the simulator's calls, oldest first.
    pub(crate) fn callbacks(&self) -> Vec<Value> {
        let requests = self.sim.requests();
        requests
            .iter()
            .map(|request| serde_json::from_slice(&request.body.0).expect("JSON"))
            .collect()
    }

    /// The phone, oldest first: `>` is what the person wrote.
    pub(crate) fn phone(&self) -> Vec<String> {
        let lines = block_on(SimulatedFlowroute.phone(&self.sim, &Address::new(THEIRS)));
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
        self.ask_with(method, path, Vec::new(), body)
    }

    pub(crate) fn ask_with(
        &self,
        method: &str,
        path: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
    ) -> HttpAnswer {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let call = HttpCall {
            method: method.to_owned(),
            url: format!("{}{path}", self.place.base_url),
            path: bare.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.to_vec().into(),
        };
        block_on(SimulatedFlowroute.call(&self.sim, &self.place, call))
    }

    /// Calls the API with the plugin's credentials.
    pub(crate) fn api(&self, method: &str, path: &str, body: &Value) -> HttpResponse {
        let request = HttpRequest::base(method, "api", path)
            .with_authorization(BASIC)
            .with_body("application/json", body.to_string());
        block_on(self.bridge.http(request)).expect("an answer")
    }
}
