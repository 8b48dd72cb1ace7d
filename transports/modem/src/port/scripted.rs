//! A modem for tests: a table of what is asked and what it says to it, in the time of a fake host.

use super::{Port, PortError};
use async_trait::async_trait;
use cordboard_plugin::{Host as _, Timestamp};
use cordboard_testkit::FakeHost;
use futures_util::future::{Either, select};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// What a modem of no particular kind answers. A line break parts lines; `OK` is left out when the
/// answer ends with another result.
const USUAL: &[(&str, &str)] = &[
    ("AT", "OK"),
    ("ATE0", "OK"),
    ("AT+CMEE=1", "OK"),
    ("AT+CGMI", "Maker\nOK"),
    ("AT+CGMM", "M1\nOK"),
    ("AT+CGMR", "1.0\nOK"),
    ("AT+CGSN", "350000000000001\nOK"),
    ("AT+CCID", "+CCID: 89000000000000000001\nOK"),
    ("AT+CIMI", "001010000000001\nOK"),
    ("AT+CPIN?", "+CPIN: READY\nOK"),
    ("AT+CREG?", "+CREG: 0,1\nOK"),
    ("AT+CEREG?", "+CEREG: 0,0\nOK"),
    ("AT+CSQ", "+CSQ: 21,99\nOK"),
    ("AT+COPS?", "+COPS: 0,0,\"Net\",7\nOK"),
    ("AT+CMGF=0", "OK"),
    ("AT+CMGF?", "+CMGF: 0\nOK"),
    ("AT+CPMS=?", "+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")\nOK"),
    ("AT+CPMS=\"SM\",\"SM\",\"SM\"", "+CPMS: 0,20,0,20,0,20\nOK"),
    ("AT+CPMS=\"SM\"", "+CPMS: 0,20,0,20,0,20\nOK"),
    ("AT+CPMS=\"ME\"", "+CPMS: 0,20,0,20,0,20\nOK"),
    ("AT+CPMS?", "+CPMS: \"SM\",0,20,\"SM\",0,20,\"SM\",0,20\nOK"),
    ("AT+CSMS=0", "+CSMS: 1,1,1\nOK"),
    ("AT+CNMI=?", "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)\nOK"),
    ("AT+CNMI=2,1,0,1,0", "OK"),
    ("AT+CNMI?", "+CNMI: 2,1,0,1,0\nOK"),
    ("AT+CSCA?", "+CSCA: \"+15550100000\",145\nOK"),
    ("AT+CMGL=4", "OK"),
    ("AT+CMMS=1", "OK"),
];

/// What one command brings: after how many milliseconds, and what.
type Says = Vec<(i64, String)>;
type Handler = Box<dyn FnMut(&str) -> Option<Says> + Send>;

/// A modem that says what its table says. Clones are the same modem.
#[derive(Clone)]
pub(crate) struct Scripted {
    host: FakeHost,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    table: Vec<(String, String)>,
    handler: Option<Handler>,
    echo: bool,
    deaf: bool,
    unplugged: bool,
    in_message: bool,
    arrived: String,
    asked: Vec<String>,
    said: Vec<(Timestamp, Vec<u8>)>,
    listener: Option<Waker>,
}

impl Scripted {
    /// A modem that answers as most do; to a command it does not know, `ERROR`.
    pub(crate) fn new(host: &FakeHost) -> Self {
        let modem = Self { host: host.clone(), inner: Arc::default() };
        for (command, answer) in USUAL {
            modem.answers(command, answer);
        }
        modem
    }

    /// Answers `command` so from now on. The first of several answers to come before an `|` is given
    /// first; the last one stays. `@500` before an answer: after so many milliseconds. Empty: none.
    pub(crate) fn answers(&self, command: &str, answer: &str) -> &Self {
        let mut inner = self.lock();
        inner.table.retain(|(known, _)| known != command);
        inner.table.push((command.to_owned(), answer.to_owned()));
        drop(inner);
        self
    }

    /// Asks `handler` first; where it says nothing, the table.
    pub(crate) fn handles(
        &self,
        handler: impl FnMut(&str) -> Option<Says> + Send + 'static,
    ) -> &Self {
        self.lock().handler = Some(Box::new(handler));
        self
    }

    /// Repeats what it is given from now on.
    pub(crate) fn echoes(&self) -> &Self {
        self.lock().echo = true;
        self
    }

    /// Takes bytes and says nothing any more, or answers again.
    pub(crate) fn deaf(&self, deaf: bool) {
        self.lock().deaf = deaf;
    }

    /// Says `bytes` now.
    pub(crate) fn says(&self, bytes: &str) {
        self.says_bytes(bytes.as_bytes());
    }

