//! Invitations, links, and what came of them.

use super::room::first_that_fits;
use super::{handle, provider};

/// An unknown number texted. `last` is the last invitation of the day.
pub(crate) fn invitation(
    name: &str,
    to: &str,
    url: &str,
    minutes: u32,
    last: bool,
    segments_max: u32,
) -> String {
    let to = provider(to);
    let open = if last { "Last link today: connect" } else { "Connect" };
    first_that_fits(
        segments_max,
        [
            format!(
                "{name} posts your texts on {to}. {open} within {minutes} min, then text again: {url} Msg&data rates may apply. STOP to leave."
            ),
            format!("{name}: {url} ({minutes} min). Msg&data rates may apply. STOP to leave."),
            format!("Connect: {url} STOP to leave."),
        ],
    )
}

/// A stranger texted a bridge that takes nobody but whom its operator invites.
pub(crate) fn by_invitation(name: &str, contact: &str, segments_max: u32) -> String {
    let say = |whom: &str| {
        format!(
            "{name} takes people by invitation, so your text was not posted. Ask {whom} for a link. STOP to leave."
        )
    };
    match contact {
        "" => say("whoever runs it"),
        contact => first_that_fits(segments_max, [say(contact), say("whoever runs it")]),
    }
}

/// Somebody whom the operator made a link for texted before opening it.
pub(crate) fn link_is_out(name: &str) -> String {
    format!("{name}: not posted, you are not connected yet. Open the link you were given first.")
}

/// A stranger texted a bridge that takes nobody new.
pub(crate) fn closed(name: &str) -> String {
    format!("{name} is not taking new people, so your text was not posted. STOP ends our texts.")
}

/// The connection of a known person is dead.
pub(crate) fn relink(to: &str, url: &str, until: &str, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!(
                "Your {to} connection ended. Your texts wait until {until}. Connect again: {url}"
            ),
            format!("Texts wait until {until}. Connect again: {url}"),
        ],
    )
}

/// A known person asked for a link.
pub(crate) fn asked_link(to: &str, url: &str, minutes: u32, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!("Connect your {to} account within {minutes} min: {url}"),
            format!("Connect ({minutes} min): {url}"),
        ],
    )
}

/// A text came while the connection is dead and a link is already out.
pub(crate) fn still_unlinked(to: &str, until: &str) -> String {
    let to = provider(to);
    format!(
        "Kept until {until}, not posted yet: your {to} connection ended. Open the link we sent, or text /LINK for a new one."
    )
}

/// Linking worked.
pub(crate) fn linked(account: &str) -> String {
    let account = handle(account);
    format!(
        "Connected as {account}. EVERY text to this number is now posted publicly, replies to us too. /UNDO takes one back, /HELP, STOP to leave."
    )
}

/// Linking worked, but with another account than before, and texts wait.
pub(crate) fn linked_other(account: &str, before: &str, held: i64, segments_max: u32) -> String {
    let (account, before) = (handle(account), handle(before));
    let texts = if held == 1 { "1 text waits".to_owned() } else { format!("{held} texts wait") };
    let it = if held == 1 { "it" } else { "them" };
    let public = "EVERY text to this number is now posted publicly, replies to us too.";
    first_that_fits(
        segments_max,
        [
            format!(
                "Connected as {account} (before: {before}). {public} /HELP, STOP to leave. {texts} from before: /YES posts {it} as {account}, /NO drops {it}."
            ),
            format!(
                "Connected as {account}. EVERY text is now public. {texts}: /YES posts {it} there, /NO drops {it}. STOP to leave."
            ),
        ],
    )
}

/// Linking did not work. `/LINK` and not "anything": of somebody who is connected, anything is posted.
pub(crate) fn link_failed(to: &str) -> String {
    let to = provider(to);
    format!("Connecting to {to} did not work, nothing was changed. Text /LINK to try again.")
}

/// The code that proves that the person at the page holds the phone.
pub(crate) fn page_code(code: &str) -> String {
    format!(
        "{code} is your code. Enter it on the page you came from. If you opened no page, ignore this and tell nobody."
    )
}
