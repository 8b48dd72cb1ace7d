//! What leaves, durably: the references of long texts, which parts have left, and what becomes of them.
//!
//! # State
//!
//! Values are JSON; `card` is the ICCID, letters and digits only.
//!
//! | key | value | forgotten |
//! |---|---|---|
//! | `out/<id>` | [`Out`](rows::Out): a text and where its parts are; the id is a hash of its key | after 7 days |
//! | `sent/<card>/<digits>` | [`Sent`](rows::Sent): parts for the number that ends so (8 digits) that reports may come for | 7 days after its last change |
//! | `ref/<card>/<hash>` | the reference of the next long text for a number | after 30 days |
//!
//! All of them expect the versions that were read, as in the [inbox](crate::inbox).

mod begin;
mod report;
mod rows;
#[cfg(test)]
mod tests;

use crate::inbox::step::Step;
use crate::pdu;
use cordboard_plugin::{Host, OutgoingText, StateError};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The durable bookkeeping of what leaves.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// The texts whose calls this process is in. A part that had not left when another process died
    /// may have left all the same.
    under_way: Mutex<BTreeSet<String>>,
}

/// A text on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaving {
    /// Becomes the receipt's id; the same whenever this text is tried.
    pub id: String,
    /// Ties its parts together, the same whenever this text is tried; 0 for a single part.
    pub reference: u8,
    /// For each part the modem's TP-MR if it has left; those without one are to be sent, unless
    /// they are `unclear`.
    pub left: Vec<Option<u8>>,
    /// For each part whether it may have left: it must not be sent again, and the text as a whole
    /// is unclear.
    pub unclear: Vec<bool>,
}

impl Outbox {
    /// An outbox.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A text of so many parts is about to leave. Durable when it returns. A text that was tried
    /// before goes on with what has not left; if its words or the card have changed since, it
    /// begins anew.
    ///
    /// # Errors
    /// [`StateError`]: send nothing.
    pub(crate) async fn begin(
        &self,
        host: &dyn Host,
        card: &str,
        text: &OutgoingText,
        parts: usize,
    ) -> Result<Leaving, StateError> {
        let leaving = begin::begin(host, card, text, parts).await?;
        self.under_way().insert(leaving.id.clone());
        Ok(leaving)
    }

    /// The modem has confirmed a part (0: the first) and called it `mr`. When the text was unclear and has
    /// all left now, the core is told.
    ///
    /// # Errors
    /// [`StateError`]: the part has left all the same; call again, or take it for unclear.
    pub(crate) async fn part_sent(
        &self,
        host: &dyn Host,
        leaving: &Leaving,
        part: usize,
        mr: u8,
    ) -> Result<(), StateError> {
        report::part_sent(host, &leaving.id, part, mr).await
    }

    /// Nobody knows whether a part (0: the first) has left: the modem did not answer.
    ///
    /// # Errors
    /// [`StateError`]: it stays unknown to us; answer the core that the text is unclear.
    pub(crate) async fn part_unclear(
        &self,
        host: &dyn Host,
        leaving: &Leaving,
        part: usize,
    ) -> Result<(), StateError> {
        report::part_unclear(host, &leaving.id, part).await
    }

    /// The call is over, however it ended: parts that have not left are no longer on their way. A report for
    /// another text to the same number can then be told from one for them.
    ///
    /// # Errors
    /// [`StateError`]: harmless, a report finds nothing that it could be about.
    pub(crate) async fn done(&self, host: &dyn Host, leaving: &Leaving) -> Result<(), StateError> {
        self.under_way().remove(&leaving.id);
        report::done(host, &leaving.id).await
    }

    /// A status report that came by this card: adds what it settles to `step`, for the core too. Reports
    /// are kept and worked on as messages are, so that each settles its text in one commit with being
    /// worked on.
    ///
    /// # Errors
    /// [`StateError::Unavailable`]: nothing was added to the step.
    pub(crate) async fn settle(
        &self,
        host: &dyn Host,
        card: &str,
        report: &pdu::Report,
        step: &mut Step,
    ) -> Result<(), StateError> {
        let under_way = self.under_way().clone();
        report::settle(host, card, report, &under_way, step).await
    }

    fn under_way(&self) -> MutexGuard<'_, BTreeSet<String>> {
        // The set is whole after every step, so a panic of another holder does no harm.
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
