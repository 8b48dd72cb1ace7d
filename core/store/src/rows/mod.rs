//! What rows look like in Rust, and how they become the words of the domain.

mod links;
mod messages;
mod people;
mod pictures;
mod replies;

pub(crate) use links::{LinkRow, NewLinkRow};
pub(crate) use messages::{
    APPROVED, AttemptRow, BLANK_PART, MessageRow, NewMessageRow, NewPostRow, PROVEN, PostRow,
};
pub(crate) use people::{AccountRow, CredentialRow, IdentityRow, NewCredentialRow, NewEventRow};
pub(crate) use pictures::{PictureRow, UploadRow};
pub(crate) use replies::{LaneRow, NewReplyRow, ReplyRow};

use crate::error::{Out, StoreError};
use cordboard_plugin::Timestamp;

/// The variant behind a stored code; a newer version may have written one that is unknown here.
pub(crate) fn known<T>(variant: Option<T>, what: &str, code: i16) -> Out<T> {
    variant.ok_or_else(|| StoreError::Backend(format!("unknown {what} {code}")))
}

/// A flag as it is stored.
pub(crate) fn flag(on: bool) -> i16 {
    i16::from(on)
}

pub(crate) fn moment(at: Option<i64>) -> Option<Timestamp> {
    at.map(Timestamp)
}
