//! Pictures: linking, uploading, describing and posting them at the simulated X.

#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of a test file may fail it")]

mod linking;
mod signatures;
mod town;
mod trouble;
mod uploading;
