//! The bridge as its own process: killed, overheard, and used in a real browser.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod bridge;
#[path = "../deploy/dockerfile.rs"]
mod dockerfile;
mod guide_page;
mod kill;
mod layout;
mod picture_page;
mod quiet;
mod sandbox_page;
