//! A stand-in for the provider: it checks what the provider checks and fails as it fails. All it knows
//! is in its host's state, so that a restart of the bridge does not restart the world around it.

use crate::inbound::{SIGNATURE, signature};
use cordboard_plugin::{
    Address, Commit, Delete, Expected, Host, HttpAnswer, HttpCall, HttpRequest, Level, PhoneLine,
    PhoneText, Put, SIM_REFUSED, SIM_RESET, SIM_TIMEOUT, SimPlace, Simulator, StateError, Timer,
    async_trait,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The token of every simulated instance. Not a secret: the simulator guards nothing.
pub const API_TOKEN: &str = "simulated-token";
/// The key with which it signs.
pub const WEBHOOK_SECRET: &str = "simulated-secret";

/// How often a webhook is called until it is answered 2xx, and the time between.
const TRIES_MAX: u32 = 5;
const AGAIN_MS: i64 = 30_000;
/// How long a text is on its way to the phone.
const REPORT_MS: i64 = 1_000;

/// The simulated provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedCarrier;

/// A text, either way; under `line/` and its number.
#[derive(Serialize, Deserialize)]
struct Line {
    phone: Address,
    shown: PhoneLine,
}

/// A call that the bridge has not taken yet; under the key of the timer that repeats it.
#[derive(Serialize, Deserialize)]
struct Pending {
    url: String,
    body: String,
    tries: u32,
}

#[async_trait]
impl Simulator for SimulatedCarrier {
    fn settings(&self, _kind: &str, place: &SimPlace) -> Value {
        json!({
            "api_token": API_TOKEN,
            "webhook_secret": WEBHOOK_SECRET,
            "api_base": place.base_url,
        })
    }

    async fn call(&self, host: &dyn Host, _place: &SimPlace, call: HttpCall) -> HttpAnswer {
        answer(host, &call).await.unwrap_or_else(|error| {
            host.log(Level::Warn, &format!("the simulator has no state: {error}"));
            failure(503, "unavailable")
        })
    }

    async fn texted(
        &self,
        host: &dyn Host,
        place: &SimPlace,
        text: &PhoneText,
    ) -> Result<(), String> {
        let taken = receive(host, place, text).await.map_err(|error| error.to_string())?;
        if taken {
            Ok(())
        } else {
            Err("the bridge did not take it; it is called again".to_owned())
        }
    }

    async fn phone(&self, host: &dyn Host, number: &Address) -> Vec<PhoneLine> {
        let rows = host.scan("line/", None, 1000).await.unwrap_or_default();
        let lines = rows.iter().filter_map(|(_, row)| serde_json::from_slice(&row.value.0).ok());
        lines.filter(|line: &Line| line.phone == *number).map(|line| line.shown).collect()
    }

    async fn woke(&self, host: &dyn Host, _place: &SimPlace, timer_key: &str) {
        if let Err(error) = deliver(host, timer_key).await {
            host.log(Level::Warn, &format!("the simulator has no state: {error}"));
        }
    }
}

/// Every address of the provider. `POST /_faults` is the simulator's own: a list of faults, each used
/// up by the next text.
async fn answer(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    let body = || serde_json::from_slice::<Value>(&call.body.0).unwrap_or_default();
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/_faults") => {
            write(host, "faults", &body(), None).await?;
            Ok(HttpAnswer::empty(204))
        }
        ("POST", "/v1/messages") => {
            if call.header("authorization") != Some(format!("Bearer {API_TOKEN}").as_str()) {
                return Ok(failure(401, "bad_token"));
            }
            send(host, &body()).await
        }
        _ => Ok(failure(404, "not_found")),
    }
}

/// Takes a text for a phone; the report that it is there follows.
async fn send(host: &dyn Host, text: &Value) -> Result<HttpAnswer, StateError> {
    let mut faults: Vec<String> = read(host, "faults").await?.unwrap_or_default();
    let fault = if faults.is_empty() { String::new() } else { faults.remove(0) };
    write(host, "faults", &faults, None).await?;
    match fault.as_str() {
        "refused" => return Ok(HttpAnswer::empty(SIM_REFUSED)),
        "timeout" => return Ok(HttpAnswer::empty(SIM_TIMEOUT)),
        "429" => return Ok(failure(429, "rate_limited").with_header("retry-after", "2")),
        "503" => return Ok(failure(503, "unavailable")),
        _ => {}
    }
    let field = |name: &str| text[name].as_str().unwrap_or_default();
    let (from, to) = (Address::new(field("from")), Address::new(field("to")));
    if !from.is_e164() || !to.is_e164() {
        return Ok(failure(422, "invalid_number"));
    }
    if to.last_two() == "99" {
        return Ok(failure(422, "opted_out"));
    }
    let id = keep(host, &to, &from, false, field("text")).await?;
    if let Some(url) = text["status_url"].as_str() {
        let body = json!({
            "event": "message.status",
            "id": id,
            "reference": text["reference"],
            "status": "delivered",
        });
        let pending = Pending { url: url.to_owned(), body: body.to_string(), tries: 0 };
        write(host, &format!("call/{id}"), &pending, Some(REPORT_MS)).await?;
    }
    match fault.as_str() {
        "reset_after_accept" => Ok(HttpAnswer::empty(SIM_RESET)),
        _ => Ok(HttpAnswer::json(202, &json!({ "id": id, "segments": 1 }))),
    }
}

