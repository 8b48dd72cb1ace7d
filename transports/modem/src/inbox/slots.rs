//! Slots whose content is kept and whose delete the modem has not confirmed.

use super::Slot;
use super::state;
use cordboard_plugin::{Commit, Host, StateError, Timestamp};
use serde::{Deserialize, Serialize};

/// What was kept from a slot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct InSlot {
    /// The PDU line.
    pub(super) line: String,
    /// Its hash.
    pub(super) hash: String,
    /// When it was kept.
    pub(super) at: Timestamp,
}

pub(super) fn key(card: &str, slot: &Slot) -> String {
    let (card, memory) = (state::card_name(card), state::memory_name(&slot.memory));
    format!("slot/{card}/{memory}/{:05}", slot.index)
}

pub(super) async fn committed(
    host: &dyn Host,
    card: &str,
    slot: &Slot,
) -> Result<Option<String>, StateError> {
    let row = state::get::<InSlot>(host, &key(card, slot)).await?;
    Ok(row.map(|row| row.value.line))
}

pub(super) async fn deleted(host: &dyn Host, card: &str, slots: &[Slot]) -> Result<(), StateError> {
    if slots.is_empty() {
        return Ok(());
    }
    let deletes = slots.iter().map(|slot| state::delete(key(card, slot))).collect();
    host.commit(Commit { deletes, ..Commit::default() }).await
}
