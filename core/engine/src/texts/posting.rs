//! What became of the words.

use super::room::{shortened, with_quote};
use super::{handle, marks, provider};
use cordboard_plugin::{REFUSAL_CHARS_MAX, Reason};

/// All parts are out.
pub(crate) fn posted(account: &str, words: &str, url: Option<&str>, segments_max: u32) -> String {
    let account = handle(account);
    let url = url.map(|url| format!(" {url}")).unwrap_or_default();
    let say = |quote: &str| format!("Posted as {account}: {quote}{url} /UNDO takes it back.");
    // Room for the receipts that it may come to speak for.
    let longest = together(&say(""), 999).len() - say("").len();
    let spare = " ".repeat(longest);
    let text = with_quote(words, segments_max, |quote| say(quote) + &spare);
    text.trim_end().to_owned()
}

/// A receipt that speaks for `more` others too.
pub(crate) fn together(receipt: &str, more: usize) -> String {
    let are = if more == 1 { "is" } else { "are" };
    format!("{more} more {are} out. {receipt}")
}

/// A post was refused or given up: why, and what to do about it (`way_out`, a whole sentence).
/// `parts_out` of a thread are out already.
pub(crate) fn not_posted(
    words: &str,
    why: &str,
    way_out: &str,
    parts_out: usize,
    segments_max: u32,
) -> String {
    let why = cause(why);
    with_quote(words, segments_max, |quote| match parts_out {
        0 => format!("Not posted: {quote} - {why}. {way_out}"),
        1 => format!("Only the first part of {quote} is out: {why}. /UNDO takes it back."),
        n => format!("Only {n} parts of {quote} are out: {why}. /UNDO takes them back."),
    })
}

/// What the sender can do about a refusal; the destination's own words say what is wrong.
pub(crate) fn way_out(reason: Reason) -> &'static str {
    match reason {
        Reason::Duplicate => "Text it in other words.",
        Reason::TooLong => "Text it shorter.",
        Reason::Media => "Text the words alone.",
        Reason::Account => "Then text it again.",
        _ => "Change it and text it again.",
    }
}

/// Words of a plugin, or of ours, about what is wrong: a part of a sentence.
fn cause(why: &str) -> String {
    shortened(marks::plain_marks(why).trim_end_matches('.'), REFUSAL_CHARS_MAX)
}

/// The destination takes nothing right now; the text is kept, at most until then.
pub(crate) fn waits_for_operator(to: &str, until: &str) -> String {
    let to = provider(to);
    format!(
        "Kept until {until}: {to} takes no posts from us right now. We post your text as soon as it does; no need to send it again."
    )
}

/// The day's limit of everybody together is reached.
pub(crate) fn waits_for_tomorrow() -> String {
    "Kept: today's limit is used up. Your text is posted tomorrow; no need to send it again."
        .to_owned()
}

/// A person's own limit for the day is reached.
pub(crate) fn person_limit(what: &str) -> String {
    format!("Not posted: you have reached today's limit ({what}). Text it again tomorrow.")
}

/// Asks before something that costs more; the answer is taken until then.
pub(crate) fn ask(why: &str, until: &str) -> String {
    let why = cause(why);
    format!("Not posted yet: {why}. Until {until}, /YES posts it, /NO drops it.")
}

/// `/UNDO` before anything was attempted.
pub(crate) fn dropped(words: &str, segments_max: u32) -> String {
    with_quote(words, segments_max, |quote| {
        format!("Dropped before it was posted: {quote}. Text it again if you want it out.")
    })
}

/// `/UNDO` of something that is out.
pub(crate) fn taken_back(words: &str, segments_max: u32) -> String {
    with_quote(words, segments_max, |quote| {
        format!("Taken back: {quote}. Text it again if you want it out.")
    })
}

/// `/UNDO` did not work: why, and what to do (`way_out`, a whole sentence).
pub(crate) fn not_taken_back(words: &str, why: &str, way_out: &str, segments_max: u32) -> String {
    let why = cause(why);
    with_quote(words, segments_max, |quote| format!("Not taken back: {quote} - {why}. {way_out}"))
}
