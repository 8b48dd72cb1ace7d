//! Faults on order: each is used up by the next call of its sort.

use super::{document, failure, ledger};
use cordboard_plugin::{Host, HttpAnswer, SIM_REFUSED, SIM_TIMEOUT, StateError};
use serde::{Deserialize, Serialize};
use serde_json::json;

const KEY: &str = "faults";
const FAULTS_MAX: usize = 500;

/// What there is; the README explains each.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "send",
        &[
            "refused",
            "timeout",
            "reset_after_accept",
            "500",
            "503",
            "429",
            "opted_out",
            "unregistered",
            "not_ours",
            "buffered",
            "phone_refuses",
        ],
    ),
    ("list", &["503", "429", "timeout"]),
    ("record", &["404", "503", "timeout"]),
    ("media", &["403", "404", "503", "timeout"]),
    ("hook", &["lost", "late"]),
    ("status", &["lost"]),
];

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    on: String,
    kind: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Queue {
    faults: Vec<Fault>,
}

/// `POST /_faults`: adds to the queue.
pub(super) async fn queue(host: &dyn Host, body: &[u8]) -> Result<HttpAnswer, StateError> {
    let Ok(order) = serde_json::from_slice::<Queue>(body) else {
        let detail = "expected {\"faults\": [{\"on\": …, \"kind\": …}]}";
        return Ok(failure(host, 400, "Bad Request", detail));
    };
    for fault in &order.faults {
        let known =
            KNOWN.iter().any(|(on, kinds)| *on == fault.on && kinds.contains(&fault.kind.as_str()));
        if !known {
            let detail = format!("no fault `{}` on `{}`", fault.kind, fault.on);
            return Ok(failure(host, 400, "Bad Request", &detail));
        }
    }
    ledger::change(host, KEY, |queue: &mut Queue| {
        queue.faults.extend(order.faults.iter().cloned());
        queue.faults.truncate(FAULTS_MAX);
    })
    .await?;
    Ok(HttpAnswer::empty(204))
}

/// Takes the oldest fault that waits for this sort of call.
pub(super) async fn take(host: &dyn Host, on: &str) -> Result<Option<String>, StateError> {
    let Some(stored) = host.get(KEY).await? else { return Ok(None) };
    let waits = |queue: &Queue| queue.faults.iter().position(|fault| fault.on == on);
    if waits(&ledger::read(&stored.value)?).is_none() {
        return Ok(None);
    }
    ledger::change(host, KEY, |queue: &mut Queue| {
        waits(queue).map(|at| queue.faults.remove(at).kind)
    })
    .await
}

/// The answer on order for a call of this sort, which then comes to nothing.
pub(super) async fn stands_in(host: &dyn Host, on: &str) -> Result<Option<HttpAnswer>, StateError> {
    Ok(take(host, on).await?.and_then(|kind| answer(host, &kind)))
}

/// The answer of a call that comes to nothing; `None` for faults with a meaning of their own.
pub(super) fn answer(host: &dyn Host, kind: &str) -> Option<HttpAnswer> {
    Some(match kind {
        "refused" => HttpAnswer::empty(SIM_REFUSED),
        "timeout" => HttpAnswer::empty(SIM_TIMEOUT),
        "500" => failure(host, 500, "Internal Server Error", "an unexpected error"),
        "503" => failure(host, 503, "Service Unavailable", "try again later"),
        "403" => failure(host, 403, "Forbidden", "Request has expired"),
        "404" => super::not_found(host),
        "429" => too_many(host),
        "opted_out" => opted_out(host),
        "unregistered" => {
            failure(host, 403, "Forbidden", "The number is not registered for 10DLC messaging.")
        }
        "not_ours" => not_ours(host),
        _ => return None,
    })
}

/// 429, and no word about how long to wait.
pub(super) fn too_many(host: &dyn Host) -> HttpAnswer {
    failure(host, 429, "Too Many Requests", "the rate limit is exceeded")
}

/// A text to somebody who has sent STOP.
pub(super) fn opted_out(host: &dyn Host) -> HttpAnswer {
    let error = json!({
        "id": super::hex(host),
        "status": 400,
        "code": 1110,
        "title": "Bad Request",
        "detail": "The recipient has opted out.",
    });
    document(400, &json!({ "errors": [error] }))
}

/// A text from a number that is not on the account.
pub(super) fn not_ours(host: &dyn Host) -> HttpAnswer {
    failure(host, 403, "Forbidden", "You don't have permission to send from this number.")
}
