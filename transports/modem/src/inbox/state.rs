//! Rows of the state, as JSON under keys of limited length.

use cordboard_plugin::{Blob, Delete, Expected, Host, Put, StateError, Stored, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// How often a change is tried again because somebody else was quicker.
pub(crate) const TRIES: usize = 5;
/// Rows read at once.
pub(crate) const PAGE_ROWS: u16 = 32;
/// Rows read in all: more than there may be of one kind on one card.
const ROWS_MAX: usize = 1000;
/// Longest name of a card in keys; an ICCID has 20 digits at most (ITU-T E.118).
const CARD_CHARS_MAX: usize = 32;
/// Longest name of a memory in keys; modems use two letters.
const MEMORY_CHARS_MAX: usize = 16;

/// A value and its version.
pub(crate) struct Row<T> {
    pub(crate) value: T,
    pub(crate) version: i64,
}

/// Reads one row.
///
/// # Errors
/// [`StateError::Unavailable`] also when it cannot be understood: going on without it would do things twice.
pub(crate) async fn get<T: DeserializeOwned>(
    host: &dyn Host,
    key: &str,
) -> Result<Option<Row<T>>, StateError> {
    let Some(stored) = host.get(key).await? else { return Ok(None) };
    let room = key.split('/').next().unwrap_or_default();
    let unreadable = || StateError::Unavailable(format!("a row of `{room}` cannot be understood"));
    read(&stored).ok_or_else(unreadable).map(Some)
}

/// Understands a row; `None` when it is not of this kind.
pub(crate) fn read<T: DeserializeOwned>(stored: &Stored) -> Option<Row<T>> {
    let value = serde_json::from_slice(&stored.value.0).ok()?;
    Some(Row { value, version: stored.version })
}

/// The rows under a prefix, at most [`ROWS_MAX`].
///
/// Asks for few at a time: a store may have to look at as many rows as it is asked for, also behind the prefix.
pub(crate) async fn rows(
    host: &dyn Host,
    prefix: &str,
) -> Result<Vec<(String, Stored)>, StateError> {
    let mut rows: Vec<(String, Stored)> = Vec::new();
    while rows.len() < ROWS_MAX {
        let after = rows.last().map(|(key, _)| key.clone());
        let page = host.scan(prefix, after.as_deref(), PAGE_ROWS).await?;
        let is_last = page.len() < usize::from(PAGE_ROWS);
        rows.extend(page);
        if is_last {
            break;
        }
    }
    rows.truncate(ROWS_MAX);
    Ok(rows)
}

/// What a writer expects who has read this row, or its absence.
pub(crate) fn expected<T>(row: Option<&Row<T>>) -> Expected {
    row.map_or(Expected::Absent, |row| Expected::Version(row.version))
}

/// Writes `value`.
///
/// # Errors
/// [`StateError::Unavailable`] when it is no JSON; no value of ours is.
pub(crate) fn put(
    key: String,
    value: &impl Serialize,
    expected: Expected,
    expires_at: Option<Timestamp>,
) -> Result<Put, StateError> {
    let json = serde_json::to_vec(value)
        .map_err(|error| StateError::Unavailable(format!("a row cannot be written: {error}")))?;
    Ok(Put { key, value: Blob(json), expected, expires_at })
}

/// Deletes a row whatever its version.
pub(crate) fn delete(key: String) -> Delete {
    Delete { key, expected: Expected::Any }
}

/// Deletes a row if it is still the one that was read.
pub(crate) fn delete_version(key: String, version: i64) -> Delete {
    Delete { key, expected: Expected::Version(version) }
}

/// A hash of these values: 32 hexadecimal digits, half of SHA-256. Their borders count.
pub(crate) fn hash(values: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for value in values {
        hasher.update((value.len() as u64).to_be_bytes());
        hasher.update(value);
    }
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A card as keys name it.
pub(crate) fn card_name(card: &str) -> String {
    name(card, CARD_CHARS_MAX)
}

/// A memory as keys name it.
pub(crate) fn memory_name(memory: &str) -> String {
    name(memory, MEMORY_CHARS_MAX)
}

fn name(text: &str, chars_max: usize) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(chars_max).collect()
}

/// A moment as keys name it, so that they sort by it.
pub(crate) fn moment_name(at: Timestamp) -> String {
    format!("{:016x}", at.0.max(0))
}
