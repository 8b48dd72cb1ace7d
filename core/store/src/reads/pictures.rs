//! Pictures: what is known of them, and their bytes.

use crate::domain::*;
use crate::error::StoreError;
use crate::shelf::PictureFrames;
use crate::store::Store;

/// Every read sees one snapshot of what has been committed.
impl Store {
    /// The pictures of a message, in order.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn pictures_of(&self, message_id: i64) -> Result<Vec<Picture>, StoreError> {
        self.read(move |q, _| q.pictures_of(message_id)).await
    }

    /// A picture.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn picture(&self, id: i64) -> Result<Option<Picture>, StoreError> {
        self.read(move |q, _| q.picture(id)).await
    }

    /// Where a picture was uploaded through a sink; it may have expired there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn upload_of(
        &self,
        picture_id: i64,
        sink: &str,
    ) -> Result<Option<Upload>, StoreError> {
        let sink = sink.to_owned();
        self.read(move |q, _| q.upload_of(picture_id, &sink)).await
    }

    /// The bytes of a kept picture, 64 KiB at a time; `None` when it is not kept.
    ///
    /// # Errors
    /// [`StoreError::Key`] when the file is not what was written; see [`StoreError`].
    pub async fn picture_frames(
        &self,
        picture_id: i64,
    ) -> Result<Option<PictureFrames>, StoreError> {
        let Some(file) = self.read(move |q, _| q.resting(picture_id)).await? else {
            return Ok(None);
        };
        let store = self.clone();
        self.beside(move |_| PictureFrames::open(store, picture_id, &file).map(Some)).await
    }

    /// All bytes of a kept picture; `None` when it is not kept.
    ///
    /// # Errors
    /// [`StoreError::Key`] when the file is not what was written; see [`StoreError`].
    pub async fn picture_bytes(&self, picture_id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(frames) = self.picture_frames(picture_id).await? else { return Ok(None) };
        self.beside(move |_| frames.into_whole().map(Some)).await
    }
}
