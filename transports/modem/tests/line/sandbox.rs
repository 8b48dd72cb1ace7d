//! A bridge whose modem is simulated over HTTP, in virtual time.

use crate::bench::{OURS, STICKS, THEIRS, outgoing, settings};
use cordboard_modem::Modem;
use cordboard_modem::sim::SimulatedModem;
use cordboard_plugin::{
    Address, CallError, Create as _, DeliveryState, Host as _, HttpCall, PhoneText, Receipt,
    SimPlace, Simulator as _, Transport as _,
};
use cordboard_testkit::FakeHost;
use futures_util::future::{Either, select};
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::Arc;

/// A bridge, a simulated modem, and what they remember.
pub(crate) struct World {
    pub(crate) host: FakeHost,
    sim: Arc<SimulatedModem>,
    sim_host: FakeHost,
    place: SimPlace,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_seed(0)
    }

    pub(crate) fn with_seed(seed: u64) -> Self {
        let place = SimPlace {
            base_url: "http://127.0.0.1:8080/sandbox/modem".to_owned(),
            hook_url: String::new(),
        };
        let host = FakeHost::leaping().with_seed(seed);
        let (sim, sim_host) = (Arc::new(SimulatedModem::default()), host.sibling());
        let world = Self { host, sim, sim_host, place };
        let host = world.host.clone().with_bases(world.modem().capabilities().bases);
        let base = world.place.base_url.clone();
        host.mount_simulator(&base, world.sim.clone(), world.place.clone(), world.sim_host.clone());
        Self { host, ..world }
    }

    /// An instance as after a start of the bridge.
    pub(crate) fn modem(&self) -> Modem {
        let over = self.sim.settings("modem", &self.place);
        let port = over["port"].as_str().unwrap().to_owned();
        Modem::create(&settings(&port, &over)).unwrap()
    }

    /// Lets a fresh instance live until `scenario` is over; then the bridge stops.
    pub(crate) fn lives<T>(&self, scenario: impl AsyncFnOnce(&Modem) -> T) -> T {
        let modem = self.modem();
        self.host.drive(async {
            match select(pin!(modem.run(&self.host)), pin!(scenario(&modem))).await {
                Either::Left((ended, _)) => panic!("the line ended: {ended:?}"),
                Either::Right((result, _)) => result,
            }
        })
    }

    pub(crate) async fn pass(&self, seconds: i64) {
        self.host.sleep_until(self.host.now().plus_seconds(seconds)).await;
    }

    pub(crate) async fn ready(&self) {
        self.until(|| self.host.gauge_value("modem_ready") == Some(1)).await;
    }

    pub(crate) async fn until(&self, is: impl Fn() -> bool) {
        let until = self.host.now().plus_hours(2);
        while !is() {
            assert!(self.host.now() < until, "it never became so: {:#?}", self.host.log_lines());
            self.host.sleep_until(self.host.now().plus_millis(500)).await;
        }
    }

    /// A phone texts us.
    pub(crate) async fn texted(&self, body: &str) {
        let text = PhoneText {
            from: Address::new(THEIRS),
            to: Address::new(OURS),
            body: body.to_owned(),
            pictures: Vec::new(),
        };
        self.sim.texted(&self.sim_host, &self.place, &text).await.unwrap();
    }

    /// Orders something of the simulator.
    pub(crate) async fn order(&self, path: &str, body: &Value) {
        let call = HttpCall {
            method: "POST".to_owned(),
            url: format!("{}{path}", self.place.base_url),
            path: path.to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: body.to_string().into_bytes().into(),
        };
        let answer = self.sim.call(&self.sim_host, &self.place, call).await;
        assert_eq!(answer.status, 204, "{path} {body}");
    }

    pub(crate) async fn fault(&self, on: &str, kind: &str) {
        self.order("/_faults", &json!({ "faults": [{ "on": on, "kind": kind }] })).await;
    }

    pub(crate) async fn plug(&self, plugged: bool) {
        self.order("/_plug", &json!({ "plugged": plugged })).await;
    }

    /// What we texted, as the phone shows it.
    pub(crate) async fn phone(&self) -> Vec<String> {
        let lines = self.sim.phone(&self.sim_host, &Address::new(THEIRS)).await;
        lines.into_iter().filter(|line| !line.mine).map(|line| line.body).collect()
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.host.messages().into_iter().map(|message| message.text).collect()
    }

    pub(crate) async fn send(
        &self,
        modem: &Modem,
        key: &str,
        text: &str,
    ) -> Result<Receipt, CallError> {
        modem.send(&self.host, &outgoing(key, text)).await
    }
}

