//! A port that writes down what passes.

use super::mask;
use super::transcript::{Line, Transcript, What};
use crate::port::{Port, PortError};
use async_trait::async_trait;
use cordboard_plugin::{Host, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that are kept of one session; what is beyond is left out.
const BYTES_MAX: usize = 1024 * 1024;

/// What has passed so far. Clones are the same record.
#[derive(Clone, Default)]
pub(crate) struct Record {
    passed: Arc<Mutex<Vec<(Timestamp, What)>>>,
}

impl Record {
    /// The session as a transcript, with everything personal blanked.
    pub(crate) fn transcript(&self, comments: Vec<String>) -> Transcript {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let start = passed.first().map_or(Timestamp(0), |(at, _)| *at);
        let mut lines: Vec<Line> = Vec::new();
        for (at, what) in passed.iter() {
            let at_ms = u64::try_from(at.0 - start.0).unwrap_or(0);
            match what {
                What::Said(bytes) => bytes.iter().for_each(|byte| add(&mut lines, at_ms, *byte)),
                what => lines.push(Line { at_ms, what: what.clone() }),
            }
        }
        let mut transcript = Transcript { comments, lines };
        mask::mask(&mut transcript);
        transcript
    }

    fn note(&self, at: Timestamp, what: What) {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let len = |what: &What| match what {
            What::Wrote(bytes) | What::Said(bytes) => bytes.len(),
            What::Ended(_) => 0,
        };
        let so_far: usize = passed.iter().map(|(_, what)| len(what)).sum();
        if so_far + len(&what) <= BYTES_MAX {
            passed.push((at, what));
        }
    }
}

/// Adds a byte that the modem said: to the line it belongs to, or as the beginning of a new one. How
/// the bytes came in pieces does not show, or a number could be cut in two and slip by the mask.
fn add(lines: &mut Vec<Line>, at_ms: u64, byte: u8) {
    match lines.last_mut() {
        Some(Line { what: What::Said(bytes), at_ms: time }) if !bytes.ends_with(b"\n") => {
            bytes.push(byte);
            *time = at_ms;
        }
        _ => lines.push(Line { at_ms, what: What::Said(vec![byte]) }),
    }
}

/// A port that writes down what passes through it.
pub(crate) struct Recording<'h> {
    port: Box<dyn Port + 'h>,
    host: &'h dyn Host,
    record: Record,
}

impl<'h> Recording<'h> {
    /// Wraps `port`; what passes goes to `record`.
    pub(crate) fn new(port: Box<dyn Port + 'h>, host: &'h dyn Host, record: Record) -> Self {
        Self { port, host, record }
    }

    fn note<T>(&self, result: Result<T, PortError>) -> Result<T, PortError> {
        if let Err(error) = &result {
            self.record.note(self.host.now(), What::Ended(error.to_string()));
        }
        result
    }
}

#[async_trait]
impl Port for Recording<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.record.note(self.host.now(), What::Wrote(bytes.to_vec()));
        let written = self.port.write(bytes).await;
        self.note(written)
    }

    async fn read(&mut self) -> Result<Vec<u8>, PortError> {
        let read = self.port.read().await;
        if let Ok(bytes) = &read {
            self.record.note(self.host.now(), What::Said(bytes.clone()));
        }
        self.note(read)
    }
}
