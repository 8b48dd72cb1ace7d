//! A stand-in for a modem, its SIM and the network behind it. See the README for what is its own.

mod bell;
mod by_hand;
mod cable;
mod http;
mod keep;
pub mod machine;
mod mms;
mod personality;
mod phone;
pub mod pty;

use async_trait::async_trait;
use cable::Cable;
use cordboard_plugin::{
    Address, Host, HttpAnswer, HttpCall, Level, PhoneLine, PhoneText, SimPlace, Simulator,
};
use serde_json::json;

/// The simulated modem. What it remembers is in its host's state; what it is just saying is here.
#[derive(Default)]
pub struct SimulatedModem {
    cable: Cable,
}

#[async_trait]
impl Simulator for SimulatedModem {
    fn settings(&self, _kind: &str, place: &SimPlace) -> serde_json::Value {
        json!({
            "port": format!("{}/line", place.base_url),
            "imei": "",
            "sim_pin": "",
        })
    }

    async fn call(&self, host: &dyn Host, place: &SimPlace, call: HttpCall) -> HttpAnswer {
        match http::answer(&self.cable, host, place, &call).await {
            Ok(answer) => answer,
            Err(error) => {
                host.log(Level::Warn, &format!("the simulated modem has no state: {error}"));
                failure(503, "the simulated modem has no state")
            }
        }
    }

    async fn texted(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        text: &PhoneText,
    ) -> Result<(), String> {
        phone::text(&self.cable, host, place, text).await
    }

    async fn phone(&self, host: &dyn Host, number: &Address) -> Vec<PhoneLine> {
        phone::shown(host, number).await.unwrap_or_else(|error| {
            host.log(Level::Warn, &format!("the simulated phone shows nothing: {error}"));
            Vec::new()
        })
    }

    async fn run(&self, host: &dyn Host, place: &SimPlace) {
        if let Err(error) = pty::serve(&self.cable, host, place).await {
            host.log(Level::Warn, &format!("the simulated modem has no port: {error}"));
        }
    }
}

fn failure(status: u16, words: &str) -> HttpAnswer {
    HttpAnswer::json(status, &json!({ "error": words }))
}
