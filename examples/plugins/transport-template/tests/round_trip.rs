//! Texts both ways between a phone and the transport, with the simulated provider between them.

#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold must fail the test")]

use cordboard_carrier::{Carrier, sim::SimulatedCarrier};
use cordboard_plugin::{
    CallError, Create as _, DeliveryState, HttpAnswer, HttpCall, Incoming, OutgoingText, PhoneText,
    Receipt, Settings, SimPlace, Simulator as _, StatusUpdate, Transport as _,
};
use cordboard_testkit::{FakeHost, block_on};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

const HOOK: &str = "https://bridge.example.com/hooks/carrier";
const OURS: &str = "+15550100001";
const THEIRS: &str = "+15550100002";

/// The provider, a bridge that only remembers, and the transport between them.
struct World {
    transport: Arc<Carrier>,
    host: FakeHost,
    sim_host: FakeHost,
    place: SimPlace,
    /// What the bridge answers in place of the transport, while it is down.
    down: Arc<Mutex<bool>>,
    messages: Arc<Mutex<Vec<Incoming>>>,
    statuses: Arc<Mutex<Vec<StatusUpdate>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    fn new() -> Self {
        let place = SimPlace {
            base_url: "https://sim.example.com/carrier".to_owned(),
            hook_url: HOOK.to_owned(),
        };
        let mut values = SimulatedCarrier.settings("carrier", &place);
        values["numbers"] = json!([OURS]);
        let (name, prices) = ("carrier".to_owned(), Value::Null);
        let settings = Settings { name, values, prices, public: true, catch_up_hours: 24 };
        let transport = Arc::new(Carrier::create(&settings).expect("its settings hold"));
        let host = FakeHost::new().with_bases(transport.capabilities().bases);
        let sim_host = host.sibling();
        host.mount_simulator("api", Arc::new(SimulatedCarrier), place.clone(), sim_host.clone());
        let (down, messages, statuses) = Default::default();
        let world = Self { transport, host, sim_host, place, down, messages, statuses };
        world.listen();
        world
    }

    /// Lets the provider's calls arrive at the transport.
    fn listen(&self) {
        let (transport, host) = (self.transport.clone(), self.host.clone());
        let (down, messages) = (self.down.clone(), self.messages.clone());
        let statuses = self.statuses.clone();
        self.sim_host.on_url(HOOK, move |call: HttpCall| {
            let (transport, host, down) = (transport.clone(), host.clone(), *lock(&down));
            let (messages, statuses) = (messages.clone(), statuses.clone());
            async move {
                if down {
                    return HttpAnswer::empty(503);
                }
                match transport.receive(&host, call).await {
                    Ok(received) => {
                        lock(&messages).extend(received.messages);
                        lock(&statuses).extend(received.statuses);
                        received.answer
                    }
                    Err(rejected) => HttpAnswer::empty(rejected.status),
                }
            }
        });
    }

    fn texted(&self, words: &str) -> Result<(), String> {
        let (from, to, body) = (THEIRS.into(), OURS.into(), words.to_owned());
        let text = PhoneText { from, to, body, pictures: Vec::new() };
        block_on(SimulatedCarrier.texted(&self.sim_host, &self.place, &text))
    }

    fn send(&self, to: &str, words: &str) -> Result<Receipt, CallError> {
        let text = OutgoingText {
            key: "reply-1".to_owned(),
            from: OURS.into(),
            to: to.into(),
            text: words.to_owned(),
            status_url: Some(format!("{HOOK}/status")),
        };
        block_on(self.transport.send(&self.host, &text))
    }

    /// Lets half a minute pass, with the timers that are due by then.
    fn half_a_minute_passes(&self) {
        self.sim_host.advance_millis(30_000);
        for timer in self.sim_host.due_timers() {
            block_on(SimulatedCarrier.woke(&self.sim_host, &self.place, &timer.key));
        }
    }

    fn order_faults(&self, faults: &Value) {
        let (path, body) = ("/_faults".to_owned(), faults.to_string().into());
        let (url, query) = (format!("{}{path}", self.place.base_url), String::new());
        let call =
            HttpCall { method: "POST".to_owned(), url, path, query, headers: Vec::new(), body };
        let answer = block_on(SimulatedCarrier.call(&self.sim_host, &self.place, call));
        assert_eq!(answer.status, 204);
    }

    /// What the phone shows.
    fn phone(&self) -> Vec<String> {
        let lines = block_on(SimulatedCarrier.phone(&self.sim_host, &THEIRS.into()));
        lines.into_iter().map(|line| line.body).collect()
    }
}

#[test]
fn a_text_comes_and_an_answer_goes_and_is_reported() {
    let world = World::new();
    assert_eq!(world.texted("Ahoy, café!"), Ok(()));
    let texts: Vec<String> =
        lock(&world.messages).iter().map(|message| message.text.clone()).collect();
    assert_eq!(texts, ["Ahoy, café!"]);
    let receipt = world.send(THEIRS, "Posted.").expect("accepted");
    assert_eq!(world.phone(), ["Ahoy, café!", "Posted."]);
    world.half_a_minute_passes();
    let statuses = lock(&world.statuses);
    let [status] = statuses.as_slice() else { panic!("not one report: {statuses:?}") };
    assert_eq!((&status.id, status.state), (&receipt.id, DeliveryState::Delivered));
    assert_eq!(status.reply_key.as_deref(), Some("reply-1"));
}

#[test]
fn a_text_that_the_bridge_missed_comes_again_under_the_same_key() {
    let world = World::new();
    *lock(&world.down) = true;
    assert!(world.texted("Hello").is_err());
    *lock(&world.down) = false;
    world.half_a_minute_passes();
    world.half_a_minute_passes();
    let messages = lock(&world.messages);
    assert_eq!(messages.len(), 1, "taken once, and not offered again");
}

#[test]
fn faults_become_what_the_bridge_must_do() {
    let world = World::new();
    world.order_faults(&json!(["refused", "429", "503", "timeout", "reset_after_accept"]));
    assert!(matches!(world.send(THEIRS, "1"), Err(CallError::Unreachable { .. })));
    let throttled = world.send(THEIRS, "2");
    assert!(matches!(throttled, Err(CallError::RetryAfter { wait_ms: Some(2000), .. })));
    for lost in ["3", "4", "5"] {
        let outcome = world.send(THEIRS, lost);
        assert!(matches!(outcome, Err(CallError::Unclear { .. })), "{lost}: {outcome:?}");
    }
    assert_eq!(world.phone(), ["5"], "the last one left, and its report settles it");
    assert!(matches!(world.send("+15550100099", "6"), Err(CallError::Refused(_))));
}
