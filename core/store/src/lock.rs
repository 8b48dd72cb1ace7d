//! One process per data folder.

use crate::error::LockError;
use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The lock of a data folder, held until dropped or until the process ends, however it ends.
///
/// `data_dir/lock` carries the process id in its first line and a note in its second.
#[derive(Debug)]
pub struct DataLock {
    file: File,
    path: PathBuf,
}

impl DataLock {
    /// Takes the lock without waiting.
    ///
    /// # Errors
    /// [`LockError::Held`] names the process that has it and its note.
    pub fn take(data_dir: &Path) -> Result<Self, LockError> {
        let path = data_dir.join("lock");
        let file_error = |source| LockError::File { path: path.clone(), source };
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(file_error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let (held_by, note) = read_lines(&file);
                return Err(LockError::Held { held_by, note });
            }
            Err(TryLockError::Error(source)) => return Err(file_error(source)),
        }
        let lock = Self { file, path };
        lock.write_note("")?;
        Ok(lock)
    }

    /// Leaves a line for other processes, for example where the admin interface listens.
    ///
    /// # Errors
    /// [`LockError::File`] when it cannot be written.
    pub fn write_note(&self, note: &str) -> Result<(), LockError> {
        let write = || {
            let mut file = &self.file;
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}\n{}", std::process::id(), note.replace('\n', " "))
        };
        write().map_err(|source| LockError::File { path: self.path.clone(), source })
    }

    /// The note of whoever holds the lock of this folder; `None` when nobody does.
    pub fn read_note(data_dir: &Path) -> Option<String> {
        let file = File::open(data_dir.join("lock")).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read_lines(&file).1,
            _ => None,
        }
    }
}

fn read_lines(mut file: &File) -> (Option<u32>, Option<String>) {
    let mut text = String::new();
    // A note that cannot be read is the same to the caller as none.
    if file.rewind().and_then(|()| file.read_to_string(&mut text)).is_err() {
        return (None, None);
    }
    let mut lines = text.lines();
    let pid = lines.next().and_then(|line| line.parse().ok());
    (pid, lines.next().filter(|line| !line.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_is_refused_and_told_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let lock = DataLock::take(folder.path()).unwrap();
        lock.write_note("http://127.0.0.1:4081").unwrap();
        let Err(LockError::Held { held_by, note }) = DataLock::take(folder.path()) else {
            panic!("taken twice");
        };
        assert_eq!(held_by, Some(std::process::id()));
        assert_eq!(note.as_deref(), Some("http://127.0.0.1:4081"));
        assert_eq!(DataLock::read_note(folder.path()), note);
        drop(lock);
        assert_eq!(DataLock::read_note(folder.path()), None);
        DataLock::take(folder.path()).unwrap();
    }
}