#[test]
fn a_text_comes_and_an_answer_goes() {
    let world = World::new();
    world.lives(async |modem| {
        world.ready().await;
        world.texted("Hello").await;
        world.until(|| !world.texts().is_empty()).await;
        let receipt = world.send(modem, "1", "Hello yourself 👋").await.unwrap();
        assert_eq!(receipt.state, DeliveryState::Sent);
        world.until(|| !world.host.statuses().is_empty()).await;
        assert_eq!(world.host.statuses()[0].id, receipt.id);
        assert_eq!(world.host.statuses()[0].state, DeliveryState::Delivered);
        assert_eq!(world.phone().await, ["Hello yourself 👋"]);
    });
    let message = &world.host.messages()[0];
    assert_eq!((message.from.reveal(), message.to.reveal()), (THEIRS, OURS));
    assert_eq!(message.text, "Hello");
}

#[test]
fn a_modem_that_hangs_while_unwatched_comes_back() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        world.fault("now", "hang").await;
        world.until(|| world.host.gauge_value("modem_ready") == Some(0)).await;
        world.pass(900).await;
        world.plug(false).await;
        world.texted("Meanwhile").await;
        world.pass(60).await;
        world.plug(true).await;
        world.ready().await;
        world.until(|| !world.texts().is_empty()).await;
    });
    assert_eq!(world.texts(), ["Meanwhile"]);
}

#[test]
fn silent_resets_and_lost_announcements_lose_nothing() {
    let world = World::new();
    world.lives(async |_| {
        world.ready().await;
        for nth in 0..5 {
            world.fault("now", "reset_silent").await;
            world.fault("cmti", "lost").await;
            world.texted(&format!("Text {nth}")).await;
            world.pass(120).await;
        }
        world.until(|| world.texts().len() == 5).await;
    });
    assert_eq!(world.texts(), ["Text 0", "Text 1", "Text 2", "Text 3", "Text 4"]);
}

#[test]
fn every_kind_of_stick_comes_into_service() {
    for personality in STICKS {
        let world = World::new();
        world.lives(async |modem| {
            world.order("/_card", &json!({ "personality": personality })).await;
            world.ready().await;
            world.texted("Hello").await;
            world.until(|| !world.texts().is_empty()).await;
            let words = "A long answer. ".repeat(20);
            let sent = world.send(modem, "1", words.trim()).await;
            assert!(sent.is_ok(), "{personality}: {sent:?}");
            assert_eq!(world.phone().await, [words.trim()], "{personality}");
        });
        assert_eq!(world.texts(), ["Hello"], "{personality}");
    }
}

#[test]
fn a_card_that_wants_its_pin_gets_it() {
    let world = World::new();
    let card = json!({ "pin": "4711", "slots": 5 });
    world.lives(async |modem| {
        world.order("/_card", &json!({ "personality": "quectel", "card": card })).await;
        world.pass(60).await;
        let held = world.send(modem, "1", "Hello").await.unwrap_err();
        assert!(matches!(held, CallError::Operator { .. }), "{held:?}");
    });
    let over = json!({ "sim_pin": "4711" });
    let port = format!("{}/line", world.place.base_url);
    let modem = Modem::create(&settings(&port, &over)).unwrap();
    world.host.drive(async {
        let scenario = async {
            world.ready().await;
            world.texted("Open").await;
            world.until(|| !world.texts().is_empty()).await;
        };
        select(pin!(modem.run(&world.host)), pin!(scenario)).await;
    });
    assert_eq!(world.texts(), ["Open"]);
}

#[test]
fn the_page_and_the_doctor_say_how_it_is() {
    let world = World::new();
    let (page, findings) = world.lives(async |modem| {
        world.ready().await;
        (modem.page(&world.host).await, modem.diagnose(&world.host).await)
    });
    assert!(page.facts.contains(&("state".to_owned(), "ready".to_owned())), "{page:?}");
    assert!(findings.iter().all(|finding| finding.ok), "{findings:?}");
    // And a doctor that comes alone asks the modem himself.
    let findings = world.host.drive(world.modem().diagnose(&world.host));
    assert!(findings.len() > 3 && findings.iter().all(|finding| finding.ok), "{findings:?}");
    let findings = world.host.drive(async {
        world.plug(false).await;
        world.modem().diagnose(&world.host).await
    });
    assert!(findings.iter().any(|finding| !finding.ok), "{findings:?}");
}
