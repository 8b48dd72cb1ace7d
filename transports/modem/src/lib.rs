#![doc = include_str!("../README.md")]

mod at;
mod config;
mod find;
mod inbox;
#[allow(dead_code)]
mod line;
mod outbox;
pub mod pdu;
mod port;
mod probe;
#[cfg(feature = "sim")]
pub mod sim;
