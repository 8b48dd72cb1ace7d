//! What arrived, durably: kept before the modem forgets it, handed on once and whole.
//!
//! The order of things, which the line keeps: [`Inbox::meet`] the card, list its store, [`Inbox::keep`]
//! what was found (an empty list too), say what was [`Inbox::listed`], delete it from the modem,
//! [`Inbox::deleted`], [`Inbox::work`].
//! Every one of these may be the last before a crash; a new [`Inbox`] over the same state goes on.
//! Nothing here is remembered outside the state, except which cards are in the modem.
//!
//! # State
//!
//! Values are JSON. `card` is the ICCID, letters and digits only. Moments are milliseconds since 1970.
//!
//! | key | value | forgotten |
//! |---|---|---|
//! | `card/<card>` | [`Card`](card::Card): first sight, first listing, next number | never |
//! | `kept/<card>/<number>` | [`Kept`](keep::Kept): a PDU line, not yet worked on; numbers are in order of arrival | when worked on |
//! | `slot/<card>/<memory>/<index>` | [`InSlot`](slots::InSlot): the line that was kept from there, its delete not confirmed | when the delete is |
//! | `seen/<card>/<hash>` | [`Seen`](keep::Seen): when this PDU first came, and its copies | after 3 days |
//! | `open/<card>/<sender>/<number>` | [`Open`](parts::Open): a long text that is not whole | when it is, or 7 days after it was asked about and its last part came |
//! | `part/<card>/<number>/<part>` | [`PartRow`](parts::PartRow): the PDU line of one part of it | with its `open` row |
//! | `told/<card>/<sender>/<hash>` | when a text of these words was handed on while others were open | after 8 days |
//! | `bad/<moment>-<number>` | [`Bad`](shelf::Bad): a PDU line that cannot be read | after 30 days, or 200 later ones |
//! | `old/<moment>-<number>` | [`Note`](shelf::Note): a text of the card's earlier life, not acted on | after 30 days, or 200 later ones |
//! | `note/<moment>-<number>` | [`Note`](shelf::Note): something that was no text | after 3 days, or 50 later ones |
//!
//! Whatever changes `kept` or `open` rows expects their versions, so that a second process over the
//! same state cannot do a thing twice: one of the two is refused and looks again.

mod asking;
mod card;
mod hand_on;
mod keep;
mod moment;
mod order;
mod parts;
mod pictures;
mod sender;
mod shelf;
mod shown;
mod slots;
pub(crate) mod state;
pub(crate) mod step;
#[cfg(test)]
pub(crate) mod tests;
mod work;

use crate::outbox::Outbox;
use cordboard_plugin::{Address, Host, StateError, Table, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A place in the modem's store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Slot {
    /// The store as the modem names it: `SM`, `ME` …
    pub memory: String,
    /// The index in it. Indexes are used again at once.
    pub index: u16,
}

/// A message as the modem showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it lies; `None` when it was routed to us and lies nowhere.
    pub slot: Option<Slot>,
    /// The PDU line, in hexadecimal digits.
    pub line: String,
}

/// What the inbox needs to know of the settings.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Our own number.
    pub line: Address,
    /// How long a long text waits for its missing parts before its sender is asked, in minutes.
    pub part_wait_minutes: u32,
    /// How old a text may be that lies on a card when it is first seen, in hours.
    pub catch_up_hours: u32,
}

/// The durable bookkeeping of what arrives.
pub(crate) struct Inbox {
    rules: Rules,
    /// The cards that were in the modem since this process began, and since when: only their senders
    /// can be asked anything.
    met: Mutex<BTreeMap<String, Timestamp>>,
}

