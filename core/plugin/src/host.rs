//! What a plugin may ask of the world. There is no other door.

use crate::http::{HttpError, HttpRequest, HttpResponse};
use crate::message::{Incoming, StatusUpdate};
use crate::words::{Address, Blob, Timestamp};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The world of one plugin instance: calls, clock, chance, log and its own small durable state.
///
/// A plugin awaits only these futures and its own. All methods may be called from any thread.
#[async_trait]
pub trait Host: Send + Sync {
    /// Makes an HTTP request. Redirects are not followed, no proxy is used, nothing is retried.
    ///
    /// # Errors
    /// [`HttpError::Unreachable`] when nothing was sent, [`HttpError::Unclear`] when it may have been,
    /// [`HttpError::Forbidden`] when the host will not make this call.
    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, HttpError>;

    /// The time.
    fn now(&self) -> Timestamp;

    /// `len` random bytes, fit for keys and verifiers.
    fn random(&self, len: usize) -> Vec<u8>;

    /// Sleeps until `at`, or returns at once when that has passed.
    async fn sleep_until(&self, at: Timestamp);

    /// Writes a line into the bridge's log, with the message id of the call it belongs to.
    /// Never secrets, texts or numbers.
    fn log(&self, level: Level, line: &str);

    /// Adds `by` to the counter `name` (snake case, without the prefix `cordboard_`).
    fn metric(&self, name: &'static str, by: u64);

    /// Sets the gauge `name` (snake case, without the prefix `cordboard_`) of this instance.
    fn gauge(&self, name: &'static str, value: i64);

    /// Notes that a person must act, and why, or that it is over (`None`). It is told once when it begins
    /// and once when it ends: in the log, in the health, on the desk, and to the alert numbers.
    /// Never secrets, texts or numbers.
    fn trouble(&self, why: Option<&str>);

    /// Reads one value of this instance's state.
    ///
    /// # Errors
    /// [`StateError::Unavailable`] when the store does not answer.
    async fn get(&self, key: &str) -> Result<Option<Stored>, StateError>;

    /// Reads up to `rows_max` (at most 1000) values whose keys start with `prefix`, in key order,
    /// beginning after the key `after`.
    ///
    /// # Errors
    /// [`StateError::Unavailable`] when the store does not answer.
    async fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
    ) -> Result<Vec<(String, Stored)>, StateError>;

    /// Makes all of `commit` durable, or nothing of it. When it returns, it has been fsynced.
    ///
    /// # Errors
    /// [`StateError::Conflict`] when an expected version does not hold: read again and try again.
    /// [`StateError::TooLarge`] for keys over 255 bytes or values over 64 kB.
    async fn commit(&self, commit: Commit) -> Result<(), StateError>;

    /// The same host, to be kept for as long as the call under way lasts.
    fn share(&self) -> Arc<dyn Host>;
}

/// Levels of a plugin's log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Steps, for the author.
    Debug,
    /// What an operator may like to know.
    Info,
    /// Something was wrong and has been dealt with.
    Warn,
    /// A person must act.
    Error,
}

/// A value in an instance's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The value, at most 64 kB.
    pub value: Blob,
    /// Goes up by one with every write; 1 after the first.
    pub version: i64,
}

/// A change of state and what goes out with it: all of it, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Values to write.
    pub puts: Vec<Put>,
    /// Values to delete.
    pub deletes: Vec<Delete>,
    /// Messages that arrived; one whose key is known already is left out silently.
    pub messages: Vec<Incoming>,
    /// News about texts we sent.
    pub statuses: Vec<StatusUpdate>,
    /// Texts to send; one whose key is known already is left out silently.
    pub replies: Vec<HostReply>,
    /// Times to be woken at; a timer of the same key is replaced.
    pub timers: Vec<Timer>,
}

/// Writes one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// Up to 255 bytes.
    pub key: String,
    /// Up to 64 kB.
    pub value: Blob,
    /// What must be there now.
    pub expected: Expected,
    /// When the value may be forgotten.
    pub expires_at: Option<Timestamp>,
}

/// Deletes one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delete {
    /// The key.
    pub key: String,
    /// What must be there now.
    pub expected: Expected,
}

/// What a writer expects to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Anything or nothing.
    #[default]
    Any,
    /// Nothing.
    Absent,
    /// The value of this version.
    Version(i64),
}

/// A text that a plugin itself wants sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostReply {
    /// Unique within the instance: the same key is sent once.
    pub key: String,
    /// Transport to send by; `None`: the plugin's own.
    pub transport: Option<String>,
    /// Our number to send from.
    pub from: Address,
    /// Recipient.
    pub to: Address,
    /// The words.
    pub text: String,
}

/// A time to be woken at. Wakes at least once, in one process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Up to 255 bytes; unique within the instance.
    pub key: String,
    /// When.
    pub at: Timestamp,
}

/// Why state could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateError {
    /// An expected version did not hold; nothing was written.
    #[error("state changed meanwhile")]
    Conflict,
    /// A key or value is over its limit; nothing was written.
    #[error("key or value too large")]
    TooLarge,
    /// The store did not answer; nothing was written.
    #[error("store unavailable: {0}")]
    Unavailable(String),
}
