//! Notes go up and come down again, on the simulated board.

#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold must fail the test")]

use cordboard_bulletin::{Bulletin, sim::SimulatedBulletin};
use cordboard_plugin::{
    CallError, Create as _, Credential, Draft, HttpCall, Published, RemoteAccount, Secret,
    Settings, SimPlace, Simulator as _, Sink as _,
};
use cordboard_testkit::{FakeHost, block_on};
use serde_json::{Value, json};
use std::sync::Arc;

/// The board, and the sink that posts on it.
struct World {
    sink: Bulletin,
    host: FakeHost,
    sim_host: FakeHost,
    place: SimPlace,
}

fn nobody() -> Credential {
    let account = RemoteAccount { id: String::new(), handle: String::new() };
    Credential { kind: String::new(), realm: String::new(), secret: Secret::default(), account }
}

impl World {
    fn new() -> Self {
        let place = SimPlace {
            base_url: "https://sim.example.com/bulletin".to_owned(),
            hook_url: String::new(),
        };
        let values = SimulatedBulletin.settings("bulletin", &place);
        let (name, prices) = ("bulletin".to_owned(), Value::Null);
        let settings = Settings { name, values, prices, public: true, catch_up_hours: 24 };
        let sink = Bulletin::create(&settings).expect("its settings hold");
        let host = FakeHost::new().with_bases(sink.capabilities().bases);
        let sim_host = host.sibling();
        host.mount_simulator("api", Arc::new(SimulatedBulletin), place.clone(), sim_host.clone());
        Self { sink, host, sim_host, place }
    }

    /// Posts the parts of a text, one below the other.
    fn post(&self, text: &str) -> Result<Vec<Published>, CallError> {
        let draft = Draft { text: text.to_owned(), media_types: Vec::new(), thread: true };
        let mut notes: Vec<Published> = Vec::new();
        for part in self.sink.plan(&draft).expect("it can be posted").parts {
            let nobody = nobody();
            let posted = self.sink.publish(&self.host, &nobody, &part, notes.last());
            notes.push(block_on(posted)?);
            // Notes are told apart by when they went up.
            self.sim_host.advance_millis(1);
        }
        Ok(notes)
    }

    fn order_faults(&self, faults: &Value) {
        let (path, body) = ("/_faults".to_owned(), faults.to_string().into());
        let (url, query) = (format!("{}{path}", self.place.base_url), String::new());
        let call =
            HttpCall { method: "POST".to_owned(), url, path, query, headers: Vec::new(), body };
        let answer = block_on(SimulatedBulletin.call(&self.sim_host, &self.place, call));
        assert_eq!(answer.status, 204);
    }

    /// What is on the board, newest first.
    fn board(&self) -> Vec<String> {
        let notes = block_on(SimulatedBulletin.timeline(&self.sim_host));
        notes.into_iter().map(|note| note.text).collect()
    }
}

#[test]
fn a_note_goes_up_and_comes_down() {
    let world = World::new();
    let notes = world.post("Hello, café!").expect("posted");
    assert_eq!(world.board(), ["Hello, café!"]);
    for _ in 0..2 {
        let nobody = nobody();
        let taken_down = world.sink.retract(&world.host, &nobody, &notes[0]);
        assert_eq!(block_on(taken_down), Ok(()));
        assert!(world.board().is_empty());
    }
}

#[test]
fn a_long_text_is_a_chain_of_notes() {
    let world = World::new();
    let notes = world.post(&"word ".repeat(250)).expect("posted");
    let chain = block_on(SimulatedBulletin.timeline(&world.sim_host));
    let below: Vec<Option<&str>> = chain.iter().map(|note| note.previous.as_deref()).collect();
    assert_eq!(below, [Some(notes[1].id.as_str()), Some(&notes[0].id), None]);
}

#[test]
fn faults_become_what_the_bridge_must_do() {
    let world = World::new();
    world.order_faults(&json!(["refused", "429", "503", "timeout", "reset_after_accept"]));
    assert!(matches!(world.post("1"), Err(CallError::Unreachable { .. })));
    assert!(matches!(world.post("2"), Err(CallError::RetryAfter { wait_ms: Some(2000), .. })));
    for lost in ["3", "4", "5"] {
        let outcome = world.post(lost);
        assert!(matches!(outcome, Err(CallError::Unclear { .. })), "{lost}: {outcome:?}");
    }
    assert_eq!(world.board(), ["5"], "the last one is there, and nobody knows");
}
