//! Delivery receipts: what became of a text we sent.
//!
//! There are usually two of the same id: level 1 when it is handed to the carrier, level 2 for what
//! the carrier says. The list of codes is not public in full; unknown ones are passed over and logged.

use crate::codes;
use crate::message;
use cordboard_plugin::{DeliveryState, Host, Level, Rejected, StatusUpdate};
use serde_json::Value;

/// The type of such a document.
pub(crate) const TYPE: &str = "delivery_receipt";

/// Longest unknown word that is logged, in characters.
const WORD_CHARS_MAX: usize = 40;

/// Reads a receipt; nothing when it says nothing we know.
///
/// # Errors
/// [`Rejected`] with 400 when it names no text.
pub(crate) fn read(
    host: &dyn Host,
    document: &Value,
    reply_key: Option<String>,
) -> Result<Vec<StatusUpdate>, Rejected> {
    let data = &document["data"];
    let id = message::id(data).ok_or_else(|| Rejected::malformed("no id of a message"))?;
    let attributes = &data["attributes"];
    let word = attributes["status"].as_str().unwrap_or_default().trim().to_ascii_lowercase();
    let code = codes::written(&attributes["status_code"]);
    let known = code.as_deref().and_then(codes::of_receipt);
    let said = || {
        let word: String = word.chars().filter(|c| is_plain(*c)).take(WORD_CHARS_MAX).collect();
        let code = code.as_deref().map(|code| format!(" with code {code}")).unwrap_or_default();
        format!("Flowroute says `{word}`{code} of a text")
    };
    let Some(state) = known.as_ref().map(|(state, _)| *state).or_else(|| state(&word)) else {
        host.log(Level::Info, &format!("{}; not a state we know", said()));
        return Ok(Vec::new());
    };
    let failed = matches!(state, DeliveryState::Undelivered | DeliveryState::Failed);
    if failed && known.is_none() {
        host.log(Level::Info, &format!("{}; why is not known", said()));
    }
    let error = known.and_then(|(_, error)| error);
    Ok(vec![StatusUpdate { id, reply_key, state, code: code.filter(|_| failed), error }])
}

/// The words seen (Flowroute docs, "Receive a DLR"), and those that the gateway software whose words
/// these are (Kannel, "Delivery reports") has beside them.
fn state(word: &str) -> Option<DeliveryState> {
    Some(match word {
        "smsc submit" | "message buffered" | "smsc intermediate notifications" => {
            DeliveryState::Sent
        }
        "delivered" | "delivery success" => DeliveryState::Delivered,
        "undelivered" | "undeliverable" | "delivery failure" | "smsc reject" | "rejected"
        | "expired" => DeliveryState::Undelivered,
        "failed" => DeliveryState::Failed,
        _ => return None,
    })
}

fn is_plain(c: char) -> bool {
    c.is_ascii_lowercase() || c == ' '
}
