//! What comes in over a transport, and what we send back.

use crate::http::HttpAnswer;
use crate::words::Address;
use serde::{Deserialize, Serialize};

/// The key under which a message is stored once: the provider's account and its id for the message.
///
/// Never our instance name: two instances on one account must not post a message twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageKey {
    /// The provider and its account, for example `carrier:AC…`.
    pub account: String,
    /// The provider's id for this message within that account.
    pub id: String,
}

/// A message that arrived. Its text and addresses are personal data and never logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// The key under which it is stored once.
    pub key: MessageKey,
    /// Who sent it, as the provider writes it.
    pub from: Address,
    /// Our number that was texted: the line.
    pub to: Address,
    /// The words; empty for a picture without any.
    pub text: String,
    /// Pictures and other attachments, in order.
    pub media: Vec<MediaRef>,
    /// What the provider itself took this text for.
    pub keyword: Option<Keyword>,
    /// How many segments the provider counted (they are billed each); 1 when it does not say.
    pub segments: u16,
}

/// An attachment as the provider names it; the bytes are fetched later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRef {
    /// Where the provider keeps it: a URL, or whatever `fetch` of the transport understands.
    pub place: String,
    /// The type the provider claims. Not to be trusted: the bytes decide.
    pub claimed_type: String,
}

/// The bytes of a [`MediaRef`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The type the provider claims.
    pub claimed_type: String,
    /// The bytes.
    pub bytes: crate::words::Blob,
}

/// The carrier words a provider may recognise by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyword {
    /// Leave: nothing more may be sent.
    Stop,
    /// Come back.
    Start,
    /// Ask for help.
    Help,
}

/// What a transport made of a webhook call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Messages to be stored before `answer` is given.
    pub messages: Vec<Incoming>,
    /// News about texts we sent, stored before `answer` is given.
    pub statuses: Vec<StatusUpdate>,
    /// What the provider is told once everything is durable.
    pub answer: HttpAnswer,
}

/// A call that is not from our provider or makes no sense. It leaves no row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{reason} (answered {status})")]
pub struct Rejected {
    /// The HTTP status to answer with: 400, 403, 405 …
    pub status: u16,
    /// Why, for our log; the caller is not told.
    pub reason: String,
}

impl Rejected {
    /// The call is not genuine: forged, unsigned, or meant for another account.
    pub fn forged(reason: impl Into<String>) -> Self {
        Self { status: 403, reason: reason.into() }
    }

    /// The call is genuine but cannot be read.
    pub fn malformed(reason: impl Into<String>) -> Self {
        Self { status: 400, reason: reason.into() }
    }
}

/// News about a text we sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// The provider's id for the text, as in [`Receipt::id`].
    pub id: String,
    /// Our own key of the reply, when the call carried it (see [`OutgoingText::status_url`]):
    /// it settles a text whose send call lost its answer.
    pub reply_key: Option<String>,
    /// What became of it.
    pub state: DeliveryState,
    /// The provider's error code, if it gave one.
    pub code: Option<String>,
    /// What that code means for the core, if anything: opted out, registration …
    pub error: Option<crate::error::CallError>,
}

/// What a provider says of a text we sent. Later variants never give way to earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Taken by the provider.
    Accepted,
    /// Handed to the carrier; for many carriers this is the last we hear.
    Sent,
    /// On the phone.
    Delivered,
    /// Did not reach the phone.
    Undelivered,
    /// Was never handed to the carrier.
    Failed,
}

/// A text for the transport to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingText {
    /// Our key for it; stable over retries.
    pub key: String,
    /// Our number it is sent from.
    pub from: Address,
    /// The recipient, always E.164.
    pub to: Address,
    /// The text, already cut to the permitted number of segments.
    pub text: String,
    /// Where the provider may report on it; carries our key, so that a lost answer can be settled.
    pub status_url: Option<String>,
}

/// A text the provider has taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The provider's id for it.
    pub id: String,
    /// What the provider says of it so far.
    pub state: DeliveryState,
    /// Segments as the provider counts them, if it says.
    pub segments: Option<u16>,
}

/// What `confirm` found out about a stored message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmed {
    /// The provider has it: act on it.
    Genuine,
    /// The provider does not know it: drop it.
    Unknown,
}
