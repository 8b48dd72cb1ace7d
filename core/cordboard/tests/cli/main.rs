//! The real program from outside: its exit codes, its words and its files.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod bad_start;
mod commands;
mod common;
mod golden;
mod people;
