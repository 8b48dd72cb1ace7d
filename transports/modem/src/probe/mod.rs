//! `cordboard modem probe`: what is plugged in, and what it can do.
