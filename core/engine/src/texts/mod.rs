//! The wording of everything we text: plain, and its last words say what to do next.
//!
//! Every text fits one GSM-7 segment where its longest arguments allow, at most two otherwise; a
//! person's own words may need UCS-2, and then their quote shrinks, never an address or the way out.
//! Texts that may need more than one segment are given `segments_max`, the policy's limit, and come in
//! a barer wording when it is small. `tests` holds the table of all of them.

mod code;
mod commands;
mod doubt;
mod linking;
mod marks;
mod moment;
mod operator;
mod pictures;
mod posting;
pub(crate) mod proof;
mod room;
#[cfg(test)]
mod tests;
mod two_sinks;

pub(crate) use code::*;
pub(crate) use commands::*;
pub(crate) use doubt::*;
pub(crate) use linking::*;
pub(crate) use moment::moment;
pub(crate) use operator::alert;
pub(crate) use pictures::*;
pub(crate) use posting::*;
pub(crate) use room::fit;
pub(crate) use two_sinks::*;

/// Longest name of a destination that our texts have room for; a longer one is shortened.
const PROVIDER_CHARS_MAX: usize = 16;
/// Longest handle that our texts have room for; a longer one is shortened.
const HANDLE_CHARS_MAX: usize = 32;

fn provider(name: &str) -> String {
    room::shortened(name, PROVIDER_CHARS_MAX)
}

fn handle(name: &str) -> String {
    room::shortened(name, HANDLE_CHARS_MAX)
}
