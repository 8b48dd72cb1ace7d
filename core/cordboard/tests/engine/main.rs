//! The engine with its simulated providers, in a seeded world: no sockets, no threads, no real time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod browser;
mod commands;
mod every_commit;
mod faults;
mod limits;
mod linking;
mod money;
mod posting;
mod refresh;
mod town;
mod unclear;
mod waiting;
