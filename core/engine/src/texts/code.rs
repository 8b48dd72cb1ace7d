//! Linking by code.

use super::provider;

/// Stands behind the text with the link.
pub(crate) fn then_the_code(to: &str) -> String {
    let to = provider(to);
    format!("{to} shows a code: text it here.")
}

/// The provider did not take the code.
pub(crate) fn wrong_code(to: &str, left: i32) -> String {
    let to = provider(to);
    let tries = if left == 1 { "1 try".to_owned() } else { format!("{left} tries") };
    format!("{to} did not take that code, {tries} left. Look at its page and text the code again.")
}

/// The last code was wrong as well.
pub(crate) fn code_void(to: &str) -> String {
    let to = provider(to);
    format!("{to} did not take that code either, so the link is void. Text /LINK for a new one.")
}

/// A second code came while the first is being tried.
pub(crate) fn code_is_looked_at() -> String {
    "Not posted, it looks like a code. We are still trying the one before: wait for our answer."
        .to_owned()
}

/// A code came, and the page that shows it was not opened.
pub(crate) fn code_before_link(to: &str) -> String {
    let to = provider(to);
    format!("Not posted, it looks like a code. Open the link we sent and text the code {to} shows.")
}

/// A code came after its link.
pub(crate) fn no_code_awaited() -> String {
    "Not posted, it looks like a code, and we wait for none now. Text /LINK for a new link."
        .to_owned()
}
