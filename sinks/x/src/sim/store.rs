//! What the simulator keeps, as rows of JSON in its host's state.

use cordboard_plugin::{Blob, Commit, Delete, Expected, Host, Put, StateError, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What a host takes; tokens and ids from outside may be longer, and are then unknown.
const KEY_BYTES_MAX: usize = 255;
/// Rows read at once.
const ROWS: u16 = 1000;
/// Nothing here has more rows than this.
const ROWS_MAX: usize = 20_000;

/// What a token is good for; keys `access/…` and `refresh/…`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) handle: String,
    pub(super) scope: String,
}

/// A code on its way; key `code/…`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Code {
    pub(super) handle: String,
    pub(super) scope: String,
    pub(super) challenge: String,
    pub(super) redirect_uri: String,
    pub(super) expires_at: Timestamp,
}

/// A post; key `post/<id>`, so that keys are in the order of time.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Post {
    pub(super) id: String,
    pub(super) handle: String,
    /// As it was sent.
    pub(super) words: String,
    pub(super) at: Timestamp,
    pub(super) previous: Option<String>,
    /// Ids of its pictures.
    #[serde(default)]
    pub(super) media: Vec<String>,
}

/// What somebody did so far; key `count/…`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) handle: String,
    pub(super) refreshes: u64,
    pub(super) posts: u64,
}

/// The names of one person differ in case only.
pub(super) fn user_key(handle: &str) -> String {
    handle.to_ascii_lowercase()
}

/// A value and what to expect when writing it again.
pub(super) async fn load<T: DeserializeOwned>(
    host: &dyn Host,
    key: &str,
) -> Result<(Option<T>, Expected), StateError> {
    if key.len() > KEY_BYTES_MAX {
        return Ok((None, Expected::Absent));
    }
    Ok(match host.get(key).await? {
        None => (None, Expected::Absent),
        Some(stored) => {
            (serde_json::from_slice(&stored.value.0).ok(), Expected::Version(stored.version))
        }
    })
}

/// All rows whose keys start with `prefix`, in key order.
pub(super) async fn all<T: DeserializeOwned>(
    host: &dyn Host,
    prefix: &str,
) -> Result<Vec<(String, T)>, StateError> {
    let mut rows = Vec::new();
    let mut after: Option<String> = None;
    while rows.len() < ROWS_MAX {
        let page = host.scan(prefix, after.as_deref(), ROWS).await?;
        let last = page.len() < usize::from(ROWS);
        after = page.last().map(|(key, _)| key.clone());
        rows.extend(page.into_iter().filter_map(|(key, stored)| {
            Some((key, serde_json::from_slice(&stored.value.0).ok()?))
        }));
        if last {
            break;
        }
    }
    Ok(rows)
}

/// Adds a row to a commit.
pub(super) fn put<T: Serialize>(
    commit: &mut Commit,
    key: String,
    value: &T,
    expected: Expected,
    expires_at: Option<Timestamp>,
) -> Result<(), StateError> {
    let json = serde_json::to_vec(value).map_err(|e| StateError::Unavailable(e.to_string()))?;
    commit.puts.push(Put { key, value: Blob(json), expected, expires_at });
    Ok(())
}

/// Adds a deletion to a commit.
pub(super) fn delete(commit: &mut Commit, key: String, expected: Expected) {
    commit.deletes.push(Delete { key, expected });
}

/// Adds to what `handle` did so far.
pub(super) async fn count(
    host: &dyn Host,
    commit: &mut Commit,
    handle: &str,
    add: impl FnOnce(&mut Counts),
) -> Result<(), StateError> {
    let key = format!("count/{}", user_key(handle));
    let (counts, expected) = load::<Counts>(host, &key).await?;
    let mut counts = counts.unwrap_or_default();
    handle.clone_into(&mut counts.handle);
    add(&mut counts);
    put(commit, key, &counts, expected, None)
}
