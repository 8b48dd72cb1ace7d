//! A real serial line: a tty or a pty on Linux.
//!
//! One thread owns the waiting. It moves bytes between the device and a buffer, is woken through an
//! eventfd, and ends as soon as the port is dropped or the device is away.

use super::{Port, PortError};
use async_trait::async_trait;
use futures_channel::oneshot;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use rustix::termios::{
    ControlModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, ioctl_tiocexcl,
    ioctl_tiocnxcl, tcflush, tcgetattr, tcsetattr,
};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Bytes kept for a reader that is busy elsewhere; after that the device has to wait.
const ARRIVED_BYTES_MAX: usize = 256 * 1024;
/// Bytes read at once.
const CHUNK_BYTES: usize = 4096;

/// An open tty or pty, ours alone.
pub(crate) struct SerialPort {
    shared: Arc<Shared>,
}

struct Shared {
    device: OwnedFd,
    bell: OwnedFd,
    line: Mutex<Line>,
}

/// What stands between the thread and the async side.
#[derive(Default)]
struct Line {
    arrived: VecDeque<u8>,
    reader: Option<Waker>,
    leaving: VecDeque<u8>,
    writer: Option<Waker>,
    gone: Option<String>,
    closing: bool,
}

impl SerialPort {
    /// Opens `path` exclusively and raw: `baud`, 8 data bits, no parity, one stop bit, no flow control.
    /// DTR is up while it is open (the kernel raises it) and stays up when it is closed.
    ///
    /// # Errors
    /// [`PortError::Busy`], [`PortError::Refused`] or [`PortError::Missing`].
    pub(crate) fn open(path: &str, baud: u32) -> Result<Self, PortError> {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let device = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| refused(path, e))?;
        // The flag of the tty does not keep root out, the advisory lock does, among those who ask.
        flock(&device, FlockOperation::NonBlockingLockExclusive).map_err(|e| refused(path, e))?;
        ioctl_tiocexcl(&device).map_err(|e| refused(path, e))?;
        make_raw(&device, baud).map_err(|e| refused(path, e))?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|e| refused(path, e))?;
        let shared = Arc::new(Shared { device, bell, line: Mutex::default() });
        let threads = shared.clone();
        spawn(path, move || threads.carry())?;
        Ok(Self { shared })
    }

    /// The same without blocking: a device that hangs keeps its driver waiting for seconds.
    ///
    /// # Errors
    /// As [`SerialPort::open`].
    pub(crate) async fn open_apart(path: &str, baud: u32) -> Result<Self, PortError> {
        let (tell, told) = oneshot::channel();
        let place = path.to_owned();
        spawn(path, move || {
            // Nobody may be left to take it; then it is closed again.
            let _ = tell.send(Self::open(&place, baud));
        })?;
        told.await.unwrap_or_else(|_| Err(PortError::Missing(format!("{path}: it was not opened"))))
    }
}

fn spawn(path: &str, work: impl FnOnce() + Send + 'static) -> Result<(), PortError> {
    let thread = std::thread::Builder::new().name("modem port".to_owned()).spawn(work);
    thread
        .map(|_| ())
        .map_err(|error| PortError::Missing(format!("{path}: no thread for it: {error}")))
}

impl Drop for SerialPort {
    fn drop(&mut self) {
        // What was not sent must not be waited for, and whoever opens the port next must not find it
        // held while the thread is still on its way out.
        let _ = tcflush(&self.shared.device, QueueSelector::OFlush);
        let _ = ioctl_tiocnxcl(&self.shared.device);
        let _ = flock(&self.shared.device, FlockOperation::Unlock);
        self.shared.lock().closing = true;
        self.shared.ring();
    }
}

#[async_trait]
impl Port for SerialPort {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        let shared = &self.shared;
        {
            let mut line = shared.lock();
            line.leaving.clear();
            line.leaving.extend(bytes);
        }
        shared.ring();
        let _unwritten = Unwritten(shared);
        poll_fn(|context| shared.poll_written(context)).await
    }

    async fn read(&mut self) -> Result<Vec<u8>, PortError> {
        let arrived = poll_fn(|context| self.shared.poll_arrived(context)).await?;
        // The thread may have stopped listening because the buffer was full.
        if arrived.len() >= ARRIVED_BYTES_MAX {
            self.shared.ring();
        }
        Ok(arrived)
    }
}

