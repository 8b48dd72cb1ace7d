//! Plugins from files: found, checked, opened once and never closed. What comes of it is a
//! [`PluginDef`](cordboard_plugin::PluginDef) like that of a linked plugin, and nobody further on can tell them apart.
//!
//! ```text
//! check (file, elf) ─▶ dlopen ─▶ 16 bytes ─▶ manifest ─▶ init ─▶ describe ─▶ PluginDef
//!                                                                             │ create
//! engine ─▶ transport, sink ─▶ instance ─▶ calling ─▶ table.call … host_call … complete ─▶ answers
//! ```

#![expect(unsafe_code, reason = "the bridge's half of the C boundary")]

mod answers;
mod calling;
mod calls;
mod describe;
mod elf;
mod file;
mod hosting;
mod inspect;
mod instance;
mod open;
mod reply;
mod sink;
mod transport;

pub use inspect::{Inspection, inspect};
pub use open::{Loaded, load, shutdown};

use std::path::PathBuf;

/// Why a plugin's file is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("plugin `{}`: {problem}", path.display())]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, and what would be right.
    pub problem: String,
}
