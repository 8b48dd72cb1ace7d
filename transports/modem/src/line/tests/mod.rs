//! The life of a line in virtual time, with scripted modems.

mod bench;
mod finding;
mod receiving;
mod sending;
mod starting;
mod watching;
