#![doc = include_str!("../README.md")]

mod block_on;
#[cfg(feature = "case")]
pub mod case;
pub mod conformance;
mod host;
pub mod made;
#[cfg(feature = "engine")]
mod seeded;
mod webhook;

pub use block_on::{block_on, poll_once};
pub use host::{FakeHost, LogLine, START};
#[cfg(feature = "engine")]
pub use seeded::{SEEDED_START, Seeded, run_seeded};
pub use webhook::webhook;
