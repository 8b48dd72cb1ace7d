//! Frames: 64 KiB of a picture, sealed for their place in it.

use super::rest::{Found, Rest, refused};
use crate::error::{Out, StoreError};
use crate::seal::{SEALED_MORE_BYTES, Seal, frame_place};
use crate::store::Store;
use std::io::Read;

/// Bytes of a picture in one frame; only the last frame of a picture is shorter.
const FRAME_BYTES: usize = 64 * 1024;
const SEALED_FRAME_BYTES: usize = FRAME_BYTES + SEALED_MORE_BYTES;

/// Seals a picture frame by frame. One of no bytes has one empty frame: nothing kept has no frame.
pub(super) fn seal<'a>(
    seal: &'a Seal,
    picture_id: i64,
    file: &'a str,
    bytes: &'a [u8],
) -> impl Iterator<Item = Out<Vec<u8>>> + 'a {
    let count = bytes.len().div_ceil(FRAME_BYTES).max(1);
    (0..count).map(move |number| {
        let start = number * FRAME_BYTES;
        let frame = &bytes[start..bytes.len().min(start + FRAME_BYTES)];
        let place = frame_place(picture_id, file, number as u64, number + 1 == count);
        seal.seal_bytes(&place, frame)
    })
}

/// The bytes of a kept picture, 64 KiB at a time. Each step reads the disk.
///
/// Ends after an error: a file that was changed, cut, put together from others or is not of this picture
/// brings [`StoreError::Key`] at that frame, so whoever uses frames at once must be able to stop.
pub struct PictureFrames {
    store: Store,
    picture_id: i64,
    file: String,
    source: Box<dyn Read + Send>,
    /// Sealed bytes not read yet.
    left: u64,
    number: u64,
}

impl PictureFrames {
    pub(crate) fn open(store: Store, picture_id: i64, file: &str) -> Out<Self> {
        let rest: &Rest = store.inner.shelf.rest();
        let Found { source, bytes: left } =
            rest.find(file)?.ok_or_else(|| StoreError::Key("a picture's file is gone".into()))?;
        if left == 0 {
            return Err(StoreError::Key("a picture's file is empty".into()));
        }
        Ok(Self { store, picture_id, file: file.to_owned(), source, left, number: 0 })
    }

    /// How many bytes are still to come, if the file is whole.
    pub fn bytes_left(&self) -> u64 {
        let frames = self.left.div_ceil(SEALED_FRAME_BYTES as u64);
        self.left.saturating_sub(frames * SEALED_MORE_BYTES as u64)
    }

    pub(crate) fn into_whole(self) -> Out<Vec<u8>> {
        let bytes = usize::try_from(self.bytes_left()).map_err(StoreError::backend)?;
        let mut whole = Vec::with_capacity(bytes);
        for frame in self {
            whole.extend_from_slice(&frame?);
        }
        Ok(whole)
    }

    fn step(&mut self) -> Out<Vec<u8>> {
        let most = SEALED_FRAME_BYTES as u64;
        let bytes = usize::try_from(self.left.min(most)).map_err(StoreError::backend)?;
        // A file that lost its end shows an earlier frame as its last, and that one was sealed as another.
        let last = self.left <= most;
        let mut sealed = vec![0; bytes];
        self.source.read_exact(&mut sealed).map_err(refused)?;
        let place = frame_place(self.picture_id, &self.file, self.number, last);
        let mut frame = self.store.inner.seal.open_bytes(&place, &sealed)?;
        self.left -= bytes as u64;
        self.number += 1;
        Ok(std::mem::take(&mut *frame))
    }
}

impl Iterator for PictureFrames {
    type Item = Result<Vec<u8>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let frame = self.step();
        if frame.is_err() {
            self.left = 0;
        }
        Some(frame)
    }
}

impl std::fmt::Debug for PictureFrames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PictureFrames({} bytes left)", self.bytes_left())
    }
}
