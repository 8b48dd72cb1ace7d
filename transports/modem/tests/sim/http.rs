//! The line over HTTP, as the bridge's side uses it.

use crate::bench::{OURS, THEIRS};
use cordboard_modem::pdu;
use cordboard_modem::sim::SimulatedModem;
use cordboard_plugin::{
    Address, Host as _, HttpAnswer, HttpCall, PhoneText, SimPlace, Simulator, StateError,
};
use cordboard_testkit::{FakeHost, poll_once};
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

    /// Another process with the same state.
    fn restarted(&self) -> Self {
        let (host, place) = (self.host.clone(), self.place.clone());
        Self { modem: SimulatedModem::default(), host, place }
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

    /// Writes to the line, and forgets what is answered.
    pub(crate) fn write(&self, text: &str) {
        assert_eq!(self.ask("POST", "/line/write", text.as_bytes()).status, 204);
    }

    /// Sends a text as a driver does.
    pub(crate) fn send(&self, to: &str, text: &str) {
        let sending = pdu::Sending { to, text, reference: 1, wants_report: false, validity: None };
        for part in pdu::submit(&sending).unwrap() {
            self.write(&format!("AT+CMGS={}\r", part.tpdu_octets));
            self.write(&format!("{}\u{1a}", part.hex));
        }
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
    let began = world.host.now();
    let read = world.ask("GET", &format!("/line/read?after={after}&wait_ms=99999"), b"");
    assert_eq!(read.status, 204);
    assert_eq!(world.host.now().millis_since(began), 10_000);
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

#[test]
fn nothing_is_heard_before_it_is_durable() {
    let mut world = World::new();
    let after = world.open();
    world.host.fail_state(StateError::Unavailable("a full disk".to_owned()));
    assert_eq!(world.ask("POST", "/line/write", b"ATE0;+CNMI=2,1\r").status, 503);
    let lost = world.restarted();
    assert_eq!(json_of(&lost.ask("GET", "/_card", b""))["cnmi"], json!([0, 0, 0, 0, 0]));
    // The modem itself goes on, and is heard once it can be saved.
    let read = world.ask("GET", &format!("/line/read?after={after}"), b"");
    assert_eq!(text_of(&read), "ATE0;+CNMI=2,1\r\r\nOK\r\n");
    world.restart();
    assert_eq!(json_of(&world.ask("GET", "/_card", b""))["cnmi"], json!([2, 1, 0, 0, 0]));
}

#[test]
fn a_read_that_is_given_up_takes_nothing_with_it() {
    let world = World::new();
    let after = world.open();
    let path = format!("/line/read?after={after}&wait_ms=10000");
    assert!(poll_once(world.call("GET", &path, b"")).is_none());
    world.write("ATE0\r");
    assert!(poll_once(world.call("GET", &path, b"")).is_some());
    assert_eq!(text_of(&world.ask("GET", &path, b"")), "ATE0\r\r\nOK\r\n");
}

#[test]
fn opening_anew_forgets_what_nobody_read_but_not_an_open_prompt() {
    let world = World::new();
    world.open();
    world.write("ATE0;+CMGS=20\r");
    let after = world.open();
    let path = format!("/line/read?after={after}&wait_ms=10");
    assert_eq!(world.ask("GET", &path, b"").status, 204);
    world.write("\u{1b}\rAT\r");
    assert_eq!(text_of(&world.ask("GET", &path, b"")), "\r\nOK\r\n\r\nOK\r\n");
}

#[test]
fn a_split_answer_is_read_in_pieces() {
    let world = World::new();
    let mut after = world.open();
    world.write("ATE0\r");
    let order = json!({ "faults": [{ "on": "at", "kind": "split" }] });
    assert_eq!(world.post("/_faults", &order), 204);
    after += 11;
    world.write("AT\r");
    let mut pieces = Vec::new();
    loop {
        let path = format!("/line/read?after={after}&wait_ms=1000");
        let read = world.ask("GET", &path, b"");
        if read.status == 204 {
            break;
        }
        after += u64::try_from(read.body.0.len()).unwrap();
        pieces.push(text_of(&read));
    }
    assert_eq!(pieces, ["\r", "\n", "O", "K", "\r", "\n"]);
}

#[test]
fn a_large_card_outlasts_the_process_full_and_empty() {
    let mut world = World::new();
    let card = json!({ "card": { "slots": 400 } });
    assert_eq!(world.post("/_card", &card), 204);
    let long = "a text as long as one can be ".repeat(5);
    for _ in 0..400 {
        world.text(&long);
    }
    let slots = |world: &World| {
        json_of(&world.ask("GET", "/_card", b""))["slots"].as_array().unwrap().len()
    };
    world.restart();
    assert_eq!(slots(&world), 400);
    world.write("ATE0;+CMGD=1,4\r");
    world.restart();
    assert_eq!(slots(&world), 0);
    let rows = world.host.drive(world.host.scan("m/pi/", None, 1000)).unwrap();
    assert_eq!(rows.len(), 1, "the other pieces are gone");
}

#[test]
fn two_modems_of_one_bridge_have_two_memories_and_the_same_phones() {
    let world = World::new();
    let mut other = world.restarted();
    other.place.base_url = "http://127.0.0.1:8080/sandbox/office".to_owned();
    world.text("to the first");
    let card = |world: &World| json_of(&world.ask("GET", "/_card", b""));
    assert_eq!(card(&world)["slots"].as_array().unwrap().len(), 1);
    assert_eq!(card(&other)["slots"].as_array().unwrap().len(), 0);
    assert_ne!(card(&world)["imei"], card(&other)["imei"]);
    let phone = other.host.drive(other.modem.phone(&other.host, &Address::new(THEIRS)));
    assert_eq!(phone.len(), 1);
}

#[test]
fn a_bridge_finds_the_line_in_its_settings() {
    let world = World::new();
    let settings = world.modem.settings("modem", &world.place);
    let port = "http://127.0.0.1:8080/sandbox/pi/line";
    assert_eq!(settings, json!({ "port": port, "imei": "", "sim_pin": "" }));
}
