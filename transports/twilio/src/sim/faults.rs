//! Faults on order: each is used up by the next call of its sort.

use super::failure;
use cordboard_plugin::{
    Commit, Expected, Host, HttpAnswer, Put, SIM_REFUSED, SIM_TIMEOUT, StateError,
};
use serde::{Deserialize, Serialize};

const KEY: &str = "faults";
const FAULTS_MAX: usize = 500;
const TRIES_MAX: u32 = 50;

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
            "trial",
            "registration",
            "opted_out",
        ],
    ),
    ("list", &["503", "429", "timeout"]),
    ("media", &["404", "503", "timeout"]),
    ("hook", &["lost"]),
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
        return Ok(failure(400, 20001, "expected {\"faults\": [{\"on\": …, \"kind\": …}]}"));
    };
    for fault in &order.faults {
        let known =
            KNOWN.iter().any(|(on, kinds)| *on == fault.on && kinds.contains(&fault.kind.as_str()));
        if !known {
            let message = format!("no fault `{}` on `{}`", fault.kind, fault.on);
            return Ok(failure(400, 20001, &message));
        }
    }
    change(host, |faults| {
        faults.extend(order.faults.iter().cloned());
        faults.truncate(FAULTS_MAX);
    })
    .await?;
    Ok(HttpAnswer::empty(204))
}

/// Takes the oldest fault that waits for this sort of call.
pub(super) async fn take(host: &dyn Host, on: &str) -> Result<Option<String>, StateError> {
    let (queue, _) = read(host).await?;
    if !queue.faults.iter().any(|fault| fault.on == on) {
        return Ok(None);
    }
    let taken = std::sync::Mutex::new(None);
    change(host, |faults| {
        let at = faults.iter().position(|fault| fault.on == on);
        let fault = at.map(|at| faults.remove(at).kind);
        *taken.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = fault;
    })
    .await?;
    Ok(taken.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// The answer of a call that comes to nothing; `None` for faults with a meaning of their own.
pub(super) fn answer(kind: &str) -> Option<HttpAnswer> {
    Some(match kind {
        "refused" => HttpAnswer::empty(SIM_REFUSED),
        "timeout" => HttpAnswer::empty(SIM_TIMEOUT),
        "500" => failure(500, 20500, "Internal server error"),
        "503" => failure(503, 20503, "Service unavailable"),
        "404" => failure(404, 20404, "The requested resource was not found"),
        "429" => failure(429, 20429, "Too many requests").with_header("retry-after", "1"),
        "trial" => failure(400, 21608, "The number is unverified"),
        _ => return None,
    })
}

async fn read(host: &dyn Host) -> Result<(Queue, Expected), StateError> {
    let Some(stored) = host.get(KEY).await? else {
        return Ok((Queue::default(), Expected::Absent));
    };
    let queue = serde_json::from_slice(&stored.value.0)
        .map_err(|error| StateError::Unavailable(error.to_string()))?;
    Ok((queue, Expected::Version(stored.version)))
}

async fn change(
    host: &dyn Host,
    edit: impl Fn(&mut Vec<Fault>) + Send + Sync,
) -> Result<(), StateError> {
    for _ in 0..TRIES_MAX {
        let (mut queue, expected) = read(host).await?;
        edit(&mut queue.faults);
        let value = serde_json::to_vec(&queue)
            .map_err(|error| StateError::Unavailable(error.to_string()))?;
        let put = Put { key: KEY.to_owned(), value: value.into(), expected, expires_at: None };
        match host.commit(Commit { puts: vec![put], ..Commit::default() }).await {
            Err(StateError::Conflict) => {}
            done => return done,
        }
    }
    Err(StateError::Conflict)
}
