//! The line over HTTP, as the bridge's side uses it.

use crate::bench::{OURS, THEIRS};
use cordboard_modem::sim::SimulatedModem;
use cordboard_plugin::{Address, HttpAnswer, HttpCall, PhoneText, SimPlace, Simulator};
use cordboard_testkit::FakeHost;
use futures_util::future::join;
use serde_json::{Value, json};

pub(crate) struct World {
    pub(crate) modem: SimulatedModem,
    pub(crate) host: FakeHost,
    pub(crate) place: SimPlace,
}

impl World {
    pub(crate) fn new() -> Self {
        let place = SimPlace {
            base_url: "http://127.0.0.1:8080/sandbox/pi".to_owned(),
            hook_url: String::new(),
        };
        Self { modem: SimulatedModem::default(), host: FakeHost::leaping(), place }
    }

    /// The process ends; the host's state stays.
    pub(crate) fn restart(&mut self) {
        self.modem = SimulatedModem::default();
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &[u8]) -> HttpAnswer {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let call = HttpCall {
            method: method.to_owned(),
            url: format!("{}{path}", self.place.base_url),
            path: bare.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: body.to_vec().into(),
        };
        self.modem.call(&self.host, &self.place, call).await
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> HttpAnswer {
        self.host.drive(self.call(method, path, body))
    }

    fn open(&self) -> u64 {
        let answer = self.ask("POST", "/line/open", b"");
        assert_eq!(answer.status, 200);
        json_of(&answer)["after"].as_u64().unwrap()
    }

    fn post(&self, path: &str, body: &Value) -> u16 {
        self.ask("POST", path, body.to_string().as_bytes()).status
    }

    fn text(&self, body: &str) {
        let text = PhoneText {
            from: Address::new(THEIRS),
            to: Address::new(OURS),
            body: body.to_owned(),
            pictures: Vec::new(),
        };
        self.host.drive(self.modem.texted(&self.host, &self.place, &text)).unwrap();
    }
}

fn json_of(answer: &HttpAnswer) -> Value {
    serde_json::from_slice(&answer.body.0).unwrap()
}

fn text_of(answer: &HttpAnswer) -> String {
    String::from_utf8(answer.body.0.clone()).unwrap()
}

#[test]
fn the_same_number_reads_the_same_bytes() {
    let world = World::new();
    let after = world.open();
    assert_eq!(world.ask("POST", "/line/write", b"ATE0\r").status, 204);
    let read = |after: u64| world.ask("GET", &format!("/line/read?after={after}&wait_ms=10"), b"");
    let first = read(after);
    assert_eq!((first.status, text_of(&first).as_str()), (200, "ATE0\r\r\nOK\r\n"));
    assert_eq!(read(after), first);
    let rest = read(after + 5);
    assert_eq!(text_of(&rest), "\r\nOK\r\n");
    assert_eq!(read(after + 11).status, 204);
    assert_eq!(read(after).status, 410, "what was read past is forgotten");
    assert_eq!(read(after + 12).status, 410, "that was never said");
}

#[test]
fn a_read_waits_until_another_call_makes_the_modem_speak() {
    let world = World::new();
    let after = world.open();
    let began = world.host.clone();
    let path = format!("/line/read?after={after}&wait_ms=10000");
    let reading = world.call("GET", &path, b"");
    let writing = world.call("POST", "/line/write", b"AT\r");
    let (read, written) = world.host.drive(join(reading, writing));
    assert_eq!((read.status, written.status), (200, 204));
    assert_eq!(text_of(&read), "AT\r\r\nOK\r\n");
    assert!(began.sleeps().len() < 3);
}

#[test]
fn a_read_without_bytes_ends_with_its_time() {
    let world = World::new();
    let after = world.open();
    let began = cordboard_plugin::Host::now(&world.host);
    let read = world.ask("GET", &format!("/line/read?after={after}&wait_ms=99999"), b"");
    assert_eq!(read.status, 204);
    assert_eq!(cordboard_plugin::Host::now(&world.host).millis_since(began), 10_000);
}

#[test]
fn an_unplugged_port_is_gone_even_while_somebody_waits() {
    let world = World::new();
    let after = world.open();
    let path = format!("/line/read?after={after}&wait_ms=10000");
    let reading = world.call("GET", &path, b"");
    let pulling = world.call("POST", "/_plug", b"{\"plugged\": false}");
    let (read, pulled) = world.host.drive(join(reading, pulling));
    assert_eq!((read.status, pulled.status), (410, 204));
    assert_eq!(world.ask("POST", "/line/open", b"").status, 410);
    assert_eq!(world.ask("POST", "/line/write", b"AT\r").status, 410);
    assert_eq!(world.post("/_plug", &json!({ "plugged": true })), 204);
    assert_eq!(world.ask("GET", &path, b"").status, 410, "the old port does not come back");
    let after = world.open();
    let boot = world.ask("GET", &format!("/line/read?after={after}&wait_ms=10000"), b"");
    assert_eq!(text_of(&boot), "\r\nRDY\r\n");
}

#[test]
fn a_restart_of_the_process_finds_the_modem_as_it_was() {
    let mut world = World::new();
    world.text("hello");
    world.open();
    world.ask("POST", "/line/write", b"ATE0;+CNMI=2,1,0,0,0\r");
    assert_eq!(
        world.post("/_faults", &json!({ "faults": [{ "on": "cmgs", "kind": "silent" }] })),
        204
    );
    let before = json_of(&world.ask("GET", "/_card", b""));
    world.restart();
    assert_eq!(json_of(&world.ask("GET", "/_card", b"")), before);
    assert_eq!(before["slots"][0]["index"], 1);
    assert_eq!(before["cnmi"], json!([2, 1, 0, 0, 0]));
    assert_eq!(before["faults"][0]["on"], "cmgs");
}
