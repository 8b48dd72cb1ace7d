//! Rows of pictures and uploads.

use super::{known, moment};
use crate::domain::{Picture, PictureState, Upload};
use crate::error::Out;
use crate::schema::{pictures, uploads};
use cordboard_plugin::{MediaHandle, Timestamp};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = pictures)]
pub(crate) struct PictureRow {
    pub(crate) id: i64,
    pub(crate) message_id: i64,
    position: i32,
    reference: String,
    pub(crate) state: i16,
    media_type: Option<String>,
    bytes: i64,
    pub(crate) file: Option<String>,
    alt: Option<String>,
    outcome: String,
    tries: i32,
    due_at: i64,
    created_at: i64,
}

impl PictureRow {
    pub(crate) fn into_domain(self) -> Out<Picture> {
        Ok(Picture {
            id: self.id,
            message_id: self.message_id,
            position: self.position,
            reference: serde_json::from_str(&self.reference)?,
            state: known(PictureState::from_code(self.state), "picture state", self.state)?,
            media_type: self.media_type,
            bytes: self.bytes,
            alt: self.alt,
            outcome: self.outcome,
            tries: self.tries,
            due_at: Timestamp(self.due_at),
            created_at: Timestamp(self.created_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = uploads)]
pub(crate) struct UploadRow {
    remote_id: String,
    handle: String,
    expires_at: Option<i64>,
    described: i16,
}

impl UploadRow {
    pub(crate) fn into_domain(self) -> Upload {
        let handle = MediaHandle {
            id: self.handle,
            expires_at: moment(self.expires_at),
            described: self.described != 0,
        };
        Upload { remote_id: self.remote_id, handle }
    }
}
