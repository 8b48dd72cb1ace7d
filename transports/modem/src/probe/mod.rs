//! `cordboard modem probe`: what is plugged in, and what it can do.

mod mask;
mod record;
mod replay;
mod transcript;
