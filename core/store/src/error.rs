//! Why the store did not do what it was asked, by what the caller should do.

use std::path::PathBuf;

/// Why nothing was written or read. After any of these, nothing of the call is in the database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the database too long: call again later.
    #[error("the database is busy")]
    Busy,
    /// An expected state or version did not hold: read again, then decide again.
    #[error("changed meanwhile")]
    Conflict,
    /// The lane belongs to somebody else by now: drop everything that was done under it.
    #[error("the lane is no longer ours")]
    Lost,
    /// The disk is full: take nothing in until there is room.
    #[error("the disk is full")]
    Full,
    /// A key over 255 bytes or a value over 64 kB.
    #[error("key or value too large")]
    TooLarge,
    /// A picture would be too much for a limit of the shelf.
    #[error("no room for the picture: {0}")]
    NoRoom(ShelfLimit),
    /// Something sealed cannot be opened with this key.
    #[error("cannot open what is sealed: {0}")]
    Key(String),
    /// The database refused, or a stored value makes no sense.
    #[error("database: {0}")]
    Backend(String),
}

/// Which limit of [`crate::ShelfLimits`] a picture would pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShelfLimit {
    /// This picture alone is too large.
    #[error("it is too large")]
    PictureBytes,
    /// All pictures of its message are too large together.
    #[error("its message's pictures are too large together")]
    MessageBytes,
    /// All pictures that rest: there is room again when others have been posted.
    #[error("the pictures that rest are too large together")]
    ShelfBytes,
    /// Too many pictures rest: there is room again when others have been posted.
    #[error("too many pictures rest")]
    Pictures,
}

/// What a query brings.
pub(crate) type Out<T> = Result<T, StoreError>;

impl StoreError {
    pub(crate) fn backend(detail: impl std::fmt::Display) -> Self {
        Self::Backend(detail.to_string())
    }
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        let words = error.to_string();
        // SQLite's codes do not pass through Diesel; its fixed English words do.
        if words.contains("database is locked") || words.contains("database table is locked") {
            Self::Busy
        } else if words.contains("database or disk is full") {
            Self::Full
        } else {
            Self::Backend(words)
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        // The position only: the words around it could be somebody's text.
        Self::Backend(format!("stored JSON: line {} column {}", error.line(), error.column()))
    }
}

/// Why the store was not opened. Whatever it was, the file is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A newer Cordboard has written this database.
    #[error(
        "the database was written by a newer Cordboard (schema {found}, this one reads {known}); \
         install that version, or go back to the copy `cordboard.db.before-…`"
    )]
    Newer {
        /// The oldest schema that can read it.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The database was made with another key.
    #[error(
        "the database was sealed with another key (it has {found}, this is {given}); \
         put the right key file back, nothing was changed"
    )]
    OtherKey {
        /// Id of the key in the database.
        found: String,
        /// Id of the key that was given.
        given: String,
    },
    /// The file or its folder cannot be written.
    #[error("cannot write {path}: {reason}; check its owner and permissions")]
    NotWritable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// This is no intact database.
    #[error("{path} is not an intact database: {reason}; restore a backup")]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// A migration failed and was rolled back.
    #[error("cannot bring the database up to date: {0}")]
    Migration(String),
    /// The store said no while it was being opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is neither 64 hex digits nor 32 bytes in base64.
    #[error("a key is 64 hex digits, or 32 bytes in base64")]
    Malformed,
    /// The file is gone although something has been sealed with it.
    #[error("{path} is gone, but the database was sealed with it; put the key file back")]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The system gave no random bytes.
    #[error("no random bytes: {0}")]
    Random(String),
}

/// Why the folder could not be locked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process holds it.
    #[error("the data folder is in use by process {}", held_by.map_or_else(|| "?".into(), |pid| pid.to_string()))]
    Held {
        /// Its process id, if it has written it.
        held_by: Option<u32>,
        /// Its note, for example where its admin interface listens.
        note: Option<String>,
    },
    /// The lock file cannot be made.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