/// Takes back what was not written when a write is dropped.
struct Unwritten<'p>(&'p Shared);

impl Drop for Unwritten<'_> {
    fn drop(&mut self) {
        self.0.lock().leaving.clear();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Line> {
        // Nobody panics while holding it, and a half-changed line cannot be left behind.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        // Full means that it rings already.
        let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
    }

    fn poll_written(&self, context: &mut Context<'_>) -> Poll<Result<(), PortError>> {
        let mut line = self.lock();
        if let Some(why) = &line.gone {
            return Poll::Ready(Err(PortError::Gone(why.clone())));
        }
        if line.leaving.is_empty() {
            return Poll::Ready(Ok(()));
        }
        line.writer = Some(context.waker().clone());
        Poll::Pending
    }

    fn poll_arrived(&self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>, PortError>> {
        let mut line = self.lock();
        if !line.arrived.is_empty() {
            return Poll::Ready(Ok(std::mem::take(&mut line.arrived).into()));
        }
        if let Some(why) = &line.gone {
            return Poll::Ready(Err(PortError::Gone(why.clone())));
        }
        line.reader = Some(context.waker().clone());
        Poll::Pending
    }

    /// The thread: carries bytes until the port is dropped or the device is away.
    fn carry(&self) {
        loop {
            let wanted = {
                let line = self.lock();
                if line.closing {
                    return;
                }
                let mut wanted = PollFlags::empty();
                wanted.set(PollFlags::IN, line.arrived.len() < ARRIVED_BYTES_MAX);
                wanted.set(PollFlags::OUT, !line.leaving.is_empty());
                wanted
            };
            let moved = self.wait(wanted).and_then(|ready| self.move_bytes(ready));
            match moved {
                Ok(()) | Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return self.hang_up(&error),
            }
        }
    }

    /// Waits for the device or the bell; says what the device is ready for.
    fn wait(&self, wanted: PollFlags) -> Result<PollFlags, Errno> {
        let mut both = [PollFd::new(&self.device, wanted), PollFd::new(&self.bell, PollFlags::IN)];
        poll(&mut both, None)?;
        let (ready, rung) = (both[0].revents(), both[1].revents());
        if !rung.is_empty() {
            let _ = rustix::io::read(&self.bell, &mut [0u8; 8]);
        }
        Ok(ready)
    }

    fn move_bytes(&self, ready: PollFlags) -> Result<(), Errno> {
        if ready.contains(PollFlags::IN) {
            let mut chunk = [0u8; CHUNK_BYTES];
            let count = rustix::io::read(&self.device, &mut chunk)?;
            if count == 0 {
                // A hang-up reads as nothing, for ever.
                return Err(Errno::NODEV);
            }
            let mut line = self.lock();
            line.arrived.extend(&chunk[..count]);
            wake(&mut line.reader);
        } else if ready.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Err(Errno::NODEV);
        }
        if ready.contains(PollFlags::OUT) {
            let mut line = self.lock();
            // Without blocking, so holding the lock delays nobody.
            let count = rustix::io::write(&self.device, line.leaving.make_contiguous())?;
            line.leaving.drain(..count);
            if line.leaving.is_empty() {
                wake(&mut line.writer);
            }
        }
        Ok(())
    }

    fn hang_up(&self, error: &Errno) {
        let mut line = self.lock();
        line.gone = Some(if *error == Errno::NODEV {
            "the port hung up".to_owned()
        } else {
            format!("the port hung up ({error})")
        });
        wake(&mut line.reader);
        wake(&mut line.writer);
    }
}

fn wake(waiting: &mut Option<Waker>) {
    if let Some(waker) = waiting.take() {
        waker.wake();
    }
}

fn make_raw(device: &OwnedFd, baud: u32) -> Result<(), Errno> {
    let mut termios: Termios = tcgetattr(device)?;
    termios.make_raw();
    let modes = &mut termios.control_modes;
    modes.insert(ControlModes::CREAD | ControlModes::CLOCAL);
    modes.remove(ControlModes::HUPCL | ControlModes::CRTSCTS | ControlModes::CSTOPB);
    termios.special_codes[SpecialCodeIndex::VMIN] = 1;
    termios.special_codes[SpecialCodeIndex::VTIME] = 0;
    termios.set_speed(baud)?;
    tcsetattr(device, OptionalActions::Now, &termios)?;
    // What was said to somebody before us is not for us.
    tcflush(device, QueueSelector::IOFlush)
}

