//! Every text, measured.

mod fitting;
mod table;
