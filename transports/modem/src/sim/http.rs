//! The simulator's addresses: the line, and those with which tests move the world.

use super::cable::{Cable, Heard};
use super::machine::{Card, Fault, Machine};
use super::{by_hand, failure};
use cordboard_plugin::{Host, HttpAnswer, HttpCall, SimPlace, StateError};
use serde::Deserialize;
use serde_json::json;

/// Longest wait of a read.
const WAIT_MS_MAX: i64 = 10_000;

/// Every address.
pub(super) async fn answer(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    call: &HttpCall,
) -> Result<HttpAnswer, StateError> {
    let body = &call.body.0;
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/line/open") => Ok(match cable.open(host, place).await? {
            Some(after) => HttpAnswer::json(200, &json!({ "after": after })),
            None => gone(),
        }),
        ("POST", "/line/write") => {
            let written = cable.write(host, place, body).await?;
            Ok(if written { HttpAnswer::empty(204) } else { gone() })
        }
        ("GET", "/line/read") => read(cable, host, place, &call.query).await,
        ("POST", "/_text") => by_hand::text(cable, host, place, body).await,
        ("POST", "/_faults") => order(cable, host, place, body).await,
        ("POST", "/_plug") => plug(cable, host, place, body).await,
        ("POST", "/_network") => network(cable, host, place, body).await,
        ("POST", "/_card") => insert(cable, host, place, body).await,
        ("GET", "/_card") => show(cable, host, place).await,
        ("GET", "/_bill") => {
            let bill = cable.with(host, place, |machine, _| machine.bill()).await?;
            Ok(HttpAnswer::json(200, &json!(bill)))
        }
        _ => Ok(failure(404, "there is no such address")),
    }
}

fn gone() -> HttpAnswer {
    failure(410, "the port is gone")
}

async fn read(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    query: &str,
) -> Result<HttpAnswer, StateError> {
    let number = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse::<u64>().ok())
    };
    let Some(after) = number("after") else {
        return Ok(failure(400, "after is the number of a byte"));
    };
    let wait_ms = number("wait_ms").and_then(|wait| i64::try_from(wait).ok()).unwrap_or(0);
    let until = host.now().plus_millis(wait_ms.min(WAIT_MS_MAX));
    Ok(match cable.read(host, place, after, until).await? {
        Heard::Bytes(bytes) => HttpAnswer::new(200, "application/octet-stream", bytes),
        Heard::Nothing => HttpAnswer::empty(204),
        Heard::Gone => gone(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    faults: Vec<Fault>,
}

async fn order(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    body: &[u8],
) -> Result<HttpAnswer, StateError> {
    let Ok(order) = serde_json::from_slice::<Order>(body) else {
        return Ok(failure(400, "expected {\"faults\": [{\"on\": …, \"kind\": …}]}"));
    };
    if let Some(fault) = order.faults.iter().find(|fault| !fault.is_known()) {
        let words = format!("no fault `{}` on `{}`", fault.kind, fault.on);
        return Ok(failure(400, &words));
    }
    let taken = cable
        .with(host, place, |machine, now| {
            order.faults.into_iter().all(|fault| machine.order(now, fault))
        })
        .await?;
    Ok(if taken { HttpAnswer::empty(204) } else { failure(409, "too many faults wait") })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plug {
    plugged: bool,
}

async fn plug(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    body: &[u8],
) -> Result<HttpAnswer, StateError> {
    let Ok(Plug { plugged }) = serde_json::from_slice(body) else {
        return Ok(failure(400, "expected {\"plugged\": false}"));
    };
    cable.plug(host, place, plugged).await?;
    Ok(HttpAnswer::empty(204))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Coverage {
    registration: u8,
    #[serde(default = "good_signal")]
    signal: u8,
}

fn good_signal() -> u8 {
    18
}

async fn network(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    body: &[u8],
) -> Result<HttpAnswer, StateError> {
    let Ok(Coverage { registration, signal }) = serde_json::from_slice(body) else {
        return Ok(failure(400, "expected {\"registration\": 1, \"signal\": 18}"));
    };
    cable.with(host, place, |machine, now| machine.set_network(now, registration, signal)).await?;
    Ok(HttpAnswer::empty(204))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inserted {
    #[serde(default = "plain")]
    personality: String,
    #[serde(default)]
    card: Option<Card>,
}

fn plain() -> String {
    "plain".to_owned()
}

/// Another modem with another card.
async fn insert(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    body: &[u8],
) -> Result<HttpAnswer, StateError> {
    let Ok(wanted) = serde_json::from_slice::<Inserted>(body) else {
        return Ok(failure(
            400,
            "expected {\"personality\": \"huawei\", \"card\": {\"slots\": 5}}",
        ));
    };
    let old = cable.with(host, place, |machine, _| machine.durable().card.clone()).await?;
    let Some(machine) = Machine::new(&wanted.personality, wanted.card.unwrap_or(old)) else {
        return Ok(failure(400, "there is no such personality"));
    };
    cable.replace(host, place, machine).await?;
    Ok(HttpAnswer::empty(204))
}

async fn show(cable: &Cable, host: &dyn Host, place: &SimPlace) -> Result<HttpAnswer, StateError> {
    let shown = cable.with(host, place, |machine, _| machine.show()).await?;
    Ok(HttpAnswer::json(200, &shown))
}
