//! A transport: what carries texts between people's phones and us.

use crate::desk::{Act, Finding, Page};
use crate::error::CallError;
use crate::host::Host;
use crate::http::HttpCall;
use crate::message::{
    Confirmed, Fetched, Incoming, MediaRef, OutgoingText, Receipt, Received, Rejected,
};
use crate::set_up::{Addresses, SetUpStep};
use crate::settings::Base;
use crate::words::MicroUsd;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// One instance of a transport kind, made from its settings.
///
/// The core calls it in its own tasks, in parallel, with a deadline, and survives its panics.
#[async_trait]
pub trait Transport: Send + Sync {
    /// What this instance can do and what it costs; asked once, at start.
    fn capabilities(&self) -> TransportCapabilities;

    /// What the operator sets up at the provider, in order, once for all numbers of this instance.
    /// Pure: same settings and addresses, same steps. Unless overridden, the two addresses.
    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        if !self.capabilities().webhook {
            return vec![SetUpStep::note("nothing to paste: the bridge fetches its texts itself")];
        }
        vec![
            SetUpStep::paste("address for incoming messages", &addresses.hook_url),
            SetUpStep::paste("address for delivery reports", &addresses.status_url),
        ]
    }

    /// Says what a webhook call means, after making sure that it is genuine.
    /// Called for `/hooks/<name>` (path empty) and `/hooks/<name>/status` (path `/status`).
    ///
    /// # Errors
    /// [`Rejected`] leaves no row and answers with its status.
    async fn receive(&self, host: &dyn Host, call: HttpCall) -> Result<Received, Rejected>;

    /// Asks the provider whether it really has this message; after the commit, before it is acted on.
    /// Called only when [`TransportCapabilities::confirms`] is set.
    ///
    /// # Errors
    /// The core tries again later; the message waits.
    async fn confirm(&self, _host: &dyn Host, _message: &Incoming) -> Result<Confirmed, CallError> {
        Ok(Confirmed::Genuine)
    }

    /// Sends one text.
    ///
    /// # Errors
    /// See [`CallError`]; an outcome that is not known is [`CallError::Unclear`], and the core
    /// will not repeat it.
    async fn send(&self, host: &dyn Host, text: &OutgoingText) -> Result<Receipt, CallError>;

    /// Fetches the bytes of an attachment, at most `bytes_max`.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn fetch(
        &self,
        _host: &dyn Host,
        _media: &MediaRef,
        _bytes_max: u32,
    ) -> Result<Fetched, CallError> {
        Err(CallError::operator(crate::error::Trouble::Plan, "this transport carries no pictures"))
    }

    /// Listens to a device, or asks the provider for missed messages; lives as long as the bridge.
    /// The core starts it again, after a pause, when it returns an error; `Ok` means "nothing to do".
    ///
    /// # Errors
    /// Anything; it is logged.
    async fn run(&self, _host: &dyn Host) -> Result<(), CallError> {
        Ok(())
    }

    /// A timer set by this instance is due.
    async fn woke(&self, _host: &dyn Host, _timer_key: &str) {}

    /// Asks the provider whether this instance is set up well.
    async fn diagnose(&self, _host: &dyn Host) -> Vec<Finding> {
        Vec::new()
    }

    /// What the desk shows of this instance.
    async fn page(&self, _host: &dyn Host) -> Page {
        Page::default()
    }

    /// A form of [`Transport::page`] was sent; answers with a line for the operator.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn act(&self, _host: &dyn Host, _act: Act) -> Result<String, CallError> {
        Err(CallError::unclear("this transport has no such form"))
    }

    /// `cordboard <kind> probe`: looks at the outside world before anything is configured.
    ///
    /// # Errors
    /// See [`CallError`].
    async fn probe(&self, _host: &dyn Host, _args: &[String]) -> Result<Page, CallError> {
        Err(CallError::unclear("this transport has nothing to probe"))
    }
}

/// What a transport instance can do and what it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransportCapabilities {
    /// Our numbers: the lines of this instance.
    pub numbers: Vec<String>,
    /// Base URLs it calls with its own credentials.
    pub bases: Vec<Base>,
    /// Further `host` or `host:port` that media may come from, private ones included.
    pub media_hosts: Vec<String>,
    /// Whether pictures can arrive.
    pub pictures_in: bool,
    /// Whether texts come by webhook (otherwise by `run`).
    pub webhook: bool,
    /// Whether `confirm` must be asked before a message is acted on.
    pub confirms: bool,
    /// The words that the carrier answers by itself when they stand alone, upper case, so that we must
    /// not. `STOP` among them says that the carrier also holds our texts back afterwards.
    pub carrier_words: Vec<String>,
    /// Price of one incoming segment.
    pub price_segment_in: MicroUsd,
    /// Price of one outgoing segment.
    pub price_segment_out: MicroUsd,
    /// Longest text the provider takes in one call, in characters.
    pub text_chars_max: u16,
    /// How fast texts may be handed over.
    pub pace: Pace,
}

/// How fast [`Transport::send`] may be called; the core holds it, for all recipients together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Calls under way at once, at least 1.
    pub at_once: u16,
    /// From the beginning of one call to the beginning of the next, in milliseconds.
    pub gap_ms: u32,
    /// How long one call may take, in milliseconds, 1 000 to 600 000: then it is dropped, and its
    /// outcome is unclear.
    pub call_ms_max: u32,
}

impl Default for Pace {
    /// What suits a provider on the network that names no limit.
    fn default() -> Self {
        Self { at_once: 32, gap_ms: 0, call_ms_max: 20_000 }
    }
}
