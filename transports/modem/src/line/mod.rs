//! The life of one modem: found, started, listened to, watched, brought back.

mod start;

pub(crate) use start::start_up;
