//! Drafts become parts, parts become calls, and answers become what to do next. Pure.

use crate::config::Config;
use cordboard_plugin::{
    CallError, Draft, HttpRequest, HttpResponse, Part, Plan, Published, Reason, Refusal, Trouble,
};
use serde_json::json;

/// The name of the API's base URL.
pub(crate) const API: &str = "api";

/// Longest note on the board, in characters.
const NOTE_CHARS_MAX: usize = 500;

/// Cuts a draft between words into notes that fit.
///
/// # Errors
/// A [`Refusal`] in words for the sender.
pub(crate) fn plan(config: &Config, draft: &Draft) -> Result<Plan, Refusal> {
    if !draft.media_types.is_empty() {
        return Err(refusal(Reason::Media, "the board takes no pictures"));
    }
    let mut notes: Vec<String> = Vec::new();
    for word in draft.text.split_whitespace() {
        let chars = word.chars().count();
        if chars > NOTE_CHARS_MAX {
            return Err(refusal(Reason::TooLong, "one of the words is too long for the board"));
        }
        match notes.last_mut() {
            Some(note) if note.chars().count() + 1 + chars <= NOTE_CHARS_MAX => {
                note.push(' ');
                note.push_str(word);
            }
            _ => notes.push(word.to_owned()),
        }
    }
    match notes.as_slice() {
        [] => return Err(refusal(Reason::Content, "there is nothing to post")),
        // What fits is posted as it was written, line ends and all.
        [_] if draft.text.chars().count() <= NOTE_CHARS_MAX => notes = vec![draft.text.clone()],
        [_, _, ..] if !draft.thread => {
            return Err(refusal(Reason::TooLong, "the text is too long for the board"));
        }
        _ => {}
    }
    let part = |text: String| {
        let has_link = text.contains("://");
        let (media, handles) = (Vec::new(), Vec::new());
        Part { text, media, handles, price: config.price_post, has_link }
    };
    Ok(Plan { parts: notes.into_iter().map(part).collect() })
}

fn refusal(reason: Reason, words: &str) -> Refusal {
    Refusal { reason, code: String::new(), words: words.to_owned() }
}

/// The call that pins one note up, below the one before it.
pub(crate) fn call(config: &Config, part: &Part, previous: Option<&Published>) -> HttpRequest {
    let mut note = json!({ "text": part.text });
    if let Some(previous) = previous {
        note["below"] = previous.id.as_str().into();
    }
    authorized(config, HttpRequest::base("POST", API, "/notes"))
        .with_body("application/json", note.to_string())
}

/// What the answer to [`call`] means.
///
/// # Errors
/// See [`failure`]; a success without an id is unclear, since the note may be there.
pub(crate) fn read(answer: &HttpResponse) -> Result<Published, CallError> {
    if !(200..300).contains(&answer.status) {
        return Err(failure(answer));
    }
    let note = answer.json().unwrap_or_default();
    match note["id"].as_str().filter(|id| !id.is_empty()) {
        Some(id) => {
            Ok(Published { id: id.to_owned(), url: note["url"].as_str().map(str::to_owned) })
        }
        None => Err(CallError::unclear(format!("answer {} without an id", answer.status))),
    }
}

/// The call that takes a note down.
pub(crate) fn deletion(config: &Config, published: &Published) -> HttpRequest {
    authorized(config, HttpRequest::base("DELETE", API, format!("/notes/{}", published.id)))
}

/// What the answer to [`deletion`] means: a note that is gone already is a success.
///
/// # Errors
/// See [`failure`].
pub(crate) fn is_gone(answer: &HttpResponse) -> Result<(), CallError> {
    match answer.status {
        200..300 | 404 | 410 => Ok(()),
        _ => Err(failure(answer)),
    }
}

fn authorized(config: &Config, request: HttpRequest) -> HttpRequest {
    request.with_authorization(format!("Bearer {}", config.api_token.reveal()))
}

/// What an error of the provider means for the bridge: each is a different thing to do next.
/// Whatever is not known to have had no effect is [`CallError::Unclear`], and never repeated blindly.
fn failure(answer: &HttpResponse) -> CallError {
    let seen = format!("answer {}", answer.status);
    match answer.status {
        429 => {
            let seconds = answer.header("retry-after").and_then(|wait| wait.trim().parse().ok());
            let wait = seconds.filter(|seconds: &i64| *seconds >= 0);
            CallError::retry_after(wait.map(|seconds| seconds.saturating_mul(1000)), seen)
        }
        401 => CallError::operator(Trouble::Keys, seen),
        402 => CallError::operator(Trouble::Credit, seen),
        403 => CallError::operator(Trouble::Plan, seen),
        // The board gave up waiting for us, or so it says: the note may be there.
        408 => CallError::unclear(seen),
        413 => CallError::refused(Reason::TooLong, "413", "the text is too long for the board"),
        400..=499 => CallError::refused(Reason::Other, seen, "the board refused it"),
        _ => CallError::unclear(seen),
    }
}
