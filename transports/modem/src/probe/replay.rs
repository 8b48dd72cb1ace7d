//! A port that answers from a transcript.

use super::transcript::{Line, Transcript, What};
use crate::port::{Port, PortError};
use async_trait::async_trait;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// A modem that says what one has said before: to each command the answer that was recorded for it.
///
/// Times are not kept: an answer is there at once, in the pieces of the transcript's lines. The same
/// command given again gets the next answer that was recorded for it, from the start again after the
/// last. A command that never occurs gets `ERROR`, as from a modem that does not know it, and is
/// remembered in [`Replay::unknown`].
pub(crate) struct Replay {
    exchanges: Vec<Exchange>,
    /// Where the next search begins.
    at: usize,
    /// What was written since the last command.
    written: Vec<u8>,
    ready: VecDeque<What>,
    unknown: Unknown,
}

/// What a replayed modem was asked and did not know.
pub(crate) type Unknown = Arc<Mutex<Vec<String>>>;

/// A command and what came after it, up to the next one.
struct Exchange {
    command: String,
    then: Vec<What>,
}

const CTRL_Z: u8 = 0x1a;
const ESC: u8 = 0x1b;

impl Replay {
    /// A modem that answers from `transcript`. What stands before the first command is said at once.
    pub(crate) fn new(transcript: &Transcript) -> Self {
        let mut ready = VecDeque::new();
        let mut exchanges: Vec<Exchange> = Vec::new();
        let mut written = Vec::new();
        for Line { what, .. } in &transcript.lines {
            match what {
                What::Wrote(bytes) => {
                    for command in commands(&mut written, bytes) {
                        exchanges.push(Exchange { command, then: Vec::new() });
                    }
                }
                said => match exchanges.last_mut() {
                    Some(exchange) => exchange.then.push(said.clone()),
                    None => ready.push_back(said.clone()),
                },
            }
        }
        Self { exchanges, at: 0, written: Vec::new(), ready, unknown: Unknown::default() }
    }

    /// The commands it did not know, so far and from now on.
    pub(crate) fn unknown(&self) -> Unknown {
        self.unknown.clone()
    }

    fn answer(&mut self, command: &str) {
        let is = |exchange: &Exchange| exchange.command.eq_ignore_ascii_case(command);
        let later = self.exchanges.iter().skip(self.at).position(is).map(|at| at + self.at);
        if let Some(at) = later.or_else(|| self.exchanges.iter().position(is)) {
            self.at = at + 1;
            self.ready.extend(self.exchanges[at].then.iter().cloned());
        } else if !command.starts_with(char::from(ESC)) {
            self.ready.push_back(What::Said(b"\r\nERROR\r\n".to_vec()));
            let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
            unknown.push(command.to_owned());
        }
    }
}

/// The commands that `bytes` complete. ESC is one of its own and drops what was begun.
fn commands(written: &mut Vec<u8>, bytes: &[u8]) -> Vec<String> {
    let mut complete = Vec::new();
    for byte in bytes {
        match *byte {
            ESC => {
                written.clear();
                complete.push(char::from(ESC).to_string());
            }
            b'\r' | CTRL_Z => {
                let command = std::mem::take(written);
                complete.push(String::from_utf8_lossy(&command).into_owned());
            }
            b'\n' => {}
            byte => written.push(byte),
        }
    }
    complete
}

#[async_trait]
impl Port for Replay {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        for command in commands(&mut self.written, bytes) {
            self.answer(&command);
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<u8>, PortError> {
        match self.ready.front() {
            Some(What::Said(bytes) | What::Wrote(bytes)) => {
                let bytes = bytes.clone();
                self.ready.pop_front();
                Ok(bytes)
            }
            // It stays there: whoever reads again finds the line as dead as before.
            Some(What::Ended(why)) => Err(PortError::Gone(why.clone())),
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cordboard_testkit::{block_on, poll_once};

    fn replay(lines: &str) -> Replay {
        Replay::new(&Transcript::parse(&format!("cordboard modem transcript 1\n{lines}")).unwrap())
    }

    fn ask(replay: &mut Replay, bytes: &[u8]) -> String {
        block_on(replay.write(bytes)).unwrap();
        let mut said = Vec::new();
        while let Some(more) = poll_once(replay.read()) {
            said.extend(more.unwrap());
        }
        String::from_utf8(said).unwrap()
    }

    #[test]
    fn a_command_gets_its_answers_one_after_the_other() {
        let mut replay = replay(
            "0.000 < \\x00RDY\\r\\n\n0.100 > \\e\n0.200 > AT\\r\n0.300 < AT\\r\\r\\n\n0.301 < OK\\r\\n\n\
             0.400 > AT+CSQ\\r\n0.500 < +CSQ: 9,99\\r\\n\n0.501 < OK\\r\\n\n\
             0.600 > AT+CSQ\\r\n0.700 < ^RSSI:20\\r\\n\n0.701 < +CSQ: 20,99\\r\\nOK\\r\\n\n",
        );
        assert_eq!(ask(&mut replay, b""), "\0RDY\r\n");
        assert_eq!(ask(&mut replay, b"\x1b"), "");
        assert_eq!(ask(&mut replay, b"at\r"), "AT\r\r\nOK\r\n");
        assert_eq!(ask(&mut replay, b"AT+CS"), "");
        assert_eq!(ask(&mut replay, b"Q\r"), "+CSQ: 9,99\r\nOK\r\n");
        assert_eq!(ask(&mut replay, b"AT+CSQ\r"), "^RSSI:20\r\n+CSQ: 20,99\r\nOK\r\n");
        assert_eq!(ask(&mut replay, b"AT+CSQ\r"), "+CSQ: 9,99\r\nOK\r\n");
        assert!(replay.unknown().lock().unwrap().is_empty());
    }

    #[test]
    fn a_command_that_never_occurred_is_refused_and_remembered() {
        let mut replay = replay("0.000 > AT\\r\n0.100 < OK\\r\\n\n");
        assert_eq!(ask(&mut replay, b"AT+CGMI\r"), "\r\nERROR\r\n");
        assert_eq!(*replay.unknown().lock().unwrap(), ["AT+CGMI"]);
    }

    #[test]
    fn a_line_that_ended_stays_ended() {
        let mut replay = replay("0.000 > AT\\r\n0.100 ! gone\n");
        block_on(replay.write(b"AT\r")).unwrap();
        for _ in 0..2 {
            let gone = PortError::Gone("gone".to_owned());
            assert_eq!(poll_once(replay.read()), Some(Err(gone)));
        }
    }
}
