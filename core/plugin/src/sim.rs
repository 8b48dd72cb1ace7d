//! A simulated provider: HTTP call in, answer out, plus a phone or a timeline to look at.
//!
//! It owns no socket. The core mounts it under `/sandbox/<name>/` and lends it a [`Host`] whose state
//! lives in the store, so that a restart of the bridge does not restart the world around it.

use crate::host::Host;
use crate::http::{HttpAnswer, HttpCall};
use crate::words::{Address, Blob, Timestamp};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Answer status of a simulator that stands for "connection refused": nothing was taken.
/// Hosts that carry simulator calls turn it into [`crate::HttpError::Unreachable`].
pub const SIM_REFUSED: u16 = 597;
/// Answer status of a simulator that stands for "no answer until the deadline"; the call may have
/// been taken. Hosts turn it into [`crate::HttpError::Unclear`].
pub const SIM_TIMEOUT: u16 = 598;
/// Answer status of a simulator that stands for "connection reset after the request was taken".
/// Hosts turn it into [`crate::HttpError::Unclear`].
pub const SIM_RESET: u16 = 599;

/// Where a simulator stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimPlace {
    /// Its own address, without a final slash: `http://127.0.0.1:8080/sandbox/carrier`.
    pub base_url: String,
    /// Where it delivers texts to us: `http://127.0.0.1:8080/hooks/carrier`; empty for a sink's provider.
    pub hook_url: String,
}

/// A faithful stand-in for a provider: it checks what the provider checks and fails as it fails.
#[async_trait]
pub trait Simulator: Send + Sync {
    /// Settings under which the kind `kind` talks to this simulator: keys, accounts, base URLs.
    /// They are laid over the configured ones of an instance with `simulate = true`.
    fn settings(&self, kind: &str, place: &SimPlace) -> serde_json::Value;

    /// Answers a call to the provider's API or pages. `POST /_faults` queues faults for tests;
    /// each simulator documents its own.
    async fn call(&self, host: &dyn Host, place: &SimPlace, call: HttpCall) -> HttpAnswer;

    /// A person texts one of our numbers.
    ///
    /// # Errors
    /// In words, when this simulator has no phones or the bridge did not take the text.
    async fn texted(
        &self,
        _host: &dyn Host,
        _place: &SimPlace,
        _text: &PhoneText,
    ) -> Result<(), String> {
        Err("this simulator has no phones".to_owned())
    }

    /// What the phone with this number shows, oldest first.
    async fn phone(&self, _host: &dyn Host, _number: &Address) -> Vec<PhoneLine> {
        Vec::new()
    }

    /// What the world sees, newest first.
    async fn timeline(&self, _host: &dyn Host) -> Vec<TimelinePost> {
        Vec::new()
    }

    /// Lives beside a simulator that runs as a process of its own (`cordboard sim KIND`), for one that
    /// is reached by more than HTTP; what it offers it logs. Ends when there is nothing to do.
    async fn run(&self, _host: &dyn Host, _place: &SimPlace) {}

    /// A timer set by this simulator is due.
    async fn woke(&self, _host: &dyn Host, _place: &SimPlace, _timer_key: &str) {}
}

/// A text that a simulated phone sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneText {
    /// The phone's number.
    pub from: Address,
    /// Our number.
    pub to: Address,
    /// The words; empty when it sends pictures only.
    pub body: String,
    /// Its pictures, in the order the person chose them.
    #[serde(default)]
    pub pictures: Vec<PhonePicture>,
}

/// A picture that a simulated phone sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhonePicture {
    /// What the phone says it is, which need not be true; `image/…` or `video/…`.
    pub media_type: String,
    /// The picture.
    pub bytes: Blob,
}

/// One bubble on a simulated phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneLine {
    /// When it was sent.
    pub at: Timestamp,
    /// Whether the person wrote it (otherwise we did).
    pub mine: bool,
    /// The number at the other end.
    pub other: Address,
    /// The words.
    pub body: String,
    /// Its pictures.
    #[serde(default)]
    pub pictures: Vec<TimelinePicture>,
}

/// One post on a simulated timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelinePost {
    /// The provider's id.
    pub id: String,
    /// Author as people write it: `@name`.
    pub author: String,
    /// The words.
    pub text: String,
    /// When it was posted.
    pub at: Timestamp,
    /// The post it continues, if any.
    pub previous: Option<String>,
    /// Its pictures.
    #[serde(default)]
    pub pictures: Vec<TimelinePicture>,
}

/// A picture of a post on a simulated timeline, or of a bubble on a simulated phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelinePicture {
    /// Where the simulator serves it, below its mount point: starts with `/`. What is served there
    /// was sent by a stranger: it goes out only as the type that its bytes have, and only when that
    /// is one that a page can show and nothing can run in.
    pub path: String,
    /// Its type by its bytes, `image/…` or `video/…`; anything else is not served.
    pub media_type: String,
    /// Its description, if it has one.
    pub alt: Option<String>,
}
