//! `+CMGS`: the one command that takes a second line, and the one whose answer must never be guessed.
//! 3GPP TS 27.005 3.5.1 and 4.3.

use super::channel::{AtError, Channel, Shape};
use super::fault::Fault;
use super::lexer::Token;
use super::words::{Word, sent_reference};
use crate::port::PortError;
use cordboard_plugin::Timestamp;

/// How long the prompt may take, in milliseconds.
const PROMPT_MS: i64 = 10_000;
/// How long a lone `>` may stand before it is taken for the prompt.
const BARE_PROMPT_MS: i64 = 500;
/// How long the network may take (TS 24.011 TR1M is 35 to 45 s, and modems repeat under it).
const SENT_MS: i64 = 150_000;
/// How long the other half of the answer may take, once one half has come.
const OTHER_HALF_MS: i64 = 5_000;
const CTRL_Z: u8 = 0x1a;

/// Why a message has not left, or may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SubmitError {
    /// The modem said no: nothing left.
    Fault(Fault),
    /// It never asked for the message: nothing left.
    NoPrompt,
    /// The port went before the message was given: nothing left.
    Gone(PortError),
    /// It answers nothing, and was not given the message: nothing left.
    Dead,
    /// The message was given and no answer came: it may have left.
    Unclear(String),
}

impl Channel<'_> {
    /// Sends one PDU whose TPDU has `tpdu_octets` octets. Yields the reference that the modem gave it.
    /// After [`SubmitError::Unclear`] nothing must be sent before [`Channel::linger`] has waited for the
    /// late answer; the next command then resynchronises.
    ///
    /// # Errors
    /// See [`SubmitError`].
    pub(crate) async fn submit(
        &mut self,
        tpdu_octets: usize,
        hex: &str,
    ) -> Result<u8, SubmitError> {
        self.settle().await.map_err(before)?;
        let now = self.host.now();
        let command = format!("AT+CMGS={tpdu_octets}");
        let until = now.plus_millis(PROMPT_MS);
        self.write(format!("{command}\r").as_bytes(), until).await.map_err(before)?;
        self.prompt(&command, until).await?;
        let mut body = hex.as_bytes().to_vec();
        body.push(CTRL_Z);
        let until = self.host.now().plus_millis(SENT_MS);
        let given = self.write(&body, until).await;
        given
            .map_err(|error| SubmitError::Unclear(format!("while giving the message: {error}")))?;
        self.taken(hex, until).await
    }

    /// Waits until the modem asks for the PDU.
    async fn prompt(&mut self, command: &str, until: Timestamp) -> Result<(), SubmitError> {
        loop {
            let bare = self.lexer.at_bare_prompt();
            let patience = self.host.now().plus_millis(BARE_PROMPT_MS).min(until);
            let token = self.next(if bare { patience } else { until }).await;
            match token.map_err(SubmitError::Gone)? {
                Some(Token::Prompt) => return Ok(()),
                Some(Token::Line(line)) if line.eq_ignore_ascii_case(command) => {}
                Some(Token::Line(line)) => {
                    // An OK here is somebody else's: nothing has been given that could be taken.
                    if let Some(Word::Final(Err(fault))) = self.hear(&line, Shape::Nothing) {
                        return Err(self.refused(fault));
                    }
                }
                None if bare || self.lexer.at_bare_prompt() => {
                    self.lexer.forget();
                    return Ok(());
                }
                None => {
                    // The next command leaves the prompt that may still come.
                    self.stale = true;
                    return Err(SubmitError::NoPrompt);
                }
            }
        }
    }

    /// Waits for `+CMGS: reference` and `OK`.
    async fn taken(&mut self, hex: &str, until: Timestamp) -> Result<u8, SubmitError> {
        let (mut reference, mut ok) = (None, false);
        let mut until = until;
        loop {
            let token = match self.next(until).await {
                Ok(token) => token,
                Err(error) => return reference.ok_or(SubmitError::Unclear(error.to_string())),
            };
            let Some(token) = token else {
                self.stale = true;
                let why = if ok { "an OK without a reference" } else { "no answer to AT+CMGS=" };
                return reference.ok_or(SubmitError::Unclear(why.to_owned()));
            };
            // The PDU comes back where echo is on.
            let Token::Line(line) = token else { continue };
            if line.eq_ignore_ascii_case(hex) {
                continue;
            }
            match self.hear(&line, Shape::Prefixed("+CMGS:")) {
                Some(Word::Info) => {
                    reference = sent_reference(&line);
                    until = self.host.now().plus_millis(OTHER_HALF_MS);
                }
                Some(Word::Final(Ok(()))) => {
                    ok = true;
                    until = self.host.now().plus_millis(OTHER_HALF_MS);
                }
                // With a reference in hand it has left, whatever follows.
                Some(Word::Final(Err(fault))) if reference.is_none() => {
                    return Err(self.refused(fault));
                }
                _ => {}
            }
            if let (Some(reference), true) = (reference, ok) {
                return Ok(reference);
            }
        }
    }

    fn refused(&mut self, fault: Fault) -> SubmitError {
        self.failed = true;
        SubmitError::Fault(fault)
    }
}

/// An error before the message was given.
fn before(error: AtError) -> SubmitError {
    match error {
        AtError::Port(error) => SubmitError::Gone(error),
        AtError::Fault(fault) => SubmitError::Fault(fault),
        AtError::Silent(_) => SubmitError::NoPrompt,
        AtError::Dead => SubmitError::Dead,
    }
}
