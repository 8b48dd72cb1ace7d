//! A stand-in for the board: it checks what the board checks and fails as it fails. All it knows is in
//! its host's state, so that a restart of the bridge does not restart the world around it.

use cordboard_plugin::{
    Commit, Delete, Expected, Host, HttpAnswer, HttpCall, Level, Put, SIM_REFUSED, SIM_RESET,
    SIM_TIMEOUT, SimPlace, Simulator, StateError, TimelinePost, async_trait,
};
use serde::Serialize;
use serde_json::{Value, json};

/// The token of every simulated instance. Not a secret: the simulator guards nothing.
pub const API_TOKEN: &str = "simulated-token";

/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 500;

/// The simulated board. Its notes are under `note/` and their numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedBulletin;

#[async_trait]
impl Simulator for SimulatedBulletin {
    fn settings(&self, _kind: &str, place: &SimPlace) -> Value {
        json!({ "api_token": API_TOKEN, "api_base": place.base_url })
    }

    async fn call(&self, host: &dyn Host, place: &SimPlace, call: HttpCall) -> HttpAnswer {
        answer(host, place, &call).await.unwrap_or_else(|error| {
            host.log(Level::Warn, &format!("the simulator has no state: {error}"));
            HttpAnswer::empty(503)
        })
    }

    async fn timeline(&self, host: &dyn Host) -> Vec<TimelinePost> {
        let rows = host.scan("note/", None, 1000).await.unwrap_or_default();
        let notes = rows.iter().rev();
        notes.filter_map(|(_, row)| serde_json::from_slice(&row.value.0).ok()).collect()
    }
}

/// Every address of the board. `POST /_faults` is the simulator's own: a list of faults, each used up
/// by the next note.
async fn answer(
    host: &dyn Host,
    place: &SimPlace,
    call: &HttpCall,
) -> Result<HttpAnswer, StateError> {
    let body: Value = serde_json::from_slice(&call.body.0).unwrap_or_default();
    if (call.method.as_str(), call.path.as_str()) == ("POST", "/_faults") {
        write(host, "faults", &body).await?;
        return Ok(HttpAnswer::empty(204));
    }
    if call.header("authorization") != Some(format!("Bearer {API_TOKEN}").as_str()) {
        return Ok(HttpAnswer::empty(401));
    }
    match (call.method.as_str(), call.path.strip_prefix("/notes/")) {
        ("POST", None) if call.path == "/notes" => pin_up(host, place, &body).await,
        ("DELETE", Some(id)) => take_down(host, id).await,
        _ => Ok(HttpAnswer::empty(404)),
    }
}

async fn pin_up(host: &dyn Host, place: &SimPlace, note: &Value) -> Result<HttpAnswer, StateError> {
    let faults = host.get("faults").await?.map(|row| row.value.0).unwrap_or_default();
    let mut faults: Vec<String> = serde_json::from_slice(&faults).unwrap_or_default();
    let fault = if faults.is_empty() { String::new() } else { faults.remove(0) };
    write(host, "faults", &faults).await?;
    match fault.as_str() {
        "refused" => return Ok(HttpAnswer::empty(SIM_REFUSED)),
        "timeout" => return Ok(HttpAnswer::empty(SIM_TIMEOUT)),
        "429" => return Ok(HttpAnswer::empty(429).with_header("retry-after", "2")),
        "503" => return Ok(HttpAnswer::empty(503)),
        _ => {}
    }
    let text = note["text"].as_str().unwrap_or_default();
    match text.chars().count() {
        0 => return Ok(HttpAnswer::empty(422)),
        chars if chars > NOTE_CHARS_MAX => return Ok(HttpAnswer::empty(413)),
        _ => {}
    }
    let chance: String = host.random(4).iter().map(|byte| format!("{byte:02x}")).collect();
    let id = format!("{:013}-{chance}", host.now().0);
    let post = TimelinePost {
        id: id.clone(),
        author: "the board".to_owned(),
        text: text.to_owned(),
        at: host.now(),
        previous: note["below"].as_str().map(str::to_owned),
        pictures: Vec::new(),
    };
    write(host, &format!("note/{id}"), &post).await?;
    if fault == "reset_after_accept" {
        return Ok(HttpAnswer::empty(SIM_RESET));
    }
    let url = format!("{}/notes/{id}", place.base_url);
    Ok(HttpAnswer::json(201, &json!({ "id": id, "url": url })))
}

async fn take_down(host: &dyn Host, id: &str) -> Result<HttpAnswer, StateError> {
    let key = format!("note/{id}");
    if host.get(&key).await?.is_none() {
        return Ok(HttpAnswer::empty(404));
    }
    let deletes = vec![Delete { key, expected: Expected::Any }];
    host.commit(Commit { deletes, ..Commit::default() }).await?;
    Ok(HttpAnswer::empty(204))
}

async fn write(host: &dyn Host, key: &str, value: &impl Serialize) -> Result<(), StateError> {
    let (key, value) = (key.to_owned(), json!(value).to_string().into());
    let puts = vec![Put { key, value, expected: Expected::Any, expires_at: None }];
    host.commit(Commit { puts, ..Commit::default() }).await
}
