//! The C boundary between the bridge and a plugin in a file of its own.
//!
//! `raw` holds the structs of `include/cordboard_plugin.h`, [`codec`] what values look like on their way.
//! `sdk` (feature `export`) is the plugin's side: it makes ordinary trait objects answer C calls. The
//! bridge's side is its loader. Nothing else in the house is `unsafe`.

pub mod bytes;
pub mod codec;
pub mod raw;
#[cfg(feature = "export")]
pub mod sdk;
