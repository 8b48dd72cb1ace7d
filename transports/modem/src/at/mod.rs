//! AT commands: one at a time, whole lines matched, answers told from what the modem says unasked.
//!
//! ```text
//! bytes ── lexer ──▶ lines and prompts ── words ──▶ final result | something unasked | information
//!                                          │
//!                          channel: one command at a time, deadlines, late answers
//! ```
//!
//! - `lexer`: bytes into lines and prompts, the same whatever the splitting into reads.
//! - `words`: what one line is.
//! - `fault`: what an error means for whoever gave the command.
//! - `values`: the fields of an answer and the lists of `=?`.
//! - `channel`: asks, waits, hears; nothing else writes to the port.
//! - `order`: makes sure that the next answer belongs to the next command.
//! - `submit`: the one command that takes a second line.
//!
//! Sources: 3GPP TS 27.005 and 27.007, ITU-T V.250.

mod channel;
mod fault;
mod lexer;
mod order;
mod submit;
#[cfg(test)]
mod tests;
mod values;
mod words;

pub(crate) use channel::{AtError, Channel, Shape};
pub(crate) use fault::{Class, Fault};
pub(crate) use submit::SubmitError;
pub(crate) use values::{choices, fields, number};
pub(crate) use words::Event;
