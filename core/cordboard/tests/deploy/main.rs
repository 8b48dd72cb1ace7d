//! What lies in `deploy/` fits the program and the tree. The container's layout is also run, as far as
//! that goes without an engine: `tests/process/layout.rs`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod compose;
mod dockerfile;
mod image;
mod modem;
mod unit;
