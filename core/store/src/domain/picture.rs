//! Pictures of messages, from the provider's name for them to their upload.

use super::coded;
use crate::shelf::Shelved;
use cordboard_plugin::{MediaHandle, MediaRef, Timestamp};
use serde::Serialize;

coded! {
    /// What has become of a picture.
    PictureState {
        /// To be fetched from the provider.
        Wanted = 0 "wanted",
        /// Its bytes rest on the shelf.
        Kept = 1 "kept",
        /// Will not be posted: `outcome` says why.
        Refused = 2 "refused",
        /// Its message has reached a final state, and its bytes are erased.
        Gone = 3 "gone",
    }
}

/// A picture of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// Our id.
    pub id: i64,
    /// Its message.
    pub message_id: i64,
    /// Which of the message's pictures, from 0.
    pub position: i32,
    /// How the provider names it.
    #[serde(skip)]
    pub reference: MediaRef,
    /// What has become of it.
    pub state: PictureState,
    /// The type its bytes showed, once kept.
    pub media_type: Option<String>,
    /// How large it is, once kept.
    pub bytes: i64,
    /// A description for people who do not see it.
    pub alt: Option<String>,
    /// What was refused or went wrong last, in plain words.
    pub outcome: String,
    /// How often fetching has failed.
    pub tries: i32,
    /// When it is fetched next, while wanted.
    pub due_at: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A picture at a destination, not necessarily posted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The account at the destination that uploaded it; no other can use it.
    pub remote_id: String,
    /// The destination's name for it.
    pub handle: MediaHandle,
}

/// What can be written about pictures; see [`super::Change::Picture`].
#[derive(Clone, Debug)]
pub enum PictureChange {
    /// A message has these pictures, in order: they are wanted, and the message's fetching lane is due.
    /// Those it has already stay as they are.
    Add {
        /// Which message.
        message_id: i64,
        /// As the provider names them.
        references: Vec<MediaRef>,
    },
    /// A wanted picture is on the shelf. Fails with `Conflict` when it is not wanted any more.
    Kept {
        /// What [`crate::Store::shelve`] brought; it says which picture.
        file: Shelved,
        /// The type that the bytes show.
        media_type: String,
    },
    /// A wanted picture could not be fetched yet: one try more. Fails with `Conflict` when it is not wanted
    /// any more.
    Later {
        /// Which picture.
        picture_id: i64,
        /// When it is tried next.
        at: Timestamp,
        /// Why not yet, in plain words.
        outcome: String,
    },
    /// A picture will not be posted; what rests of it is erased. Fails with `Conflict` when it is gone.
    Refused {
        /// Which picture.
        picture_id: i64,
        /// Why, in plain words.
        outcome: String,
    },
    /// Describes a picture for people who do not see it, or takes the description away.
    SetAlt {
        /// Which picture.
        picture_id: i64,
        /// The words.
        alt: Option<String>,
    },
    /// A kept picture was uploaded; an older upload at that sink is forgotten. Fails with `Conflict` when
    /// it is not kept any more.
    PutUpload {
        /// Which picture.
        picture_id: i64,
        /// The sink instance.
        sink: String,
        /// Where it is.
        upload: Upload,
    },
    /// Forgets where a picture was uploaded (the destination knows it no more).
    DropUploads {
        /// Which picture.
        picture_id: i64,
    },
}

/// A kept picture's file, for comparing rows with files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShelfRow {
    pub(crate) message_id: i64,
    pub(crate) file: String,
    pub(crate) bytes: i64,
}
