//! What can be asked of the store. Nothing here writes.

mod people;
mod pictures;
mod texts;
