//! Texts we send: the call, and what its answer means.

use crate::codes;
use crate::config::Config;
use cordboard_plugin::{
    CallError, DeliveryState, HttpRequest, HttpResponse, OutgoingText, Receipt,
};
use serde_json::json;
use url::Url;

/// The name of the API's base URL.
pub(crate) const API: &str = "api";

/// Where texts are sent and records are listed.
pub(crate) const MESSAGES: &str = "/v2.1/messages";

/// A call to the API, with credentials.
pub(crate) fn api_call(config: &Config, method: &str, path: impl Into<String>) -> HttpRequest {
    HttpRequest::base(method, API, path).with_authorization(config.authorization())
}

/// The call that sends `text`. There is no idempotency key: it must not be repeated blindly.
pub(crate) fn call(config: &Config, text: &OutgoingText) -> HttpRequest {
    let mut body = json!({
        "to": digits(text.to.reveal()),
        "from": digits(text.from.reveal()),
        "body": straight(&text.text),
    });
    if let Some(url) = text.status_url.as_deref().and_then(|url| with_token(config, url)) {
        body["dlr_callback"] = url.into();
    }
    api_call(config, "POST", MESSAGES).with_body("application/json", body.to_string())
}

/// What the answer to [`call`] means. v2.1 answers 202, v2 answers 200.
///
/// # Errors
/// See [`codes::failure`]; a success without an id is unclear.
pub(crate) fn read(answer: &HttpResponse) -> Result<Receipt, CallError> {
    if !(200..300).contains(&answer.status) {
        return Err(codes::failure(answer));
    }
    let body = answer.json().unwrap_or_default();
    let id = body["data"]["id"].as_str().or_else(|| body["id"].as_str());
    match id.filter(|id| !id.is_empty()) {
        Some(id) => {
            Ok(Receipt { id: id.to_owned(), state: DeliveryState::Accepted, segments: None })
        }
        None => Err(CallError::unclear(format!("answer {} without an id", answer.status))),
    }
}

/// Eleven digits without the plus: the one spelling that every version's page shows.
pub(crate) fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}

/// Curly quotes "are known to cause errors" (Flowroute docs, "Send an SMS"); they also cost a second
/// segment where nothing else leaves GSM-7.
fn straight(text: &str) -> String {
    let straight = |c: char| match c {
        '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        other => other,
    };
    text.chars().map(straight).collect()
}

/// The address for receipts, with the token by which we believe them.
fn with_token(config: &Config, url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    if let Some(token) = &config.callback_token {
        url.query_pairs_mut().append_pair("token", token.reveal());
    }
    Some(url.into())
}
