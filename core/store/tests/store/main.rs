//! The store, tested through its door.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say so where it stands")]

mod credentials;
mod disk;
mod intake;
mod lanes;
mod links;
mod money;
mod people;
mod pictures;
mod plugin_state;
mod posts;
mod proof;
mod replies;
mod schema;
mod set_up;
mod shelf;
mod sinks;
mod states;
mod upkeep;
