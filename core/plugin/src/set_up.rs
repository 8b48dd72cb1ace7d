//! What an operator sets up at the provider: which value goes into which field.

use serde::{Deserialize, Serialize};

/// Where an instance is reached from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The bridge itself, as people and providers reach it.
    pub public_url: String,
    /// Where a transport's provider delivers texts to; empty for a sink.
    pub hook_url: String,
    /// Where a transport's provider reports to; empty for a sink.
    pub status_url: String,
    /// Where a sink's provider sends people back to; empty for a transport.
    pub callback_url: String,
    /// Whether others than this very machine reach these addresses.
    pub reachable: bool,
}

/// One thing to set up at the provider, or a note for who does it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUpStep {
    /// The page and the field, in the provider's words; empty for a note.
    pub place: String,
    /// What goes into it, letter for letter; empty for a note.
    pub value: String,
    /// What else to know, in a sentence or two; may be empty.
    pub note: String,
}

impl SetUpStep {
    /// A value that goes into a field.
    pub fn paste(place: impl Into<String>, value: impl Into<String>) -> Self {
        Self { place: place.into(), value: value.into(), note: String::new() }
    }

    /// Something to know.
    pub fn note(note: impl Into<String>) -> Self {
        Self { note: note.into(), ..Self::default() }
    }

    /// The same step, with something to know about it.
    #[must_use]
    pub fn knowing(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}
