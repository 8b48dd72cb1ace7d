//! A stand-in for Flowroute: its REST API, its callbacks, its habits. See the README for what is its own.

mod carrier;
mod deliver;
mod faults;
mod ledger;
mod limits;
mod lists;
mod pictures;
mod send;
mod shapes;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{
    Address, Host, HttpAnswer, HttpCall, Level, PhoneLine, PhoneText, SimPlace, Simulator,
    StateError,
};
use serde_json::{Value, json};

/// The access key of every simulated instance.
pub const ACCESS_KEY: &str = "00000001";
/// Its secret key. Not a secret: the simulator guards nothing.
pub const SECRET_KEY: &str = "0123456789abcdef0123456789abcdef";
/// The token that it brings along when it calls us.
pub const CALLBACK_TOKEN: &str = "simulated-callback-token";

/// The simulated provider. All it knows is in its host's state.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedFlowroute;

#[async_trait]
impl Simulator for SimulatedFlowroute {
    fn settings(&self, _kind: &str, place: &SimPlace) -> Value {
        json!({
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "api_base": place.base_url,
            "callback_token": CALLBACK_TOKEN,
            // The more thorough choice, so that it is seen at work.
            "verify": "readback",
            // Its calls come from this very machine.
            "allow_ips": [],
        })
    }

    async fn call(&self, host: &dyn Host, place: &SimPlace, call: HttpCall) -> HttpAnswer {
        match answer(host, place, &call).await {
            Ok(answer) => answer,
            Err(error) => {
                host.log(Level::Warn, &format!("the simulated Flowroute has no state: {error}"));
                failure(host, 503, "Service Unavailable", "try again later")
            }
        }
    }

    async fn texted(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        text: &PhoneText,
    ) -> Result<(), String> {
        carrier::take(host, place, text, None).await
    }

    async fn phone(&self, host: &dyn Host, number: &Address) -> Vec<PhoneLine> {
        ledger::phone(host, number).await.unwrap_or_else(|error| {
            host.log(Level::Warn, &format!("the simulated phone shows nothing: {error}"));
            Vec::new()
        })
    }

    async fn woke(&self, host: &dyn Host, place: &SimPlace, timer_key: &str) {
        if let Err(error) = deliver::woke(host, place, timer_key).await {
            host.log(Level::Warn, &format!("the simulated Flowroute did not call: {error}"));
        }
    }
}

/// Every address of the simulator.
async fn answer(
    host: &dyn Host,
    place: &SimPlace,
    call: &HttpCall,
) -> Result<HttpAnswer, StateError> {
    let path = call.path.as_str();
    match (call.method.as_str(), path) {
        ("POST", "/_faults") => return faults::queue(host, &call.body.0).await,
        ("POST", "/_text") => return Ok(carrier::text_by_hand(host, place, &call.body.0).await),
        ("GET", "/_bill") => return lists::bill(host).await,
        ("GET", _) if path.starts_with(pictures::LINKS) => {
            return pictures::linked(host, call).await;
        }
        ("GET", _) if path.starts_with(pictures::SHOWN_AT) => {
            return pictures::shown(host, path).await;
        }
        _ => {}
    }
    let pair = STANDARD.encode(format!("{ACCESS_KEY}:{SECRET_KEY}"));
    if call.header("authorization") != Some(format!("Basic {pair}").as_str()) {
        return Ok(failure(host, 401, "Unauthorized", "the credentials are not accepted"));
    }
    match (call.method.as_str(), path) {
        ("POST", "/v2.1/messages") => send::take(host, place, call).await,
        ("GET", "/v2.1/messages") => lists::records(host, place, &call.query).await,
        ("GET", _) => {
            let below = |folder: &str| path.strip_prefix(folder);
            if let Some(id) = below("/v2.1/messages/") {
                lists::record(host, id).await
            } else if let Some(id) = below("/v2.1/media/") {
                pictures::by_id(host, id).await
            } else if let Some(digits) = below("/v2/numbers/") {
                lists::number(host, place, digits).await
            } else {
                Ok(not_found(host))
            }
        }
        _ => Ok(failure(host, 405, "Method Not Allowed", "there is no such method here")),
    }
}

/// An error as Flowroute writes it.
fn failure(host: &dyn Host, status: u16, title: &str, detail: &str) -> HttpAnswer {
    let error = json!({ "id": hex(host), "status": status, "title": title, "detail": detail });
    document(status, &json!({ "errors": [error] }))
}

fn not_found(host: &dyn Host) -> HttpAnswer {
    failure(host, 404, "Not Found", "the specified resource was not found")
}

/// An answer of the API, which is JSON:API.
fn document(status: u16, body: &Value) -> HttpAnswer {
    HttpAnswer::new(status, "application/vnd.api+json", body.to_string())
}

/// 32 hexadecimal digits by chance.
fn hex(host: &dyn Host) -> String {
    host.random(16).iter().map(|byte| format!("{byte:02x}")).collect()
}
