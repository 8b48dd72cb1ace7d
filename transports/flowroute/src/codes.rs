//! What Flowroute's codes and errors mean for us. Its answers carry an HTTP status and a list
//! `errors` of `id`, `status`, `title` and `detail` (Flowroute docs, "Errors"); texts are for people
//! and may hold numbers, so that they are looked at and never repeated.

use cordboard_plugin::{CallError, DeliveryState, HttpResponse, Reason, Trouble};
use serde_json::Value;

/// Accepted by the carrier's centre and refused by the phone; also what a text to somebody who has
/// sent STOP comes to, at once (400) or afterwards (Flowroute help, "How to stop unwanted messages").
const OPTED_OUT: &str = "1110";
/// "Message accepted by Carrier".
const BUFFERED: &str = "1003";

/// Words of a 403 that speak of registration (A2P 10DLC, toll-free verification).
const REGISTRATION: &[&str] = &["10dlc", "a2p", "registered", "registration", "campaign", "brand"];

/// A code as it is written, a string or a number; `None` for anything else.
pub(crate) fn written(value: &Value) -> Option<String> {
    let code = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.as_u64()?.to_string(),
        _ => return None,
    };
    let is_code = (1..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then_some(code)
}

/// What a receipt with this code says of a text; `None` for a code that is not known.
pub(crate) fn of_receipt(code: &str) -> Option<(DeliveryState, Option<CallError>)> {
    match code {
        BUFFERED => Some((DeliveryState::Sent, None)),
        OPTED_OUT => Some((DeliveryState::Undelivered, Some(opted_out()))),
        _ => None,
    }
}

/// What an answer other than a success means for a call that may have had an effect. Nothing but a
/// 4xx is documented as not taken.
pub(crate) fn failure(answer: &HttpResponse) -> CallError {
    let status = answer.status;
    if status == 408 || !(400..500).contains(&status) {
        return CallError::unclear(format!("answer {status}"));
    }
    let said = said(answer);
    match status {
        401 => keys_refused(),
        429 => CallError::retry_after(wait_ms(answer), "too many calls at once (429)"),
        _ if has_word(&said, OPTED_OUT) => opted_out(),
        403 if REGISTRATION.iter().any(|word| has_word(&said, word)) => CallError::operator(
            Trouble::Registration,
            "our number is not registered for A2P 10DLC, or not verified (403)",
        ),
        403 => CallError::operator(
            Trouble::Setting,
            "our number is not on this account, or may not send texts (403)",
        ),
        404 | 405 | 415 => CallError::operator(
            Trouble::Setting,
            format!("answer {status}: `api_base` does not lead to Flowroute's messaging API"),
        ),
        _ => {
            let words = "Flowroute did not take the text";
            CallError::refused(Reason::Other, format!("HTTP {status}"), words)
        }
    }
}

/// What a failed question means: asking has no effect, so that nothing is unclear.
pub(crate) fn failed_question(answer: &HttpResponse) -> CallError {
    match failure(answer) {
        CallError::Unclear { detail } => CallError::retry_after(None, detail),
        error => error,
    }
}

/// What a 401 means, whatever its body says.
pub(crate) fn keys_refused() -> CallError {
    CallError::operator(
        Trouble::Keys,
        "`access_key` and `secret_key` are not accepted; correct them in the configuration",
    )
}

/// How long the answer asks us to wait, when it says so in seconds. Flowroute documents none.
pub(crate) fn wait_ms(answer: &HttpResponse) -> Option<i64> {
    let seconds: u32 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(i64::from(seconds) * 1000)
}

fn opted_out() -> CallError {
    CallError::refused(Reason::OptedOut, OPTED_OUT, "the recipient has opted out")
}

/// Everything that the list of errors says, lower case. Where a code stands in it is not documented.
fn said(answer: &HttpResponse) -> String {
    let body = answer.json().unwrap_or_default();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let fields = errors.iter().flat_map(|error| {
        let field = |name: &&str| match error.get(*name)? {
            Value::String(text) => Some(text.to_lowercase()),
            other => written(other),
        };
        ["code", "status_code", "title", "detail"].iter().filter_map(field).collect::<Vec<_>>()
    });
    fields.collect::<Vec<_>>().join(" ")
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_code_is_digits_written_either_way() {
        for (value, code) in [
            (json!("1110"), Some("1110")),
            (json!(1110), Some("1110")),
            (json!(" 1003 "), Some("1003")),
            (json!(null), None),
            (json!(""), None),
            (json!("none"), None),
            (json!("123456789"), None),
            (json!(-1), None),
        ] {
            assert_eq!(written(&value).as_deref(), code, "{value}");
        }
    }

    #[test]
    fn a_word_is_not_part_of_another() {
        assert!(has_word("rejected (1110).", "1110"));
        assert!(!has_word("+15550111100", "1110"));
        assert!(!has_word("rebranded", "brand"));
    }
}
