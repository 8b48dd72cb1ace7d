//! The engine with its simulated providers, in a seeded world: no sockets, no threads, no real time.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod browser;
mod check;
mod codes;
mod commands;
mod copies;
mod every_commit;
mod faults;
mod idle;
mod limits;
mod lines;
mod linking;
mod linking_media;
mod loops;
mod missing;
mod modem;
mod money;
mod opt_out;
mod pictures;
mod pins;
mod policy;
mod posting;
mod proof;
mod refresh;
mod relink;
mod states;
mod town;
mod transports;
mod unclear;
mod unsigned;
mod waiting;