    /// Says anything at all now.
    pub(crate) fn says_bytes(&self, bytes: &[u8]) {
        self.says_at(self.host.now(), bytes);
    }

    fn says_at(&self, at: Timestamp, bytes: &[u8]) {
        let mut inner = self.lock();
        inner.said.push((at, bytes.to_vec()));
        inner.said.sort_by_key(|(at, _)| *at);
        inner.wake();
    }

    /// Is away from now on, or there again.
    pub(crate) fn unplug(&self, unplugged: bool) {
        let mut inner = self.lock();
        inner.unplugged = unplugged;
        inner.said.clear();
        inner.wake();
    }

    /// Every command and message so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }

    /// How often `command` was given.
    pub(crate) fn count(&self, command: &str) -> usize {
        self.lock().asked.iter().filter(|asked| *asked == command).count()
    }

    /// Its port, opened; what it said to nobody is gone.
    pub(crate) fn port(&self) -> Box<dyn Port> {
        let mut inner = self.lock();
        inner.said.clear();
        inner.arrived.clear();
        drop(inner);
        Box::new(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, byte: u8) {
        let mut inner = self.lock();
        match (byte, inner.in_message) {
            (b'\r', true) => self.lock_free_say(&mut inner, "\r\n> "),
            (b'\r', false) | (0x1a, true) => {
                inner.in_message = false;
                let command = std::mem::take(&mut inner.arrived);
                if inner.echo {
                    self.lock_free_say(&mut inner, &format!("{command}\r"));
                }
                inner.asked.push(command.clone());
                let says = inner.answer(&command);
                for (millis, bytes) in says {
                    inner.in_message |= bytes.ends_with("> ");
                    let at = self.host.now().plus_millis(millis);
                    inner.said.push((at, bytes.into_bytes()));
                }
                inner.said.sort_by_key(|(at, _)| *at);
            }
            (0x1b, in_message) => {
                inner.arrived.clear();
                inner.in_message = false;
                if in_message && !inner.deaf {
                    self.lock_free_say(&mut inner, "\r\nOK\r\n");
                }
            }
            _ => inner.arrived.push(char::from(byte)),
        }
    }

    fn lock_free_say(&self, inner: &mut Inner, bytes: &str) {
        inner.said.push((self.host.now(), bytes.as_bytes().to_vec()));
    }
}

impl Inner {
    fn wake(&mut self) {
        if let Some(waker) = self.listener.take() {
            waker.wake();
        }
    }

    fn answer(&mut self, command: &str) -> Says {
        if self.deaf {
            return Vec::new();
        }
        if let Some(says) = self.handler.as_mut().and_then(|handler| handler(command)) {
            return says;
        }
        let Some((_, answer)) = self.table.iter_mut().find(|(known, _)| known == command) else {
            return vec![(0, "\r\nERROR\r\n".to_owned())];
        };
        let now = match answer.clone().split_once('|') {
            Some((now, later)) => {
                *answer = later.to_owned();
                now.to_owned()
            }
            None => answer.clone(),
        };
        said(&now)
    }
}

/// An answer of the table as bytes.
pub(crate) fn said(answer: &str) -> Says {
    let (millis, lines) = match answer.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
        Some((millis, lines)) => (millis.parse().unwrap(), lines),
        None => (0, answer),
    };
    if lines.is_empty() {
        return Vec::new();
    }
    let bytes = lines
        .split('\n')
        .map(|line| if line == ">" { "\r\n> ".to_owned() } else { format!("\r\n{line}\r\n") });
    vec![(millis, bytes.collect())]
}

#[async_trait]
impl Port for Scripted {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        if self.lock().unplugged {
            return Err(PortError::Gone("unplugged".to_owned()));
        }
        bytes.iter().for_each(|byte| self.take(*byte));
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<u8>, PortError> {
        loop {
            let next = {
                let mut inner = self.lock();
                if inner.unplugged {
                    return Err(PortError::Gone("unplugged".to_owned()));
                }
                let now = self.host.now();
                if inner.said.first().is_some_and(|(at, _)| *at <= now) {
                    return Ok(inner.said.remove(0).1);
                }
                inner.said.first().map(|(at, _)| *at)
            };
            let mut woken = false;
            let changed = poll_fn(|context| {
                if std::mem::replace(&mut woken, true) {
                    return Poll::Ready(());
                }
                self.lock().listener = Some(context.waker().clone());
                Poll::Pending
            });
            match next {
                None => changed.await,
                Some(at) => match select(pin!(changed), pin!(self.host.sleep_until(at))).await {
                    Either::Left(_) | Either::Right(_) => {}
                },
            }
        }
    }
}
