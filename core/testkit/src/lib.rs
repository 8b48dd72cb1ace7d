#![doc = include_str!("../README.md")]

mod block_on;
mod host;

pub use block_on::{block_on, poll_once};
pub use host::{FakeHost, LogLine, START};
