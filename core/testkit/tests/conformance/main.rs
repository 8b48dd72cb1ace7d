//! The suite lets good plugins pass and stops bad ones.

mod flaw;
mod sink;
mod transport;
