//! What runs without a bridge: a simulated provider as a process of its own (`cordboard sim KIND`), or a
//! plugin that looks around before anything is configured (`cordboard KIND probe`). Their state is in
//! memory and gone with the process.

mod host;
mod server;

pub(crate) use host::{LoneHost, Simulated};
pub(crate) use server::serve;
