//! Small trees that look like `/sys`, `/dev` and `/proc`, and what is found in them.

mod found;
mod rules;
mod told;
pub(crate) mod tree;
