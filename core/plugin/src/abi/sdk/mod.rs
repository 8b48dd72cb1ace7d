//! The plugin's side of the boundary: ordinary trait objects answer C calls.
//!
//! [`crate::export_plugin!`] puts the one symbol of the file in place; from there on the bridge calls
//! `entry`, which decodes (`dispatch` for a transport, `dispatch_sink` for a sink) and lets the
//! `executor`, one thread of this file's own, poll what comes of it. Its futures wait for nothing but the bridge,
//! which wakes them (`remote`). So a file carries no runtime, no HTTP client and no TLS.

#![expect(unsafe_code, reason = "the plugin's half of the C boundary")]

mod dispatch;
mod dispatch_sink;
mod entry;
mod executor;
mod remote;

pub use entry::{init, table};