/// A phone texts; whether the bridge took it at the first try.
async fn receive(host: &dyn Host, place: &SimPlace, text: &PhoneText) -> Result<bool, StateError> {
    let id = keep(host, &text.from, &text.to, true, &text.body).await?;
    let body = json!({
        "event": "message.received",
        "id": id,
        "from": text.from.reveal(),
        "to": text.to.reveal(),
        "text": text.body,
        "segments": 1,
    });
    let pending = Pending { url: place.hook_url.clone(), body: body.to_string(), tries: 0 };
    let key = format!("call/{id}");
    write(host, &key, &pending, Some(AGAIN_MS)).await?;
    deliver(host, &key).await
}

/// Calls the bridge with what waits under `key`, until it is taken; whether it was.
async fn deliver(host: &dyn Host, key: &str) -> Result<bool, StateError> {
    let Some(mut pending) = read::<Pending>(host, key).await? else { return Ok(true) };
    let signed = signature(WEBHOOK_SECRET, pending.body.as_bytes());
    let request = HttpRequest::foreign("POST", &pending.url)
        .with_header(SIGNATURE, &signed)
        .with_body("application/json", pending.body.as_str());
    let answer = host.http(request).await;
    let taken = answer.is_ok_and(|answer| (200..300).contains(&answer.status));
    pending.tries += 1;
    if taken || pending.tries >= TRIES_MAX {
        let delete = Delete { key: key.to_owned(), expected: Expected::Any };
        host.commit(Commit { deletes: vec![delete], ..Commit::default() }).await?;
    } else {
        write(host, key, &pending, Some(AGAIN_MS)).await?;
    }
    Ok(taken)
}

/// Keeps a text as the phone shows it; its id.
async fn keep(
    host: &dyn Host,
    phone: &Address,
    other: &Address,
    mine: bool,
    words: &str,
) -> Result<String, StateError> {
    let (at, other, body) = (host.now(), other.clone(), words.to_owned());
    let shown = PhoneLine { at, mine, other, body, pictures: Vec::new() };
    let line = Line { phone: phone.clone(), shown };
    loop {
        let count = read::<u64>(host, "count").await?.unwrap_or_default();
        let key = format!("line/{count:012}");
        let new =
            [("count", json!(count + 1), Expected::Any), (&key, json!(line), Expected::Absent)];
        let puts = new.into_iter().map(|(key, value, expected)| Put {
            key: key.to_owned(),
            value: value.to_string().into(),
            expected,
            expires_at: None,
        });
        // Somebody else took this number meanwhile: take the next one.
        match host.commit(Commit { puts: puts.collect(), ..Commit::default() }).await {
            Err(StateError::Conflict) => {}
            done => return done.map(|()| format!("m-{count}")),
        }
    }
}

async fn read<T: DeserializeOwned>(host: &dyn Host, key: &str) -> Result<Option<T>, StateError> {
    let row = host.get(key).await?;
    Ok(row.and_then(|row| serde_json::from_slice(&row.value.0).ok()))
}

/// Writes a value, and sets a timer of the same key where it is one to come back to.
async fn write(
    host: &dyn Host,
    key: &str,
    value: &impl Serialize,
    wake_in_ms: Option<i64>,
) -> Result<(), StateError> {
    let put = Put {
        key: key.to_owned(),
        value: json!(value).to_string().into(),
        expected: Expected::Any,
        expires_at: None,
    };
    let at = wake_in_ms.map(|millis| host.now().plus_millis(millis));
    let timers = at.map(|at| Timer { key: key.to_owned(), at }).into_iter().collect();
    host.commit(Commit { puts: vec![put], timers, ..Commit::default() }).await
}

/// An error as the provider writes it.
fn failure(status: u16, code: &str) -> HttpAnswer {
    HttpAnswer::json(status, &json!({ "error": { "code": code } }))
}
