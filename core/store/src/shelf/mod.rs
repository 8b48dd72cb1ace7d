//! The shelf: where the bytes of pictures rest, sealed, until their message has reached a final state.
//!
//! A file is durable before its row says so, and is removed after the commit in which its picture goes. A
//! crash in between leaves a file that no row knows, never the other way round; sweeping removes it.

mod frames;
mod rest;

pub use frames::PictureFrames;

use crate::domain::{Applied, Change, PictureChange, PictureState, ShelfRow};
use crate::error::{Out, ShelfLimit, StoreError};
use crate::seal::hex;
use crate::store::Store;
use rest::Rest;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// The folder below the bridge's own.
const FOLDER: &str = "media";
/// Files written at once; more callers than that wait.
const WRITES_AT_ONCE: usize = 2;
const NAME_BYTES: usize = 16;

/// How much may rest, this picture included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShelfLimits {
    /// Bytes of one picture.
    pub picture_bytes_max: i64,
    /// Bytes of all pictures of one message.
    pub message_bytes_max: i64,
    /// Bytes of all pictures.
    pub shelf_bytes_max: i64,
    /// How many pictures.
    pub pictures_max: usize,
}

/// The files of one store.
pub(crate) struct Shelf {
    rest: Rest,
    /// Files that a [`Shelved`] speaks for: they may have no row yet, and are not swept.
    unclaimed: Mutex<BTreeMap<String, Room>>,
    writes: Semaphore,
}

/// What a file takes up.
#[derive(Clone, Copy)]
struct Room {
    message_id: i64,
    bytes: i64,
}

/// A picture's bytes, durable on the shelf; [`PictureChange::Kept`] gives them to their picture.
///
/// Whoever drops it without having committed that leaves nothing behind.
#[derive(Clone)]
pub struct Shelved(Arc<Held>);

struct Held {
    shelf: Arc<Shelf>,
    name: String,
    picture_id: i64,
    bytes: i64,
    /// Handed to a commit whose outcome may be that a row knows the file.
    offered: AtomicBool,
}

impl Shelved {
    /// Which picture it is.
    pub fn picture_id(&self) -> i64 {
        self.0.picture_id
    }

    /// How large it is.
    pub fn bytes(&self) -> i64 {
        self.0.bytes
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }
}

impl std::fmt::Debug for Shelved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shelved(picture {}, {} bytes)", self.0.picture_id, self.0.bytes)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.offered.load(Ordering::SeqCst) {
            self.shelf.remove(&self.name);
        }
        self.shelf.unclaimed().remove(&self.name);
    }
}

impl Shelf {
    /// A shelf below the bridge's folder, or in memory.
    pub(crate) fn new(data_dir: Option<&Path>) -> Self {
        let in_memory = || Rest::Memory(Mutex::default());
        Self {
            rest: data_dir.map_or_else(in_memory, |folder| Rest::Folder(folder.join(FOLDER))),
            unclaimed: Mutex::default(),
            writes: Semaphore::new(WRITES_AT_ONCE),
        }
    }

    pub(crate) fn rest(&self) -> &Rest {
        &self.rest
    }

    fn unclaimed(&self) -> MutexGuard<'_, BTreeMap<String, Room>> {
        self.unclaimed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a file. One that cannot be removed is tried again by the next sweep.
    fn remove(&self, name: &str) {
        if let Err(error) = self.rest.remove(name) {
            tracing::error!(error = %error, "a picture's file cannot be removed; trying again later");
        }
    }
}

/// The files that these changes hand over; from now on only a sweep may remove them.
pub(crate) fn offer(changes: &[Change]) -> Vec<Shelved> {
    let mut offered = Vec::new();
    for change in changes {
        if let Change::Picture(PictureChange::Kept { file, .. }) = change {
            file.0.offered.store(true, Ordering::SeqCst);
            offered.push(file.clone());
        }
    }
    offered
}

/// After a commit that surely did not apply them, the files are their holders' again.
pub(crate) fn take_back(offered: &[Shelved], done: &Out<(Applied, Vec<String>)>) {
    let not_applied = match done {
        Ok((applied, _)) => applied.over.is_some(),
        Err(error) => matches!(error, StoreError::Conflict | StoreError::Lost),
    };
    for file in offered.iter().filter(|_| not_applied) {
        file.0.offered.store(false, Ordering::SeqCst);
    }
}

