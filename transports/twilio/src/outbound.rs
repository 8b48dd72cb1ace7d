//! Texts we send: the call, and what its answer means.

use crate::codes;
use crate::config::Config;
use crate::form;
use cordboard_plugin::{
    CallError, DeliveryState, HttpRequest, HttpResponse, OutgoingText, Reason, Receipt,
};
use url::Url;

/// The name of the API's base URL.
pub(crate) const API: &str = "api";

/// A call to a resource of our account, with credentials.
pub(crate) fn api_call(config: &Config, method: &str, path: impl Into<String>) -> HttpRequest {
    HttpRequest::base(method, API, path).with_authorization(config.authorization())
}

/// The call that sends `text`. There is no idempotency key: it must not be repeated blindly.
pub(crate) fn call(config: &Config, text: &OutgoingText) -> HttpRequest {
    let mut fields =
        vec![("To", text.to.reveal()), ("From", text.from.reveal()), ("Body", text.text.as_str())];
    if let Some(url) = text.status_url.as_deref().filter(|url| takes_callbacks(url)) {
        fields.push(("StatusCallback", url));
    }
    api_call(config, "POST", config.path("/Messages.json"))
        .with_body("application/x-www-form-urlencoded", form::encode(fields))
}

/// What the answer to [`call`] means.
///
/// # Errors
/// See [`CallError`]. Only 4xx is documented as not taken; 5xx and a 2xx without an id are unclear.
pub(crate) fn read(answer: &HttpResponse) -> Result<Receipt, CallError> {
    if !(200..300).contains(&answer.status) {
        return Err(failure(answer));
    }
    let body = answer.json().unwrap_or_default();
    let Some(id) = body["sid"].as_str().filter(|sid| !sid.is_empty()) else {
        return Err(CallError::unclear(format!("answer {} without a sid", answer.status)));
    };
    let state = body["status"].as_str().and_then(state).unwrap_or(DeliveryState::Accepted);
    // "0" means "not counted yet", and is a string at that.
    let segments = body["num_segments"].as_str().and_then(|count| count.parse().ok());
    Ok(Receipt { id: id.to_owned(), state, segments: segments.filter(|count| *count > 0) })
}

/// What an answer other than 2xx means for a call that may have had an effect.
pub(crate) fn failure(answer: &HttpResponse) -> CallError {
    let status = answer.status;
    let code = answer
        .json()
        .and_then(|body| body["code"].as_u64())
        .and_then(|code| u32::try_from(code).ok())
        .filter(|_| status >= 400);
    match (status, code) {
        (429, _) => CallError::retry_after(wait_ms(answer), "too many calls at once (429)"),
        (401, _) => codes::keys_refused(),
        (status, _) if status == 408 || !(400..500).contains(&status) => {
            let code = code.map(|code| format!(", code {code}")).unwrap_or_default();
            CallError::unclear(format!("answer {status}{code}"))
        }
        (_, Some(code)) => codes::meaning(code).unwrap_or_else(|| other(&code.to_string())),
        (_, None) => other(&format!("HTTP {status}")),
    }
}

/// Twilio's words for the state of a text we sent.
pub(crate) fn state(word: &str) -> Option<DeliveryState> {
    Some(match word {
        "queued" | "accepted" | "scheduled" | "sending" => DeliveryState::Accepted,
        "sent" => DeliveryState::Sent,
        "delivered" | "read" => DeliveryState::Delivered,
        "undelivered" => DeliveryState::Undelivered,
        "failed" | "canceled" => DeliveryState::Failed,
        _ => return None,
    })
}

/// How long the answer asks us to wait, when it says so in seconds.
pub(crate) fn wait_ms(answer: &HttpResponse) -> Option<i64> {
    let seconds: u32 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(i64::from(seconds) * 1000)
}

fn other(code: &str) -> CallError {
    CallError::refused(Reason::Other, code, "Twilio did not take the text")
}

/// Twilio takes no callback to a host name with an underscore, and would refuse the whole text.
fn takes_callbacks(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.host_str().is_some_and(|host| !host.contains('_')))
}
