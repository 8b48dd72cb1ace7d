//! What is known of whether a number is still its person's.

use cordboard_plugin::{Address, Timestamp};

/// A text that was theirs.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Who.
    pub sender: Address,
    /// Until when the number is known to be theirs by it; never goes back.
    pub at: Timestamp,
    /// The transport instance it came by.
    pub transport: String,
    /// Our number that was texted: they are known there from now on.
    pub line: Address,
    /// They proved it, with the PIN or by linking: wrong tries are forgotten, and every text that waits
    /// for proof is read again, in order.
    pub proven: bool,
}

/// A line as it stands among those on which somebody is known.
pub(crate) fn line_word(transport: &str, line: &Address) -> String {
    format!("{transport}|{}", line.reveal())
}
