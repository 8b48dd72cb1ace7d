//! What the provider's calls mean: texts that arrived, and news of texts we sent. Pure.

use crate::config::Config;
use cordboard_plugin::{
    Address, DeliveryState, HttpAnswer, HttpCall, Incoming, MessageKey, Received, Rejected,
    StatusUpdate,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha2::Sha256;

/// The header that holds the signature: `sha256=` and the HMAC-SHA256 of the body, in hexadecimal.
pub(crate) const SIGNATURE: &str = "x-carrier-signature";

/// A webhook call as the provider writes it. Fields that nobody needs are left unread.
#[derive(Deserialize)]
#[serde(tag = "event")]
enum Event {
    /// Somebody texted one of our numbers.
    #[serde(rename = "message.received")]
    Text {
        id: String,
        from: Address,
        to: Address,
        text: String,
        #[serde(default = "one")]
        segments: u16,
    },
    /// There is news of a text we sent.
    #[serde(rename = "message.status")]
    Status {
        id: String,
        /// What we gave along as `reference`.
        reference: Option<String>,
        status: String,
        error: Option<String>,
    },
    /// Something that this plugin does not use.
    #[serde(other)]
    Unknown,
}

fn one() -> u16 {
    1
}

/// Makes sure that the provider made this call. Nothing is read before that.
///
/// # Errors
/// [`Rejected`] with 405 for anything but POST, else with 403.
pub(crate) fn verify(config: &Config, call: &HttpCall) -> Result<(), Rejected> {
    if call.method != "POST" {
        return Err(Rejected { status: 405, reason: "not a POST".to_owned() });
    }
    let header = call.header(SIGNATURE).ok_or_else(|| Rejected::forged("not signed"))?;
    let given = header.strip_prefix("sha256=").and_then(from_hex);
    let given = given.ok_or_else(|| Rejected::forged("the signature cannot be read"))?;
    let mac = mac(config.webhook_secret.reveal(), &call.body.0);
    let mac = mac.ok_or_else(|| Rejected::forged("there is no key to check it with"))?;
    // Takes as long for a wrong signature as for a right one.
    mac.verify_slice(&given).map_err(|_| Rejected::forged("the signature is wrong"))
}

/// HMAC takes keys of any length; the type cannot say so.
fn mac(secret: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    Some(mac)
}

/// What the provider puts into [`SIGNATURE`].
#[cfg(feature = "sim")]
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let code = mac(secret, body).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    code.iter().fold("sha256=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// What a call means that has been found genuine.
///
/// # Errors
/// [`Rejected`] with 400 when it is not as the provider's documentation says.
pub(crate) fn read(call: &HttpCall) -> Result<Received, Rejected> {
    let event: Event = serde_json::from_slice(&call.body.0)
        .map_err(|error| Rejected::malformed(format!("not an event: {:?}", error.classify())))?;
    // The provider calls again until it is answered 2xx, which happens once all this is stored.
    let mut received =
        Received { messages: Vec::new(), statuses: Vec::new(), answer: HttpAnswer::empty(204) };
    match event {
        Event::Text { id, .. } | Event::Status { id, .. } if id.is_empty() => {
            return Err(Rejected::malformed("an event without an id"));
        }
        Event::Text { id, from, to, text, segments } => {
            // Where ids are unique within an account only, the account belongs into the key as well.
            let key = MessageKey { account: "carrier".to_owned(), id };
            let (media, keyword, segments) = (Vec::new(), None, segments.max(1));
            received.messages.push(Incoming { key, from, to, text, media, keyword, segments });
        }
        Event::Status { id, reference, status, error } => {
            let state = state(&status);
            let update = StatusUpdate { id, reply_key: reference, state, code: error, error: None };
            received.statuses.push(update);
        }
        Event::Unknown => {}
    }
    Ok(received)
}

/// The provider's words for what became of a text. A word that is not known says no more than that
/// the provider has it.
fn state(word: &str) -> DeliveryState {
    match word {
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "undelivered" => DeliveryState::Undelivered,
        "failed" => DeliveryState::Failed,
        _ => DeliveryState::Accepted,
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| (pair[0] << 4) | pair[1]).collect())
}
