//! A stand-in for a modem: a machine that speaks AT, on a pty or over HTTP.
