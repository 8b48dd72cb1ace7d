//! Order on the line: whatever was said before, the next answer belongs to the next command.

use super::channel::{AtError, Channel, Shape};
use super::lexer::Token;
use super::words::{self, Word};
use crate::port::PortError;

/// How long nothing must be said before the line counts as quiet, in milliseconds.
const QUIET_MS: i64 = 300;
/// How long to wait for that at most; some modems talk for ever.
const QUIET_MS_MAX: i64 = 3_000;
/// After an error: how long a second final result may follow, in milliseconds.
const SECOND_FINAL_MS: i64 = 150;
/// Rounds of `AT` in which the line must come to order.
const RESYNC_ROUNDS: u32 = 4;
const ESC: &[u8] = b"\x1b";

impl Channel<'_> {
    /// Brings a modem of unknown state to order: leaves an open prompt, then asks until it answers.
    ///
    /// # Errors
    /// [`AtError::Dead`] when it does not within `wait_ms`.
    pub(crate) async fn sync(&mut self, wait_ms: i64) -> Result<(), AtError> {
        let until = self.host.now().plus_millis(wait_ms);
        self.stale = true;
        loop {
            match self.resync().await {
                Err(AtError::Silent(_)) if self.host.now() < until => {}
                Err(AtError::Silent(_)) => return Err(AtError::Dead),
                settled => return settled,
            }
        }
    }

    /// Listens for `wait_ms`; what comes is kept for [`Channel::listen`].
    pub(crate) async fn linger(&mut self, wait_ms: i64) -> Result<(), PortError> {
        let until = self.host.now().plus_millis(wait_ms);
        while let Some(token) = self.next(until).await? {
            self.overhear(token);
        }
        Ok(())
    }

    /// Makes sure that the next answer belongs to the next command.
    pub(super) async fn settle(&mut self) -> Result<(), AtError> {
        if self.stale {
            // One silent round may be a moment of weakness.
            match self.resync().await {
                Err(AtError::Silent(_)) => self.sync(0).await?,
                settled => settled?,
            }
        } else if self.failed {
            self.linger(SECOND_FINAL_MS).await?;
        }
        self.failed = false;
        // What arrived meanwhile answers nothing that is still to be asked.
        while let Some(token) = self.tokens.pop_front() {
            self.overhear(token);
        }
        Ok(())
    }

    /// A quiet line, then `AT`, then exactly one `OK`.
    async fn resync(&mut self) -> Result<(), AtError> {
        for _ in 0..RESYNC_ROUNDS {
            self.write(ESC, self.host.now().plus_millis(2_000)).await?;
            self.quiet().await?;
            self.lexer.forget();
            self.ask_now("AT", Shape::Nothing, 1_000).await.or_else(only_a_fault)?;
            // A second result would be that of an older command, and the one before was too.
            if self.quiet().await? == 0 && !self.failed {
                self.stale = false;
                return Ok(());
            }
        }
        // It answers, if in its own time: the last quiet gap swallowed what was left.
        self.stale = false;
        Ok(())
    }

    /// Listens until nothing more comes; yields how many final results came.
    async fn quiet(&mut self) -> Result<usize, AtError> {
        let until_max = self.host.now().plus_millis(QUIET_MS_MAX);
        let mut finals = 0;
        loop {
            let until = self.host.now().plus_millis(QUIET_MS).min(until_max);
            let Some(token) = self.next(until).await? else { return Ok(finals) };
            if let Token::Line(line) = &token
                && matches!(words::read(line), Word::Final(_))
            {
                finals += 1;
            }
            self.overhear(token);
        }
    }
}

/// An error is an answer too.
fn only_a_fault(error: AtError) -> Result<Vec<String>, AtError> {
    match error {
        AtError::Fault(_) => Ok(Vec::new()),
        error => Err(error),
    }
}
