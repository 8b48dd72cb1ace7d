//! The same bridge without a plugin of its own: all of ours come from files, none is linked.
//!
//! Plugins and binary are built here, which takes more than a minute when nothing of it is there yet. So
//! these tests run where CORDBOARD_TEST_REQUIRE names `files`, and say so elsewhere.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod built;
mod conformance;
#[path = "../files/mod.rs"]
mod files;
mod processes;
mod round_trip;
mod spoken;
mod spoken_linked;

/// The engine's town, for the one test that listens to its log: where many run side by side, a subscriber of
/// one test's own misses lines.
#[path = "../engine/browser.rs"]
#[expect(dead_code, reason = "the engine's tests use the rest")]
mod browser;
#[path = "../engine/town.rs"]
#[expect(dead_code, reason = "the engine's tests use the rest")]
mod town;
