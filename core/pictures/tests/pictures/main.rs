//! Everything about pictures, over files made in code.

#![expect(clippy::unwrap_used, reason = "a test may")]

mod fitting;
mod made;
mod measuring;
mod never;
mod refusals;
mod sniffing;
mod stripping;
