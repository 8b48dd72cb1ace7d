//! A pseudo-terminal and the thread that carries bytes between it and a modem.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl, open};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

/// The modem's end of a port.
pub(super) trait End: Send + 'static {
    /// The host has written.
    fn came(&mut self, bytes: &[u8]);
    /// The next piece to say now.
    fn piece(&mut self) -> Option<Vec<u8>>;
    /// When there may be another piece, unless somebody knocks before; `None` for never.
    fn wait(&self) -> Option<Duration>;
    /// Whether the port is still there.
    fn is_there(&self) -> bool;
}

/// A port that is there as long as this is. The thread ends with it.
pub(super) struct Shuttle {
    path: PathBuf,
    knocker: Option<Knocker>,
    thread: Option<JoinHandle<()>>,
}

/// Tells the thread of a port that there is something new.
pub(super) struct Knocker(UnixStream);

impl Knocker {
    pub(super) fn knock(&self) {
        // A full pipe has been knocked at already, and one without a thread needs nothing.
        let _ = (&self.0).write(&[1]);
    }

    pub(super) fn another(&self) -> io::Result<Self> {
        Ok(Self(self.0.try_clone()?))
    }
}

impl Shuttle {
    /// Opens a port. With `link`, that name stands for it as long as it is there.
    pub(super) fn open(end: impl End, link: Option<&Path>) -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let name = PathBuf::from(OsStr::from_bytes(name.as_bytes()));
        // Held open, so that the master sees no hang-up between two visitors.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = open(&name, flags, Mode::empty())?;
        let mut settings = tcgetattr(&slave)?;
        settings.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &settings)?;
        fcntl_setfl(&master, fcntl_getfl(&master)? | OFlags::NONBLOCK)?;
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        if let Some(link) = link {
            std::os::unix::fs::symlink(&name, link)?;
        }
        let (link, path) = (link.map(Path::to_owned), link.map_or(name, Path::to_owned));
        let work = move || {
            let mut lines = Lines { master, _slave: slave, knocks: far, unsaid: Vec::new() };
            // The port ends when it cannot be carried any longer.
            let _ = lines.carry(end);
            if let Some(link) = link {
                // Before the port itself goes: its number may be another's soon.
                let _ = std::fs::remove_file(link);
            }
        };
        let thread = std::thread::Builder::new().name("simulated modem".to_owned()).spawn(work)?;
        Ok(Self { path, knocker: Some(Knocker(near)), thread: Some(thread) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn knock(&self) {
        if let Some(knocker) = &self.knocker {
            knocker.knock();
        }
    }

    /// Somebody else who may knock.
    pub(super) fn knocker(&self) -> io::Result<Knocker> {
        self.knocker.as_ref().ok_or(io::ErrorKind::NotConnected)?.another()
    }
}

impl Drop for Shuttle {
    fn drop(&mut self) {
        if let Some(knocker) = self.knocker.take() {
            // Whoever else may knock must not keep the thread.
            let _ = knocker.0.shutdown(std::net::Shutdown::Both);
        }
        if let Some(thread) = self.thread.take() {
            // Its panic has been shown already.
            let _ = thread.join();
        }
    }
}

struct Lines {
    master: OwnedFd,
    _slave: OwnedFd,
    knocks: UnixStream,
    unsaid: Vec<u8>,
}

impl Lines {
    /// Carries bytes until the modem is pulled out, or nobody holds the port any more.
    fn carry(&mut self, mut end: impl End) -> io::Result<()> {
        while end.is_there() {
            let has_more = self.say_all(&mut end)?;
            let wait = if has_more { None } else { end.wait() };
            if !self.rest(has_more, wait)? {
                return Ok(());
            }
            let mut bytes = [0; 4096];
            match rustix::io::read(&self.master, &mut bytes) {
                Ok(0) => return Ok(()),
                Ok(count) => end.came(&bytes[..count]),
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Says all there is to say now; `true` when the host has to read first.
    fn say_all(&mut self, end: &mut impl End) -> io::Result<bool> {
        while !self.say()? {
            match end.piece() {
                Some(piece) => self.unsaid = piece,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Writes what there is; `true` when the host has to read first.
    fn say(&mut self) -> io::Result<bool> {
        if self.unsaid.is_empty() {
            return Ok(false);
        }
        match rustix::io::write(&self.master, &self.unsaid) {
            Ok(count) => drop(self.unsaid.drain(..count)),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(!self.unsaid.is_empty())
    }

    /// Waits for the host, a knock, or the time; `false` at the end.
    fn rest(&mut self, has_more: bool, wait: Option<Duration>) -> io::Result<bool> {
        let wanted = if has_more { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let mut doors =
            [PollFd::new(&self.master, wanted), PollFd::new(&self.knocks, PollFlags::IN)];
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        match poll(&mut doors, wait.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut knocks = [0; 64];
        match self.knocks.read(&mut knocks) {
            Ok(0) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(false),
            _ => Ok(true),
        }
    }
}
