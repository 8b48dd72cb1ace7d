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
    format!("{}{:05}", prefix(card, &slot.memory), slot.index)
}

fn prefix(card: &str, memory: &str) -> String {
    format!("slot/{}/{}/", state::card_name(card), state::memory_name(memory))
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

pub(super) async fn listed(
    host: &dyn Host,
    card: &str,
    memory: &str,
    indexes: &[u16],
) -> Result<(), StateError> {
    let rows = state::rows(host, &prefix(card, memory)).await?;
    let holds = |key: &str| {
        let index = key.rsplit('/').next().and_then(|index| index.parse().ok());
        index.is_some_and(|index: u16| indexes.contains(&index))
    };
    let gone = rows.into_iter().filter(|(key, _)| !holds(key));
    let deletes: Vec<_> =
        gone.map(|(key, stored)| state::delete_version(key, stored.version)).collect();
    if deletes.is_empty() {
        return Ok(());
    }
    host.commit(Commit { deletes, ..Commit::default() }).await
}
