//! What we text about PINs, and when we want to be sure who it is.

use super::room::first_that_fits;
use super::{handle, provider};

/// Their PIN is asked for. `until` is how long the text waits.
pub(crate) fn ask_pin(until: &str) -> String {
    format!(
        "Is it still you? Kept until {until}: text your PIN (digits only) and it is posted. Forgot it? /LINK connects again."
    )
}

/// The same where each text carries its PIN.
pub(crate) fn ask_pin_each(until: &str) -> String {
    format!(
        "Not posted yet: begin each text with your PIN. Text the PIN alone to post this one, kept until {until}. Forgot it? /LINK connects again."
    )
}

/// Each text needs a PIN, they have none, and they may set one now.
pub(crate) fn set_pin_first(until: &str) -> String {
    format!(
        "Not posted yet, kept until {until}: set a PIN first. Text /PIN and 4 to 8 digits, and begin each text with them."
    )
}

/// The same, but it is too long since they connected.
pub(crate) fn connect_then_pin(to: &str, url: &str, until: &str, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!(
                "Each text needs a PIN; yours is kept until {until}. Text /PIN and 4 to 8 digits after you connect {to} again: {url}"
            ),
            format!("Connect again, then text /PIN and 4 to 8 digits: {url}"),
        ],
    )
}

/// They have no PIN to ask for, so they connect again.
pub(crate) fn ask_relink(to: &str, url: &str, until: &str, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!("Is it still you? Your text is kept until {until}. Connect {to} again: {url}"),
            format!("Is it still you? Connect again: {url}"),
        ],
    )
}

/// The same while a link is out.
pub(crate) fn ask_relink_again(until: &str) -> String {
    format!(
        "Is it still you? Your text is kept until {until}. Open the link we sent, or text /LINK for a new one."
    )
}

/// Linking worked, and each text needs a PIN that they do not have yet.
pub(crate) fn linked_without_pin(account: &str) -> String {
    let account = handle(account);
    format!(
        "Connected as {account}. EVERY text that begins with your PIN is posted publicly. Set it now: text /PIN and 4 to 8 digits. STOP to leave."
    )
}

/// The PIN came alone; `held` texts waited for it.
pub(crate) fn right_pin(held: usize) -> String {
    match held {
        0 => "Right PIN. It was not posted; nothing waited for it. /STATUS tells how you stand."
            .to_owned(),
        1 => "Right PIN. Your text goes on now. /UNDO takes it back.".to_owned(),
        n => format!("Right PIN. Your {n} texts go on now. /UNDO takes back the newest."),
    }
}

/// The PIN came before a text, and others still wait for the PIN alone.
pub(crate) fn still_held(held: usize) -> String {
    let (texts, they) =
        if held == 1 { ("1 text", "it") } else { (&*format!("{held} texts"), "them") };
    format!(
        "{texts} from before still held. Not yours? Do nothing, and tell whoever runs this. Yours? Your PIN alone posts {they}."
    )
}

/// Not their PIN. `left` tries are left, at least one.
pub(crate) fn wrong_pin(left: i32) -> String {
    let tries = if left == 1 { "1 try" } else { &format!("{left} tries") };
    format!("Wrong PIN, nothing was done or posted. {tries} left. Forgot it? /LINK connects again.")
}

/// Too many wrong PINs.
pub(crate) fn locked(until: &str) -> String {
    format!(
        "Too many wrong PINs: nothing is posted until {until}. To unlock it now, text /LINK and connect again."
    )
}

/// Digits alone from somebody who has a PIN, and nobody had asked.
pub(crate) fn looks_like_pin() -> String {
    "it looks like a PIN, but it is not yours".to_owned()
}

/// `/PIN` worked. `each`: every text needs it.
pub(crate) fn pin_set(each: bool) -> String {
    if each {
        "PIN set, and never posted. From now on begin each text with it."
    } else {
        "PIN set. When we ask, text it alone or as the first word. It is never posted. /PIN old new changes it."
    }
    .to_owned()
}

/// `/PIN` with something else behind it than it takes.
pub(crate) fn pin_usage(has_one: bool) -> String {
    if has_one {
        "Nothing was changed. /PIN old new changes your PIN: 4 to 8 digits each."
    } else {
        "Nothing was changed. Text /PIN and 4 to 8 digits to set a PIN."
    }
    .to_owned()
}

/// `/PIN new` from somebody who has one.
pub(crate) fn pin_needs_old(minutes: u32) -> String {
    format!(
        "You have a PIN: /PIN old new changes it. Forgot it? Text /LINK, connect again, then text /PIN and the new one within {minutes} min."
    )
}

/// A PIN may be set only by somebody who has just connected.
pub(crate) fn pin_needs_link(to: &str, url: &str, segments_max: u32) -> String {
    let to = provider(to);
    first_that_fits(
        segments_max,
        [
            format!(
                "Nothing was changed. Text /PIN and 4 to 8 digits after you connect {to} again: {url}"
            ),
            format!("Connect again, then text /PIN and 4 to 8 digits: {url}"),
        ],
    )
}

/// The operator wants no PINs.
pub(crate) fn pins_are_off() -> String {
    "PINs are not used here, and nothing was posted. Text your words without one.".to_owned()
}
