//! A plugin's answer as the trait's method gives it.

use super::calls::Answer;
use cordboard_plugin::abi::codec::{Packed, unpack};
use cordboard_plugin::abi::raw::status;
use cordboard_plugin::{CallError, Finding, LinkError, Reason, Refusal, Rejected};
use serde::de::DeserializeOwned;

/// What came of a call or of a question.
pub(super) enum Outcome {
    /// The plugin's own answer.
    Answered(Answer),
    /// It was not begun, and so has had no effect; why.
    NotTaken(String),
}

pub(super) fn bad_payload(problem: String) -> Answer {
    (status::BAD_PAYLOAD, Packed { json: problem.into_bytes(), buffers: Vec::new() })
}

/// The error of a method when the plugin gave none that can be read.
pub(super) trait Lost: Sized {
    /// Nobody knows what the call has done.
    fn lost(problem: String) -> Self;

    /// It has done nothing.
    fn not_taken(why: String) -> Self {
        Self::lost(why)
    }
}

impl Lost for CallError {
    fn lost(problem: String) -> Self {
        Self::unclear(problem)
    }

    fn not_taken(why: String) -> Self {
        Self::retry_after(None, why)
    }
}

impl Lost for LinkError {
    fn lost(problem: String) -> Self {
        Self::Failed(Lost::lost(problem))
    }

    fn not_taken(why: String) -> Self {
        Self::Failed(Lost::not_taken(why))
    }
}

impl Lost for Refusal {
    fn lost(problem: String) -> Self {
        let words = "it could not be prepared for posting".to_owned();
        Self { reason: Reason::Other, code: problem, words }
    }
}

impl Lost for Rejected {
    /// There is no answer to a webhook but this side's own 503, so that the provider brings it again;
    /// that is what the engine makes of a panic.
    fn lost(problem: String) -> Self {
        tracing::error!("a webhook was not read: {problem}");
        std::panic::resume_unwind(Box::new(problem))
    }
}

/// For methods that cannot fail.
impl Lost for () {
    fn lost(problem: String) {
        tracing::warn!("{problem}");
    }
}

/// An answer as the trait's method gives it; `default` is what the trait does where the plugin has no
/// such operation.
pub(super) fn given<T: DeserializeOwned, E: DeserializeOwned + Lost>(
    outcome: Outcome,
    default: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let (code, packed) = match outcome {
        Outcome::Answered(answer) => answer,
        Outcome::NotTaken(why) => return Err(E::not_taken(why)),
    };
    match code {
        status::OK => unpack(packed)
            .map_err(|problem| E::lost(format!("the plugin's answer cannot be read: {problem}"))),
        // An error that is not known here may stand for anything.
        status::ERROR => Err(unpack(packed).unwrap_or_else(|problem| {
            E::lost(format!("the plugin's error is not known: {problem}"))
        })),
        status::UNSUPPORTED => default(),
        status::CANCELLED => Err(E::lost("the plugin has ended the call".to_owned())),
        // What panics in a linked plugin unwinds into the engine; so does this.
        status::PANIC => {
            let said = String::from_utf8_lossy(&packed.json).into_owned();
            std::panic::resume_unwind(Box::new(said))
        }
        code => {
            let said = String::from_utf8_lossy(&packed.json);
            Err(E::lost(format!("the plugin could not read the call (status {code}): {said}")))
        }
    }
}

/// The same for a method that cannot fail.
pub(super) fn plain<T: DeserializeOwned + Default>(outcome: Outcome) -> T {
    given(outcome, || Ok::<T, ()>(T::default())).unwrap_or_default()
}

/// The same for what `diagnose` finds: no answer is no good news.
pub(super) fn findings(outcome: Outcome) -> Vec<Finding> {
    given(outcome, || Ok(Vec::new())).unwrap_or_else(|Silent(line)| {
        let hint = "see the log; restart the bridge when it stays so".to_owned();
        vec![Finding { ok: false, line, hint }]
    })
}

/// Why there is no answer.
#[derive(serde::Deserialize)]
struct Silent(String);

impl Lost for Silent {
    fn lost(problem: String) -> Self {
        Self(problem)
    }
}
