//! What is known of whether a number is still its person's.

use cordboard_plugin::{Address, Timestamp};

/// A text, or a link, that says something about whether a number is still its person's.
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
    /// What it proves.
    pub proves: Proves,
}

/// What is proved by a text or link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proves {
    /// Nothing: it was believed.
    Nothing,
    /// That this message is theirs; wrong PINs before it are forgotten.
    Message(i64),
    /// That every text is theirs that waits for proof: those are read again, in order, and wrong PINs
    /// are forgotten.
    Waiting,
}

/// A line as it stands among those on which somebody is known.
pub(crate) fn line_word(transport: &str, line: &Address) -> String {
    format!("{transport}|{}", line.reveal())
}
