#![doc = include_str!("../README.md")]

mod block_on;
pub mod conformance;
mod host;
mod webhook;

pub use block_on::{block_on, poll_once};
pub use host::{FakeHost, LogLine, START};
pub use webhook::webhook;
