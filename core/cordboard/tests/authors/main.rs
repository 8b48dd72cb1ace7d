//! What an author of a plugin meets: a new crate, its own tests, and the questions to its file.
//!
//! Crates are built here as an author builds them, by a cargo of their own without a network.

#![expect(clippy::unwrap_used, reason = "a test may")]

mod made;
mod new;
mod test;
mod wrong;
