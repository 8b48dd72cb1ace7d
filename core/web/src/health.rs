//! Is it alive, does it take messages?

use crate::call::Call;
use crate::door::Door;
use crate::problem::json_answer;
use crate::table::{Served, Site};
use http::StatusCode;
use serde_json::json;

/// `/healthz`: 200 whenever we can answer at all; `degraded` when a person must act. Why is told to
/// the operator only.
pub(crate) async fn brief<D: Door>(site: Site<D>, _: Call) -> Served {
    let health = site.door.health().await;
    let brief = json!({ "status": health.status, "ready": health.ready });
    Ok(json_answer(StatusCode::OK, &brief))
}

/// `/readyz`: 200 while webhooks are taken, otherwise 503.
pub(crate) async fn ready<D: Door>(site: Site<D>, _: Call) -> Served {
    let ready = site.door.ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(json_answer(status, &json!({ "ready": ready })))
}
