//! Plugins from files, and everything that may be wrong with them: files that are none, plugins in C and
//! in Rust that do what no plugin should. What each row expects is in `core/plugin/include/ABI.md`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may fail, and be skipped, loudly"
)]

mod c_calls;
mod c_example;
mod files;
mod parallel;
mod rust_calls;
mod spoken;
mod stopping;
mod support;
