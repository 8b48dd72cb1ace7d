#![doc = include_str!("../README.md")]

mod derive;
mod domain;
mod error;
mod job;
mod key;
mod lite;
mod lock;
mod open;
#[cfg(feature = "postgres")]
mod pg;
mod queries;
mod readers;
mod reads;
mod rows;
mod schema;
mod seal;
mod shelf;
mod store;
mod writer;

pub use domain::*;
pub use error::{KeyError, LockError, OpenError, ShelfLimit, StoreError};
pub use key::SealKey;
pub use lock::DataLock;
pub use shelf::{PictureFrames, ShelfLimits, Shelved};
pub use store::{Store, StoreOptions, StoreUrl, delivering_key, replying_key};
