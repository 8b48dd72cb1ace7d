//! A simulated provider as a process of its own: `cordboard sim KIND`. Its state is in memory and
//! gone with the process.

mod host;
mod server;

pub(crate) use host::SimHost;
pub(crate) use server::serve;
