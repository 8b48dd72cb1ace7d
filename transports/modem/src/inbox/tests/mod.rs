//! The inbox over a fake host, which may be killed at any touch of the state.

mod any_order;
mod asking;
mod card;
mod keep;
mod kills;
mod limits;
mod long_texts;
mod other_sorts;
mod overtaken;
mod reports;
mod rows;
mod two_processes;
mod world;

pub(crate) use overtaken::Overtaken;
pub(crate) use world::*;
