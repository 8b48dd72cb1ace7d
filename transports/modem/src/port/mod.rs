//! The serial line: bytes out, bytes in, and the moment it is gone.
//!
//! - `serial`: a tty or a pty. One thread waits for it; everything async goes through a buffer in memory.
//! - `http` (feature `sim`): a line to a simulated modem, over [`cordboard_plugin::Host::http`].
//!
//! A port knows nothing of AT commands; whoever has one wraps it into [`crate::at::Channel`].

#[cfg(feature = "sim")]
mod http;
#[cfg(test)]
pub(crate) mod scripted;
mod serial;

#[cfg(feature = "sim")]
pub(crate) use http::HttpPort;
pub(crate) use serial::SerialPort;

use async_trait::async_trait;
use std::fmt;

/// A serial line. Dropping it closes it.
#[async_trait]
pub(crate) trait Port: Send {
    /// Writes all of `bytes`; returns when the device has taken them. When it is dropped halfway, the
    /// rest is never written.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError>;

    /// What has arrived, at least one byte. Cancel-safe: dropping it loses no byte.
    async fn read(&mut self) -> Result<Vec<u8>, PortError>;
}

/// Why there is no line. The words are for the log and the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PortError {
    /// It was open and the device is away: a hang-up, or an error that only a lost device has.
    Gone(String),
    /// Somebody else holds it.
    Busy(String),
    /// We may not open it.
    Refused(String),
    /// There is no such port, or it is no serial line.
    Missing(String),
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(what) => write!(f, "the modem is gone: {what}"),
            Self::Busy(what) => write!(f, "the port is held by somebody else: {what}"),
            Self::Refused(what) => write!(f, "we may not open the port: {what}"),
            Self::Missing(what) => write!(f, "there is no such port: {what}"),
        }
    }
}
