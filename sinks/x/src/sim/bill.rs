//! What the simulated X would bill the owner of the app: the price list of the docs (August 2026), its
//! own reading, so that it can judge what the bridge says it spent.

use super::store::{load, put};
use crate::count::links;
use cordboard_plugin::{Commit, Host, HttpAnswer, HttpCall, StateError};
use serde_json::{Value, json};

const KEY: &str = "bill";
/// How often a change is tried again when somebody else was quicker.
const TRIES_MAX: usize = 50;

/// Puts a call that was answered on the bill.
pub(super) async fn charge(
    host: &dyn Host,
    call: &HttpCall,
    answer: &HttpAnswer,
) -> Result<(), StateError> {
    let price = price(call, answer);
    if price == 0 {
        return Ok(());
    }
    for _ in 0..TRIES_MAX {
        let (billed, expected) = load::<u64>(host, KEY).await?;
        let mut commit = Commit::default();
        put(&mut commit, KEY.to_owned(), &(billed.unwrap_or(0) + price), expected, None)?;
        match host.commit(commit).await {
            Err(StateError::Conflict) => {}
            done => return done,
        }
    }
    Err(StateError::Conflict)
}

/// `GET /_bill`: micro-dollars so far.
pub(super) async fn total(host: &dyn Host) -> Result<HttpAnswer, StateError> {
    let (billed, _) = load::<u64>(host, KEY).await?;
    Ok(HttpAnswer::json(200, &json!({ "micro_usd": billed.unwrap_or(0) })))
}

/// Failed requests are not billed.
fn price(call: &HttpCall, answer: &HttpAnswer) -> u64 {
    if !(200..300).contains(&answer.status) {
        return 0;
    }
    let json = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap_or_default();
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/2/tweets") => {
            let has_link =
                json(&call.body.0)["text"].as_str().is_some_and(|t| !links(t).is_empty());
            if has_link { 200_000 } else { 15_000 }
        }
        ("POST", "/2/media/metadata" | "/1.1/media/metadata/create.json") => 5_000,
        ("GET", "/2/users/me") => 10_000,
        ("GET", path) if path.starts_with("/2/users/") => {
            json(&answer.body.0)["data"].as_array().map_or(0, |posts| 5_000 * posts.len() as u64)
        }
        ("DELETE", _) => 10_000,
        _ => 0,
    }
}