/// Which limit all that rests would pass, with the picture `name` among `unclaimed`.
fn over(
    limits: &ShelfLimits,
    name: &str,
    unclaimed: &BTreeMap<String, Room>,
    rows: Vec<ShelfRow>,
) -> Option<ShelfLimit> {
    let mut all = unclaimed.clone();
    all.extend(
        rows.into_iter()
            .map(|row| (row.file, Room { message_id: row.message_id, bytes: row.bytes })),
    );
    let Room { message_id, bytes } = *all.get(name)?;
    let of_message = all.values().filter(|room| room.message_id == message_id);
    let checks = [
        (bytes > limits.picture_bytes_max, ShelfLimit::PictureBytes),
        (
            of_message.map(|room| room.bytes).sum::<i64>() > limits.message_bytes_max,
            ShelfLimit::MessageBytes,
        ),
        (
            all.values().map(|room| room.bytes).sum::<i64>() > limits.shelf_bytes_max,
            ShelfLimit::ShelfBytes,
        ),
        (all.len() > limits.pictures_max, ShelfLimit::Pictures),
    ];
    checks.into_iter().find(|(over, _)| *over).map(|(_, limit)| limit)
}

impl Store {
    /// Puts the bytes of a wanted picture on the shelf, sealed; they are durable when it returns.
    /// [`PictureChange::Kept`] then gives them to the picture. Holds one frame beside `bytes`.
    ///
    /// # Errors
    /// [`StoreError::NoRoom`] says which limit would be passed. [`StoreError::Conflict`] when the picture is
    /// not wanted any more. [`StoreError::Full`] when the disk is.
    pub async fn shelve(
        &self,
        picture_id: i64,
        bytes: Vec<u8>,
        limits: ShelfLimits,
    ) -> Result<Shelved, StoreError> {
        let picture = self.picture(picture_id).await?;
        let picture = picture.filter(|picture| picture.state == PictureState::Wanted);
        let message_id = picture.ok_or(StoreError::Conflict)?.message_id;
        let shelved = self.make_room(picture_id, message_id, bytes.len())?;
        let rows = self.read(|q, _| q.shelf_rows()).await?;
        let limit = over(&limits, shelved.name(), &self.inner.shelf.unclaimed(), rows);
        if let Some(limit) = limit {
            return Err(StoreError::NoRoom(limit));
        }
        let _turn = self.inner.shelf.writes.acquire().await.map_err(StoreError::backend)?;
        // The thread keeps a share: a caller who goes away does not let the file go while it is written.
        let share = shelved.clone();
        self.beside(move |inner| {
            let frames = frames::seal(&inner.seal, picture_id, share.name(), &bytes);
            inner.shelf.rest.put(share.name(), frames)
        })
        .await?;
        Ok(shelved)
    }

    /// Takes a new name, and counts it from now on.
    fn make_room(&self, picture_id: i64, message_id: i64, bytes: usize) -> Out<Shelved> {
        let mut name = [0; NAME_BYTES];
        getrandom::fill(&mut name).map_err(StoreError::backend)?;
        let shelf = Arc::clone(&self.inner.shelf);
        let (name, bytes) = (hex(&name), i64::try_from(bytes).map_err(StoreError::backend)?);
        shelf.unclaimed().insert(name.clone(), Room { message_id, bytes });
        let offered = AtomicBool::new(false);
        Ok(Shelved(Arc::new(Held { shelf, name, picture_id, bytes, offered })))
    }

    /// Removes files whose rows have let them go.
    pub(crate) async fn remove_files(&self, names: Vec<String>) {
        if names.is_empty() {
            return;
        }
        let removed = self.beside(move |inner| {
            names.iter().for_each(|name| inner.shelf.remove(name));
            Ok(())
        });
        if let Err(error) = removed.await {
            tracing::error!(error = %error, "pictures' files are left for the next sweep");
        }
    }

    /// Removes files that no row knows; counts them.
    pub(crate) async fn sweep_shelf(&self) -> Out<i64> {
        // In this order: what is listed and claimed has been committed, or never will be.
        let mut names = self.beside(|inner| inner.shelf.rest.names()).await?;
        names.retain(|name| !self.inner.shelf.unclaimed().contains_key(name));
        if names.is_empty() {
            return Ok(0);
        }
        // By the writer: it comes after every commit that was on its way.
        let rows = self.write(|q, _| q.unshelve().and_then(|_| q.shelf_rows())).await?;
        names.retain(|name| !rows.iter().any(|row| row.file == *name));
        let count = i64::try_from(names.len()).unwrap_or(i64::MAX);
        self.remove_files(names).await;
        Ok(count)
    }

    /// Kept pictures without their file are wanted again. Only while nobody writes any.
    pub(crate) async fn want_missing_pictures(&self) -> Out<()> {
        let there = self.beside(|inner| inner.shelf.rest.names()).await?;
        let missing = self.write(move |q, _| q.want_missing(&there)).await?;
        if missing > 0 {
            tracing::warn!(pictures = missing, "pictures without their file are fetched again");
        }
        Ok(())
    }
}
