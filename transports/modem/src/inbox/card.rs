//! When a card was first seen, and the numbers of what was kept from it.

use super::state::{self, Row};
use cordboard_plugin::{Commit, Expected, Host, StateError, Timestamp};
use serde::{Deserialize, Serialize};

/// How long after its first listing what is found on a card still counts as found at first sight:
/// a card may be listed memory by memory, and again.
const FIRST_SIGHT_MS: i64 = 10 * 60 * 1000;

/// What is remembered of a card, for ever.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Card {
    /// When it was first seen.
    pub(super) seen_at: Timestamp,
    /// When it was first listed.
    #[serde(default)]
    pub(super) listed_at: Option<Timestamp>,
    /// The number of the next message that is kept.
    #[serde(default)]
    pub(super) next: u64,
}

impl Card {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { seen_at: now, listed_at: None, next: 0 }
    }

    /// Whether what is found on it now lay there before we came.
    ///
    /// Not by the age of a text alone: a centre whose clock is wrong would never be heard.
    pub(super) fn is_first_sight(&self, now: Timestamp) -> bool {
        self.listed_at.is_none_or(|at| now.millis_since(at).abs() < FIRST_SIGHT_MS)
    }
}

pub(super) fn key(card: &str) -> String {
    format!("card/{}", state::card_name(card))
}

pub(super) async fn read(host: &dyn Host, card: &str) -> Result<Option<Row<Card>>, StateError> {
    state::get(host, &key(card)).await
}

/// Remembers the first sight of a card.
pub(super) async fn meet(host: &dyn Host, card: &str) -> Result<(), StateError> {
    if read(host, card).await?.is_some() {
        return Ok(());
    }
    let put = state::put(key(card), &Card::new(host.now()), Expected::Absent, None)?;
    match host.commit(Commit { puts: vec![put], ..Commit::default() }).await {
        // Another process met it a moment ago.
        Err(StateError::Conflict) => Ok(()),
        other => other,
    }
}
