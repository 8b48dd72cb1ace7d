//! Answers to commands.

use super::handle;
use super::room::{first_that_fits, shortened};

/// Most characters of an unknown command that are repeated.
const WORD_CHARS_MAX: usize = 20;

/// Something that looks like a command but is none; the answer is taken until then.
pub(crate) fn no_command(word: &str, until: &str, segments_max: u32) -> String {
    let word = shortened(word, WORD_CHARS_MAX);
    first_that_fits(
        segments_max,
        [
            format!(
                "No command {word}, so nothing was posted. /HELP shows commands. Until {until}, /YES posts it as written."
            ),
            format!("No such command, nothing was posted. Until {until}, /YES posts it."),
        ],
    )
}

/// A command with more words behind it than it takes; the answer is taken until then.
pub(crate) fn command_goes_on(word: &str, until: &str) -> String {
    format!(
        "{word} stands alone, so nothing was done or posted. Until {until}, /YES posts it as written."
    )
}

/// What there is to know.
pub(crate) fn help(name: &str, contact: &str, segments_max: u32) -> String {
    let contact = if contact.is_empty() { String::new() } else { format!(" Help: {contact}") };
    let commands = crate::commands::in_short();
    first_that_fits(
        segments_max,
        [
            format!(
                "{name}: once connected, every text to this number is posted publicly. {commands}.{contact} Msg&data rates may apply. STOP to leave."
            ),
            format!("{name}.{contact} Msg&data rates may apply. STOP to leave."),
        ],
    )
}

/// How a linked person stands.
pub(crate) fn status(account: &str, waiting: usize, spent: &str) -> String {
    let account = handle(account);
    let waiting = waiting_texts(waiting).unwrap_or_else(|| "nothing waits".to_owned());
    format!("Connected as {account}; {waiting}; today {spent}. /UNDO takes back the newest post.")
}

/// How a person without an account stands.
pub(crate) fn status_unlinked() -> String {
    "Not connected, so nothing is posted. Text /LINK for a link.".to_owned()
}

/// How a person stands whose connection is dead.
pub(crate) fn status_relink(to: &str, waiting: usize) -> String {
    let to = super::provider(to);
    let waiting =
        waiting_texts(waiting).map(|texts| format!("; {texts} for it")).unwrap_or_default();
    format!("Your {to} connection ended{waiting}. Text /LINK to connect again.")
}

fn waiting_texts(waiting: usize) -> Option<String> {
    match waiting {
        0 => None,
        1 => Some("1 text waits".to_owned()),
        n => Some(format!("{n} texts wait")),
    }
}

/// There is nothing for the command to do.
pub(crate) fn nothing_to(what: &str) -> String {
    format!("There is nothing to {what}. /STATUS tells how you stand.")
}

/// The answer to NO, or to a YES after which something goes out.
pub(crate) fn decided(yes: bool) -> String {
    if yes {
        "All right, it is being posted. /UNDO takes it back."
    } else {
        "All right, it is dropped. Text it again if you want it out."
    }
    .to_owned()
}

/// The person left; only where the carrier does not say so itself.
pub(crate) fn left(name: &str) -> String {
    format!(
        "{name}: you are out. Your connection and data are erased, no more texts from us. START to come back."
    )
}

/// Receipts are off, or on again.
pub(crate) fn quiet(on: bool) -> String {
    if on {
        "From now on we text only when something fails. /LOUD brings receipts back."
    } else {
        "From now on you get a receipt for every post. /QUIET turns them off."
    }
    .to_owned()
}

/// A failed or unclear text is tried again.
pub(crate) fn retrying() -> String {
    "Trying again. /STATUS tells how it stands.".to_owned()
}
