#![doc = include_str!("../README.md")]

mod admin;
mod api;
mod body;
mod bridge;
mod call;
mod config;
mod desk;
mod door;
mod guide;
mod health;
mod hooks;
mod link;
mod meters;
mod multipart;
mod origin;
mod page;
mod problem;
mod public;
mod sandbox;
mod server;
mod table;
mod token;

#[cfg(test)]
mod tests;

pub use admin::admin_routes;
pub use call::Peer;
pub use config::{TrustedProxies, WebConfig};
pub use door::Door;
pub use meters::{Meters, MetersError};
pub use public::public_routes;
pub use server::{BindError, bind, serve};