impl Inbox {
    /// An inbox by these rules; all it has to remember is in the state.
    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules, met: Mutex::default() }
    }

    /// A card is in the modem: to be called whenever the modem was set up, not at each listing, as nobody
    /// is asked anything for two minutes after it. Remembers when the card was first seen.
    ///
    /// # Errors
    /// [`StateError`]: nothing is remembered; call again.
    pub(crate) async fn meet(&self, host: &dyn Host, card: &str) -> Result<(), StateError> {
        card::meet(host, card).await?;
        self.met().insert(state::card_name(card), host.now());
        Ok(())
    }

    /// Keeps the messages of a listing, or those that were routed to us. They are durable when it returns.
    ///
    /// Takes nothing twice: what lies in its slot since the last time, and what the network repeated,
    /// is left out. The first listing of a card is to be passed even when it is empty: what is kept
    /// until ten minutes after it counts as found on the card.
    ///
    /// # Errors
    /// [`StateError`]: nothing was kept; delete nothing, and call again.
    pub(crate) async fn keep(
        &self,
        host: &dyn Host,
        card: &str,
        found: &[Found],
    ) -> Result<(), StateError> {
        keep::keep(host, card, found).await
    }

    /// The line that was kept from this slot and whose delete is not confirmed, without space around it.
    /// A slot with anything else in it must not be deleted; compare without regard to case.
    ///
    /// # Errors
    /// [`StateError::Unavailable`]: delete nothing.
    pub(crate) async fn committed(
        &self,
        host: &dyn Host,
        card: &str,
        slot: &Slot,
    ) -> Result<Option<String>, StateError> {
        slots::committed(host, card, slot).await
    }

    /// The modem has confirmed that these slots are empty; what appears in them from now on is new.
    ///
    /// # Errors
    /// [`StateError`]: call again, or let the next listing find out.
    pub(crate) async fn deleted(
        &self,
        host: &dyn Host,
        card: &str,
        slots: &[Slot],
    ) -> Result<(), StateError> {
        slots::deleted(host, card, slots).await
    }

    /// A memory was listed as a whole, and these are the indexes that hold something: whatever was kept
    /// from others is gone from there, though nobody told us so. Without this, a slot whose confirmed
    /// delete was not noted any more would swallow the same words of a later day.
    ///
    /// Only for a listing without gaps, and only where messages are deleted: where they stay, a slot that one
    /// listing passed over would be taken for a new message by the next, weeks after it was handed on.
    ///
    /// # Errors
    /// [`StateError`]: harmless, the next listing does it.
    pub(crate) async fn listed(
        &self,
        host: &dyn Host,
        card: &str,
        memory: &str,
        indexes: &[u16],
    ) -> Result<(), StateError> {
        slots::listed(host, card, memory, indexes).await
    }

    /// Works on all that was kept, in order of arrival: hands texts on, joins parts, hands reports to
    /// the outbox, puts the rest where [`Inbox::shown`] finds it. Then asks the questions that are due
    /// and forgets what is past its time.
    ///
    /// # Errors
    /// [`StateError`]: what was not worked on is still kept; call again.
    pub(crate) async fn work(&self, host: &dyn Host, outbox: &Outbox) -> Result<(), StateError> {
        work::kept(&self.rules, host, outbox).await?;
        asking::round(self, host).await
    }

    /// When [`Inbox::work`] has a question to ask next; may be past. `None` while all texts are whole
    /// or were asked about. Also forgets what is past its time.
    ///
    /// # Errors
    /// [`StateError::Unavailable`]: call again.
    pub(crate) async fn overdue(&self, host: &dyn Host) -> Result<Option<Timestamp>, StateError> {
        asking::overdue(self, host).await
    }

    /// What the operator's page shows: texts that are not whole, what could not be read, what was not
    /// handed on. A table without rows is left out.
    ///
    /// # Errors
    /// [`StateError::Unavailable`]: call again.
    pub(crate) async fn shown(&self, host: &dyn Host) -> Result<Vec<Table>, StateError> {
        shown::tables(&self.rules, host).await
    }

    fn met(&self) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
        // The map is whole after every step, so a panic of another holder does no harm.
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Since when this card, as keys name it, is in the modem.
    fn met_at(&self, card: &str) -> Option<Timestamp> {
        self.met().get(card).copied()
    }
}
