//! Errors as actions: each variant is a different thing for the core to do.

use crate::http::HttpError;
use serde::{Deserialize, Serialize};

/// Why a call to a provider did not do what it was asked.
///
/// `detail` is for the log and the desk: no secrets, no texts, no numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CallError {
    /// Turned away unread; try the same call again. `wait_ms` is the provider's wish, not a guess.
    #[error("try again later: {detail}")]
    RetryAfter {
        /// How long the provider asks us to wait, in milliseconds.
        wait_ms: Option<i64>,
        /// What was seen.
        detail: String,
    },
    /// Nothing was sent: DNS, connect or TLS failed. Try again.
    #[error("provider not reached: {detail}")]
    Unreachable {
        /// What was seen.
        detail: String,
    },
    /// The call may have taken effect; repeating it blindly could do it twice.
    /// Any unknown error of publish, send or retract is this one.
    #[error("outcome unclear: {detail}")]
    Unclear {
        /// What was seen.
        detail: String,
    },
    /// The credential is no longer accepted: refresh it once, else its owner must link again.
    #[error("credential no longer accepted: {detail}")]
    Relink {
        /// What was seen.
        detail: String,
    },
    /// A final no to this one call.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Our keys, plan, registration or credit: pause, tell the operator, disconnect nobody.
    #[error("operator must act ({trouble:?}): {detail}")]
    Operator {
        /// What kind of trouble it is.
        trouble: Trouble,
        /// What was seen and what to do about it.
        detail: String,
    },
}

impl CallError {
    /// The outcome is unknown, with what was seen.
    pub fn unclear(detail: impl Into<String>) -> Self {
        Self::Unclear { detail: detail.into() }
    }

    /// The credential is dead, with what was seen.
    pub fn relink(detail: impl Into<String>) -> Self {
        Self::Relink { detail: detail.into() }
    }

    /// The operator must act, with what was seen.
    pub fn operator(trouble: Trouble, detail: impl Into<String>) -> Self {
        Self::Operator { trouble, detail: detail.into() }
    }

    /// Turned away unread, with the provider's own wait if it gave one.
    pub fn retry_after(wait_ms: Option<i64>, detail: impl Into<String>) -> Self {
        Self::RetryAfter { wait_ms, detail: detail.into() }
    }

    /// A final no, with the provider's code and plain words for the sender.
    pub fn refused(reason: Reason, code: impl Into<String>, words: impl Into<String>) -> Self {
        Self::Refused(Refusal { reason, code: code.into(), words: words.into() })
    }
}

impl From<HttpError> for CallError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Unreachable(detail) => Self::Unreachable { detail },
            HttpError::Unclear(detail) => Self::Unclear { detail },
            HttpError::Forbidden(detail) => Self::operator(Trouble::Setting, detail),
        }
    }
}

/// Longest words of a [`Refusal`], in characters: they are texted, beside a quote and what to do next.
/// Longer ones are cut.
pub const REFUSAL_CHARS_MAX: usize = 80;

/// A final no, in words a sender understands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{reason:?} ({code})")]
pub struct Refusal {
    /// What kind of no it is.
    pub reason: Reason,
    /// The provider's own code, for its support desk; empty when it gave none.
    pub code: String,
    /// Plain words for the sender, without a full stop: "X does not take the same words twice".
    /// At most [`REFUSAL_CHARS_MAX`] characters are shown; what to do about it is said by the core.
    pub words: String,
}

/// The kinds of a final no that the core treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The destination holds the same words already.
    Duplicate,
    /// Too long for the destination.
    TooLong,
    /// The words or pictures themselves are not accepted.
    Content,
    /// An uploaded picture is not accepted or has expired: upload again.
    Media,
    /// The person's account is locked or suspended; only they can change that.
    Account,
    /// The recipient has opted out: record it, never send again.
    OptedOut,
    /// The recipient's number cannot be reached by text.
    Unroutable,
    /// Anything else.
    Other,
}

/// What the operator must look after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trouble {
    /// Our keys are not accepted.
    Keys,
    /// Our plan, project or permissions do not include this call.
    Plan,
    /// Credit or a spending limit is used up.
    Credit,
    /// The line is not registered yet (A2P 10DLC, toll-free): it cannot send yet.
    Registration,
    /// A setting of ours is wrong (an address, a number, a callback).
    Setting,
    /// Our clock is off.
    Clock,
    /// The provider has been failing for a long time.
    Provider,
}

/// Settings from which an instance cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("`{key}`: {problem}")]
pub struct SettingsError {
    /// The key within the settings table.
    pub key: String,
    /// What is wrong with it and what would be right.
    pub problem: String,
}

impl SettingsError {
    /// Names the key and what is wrong with its value.
    pub fn new(key: &str, problem: impl Into<String>) -> Self {
        Self { key: key.to_owned(), problem: problem.into() }
    }
}
