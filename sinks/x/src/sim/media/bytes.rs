//! The bytes of pictures, in rows that a host takes.

use super::{Picture, forget};
use crate::sim::store::{all as rows, delete};
use cordboard_plugin::{Blob, Commit, Expected, Host, Put, StateError};

/// A row; a host takes 64 kB.
const ROW_BYTES: usize = 60_000;
/// Larger pictures are taken, but not shown.
const PICTURE_BYTES_MAX: u64 = 6 << 20;
/// Beyond this, the oldest are forgotten.
const ALL_BYTES_MAX: u64 = 64 << 20;
const PICTURES_MAX: usize = 500;

/// Whether a picture of this size is kept to be shown.
pub(super) fn are_kept(bytes_total: u64) -> bool {
    bytes_total <= PICTURE_BYTES_MAX
}

fn prefix(id: &str) -> String {
    format!("media-bytes/{id}/")
}

/// Adds the rows of one piece to a commit.
pub(super) fn keep(commit: &mut Commit, id: &str, piece: u32, bytes: &[u8]) {
    for (nth, row) in bytes.chunks(ROW_BYTES).enumerate() {
        commit.puts.push(Put {
            key: format!("{}{piece:04}/{nth:04}", prefix(id)),
            value: Blob(row.to_vec()),
            expected: Expected::Any,
            expires_at: None,
        });
    }
}

/// All bytes of a picture, in order.
pub(super) async fn all(host: &dyn Host, id: &str) -> Result<Vec<u8>, StateError> {
    let found = host.scan(&prefix(id), None, 1000).await?;
    Ok(found.into_iter().flat_map(|(_, row)| row.value.0).collect())
}

/// Keeps the whole within its limits.
pub(super) async fn forget_old(host: &dyn Host) -> Result<(), StateError> {
    let pictures = rows::<Picture>(host, "media/").await?;
    let kept = |picture: &Picture| if picture.shown { picture.bytes_here } else { 0 };
    let mut sum: u64 = pictures.iter().map(|(_, picture)| kept(picture)).sum();
    let mut count = pictures.len();
    for (_, picture) in pictures {
        if sum <= ALL_BYTES_MAX && count <= PICTURES_MAX {
            break;
        }
        let mut commit = Commit::default();
        forget(&mut commit, &picture.id);
        for (key, _) in host.scan(&prefix(&picture.id), None, 1000).await? {
            delete(&mut commit, key, Expected::Any);
        }
        host.commit(commit).await?;
        sum -= kept(&picture);
        count -= 1;
    }
    Ok(())
}

/// The type of bytes by their first ones; empty when it is none that X takes.
pub(super) fn sniff(bytes: &[u8]) -> &'static str {
    let has = |at: usize, mark: &[u8]| bytes.get(at..at + mark.len()) == Some(mark);
    if has(0, b"\xff\xd8\xff") {
        "image/jpeg"
    } else if has(0, b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if has(0, b"GIF87a") || has(0, b"GIF89a") {
        "image/gif"
    } else if has(0, b"RIFF") && has(8, b"WEBP") {
        "image/webp"
    } else if has(4, b"ftyp") && !has(8, b"heic") && !has(8, b"3gp") && !has(8, b"qt  ") {
        "video/mp4"
    } else {
        ""
    }
}
