//! Where frames rest: a folder beside an SQLite file, or memory beside a store in memory. With Postgres
//! they will be rows, as a third variant here.

use crate::error::{Out, StoreError};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Cursor, ErrorKind, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Named runs of sealed frames.
pub(crate) enum Rest {
    /// A file for each, in this folder.
    Folder(PathBuf),
    /// Nothing on disk.
    Memory(Mutex<BTreeMap<String, Arc<[u8]>>>),
}

/// What rests under a name, and how many bytes it is.
pub(crate) struct Found {
    pub(crate) source: Box<dyn Read + Send>,
    pub(crate) bytes: u64,
}

impl Rest {
    /// Writes frames under a new name. When it returns they are durable; after an error nothing is there.
    pub(crate) fn put(&self, name: &str, frames: impl Iterator<Item = Out<Vec<u8>>>) -> Out<()> {
        match self {
            Self::Folder(folder) => {
                make_folder(folder)?;
                let path = folder.join(name);
                let written = write(&path, frames).and_then(|()| sync_folder(folder));
                if written.is_err() {
                    self.remove(name)?;
                }
                written
            }
            Self::Memory(files) => {
                let bytes = frames.collect::<Out<Vec<_>>>()?.concat();
                lock(files).insert(name.to_owned(), bytes.into());
                Ok(())
            }
        }
    }

    /// Finds what rests under a name.
    pub(crate) fn find(&self, name: &str) -> Out<Option<Found>> {
        match self {
            Self::Folder(folder) => {
                let file = match File::open(folder.join(name)) {
                    Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
                    file => file.map_err(refused)?,
                };
                let bytes = file.metadata().map_err(refused)?.len();
                Ok(Some(Found { source: Box::new(file), bytes }))
            }
            Self::Memory(files) => Ok(lock(files).get(name).map(|bytes| Found {
                bytes: bytes.len() as u64,
                source: Box::new(Cursor::new(Arc::clone(bytes))),
            })),
        }
    }

    /// Removes what rests under a name, if it is there.
    pub(crate) fn remove(&self, name: &str) -> Out<()> {
        match self {
            Self::Folder(folder) => match fs::remove_file(folder.join(name)) {
                Err(e) if e.kind() != ErrorKind::NotFound => Err(refused(e)),
                _ => Ok(()),
            },
            Self::Memory(files) => {
                lock(files).remove(name);
                Ok(())
            }
        }
    }

    /// All names.
    pub(crate) fn names(&self) -> Out<Vec<String>> {
        let folder = match self {
            Self::Folder(folder) => folder,
            Self::Memory(files) => return Ok(lock(files).keys().cloned().collect()),
        };
        let entries = match fs::read_dir(folder) {
            // It is made with the first picture.
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(refused)?,
        };
        let name = |entry: std::io::Result<fs::DirEntry>| {
            Ok(entry.map_err(refused)?.file_name().to_string_lossy().into_owned())
        };
        entries.map(name).collect()
    }
}

fn lock<T>(files: &Mutex<T>) -> MutexGuard<'_, T> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

fn make_folder(folder: &Path) -> Out<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(refused(e)),
        // The folder's own name must be durable too.
        Ok(()) => folder.parent().map_or(Ok(()), sync_folder),
    }
}

fn write(path: &Path, frames: impl Iterator<Item = Out<Vec<u8>>>) -> Out<()> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(refused)?;
    for frame in frames {
        file.write_all(&frame?).map_err(refused)?;
    }
    file.sync_all().map_err(refused)
}

fn sync_folder(folder: &Path) -> Out<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(refused)
}

/// What the system said, sorted by what the caller should do.
pub(crate) fn refused(error: std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Backend(format!("a picture's file: {error}")),
    }
}
