//! Texts we send: the call, and what its answer means. Pure.

use crate::config::Config;
use cordboard_plugin::{
    CallError, DeliveryState, HttpRequest, HttpResponse, OutgoingText, Reason, Receipt, Trouble,
};
use serde_json::json;

/// The name of the API's base URL.
pub(crate) const API: &str = "api";

/// The call that sends `text`.
pub(crate) fn call(config: &Config, text: &OutgoingText) -> HttpRequest {
    let mut body = json!({
        "from": text.from.reveal(),
        "to": text.to.reveal(),
        "text": text.text,
        // Comes back in each report: a text whose answer was lost is settled by it.
        "reference": text.key,
    });
    if let Some(url) = &text.status_url {
        body["status_url"] = url.as_str().into();
    }
    HttpRequest::base("POST", API, "/v1/messages")
        .with_authorization(format!("Bearer {}", config.api_token.reveal()))
        .with_body("application/json", body.to_string())
}

/// What the answer to [`call`] means.
///
/// # Errors
/// See [`failure`]; a success without an id is unclear, since a text may have left.
pub(crate) fn read(answer: &HttpResponse) -> Result<Receipt, CallError> {
    if !(200..300).contains(&answer.status) {
        return Err(failure(answer));
    }
    let body = answer.json().unwrap_or_default();
    match body["id"].as_str().filter(|id| !id.is_empty()) {
        Some(id) => Ok(Receipt {
            id: id.to_owned(),
            state: DeliveryState::Accepted,
            segments: body["segments"].as_u64().and_then(|count| u16::try_from(count).ok()),
        }),
        None => Err(CallError::unclear(format!("answer {} without an id", answer.status))),
    }
}

/// What an error of the provider means for the bridge: each is a different thing to do next.
/// Whatever is not known to have had no effect is [`CallError::Unclear`], and never repeated blindly.
fn failure(answer: &HttpResponse) -> CallError {
    let body = answer.json().unwrap_or_default();
    let code = body["error"]["code"].as_str().unwrap_or_default();
    // For the log: the provider's own words may hold the text or a number.
    let seen = format!("{} {}", answer.status, short(code));
    match (answer.status, code) {
        (429, _) => CallError::retry_after(wait_ms(answer), seen),
        (_, "not_registered") => CallError::operator(Trouble::Registration, seen),
        (_, "opted_out") => {
            CallError::refused(Reason::OptedOut, code, "this number takes no texts of ours")
        }
        (_, "invalid_number") => {
            CallError::refused(Reason::Unroutable, code, "this number cannot be reached by text")
        }
        (401, _) => CallError::operator(Trouble::Keys, seen),
        (402, _) => CallError::operator(Trouble::Credit, seen),
        (403, _) => CallError::operator(Trouble::Plan, seen),
        // The provider gave up waiting for us, or so it says: the text may have left.
        (408, _) => CallError::unclear(seen),
        (400..=499, _) => CallError::refused(Reason::Other, short(code), "the provider refused it"),
        _ => CallError::unclear(seen),
    }
}

/// How long the provider asks us to wait, in milliseconds, if it says.
fn wait_ms(answer: &HttpResponse) -> Option<i64> {
    let seconds: i64 = answer.header("retry-after")?.trim().parse().ok()?;
    (seconds >= 0).then(|| seconds.saturating_mul(1000))
}

/// A code of the provider, of which nothing is known but that it should be short.
fn short(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_graphic()).take(40).collect()
}