fn refused(path: &str, error: Errno) -> PortError {
    let what = format!("{path}: {error}");
    match error {
        Errno::BUSY | Errno::AGAIN => PortError::Busy(what),
        Errno::ACCESS | Errno::PERM => PortError::Refused(what),
        _ => PortError::Missing(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cordboard_testkit::{block_on, poll_once};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::fs::File;
    use std::io::{Read as _, Write as _};

    /// The modem's side of a pseudo-terminal, and the name of ours.
    fn terminal() -> (File, String) {
        let modem = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&modem).unwrap();
        unlockpt(&modem).unwrap();
        let name = ptsname(&modem, Vec::new()).unwrap().into_string().unwrap();
        (modem.into(), name)
    }

    fn read_all(port: &mut SerialPort, count: usize) -> Vec<u8> {
        let mut found = Vec::new();
        while found.len() < count {
            found.extend(block_on(port.read()).unwrap());
        }
        found
    }

    #[test]
    fn bytes_go_both_ways_as_they_are() {
        let (mut modem, name) = terminal();
        let mut port = SerialPort::open(&name, 115_200).unwrap();
        let all: Vec<u8> = (0..=255).collect();
        block_on(port.write(&all)).unwrap();
        let mut arrived = vec![0; 256];
        modem.read_exact(&mut arrived).unwrap();
        assert_eq!(arrived, all);
        modem.write_all(&all).unwrap();
        assert_eq!(read_all(&mut port, 256), all);
    }

    #[test]
    fn a_read_that_is_dropped_loses_nothing() {
        let (mut modem, name) = terminal();
        let mut port = SerialPort::open(&name, 115_200).unwrap();
        let all: Vec<u8> = (0..100).collect();
        let mut found = Vec::new();
        for byte in &all {
            modem.write_all(&[*byte]).unwrap();
            // Polled once and dropped, before or after the byte has come.
            if let Some(read) = poll_once(port.read()) {
                found.extend(read.unwrap());
            }
        }
        let left = all.len() - found.len();
        found.extend(read_all(&mut port, left));
        assert_eq!(found, all);
    }

    #[test]
    fn a_hang_up_is_seen_as_one_after_what_was_said_before_it() {
        let (mut modem, name) = terminal();
        let mut port = SerialPort::open(&name, 115_200).unwrap();
        modem.write_all(b"bye").unwrap();
        assert_eq!(read_all(&mut port, 3), b"bye");
        drop(modem);
        assert!(matches!(block_on(port.read()), Err(PortError::Gone(_))));
        assert!(matches!(block_on(port.write(b"AT\r")), Err(PortError::Gone(_))));
    }

    #[test]
    fn a_modem_that_takes_nothing_holds_up_only_the_write() {
        let (mut modem, name) = terminal();
        let mut port = SerialPort::open(&name, 115_200).unwrap();
        let much = vec![b'x'; 1 << 20];
        assert!(poll_once(port.write(&much)).is_none());
        modem.write_all(b"RDY").unwrap();
        assert_eq!(read_all(&mut port, 3), b"RDY");
    }

    #[test]
    fn a_port_has_one_holder() {
        let (_modem, name) = terminal();
        let first = SerialPort::open(&name, 115_200).unwrap();
        let second = SerialPort::open(&name, 115_200);
        assert!(matches!(second, Err(PortError::Busy(_))), "{:?}", second.err());
        drop(first);
        assert!(SerialPort::open(&name, 115_200).is_ok(), "still held after it was closed");
    }

    #[test]
    fn what_does_not_open_is_told_apart() {
        let missing = SerialPort::open("/dev/ttyNONE9", 115_200);
        assert!(matches!(missing, Err(PortError::Missing(_))), "{:?}", missing.err());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let no_line = SerialPort::open(file.to_str().unwrap(), 115_200);
        assert!(matches!(no_line, Err(PortError::Missing(_))), "{:?}", no_line.err());
        assert!(matches!(refused("x", Errno::ACCESS), PortError::Refused(_)));
        assert!(matches!(refused("x", Errno::BUSY), PortError::Busy(_)));
        assert!(matches!(refused("x", Errno::NXIO), PortError::Missing(_)));
    }
}
