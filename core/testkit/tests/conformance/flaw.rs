//! A transport and a sink that can be wrong in one way at a time.

use cordboard_plugin::{
    CallError, Host, HttpError, HttpRequest, HttpResponse, Reason, Trouble, header,
};
use futures_util::FutureExt as _;

/// What is wrong with a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    // Receiving.
    BelievesEveryone,
    WritesBeforeItChecks,
    BlamesItself,
    TrimsWords,
    CutsWords,
    NewKeyEachTime,
    OneKeyForAll,
    InventsMessages,
    PanicsOnOddBytes,
    PanicsOnManyFields,
    NumbersWithoutPlus,
    ForgetsTheHook,
    PastesNothing,
    // Sending and publishing.
    LosesTheId,
    BelievesEveryAnswer,
    BelievesEvery2xx,
    IgnoresTheWait,
    GivesUpWhenThrottled,
    RepeatsAfterFailure,
    GivesUpOnOddAnswers,
    TriesTwice,
    ConfusesUnreachable,
    AnswersUnasked,
    KeepsAtIt,
    // Reporting.
    ForgetsReports,
    CountsReports,
    BelievesAnyState,
    RejectsUnknownStates,
    // Planning.
    ChangesTheCallback,
    CountsDrafts,
    MakesEmptyParts,
    LosesWords,
    AlwaysThreads,
    ForgetsPictures,
    PanicsOnLongDrafts,
    PricesBelowZero,
    RefusesSilently,
    // Uploading.
    TakesAnyType,
}

/// Asks the provider of both plugins to take `words`; yields the id it gave.
pub(crate) async fn deliver(host: &dyn Host, words: &str, flaw: Flaw) -> Result<String, CallError> {
    let call = || HttpRequest::base("POST", "api", "/words").with_body("text/plain", words);
    if flaw == Flaw::AnswersUnasked {
        // It asks, and does not wait for what is answered.
        let _ = host.http(call()).now_or_never();
        return Ok("unknown".to_owned());
    }
    if flaw == Flaw::KeepsAtIt {
        // A thread of its own could hold it as well.
        std::mem::forget(host.share());
    }
    let mut answer = host.http(call()).await;
    if flaw == Flaw::TriesTwice && answer.is_err() {
        answer = host.http(call()).await;
    }
    match answer {
        Ok(answer) => read(&answer, flaw),
        Err(HttpError::Unreachable(detail)) if flaw == Flaw::ConfusesUnreachable => {
            Err(CallError::unclear(detail))
        }
        Err(error) => Err(error.into()),
    }
}

fn read(answer: &HttpResponse, flaw: Flaw) -> Result<String, CallError> {
    let believed = match flaw {
        Flaw::BelievesEveryAnswer => answer.status != 429,
        Flaw::BelievesEvery2xx => (200..300).contains(&answer.status),
        _ => false,
    };
    if believed {
        return Ok("unknown".to_owned());
    }
    match answer.status {
        429 if flaw == Flaw::GivesUpWhenThrottled => {
            Err(CallError::refused(Reason::Other, "429", "too many"))
        }
        429 => {
            let seconds = header(&answer.headers, "retry-after").and_then(|wait| wait.parse().ok());
            let wait = seconds.filter(|_| flaw != Flaw::IgnoresTheWait);
            Err(CallError::retry_after(wait.map(|seconds: i64| seconds * 1000), "429"))
        }
        500.. if flaw == Flaw::RepeatsAfterFailure => Err(CallError::retry_after(None, "5xx")),
        400..500 => Err(CallError::operator(Trouble::Keys, "turned away")),
        _ => {
            let id = answer.json().and_then(|body| Some(body.get("id")?.as_str()?.to_owned()));
            match id {
                Some(_) if flaw == Flaw::LosesTheId => Ok(String::new()),
                Some(id) => Ok(id),
                None if flaw == Flaw::GivesUpOnOddAnswers => {
                    Err(CallError::refused(Reason::Other, "", "not understood"))
                }
                None => Err(CallError::unclear("an answer without an id")),
            }
        }
    }
}
