//! The wording around posts that nobody is sure of.

use super::provider;
use super::room::with_quote;
use cordboard_store::MessageState;

/// Nobody can tell whether it is out.
pub(crate) fn unclear(to: &str, words: &str, segments_max: u32) -> String {
    let to = provider(to);
    with_quote(words, segments_max, |quote| {
        format!(
            "{to} did not say whether {quote} is posted. Look there, or /CHECK later; /RETRY posts it if it is missing."
        )
    })
}

/// A look that was asked for found the post missing: it is tried again.
pub(crate) fn not_there(to: &str, words: &str, segments_max: u32) -> String {
    let to = provider(to);
    with_quote(words, segments_max, |quote| {
        format!("{quote} is not on {to}. Trying again now. /STATUS tells how it stands.")
    })
}

/// A look that was asked for could not tell, and looking goes on by itself.
pub(crate) fn still_unclear(to: &str, words: &str, segments_max: u32) -> String {
    let to = provider(to);
    with_quote(words, segments_max, |quote| {
        format!(
            "{to} does not say yet whether {quote} is posted. We keep looking. /CHECK asks again."
        )
    })
}

/// A look that was asked for found a part that is not the last one of its thread.
pub(crate) fn found_part(to: &str, words: &str, segments_max: u32) -> String {
    let to = provider(to);
    with_quote(words, segments_max, |quote| {
        format!("Found on {to}: the beginning of {quote}. The rest follows. /UNDO takes it back.")
    })
}

/// `/CHECK` with nothing to look at: how the newest text stands.
pub(crate) fn nothing_unclear(newest: Option<(String, MessageState)>, segments_max: u32) -> String {
    let Some((words, state)) = newest.filter(|(words, _)| !words.is_empty()) else {
        return "Nothing to check: no text of yours is in doubt. /STATUS tells how you stand."
            .to_owned();
    };
    let stands = match state {
        MessageState::Posted => "is posted. /UNDO takes it back.",
        MessageState::Failed => "was not posted. /RETRY tries again.",
        MessageState::Refused => "was not posted. Change it and text it again.",
        MessageState::Waiting => "waits. /STATUS tells how it stands.",
        _ => "is on its way. /STATUS tells how it stands.",
    };
    with_quote(&words, segments_max, |quote| format!("Nothing is in doubt: {quote} {stands}"))
}
