//! Pauses, troubles and sweeping.

use cordboard_plugin::{Address, Timestamp};
use serde::Serialize;

/// A sink paused for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paused {
    /// Why.
    pub detail: String,
    /// Since when.
    pub since: Timestamp,
    /// When one message may try.
    pub probe_at: Timestamp,
}

/// A line that cannot send yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineTrouble {
    /// Transport instance.
    pub transport: String,
    /// Our number.
    pub line: Address,
    /// Why.
    pub detail: String,
    /// Since when.
    pub since: Timestamp,
}

/// What a sweep may erase.
#[derive(Clone, Debug)]
pub struct SweepLimits {
    /// Words of messages in a final state, and of replies, that are older than this.
    pub bodies_before: Timestamp,
    /// Links that expired before this.
    pub links_before: Timestamp,
    /// Counters of the days and hours before this one.
    pub counters_before: Timestamp,
    /// At most this many rows of each sort.
    pub rows_max: i64,
}

/// How much a sweep erased.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Messages whose words were blanked; their rows and keys stay.
    pub messages: i64,
    /// Replies whose words were blanked.
    pub replies: i64,
    /// Links deleted.
    pub links: i64,
    /// Counters deleted.
    pub counters: i64,
    /// Values of plugin state deleted.
    pub states: i64,
    /// Idle lanes deleted.
    pub lanes: i64,
    /// Texts refused because the question about them was not answered in time.
    pub questions: i64,
    /// Files of pictures removed that no row knew any more.
    pub files: i64,
}

impl Swept {
    /// All of it together; 0 means there was nothing to erase.
    pub fn rows(&self) -> i64 {
        self.messages
            + self.replies
            + self.links
            + self.counters
            + self.states
            + self.lanes
            + self.questions
            + self.files
    }
}
