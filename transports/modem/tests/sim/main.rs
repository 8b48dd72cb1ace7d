//! The simulated modem: its commands and quirks, its faults, its line over HTTP and on a pseudo-terminal.

#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod bench;
mod card;
mod commands;
mod faults;
mod http;
mod network;
mod phones;
mod ports;
mod quirks;
mod storage;
mod survives;
