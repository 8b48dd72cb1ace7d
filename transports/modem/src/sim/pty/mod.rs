//! The modem on a real pseudo-terminal, for tests and for `cordboard sim modem`.

mod handle;
mod serve;
mod shuttle;

pub use handle::Handle;
pub(super) use serve::serve;
