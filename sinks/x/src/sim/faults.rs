//! Faults on order: `POST /_faults`.

use super::store::{load, put};
use super::{media, problems};
use cordboard_plugin::{
    Commit, Host, HttpAnswer, HttpCall, SIM_REFUSED, SIM_RESET, SIM_TIMEOUT, StateError, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

const KEY: &str = "faults";
const FAULTS_MAX: usize = 500;

/// One order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    on: On,
    kind: Kind,
    #[serde(default = "once")]
    times: u32,
    /// How long a 429 asks to wait.
    #[serde(default = "window")]
    wait_seconds: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum On {
    Publish,
    Token,
    Settle,
    Retract,
    Me,
    RequestToken,
    AccessToken,
    Upload,
    Init,
    Append,
    Finalize,
    Status,
    Metadata,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    #[serde(rename = "401")]
    Unauthorized,
    #[serde(rename = "402")]
    NoCredit,
    #[serde(rename = "403")]
    Forbidden,
    #[serde(rename = "429")]
    TooMany,
    #[serde(rename = "503")]
    Unavailable,
    #[serde(rename = "html")]
    Page,
    #[serde(rename = "unreachable")]
    Unreachable,
    /// X's two ways to say that it takes no multipart bodies today.
    #[serde(rename = "wants_json")]
    WantsJson,
    #[serde(rename = "not_json")]
    NotJson,
    #[serde(rename = "unrecognized")]
    Unrecognized,
    #[serde(rename = "413")]
    TooLarge,
    #[serde(rename = "404")]
    Gone,
    #[serde(rename = "bad_media")]
    BadMedia,
    /// The plan does not include the call.
    #[serde(rename = "453")]
    Plan,
    #[serde(rename = "processing")]
    Processing,
    #[serde(rename = "processing_failed")]
    ProcessingFailed,
    #[serde(rename = "503_after_accept")]
    UnavailableAfter,
    #[serde(rename = "reset_after_accept")]
    ResetAfter,
    #[serde(rename = "timeout_after_accept")]
    TimeoutAfter,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    faults: Vec<Fault>,
}

fn once() -> u32 {
    1
}

fn window() -> i64 {
    900
}

impl Fault {
    /// The answer to a call that is not done at all.
    pub(super) fn instead(&self, call: &HttpCall, now: Timestamp) -> Option<HttpAnswer> {
        Some(match self.kind {
            Kind::Unauthorized if self.on == On::Token => problems::no_client(),
            Kind::Unauthorized => problems::unauthorized(),
            Kind::NoCredit => problems::no_credit(),
            Kind::Forbidden => problems::forbidden(),
            Kind::TooMany => problems::too_many(now.plus_seconds(self.wait_seconds)),
            Kind::Unavailable => problems::unavailable(),
            Kind::Page => problems::page(),
            Kind::Unreachable => HttpAnswer::empty(SIM_REFUSED),
            Kind::WantsJson => problems::invalid(
                "Requests with bodies must have content-type of application/json.",
                json!({}),
            ),
            Kind::NotJson => problems::invalid("Request body is not valid JSON.", json!({})),
            Kind::Unrecognized => problems::unrecognized(),
            Kind::TooLarge => HttpAnswer::empty(413),
            Kind::Gone => problems::not_found(),
            Kind::BadMedia => problems::invalid("Your media IDs are invalid.", json!({})),
            Kind::Plan => {
                problems::legacy(403, 453, "You currently have access to a subset of X API V2.")
            }
            Kind::Processing => media::in_state(call, "in_progress"),
            Kind::ProcessingFailed => media::in_state(call, "failed"),
            Kind::UnavailableAfter | Kind::ResetAfter | Kind::TimeoutAfter => return None,
        })
    }

    /// The answer to a call that has been done.
    pub(super) fn afterwards(&self) -> Option<HttpAnswer> {
        match self.kind {
            Kind::UnavailableAfter => Some(problems::unavailable()),
            Kind::ResetAfter => Some(HttpAnswer::empty(SIM_RESET)),
            Kind::TimeoutAfter => Some(HttpAnswer::empty(SIM_TIMEOUT)),
            _ => None,
        }
    }
}

fn on(call: &HttpCall) -> Option<On> {
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/2/tweets") => Some(On::Publish),
        ("POST", "/2/oauth2/token") => Some(On::Token),
        ("GET", "/2/users/me") => Some(On::Me),
        ("POST", "/oauth/request_token") => Some(On::RequestToken),
        ("POST", "/oauth/access_token") => Some(On::AccessToken),
        ("DELETE", path) => path.starts_with("/2/tweets/").then_some(On::Retract),
        ("GET", path) if super::posts_of(path).is_some() => Some(On::Settle),
        _ => match media::step(call)? {
            "upload" => Some(On::Upload),
            "init" => Some(On::Init),
            "append" => Some(On::Append),
            "finalize" => Some(On::Finalize),
            "status" => Some(On::Status),
            _ => Some(On::Metadata),
        },
    }
}

/// Takes the next fault that `call` meets, if any.
pub(super) async fn take(host: &dyn Host, call: &HttpCall) -> Result<Option<Fault>, StateError> {
    let Some(on) = on(call) else { return Ok(None) };
    for _ in 0..super::TRIES_MAX {
        let (faults, expected) = load::<Vec<Fault>>(host, KEY).await?;
        let mut faults = faults.unwrap_or_default();
        let Some(at) = faults.iter().position(|fault| fault.on == on) else { return Ok(None) };
        let fault = faults[at].clone();
        faults[at].times = faults[at].times.saturating_sub(1);
        faults.retain(|fault| fault.times > 0);
        let mut commit = Commit::default();
        put(&mut commit, KEY.to_owned(), &faults, expected, None)?;
        match host.commit(commit).await {
            Ok(()) => return Ok(Some(fault)),
            Err(StateError::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StateError::Conflict)
}

/// `POST /_faults`.
pub(super) async fn queue(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    let order: Order = match serde_json::from_slice(&call.body.0) {
        Ok(order) => order,
        Err(error) => return Ok(HttpAnswer::json(400, &json!({ "error": error.to_string() }))),
    };
    let (faults, expected) = load::<Vec<Fault>>(host, KEY).await?;
    let mut faults = faults.unwrap_or_default();
    faults.extend(order.faults.into_iter().filter(|fault| fault.times > 0));
    if faults.len() > FAULTS_MAX {
        return Ok(HttpAnswer::json(400, &json!({ "error": "too many faults" })));
    }
    let mut commit = Commit::default();
    put(&mut commit, KEY.to_owned(), &faults, expected, None)?;
    host.commit(commit).await?;
    Ok(HttpAnswer::json(200, &json!({ "queued": faults.len() })))
}
