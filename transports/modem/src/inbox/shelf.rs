//! What is kept for the operator to see, for a time and up to a number.

use super::Slot;
use super::state;
use super::step::Step;
use cordboard_plugin::{Expected, Host, StateError, Timestamp};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 3_600_000;

/// A shelf: its rows are keyed by the moment they were put there.
pub(super) struct Shelf {
    pub(super) prefix: &'static str,
    rows_max: u16,
    keep_ms: i64,
}

/// What could not be read.
pub(super) const BAD: Shelf = Shelf { prefix: "bad/", rows_max: 200, keep_ms: 30 * DAY_MS };
/// Texts of a card's earlier life.
pub(super) const OLD: Shelf = Shelf { prefix: "old/", rows_max: 200, keep_ms: 30 * DAY_MS };
/// What was no text.
pub(super) const NOTES: Shelf = Shelf { prefix: "note/", rows_max: 50, keep_ms: 3 * DAY_MS };

/// A PDU line that cannot be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bad {
    /// When it was kept.
    pub(super) at: Timestamp,
    /// The line.
    pub(super) line: String,
    /// Where it lay.
    #[serde(default)]
    pub(super) slot: Option<Slot>,
    /// Why it cannot be read.
    #[serde(default)]
    pub(super) why: String,
}

/// A message that is not handed on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Note {
    /// When it was kept.
    pub(super) at: Timestamp,
    /// When it was sent, if that is known.
    #[serde(default)]
    pub(super) sent_at: Option<Timestamp>,
    /// Who sent it, as far as a log may tell.
    #[serde(default)]
    pub(super) from: String,
    /// What it is.
    pub(super) what: String,
}

impl Shelf {
    /// Puts a row there, and takes the oldest away when there are too many. `number` sets rows of one
    /// moment apart.
    pub(super) async fn put(
        &self,
        host: &dyn Host,
        step: &mut Step,
        number: &str,
        row: &impl Serialize,
    ) -> Result<(), StateError> {
        let now = host.now();
        let there = host.scan(self.prefix, None, self.rows_max + 1).await?;
        let spare = (there.len() + 1).saturating_sub(usize::from(self.rows_max));
        let oldest = there.into_iter().take(spare).map(|(key, _)| state::delete(key));
        step.commit.deletes.extend(oldest);
        let key = format!("{}{}-{number}", self.prefix, state::moment_name(now));
        let until = Some(now.plus_millis(self.keep_ms));
        step.commit.puts.push(state::put(key, row, Expected::Any, until)?);
        Ok(())
    }
}
