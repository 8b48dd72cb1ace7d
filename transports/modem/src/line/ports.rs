//! Which ports there are, and how one is opened.

use crate::find::{self, Roots};
use crate::port::{Port, PortError, SerialPort};
use async_trait::async_trait;
use cordboard_plugin::{Finding, Host};

/// A port and the device that it is a part of: a stick has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Its path.
    pub(crate) path: String,
    /// Where its device sits.
    pub(crate) place: String,
}

/// The ports of this machine; another set in tests.
#[async_trait]
pub(crate) trait Ports: Send + Sync {
    /// Every port that may be asked without harm, best first.
    fn all(&self) -> Vec<Spot>;

    /// The one name of a port that has several.
    fn real_name(&self, path: &str) -> String {
        path.to_owned()
    }

    /// Opens one.
    async fn open<'h>(
        &self,
        host: &'h dyn Host,
        path: &str,
    ) -> Result<Box<dyn Port + 'h>, PortError>;

    /// What is wrong with a port that does not open or does not answer, and what to do about it.
    fn advice(&self, _path: &str, _error: Option<&PortError>) -> Option<Finding> {
        None
    }

    /// What is wrong with this machine's devices as a whole.
    fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
}

/// The real ones.
pub(crate) struct RealPorts {
    /// Where the kernel shows them.
    pub(crate) roots: Roots,
    /// Bits a second.
    pub(crate) baud: u32,
}

#[async_trait]
impl Ports for RealPorts {
    fn all(&self) -> Vec<Spot> {
        let found = find::candidates(&self.roots).into_iter().map(|found| found.port);
        let shown = found.filter(|port| port.shown);
        shown.map(|port| Spot { path: port.path, place: port.place }).collect()
    }

    fn real_name(&self, path: &str) -> String {
        let real = std::fs::canonicalize(path);
        real.map_or_else(|_| path.to_owned(), |real| real.to_string_lossy().into_owned())
    }

    async fn open<'h>(
        &self,
        host: &'h dyn Host,
        path: &str,
    ) -> Result<Box<dyn Port + 'h>, PortError> {
        #[cfg(feature = "sim")]
        if path.starts_with(crate::config::SIMULATED) {
            return Ok(Box::new(crate::port::HttpPort::open(host).await?));
        }
        let _ = host;
        Ok(Box::new(SerialPort::open_apart(path, self.baud).await?))
    }

    fn advice(&self, path: &str, error: Option<&PortError>) -> Option<Finding> {
        if !path.starts_with('/') {
            return None;
        }
        let problem = match error {
            Some(error) => find::why(&self.roots, path, error),
            None => find::silent(&self.roots, path),
        };
        Some(Finding::from(&problem))
    }

    fn findings(&self) -> Vec<Finding> {
        find::advice(&self.roots).iter().map(Finding::from).collect()
    }
}
