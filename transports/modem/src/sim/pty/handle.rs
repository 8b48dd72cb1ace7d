//! A modem on a port, with its own clock: for tests that open real devices.

use super::shuttle::{End, Shuttle};
use crate::sim::machine::Machine;
use cordboard_plugin::Timestamp;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A modem on a port in a folder that stands for `/dev`. The port goes when this is dropped.
pub struct Handle {
    modem: Modem,
    folder: PathBuf,
    turn: u32,
    port: Option<Shuttle>,
    path: PathBuf,
}

impl Handle {
    /// Plugs a modem in as `<folder>/ttyUSB0`. Its clock starts at `start` and runs as ours does.
    ///
    /// # Errors
    /// When this machine has no pseudo-terminal left, or the folder cannot be written.
    pub fn new(machine: Machine, folder: &Path, start: Timestamp) -> io::Result<Self> {
        let modem = Modem { machine: Arc::new(Mutex::new(machine)), start, began: Instant::now() };
        let mut handle =
            Self { modem, folder: folder.to_owned(), turn: 0, port: None, path: PathBuf::new() };
        handle.open()?;
        Ok(handle)
    }

    /// Where it is now, or was before it was pulled out.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Does something with the modem, at its present time; what it says then is heard at the port.
    pub fn with<T>(&self, act: impl FnOnce(&mut Machine, Timestamp) -> T) -> T {
        let done = self.modem.with(act);
        if let Some(port) = &self.port {
            port.knock();
        }
        done
    }

    /// Pulls it out: whoever has the port open sees a hang-up, and its name is gone.
    pub fn unplug(&mut self) {
        self.modem.with(|machine, now| machine.plug(now, false));
        self.port = None;
    }

    /// Plugs it in (anew) as the next `ttyUSB`, which is where it is then.
    ///
    /// # Errors
    /// As [`Handle::new`].
    pub fn replug(&mut self) -> io::Result<PathBuf> {
        self.unplug();
        self.modem.with(|machine, now| machine.plug(now, true));
        self.turn += 1;
        self.open()?;
        Ok(self.path.clone())
    }

    fn open(&mut self) -> io::Result<()> {
        let link = self.folder.join(format!("ttyUSB{}", self.turn));
        self.port = Some(Shuttle::open(self.modem.clone(), Some(&link))?);
        self.path = link;
        Ok(())
    }
}

#[derive(Clone)]
struct Modem {
    machine: Arc<Mutex<Machine>>,
    start: Timestamp,
    began: Instant,
}

impl Modem {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.start.plus_millis(passed)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Machine, Timestamp) -> T) -> T {
        // A test that failed while it held the lock has failed already.
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut machine, self.now())
    }
}

impl End for Modem {
    fn came(&mut self, bytes: &[u8]) {
        self.with(|machine, now| machine.write(now, bytes));
    }

    fn piece(&mut self) -> Option<Vec<u8>> {
        self.with(|machine, now| machine.read_piece(now))
    }

    fn wait(&self) -> Option<Duration> {
        self.with(|machine, now| {
            let wait_ms = machine.next_at()?.millis_since(now).max(0);
            Some(Duration::from_millis(wait_ms.unsigned_abs()))
        })
    }

    fn is_there(&self) -> bool {
        self.with(|machine, _| machine.is_plugged())
    }
}
