//! A stand-in for Twilio: its REST API, its webhooks, its habits. See the README for what is its own.

mod carrier;
mod deliver;
mod faults;
mod ledger;
mod lists;
mod pictures;
mod send;

use crate::form::{self, Parameters};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{
    Address, Host, HttpAnswer, HttpCall, Level, PhoneLine, PhoneText, SimPlace, Simulator,
    StateError,
};
use serde_json::json;

/// The account of every simulated instance.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";
/// Its Auth Token. Not a secret: the simulator guards nothing.
pub const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";

const API_VERSION: &str = "2010-04-01";

/// The simulated provider. All it knows is in its host's state.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedTwilio;

#[async_trait]
impl Simulator for SimulatedTwilio {
    fn settings(&self, _kind: &str, place: &SimPlace) -> serde_json::Value {
        json!({
            "account_sid": ACCOUNT_SID,
            "auth_token": AUTH_TOKEN,
            "api_base": place.base_url,
            "receive": "webhook",
        })
    }

    async fn call(&self, host: &dyn Host, place: &SimPlace, call: HttpCall) -> HttpAnswer {
        match answer(host, place, &call).await {
            Ok(answer) => answer,
            Err(error) => {
                host.log(Level::Warn, &format!("the simulated Twilio has no state: {error}"));
                failure(503, 20503, "Service unavailable")
            }
        }
    }

    async fn texted(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        text: &PhoneText,
    ) -> Result<(), String> {
        carrier::take(host, place, text).await
    }

    async fn phone(&self, host: &dyn Host, number: &Address) -> Vec<PhoneLine> {
        ledger::phone(host, number).await.unwrap_or_else(|error| {
            host.log(Level::Warn, &format!("the simulated phone shows nothing: {error}"));
            Vec::new()
        })
    }

    async fn woke(&self, host: &dyn Host, _place: &SimPlace, timer_key: &str) {
        if let Err(error) = deliver::report(host, timer_key).await {
            host.log(Level::Warn, &format!("a delivery report was not made: {error}"));
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
        ("GET", _) if path.starts_with("/cdn/") => return pictures::bytes(host, call).await,
        ("GET", _) if path.starts_with(pictures::SHOWN_AT) => {
            return pictures::shown(host, path).await;
        }
        _ => {}
    }
    let Some(rest) = path.strip_prefix("/2010-04-01/Accounts/") else { return Ok(not_found()) };
    let pair = STANDARD.encode(format!("{ACCOUNT_SID}:{AUTH_TOKEN}"));
    if call.header("authorization") != Some(format!("Basic {pair}").as_str()) {
        return Ok(failure(401, 20003, "Authenticate"));
    }
    let Some(resource) = rest.strip_prefix(ACCOUNT_SID) else { return Ok(not_found()) };
    let Ok(query) = form::decode(call.query.as_bytes()).and_then(Parameters::read) else {
        return Ok(failure(400, 20001, "Invalid parameter"));
    };
    match (call.method.as_str(), resource) {
        ("POST", "/Messages.json") => send::take(host, &call.body.0).await,
        ("GET", "/Messages.json") => lists::messages(host, &query).await,
        ("GET", "/IncomingPhoneNumbers.json") => lists::numbers(host, place, &query).await,
        ("GET", ".json") => Ok(lists::account()),
        ("GET", _) => match resource.strip_prefix("/Messages/") {
            Some(message) => below_message(host, place, message).await,
            None => Ok(not_found()),
        },
        _ => Ok(failure(405, 20004, "Method not allowed")),
    }
}

/// `{sid}.json`, `{sid}/Media.json` and `{sid}/Media/{sid}`.
async fn below_message(
    host: &dyn Host,
    place: &SimPlace,
    rest: &str,
) -> Result<HttpAnswer, StateError> {
    if let Some((message, media)) = rest.split_once("/Media/") {
        return pictures::redirect(host, place, message, media).await;
    }
    let Some(resource) = rest.strip_suffix(".json") else { return Ok(not_found()) };
    let (sid, with_media) = match resource.strip_suffix("/Media") {
        Some(sid) => (sid, true),
        None => (resource, false),
    };
    let found = ledger::find(host, sid).await?;
    Ok(found.map_or_else(not_found, |(record, _)| {
        let body = if with_media { lists::media(&record) } else { lists::resource(&record) };
        HttpAnswer::json(200, &body)
    }))
}

/// An error as Twilio writes it.
fn failure(status: u16, code: u32, message: &str) -> HttpAnswer {
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    let body =
        json!({ "code": code, "message": message, "more_info": more_info, "status": status });
    HttpAnswer::json(status, &body)
}

fn not_found() -> HttpAnswer {
    failure(404, 20404, "The requested resource was not found")
}

/// A new id, as all of Twilio's are: two letters and 32 hexadecimal digits.
fn new_sid(host: &dyn Host, prefix: &str) -> String {
    let digits: String = host.random(16).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}{digits}")
}
