//! The real program from outside: its exit codes, its words and its files.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod bad_start;
mod commands;
mod common;
#[path = "../files/mod.rs"]
mod files;
mod golden;
mod people;
mod plugins;
