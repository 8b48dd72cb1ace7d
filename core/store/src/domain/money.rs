//! What was spent: counted against limits, and kept in a ledger by day.

use super::coded;
use cordboard_plugin::{Address, MicroUsd};
use serde::Serialize;

coded! {
    /// What money was spent on.
    SpentOn {
        /// Segments that arrived. Nobody can prevent them.
        TextIn = 0 "text in",
        /// Segments that we sent.
        TextOut = 1 "text out",
        /// Calls that post.
        Post = 2 "post",
        /// Calls that look, and calls that take back.
        Call = 3 "call",
    }
}

/// Key of the counter that holds a day's money: of one person, or of everybody together.
pub fn spent_key(person: Option<&Address>) -> String {
    match person {
        Some(person) => format!("usd/{}", person.reveal()),
        None => "usd".to_owned(),
    }
}

/// Key of the counter that holds a day's attempts to post for one person.
pub fn posts_key(person: &Address) -> String {
    format!("posts/{}", person.reveal())
}

/// A line of the ledger: what a day has cost at one instance, or what is to be added to that (negative
/// when something paid for turned out to cost nothing).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spending {
    /// The UTC day it was paid on, in days since 1970.
    pub day: i64,
    /// What for.
    pub on: SpentOn,
    /// At which transport or sink.
    pub instance: String,
    /// How many: segments, or calls.
    pub n: i64,
    /// What they cost together, in micro-dollars.
    #[serde(rename = "micro_usd")]
    pub price: MicroUsd,
}

/// The transport that a plugin's messages come by, and what it charges for one arriving segment.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// The transport instance.
    pub transport: String,
    /// Price of one incoming segment.
    pub price_segment: MicroUsd,
}
