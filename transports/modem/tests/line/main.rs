//! A modem's line as the bridge has it: over HTTP in virtual time, and on real pseudo-terminals.

#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod bench;
mod sandbox;
mod storm;
mod terminal;
