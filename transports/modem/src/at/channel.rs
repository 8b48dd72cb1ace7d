//! The only one who writes to the port: asks, waits, resynchronises.

use super::fault::Fault;
use super::lexer::{Lexer, Token};
use super::words::{self, Event, Word};
use crate::port::{Port, PortError};
use cordboard_plugin::{Host, Timestamp};
use futures_util::future::{Either, select};
use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;

/// Events kept until somebody asks for them. Of stored messages the news may be dropped: they are
/// found by listing.
const EVENTS_MAX: usize = 256;
/// The same for messages that lie nowhere else.
const ROUTED_MAX: usize = 4096;
/// Lines of one answer: a full store of the largest known card has 510.
const LINES_MAX: usize = 2048;

/// How the information in an answer looks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// There is none.
    Nothing,
    /// Lines that begin so.
    Prefixed(&'static str),
    /// One or more bare lines, or lines that begin so.
    Bare(&'static str),
    /// Lines that begin so, each followed by a PDU.
    Pdus(&'static str),
}

/// Why a command was not answered well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AtError {
    /// The line itself is gone.
    Port(PortError),
    /// No answer in time, to the command named; others may be answered.
    Silent(String),
    /// It answers nothing, not even `AT`.
    Dead,
    /// The modem said no.
    Fault(Fault),
}

impl fmt::Display for AtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(error) => error.fmt(f),
            Self::Silent(command) => write!(f, "no answer to {command}"),
            Self::Dead => f.write_str("the modem does not answer"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl From<PortError> for AtError {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

/// A modem that can be asked, one command at a time.
pub(crate) struct Channel<'h> {
    pub(super) port: Box<dyn Port + 'h>,
    pub(super) host: &'h dyn Host,
    pub(super) lexer: Lexer,
    pub(super) tokens: VecDeque<Token>,
    events: VecDeque<Event>,
    /// A first line of two has come; its PDU is still to come.
    head: bool,
    /// An answer may still be under way to a command that nobody waits for any more.
    pub(super) stale: bool,
    /// The last answer was an error: some modems add a second final result.
    pub(super) failed: bool,
    noise: u64,
}

impl<'h> Channel<'h> {
    /// A modem behind `port`, of whose state nothing is known.
    pub(crate) fn new(port: Box<dyn Port + 'h>, host: &'h dyn Host) -> Self {
        Self {
            port,
            host,
            lexer: Lexer::default(),
            tokens: VecDeque::new(),
            events: VecDeque::new(),
            head: false,
            stale: true,
            failed: false,
            noise: 0,
        }
    }

    /// Lines so far that meant nothing, and those too long to keep.
    pub(crate) fn noise(&self) -> u64 {
        self.noise + self.lexer.cut()
    }

    /// Gives a command and yields the lines of its answer.
    /// `wait_ms` is how long the whole answer may take.
    ///
    /// # Errors
    /// See [`AtError`]. After [`AtError::Silent`] the next command resynchronises first, and is itself
    /// not given when that fails ([`AtError::Dead`]).
    pub(crate) async fn ask(
        &mut self,
        command: &str,
        shape: Shape,
        wait_ms: i64,
    ) -> Result<Vec<String>, AtError> {
        self.settle().await?;
        self.ask_now(command, shape, wait_ms).await
    }

    /// Gives a command of which only the success matters.
    ///
    /// # Errors
    /// As [`Channel::ask`].
    pub(crate) async fn tell(&mut self, command: &str, wait_ms: i64) -> Result<(), AtError> {
        self.ask(command, Shape::Nothing, wait_ms).await.map(|_| ())
    }

    /// Gives a command whatever the state of the line, and waits for nothing. For a last resort.
    ///
    /// # Errors
    /// When the port is gone or takes nothing within 5 s.
    pub(crate) async fn shout(&mut self, command: &str) -> Result<(), AtError> {
        self.stale = true;
        self.write(format!("{command}\r").as_bytes(), self.host.now().plus_millis(5_000)).await
    }

    /// The next thing it says unasked. Cancel-safe. Answers to nobody's question are dropped.
    pub(crate) async fn listen(&mut self) -> Result<Event, PortError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            if let Some(token) = self.tokens.pop_front() {
                self.overhear(token);
                continue;
            }
            let bytes = self.port.read().await?;
            let tokens = self.lexer.feed(&bytes);
            self.tokens.extend(tokens);
        }
    }

    /// What it has said unasked so far.
    pub(crate) fn heard(&mut self) -> Vec<Event> {
        self.events.drain(..).collect()
    }

    /// Puts back what was heard and is still to be done.
    pub(crate) fn hear_again(&mut self, event: Event) {
        self.events.push_back(event);
    }

    pub(super) async fn ask_now(
        &mut self,
        command: &str,
        shape: Shape,
        wait_ms: i64,
    ) -> Result<Vec<String>, AtError> {
        let until = self.host.now().plus_millis(wait_ms);
        self.write(format!("{command}\r").as_bytes(), until).await?;
        let mut lines = Vec::new();
        while let Some(token) = self.next(until).await? {
            let Token::Line(line) = token else { continue };
            if line.eq_ignore_ascii_case(command) {
                continue;
            }
            match self.hear(&line, shape) {
                Some(Word::Final(Ok(()))) => {
                    self.failed = false;
                    return Ok(lines);
                }
                Some(Word::Final(Err(fault))) => {
                    self.failed = true;
                    return Err(AtError::Fault(fault));
                }
                Some(_) if lines.len() < LINES_MAX => lines.push(line),
                _ => {}
            }
        }
        self.stale = true;
        Err(AtError::Silent(name_of(command)))
    }

    /// Writes, or gives up at `until`.
    pub(super) async fn write(&mut self, bytes: &[u8], until: Timestamp) -> Result<(), AtError> {
        let host = self.host;
        match select(self.port.write(bytes), pin!(host.sleep_until(until))).await {
            Either::Left((written, _)) => Ok(written?),
            Either::Right(_) => {
                self.stale = true;
                Err(AtError::Silent("a write".to_owned()))
            }
        }
    }

    /// The next token, or `None` at `until`.
    pub(super) async fn next(&mut self, until: Timestamp) -> Result<Option<Token>, PortError> {
        loop {
            if let Some(token) = self.tokens.pop_front() {
                return Ok(Some(token));
            }
            let host = self.host;
            let bytes = match select(self.port.read(), pin!(host.sleep_until(until))).await {
                Either::Left((bytes, _)) => bytes?,
                Either::Right(_) => return Ok(None),
            };
            let tokens = self.lexer.feed(&bytes);
            self.tokens.extend(tokens);
        }
    }

    /// Takes a line while a command of this shape is under way. Yields final results and information;
    /// what is unasked is kept.
    pub(super) fn hear(&mut self, line: &str, shape: Shape) -> Option<Word> {
        if std::mem::take(&mut self.head) {
            if words::is_pdu(line) {
                self.keep(Event::Routed(line.to_owned()));
                return None;
            }
            // Something else came between the two lines: the PDU is still to come.
            self.head = !matches!(words::read(line), Word::Final(_));
        }
        let asked = match shape {
            Shape::Nothing => false,
            Shape::Prefixed(prefix) => words::answers(line, prefix),
            Shape::Bare(prefix) => line.starts_with(prefix),
            Shape::Pdus(prefix) => line.starts_with(prefix) || words::is_pdu(line),
        };
        if asked {
            return Some(Word::Info);
        }
        match words::read(line) {
            Word::Final(result) => return Some(Word::Final(result)),
            Word::Unasked(event) => self.keep(event),
            Word::Head => self.head = true,
            Word::Info if matches!(shape, Shape::Bare(_)) && words::is_bare(line) => {
                return Some(Word::Info);
            }
            Word::Info | Word::Noise => match words::sent_reference(line) {
                Some(reference) => self.keep(Event::LateSent(reference)),
                None => self.noise += 1,
            },
        }
        None
    }

    /// Takes what comes while nothing was asked.
    pub(super) fn overhear(&mut self, token: Token) {
        if let Token::Line(line) = token {
            self.hear(&line, Shape::Nothing);
        }
    }

    fn keep(&mut self, event: Event) {
        let max = if matches!(event, Event::Routed(_)) { ROUTED_MAX } else { EVENTS_MAX };
        if self.events.len() < max {
            self.events.push_back(event);
        } else {
            self.host.metric("modem_events_dropped_total", 1);
        }
    }
}

/// A command as it may be logged: without what it carries.
fn name_of(command: &str) -> String {
    match command.split_once('=') {
        Some((name, "?")) => format!("{name}=?"),
        Some((name, _)) => format!("{name}="),
        None => command.to_owned(),
    }
}
