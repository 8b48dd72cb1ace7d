//! Opening what is kept on disk: the data folder, its lock, keys and the store.

use crate::config::{KeySource, Loaded};
use crate::failure::Failure;
use cordboard_plugin::{Secret, Timestamp};
use cordboard_store::{DataLock, LockError, SealKey, Store, StoreOptions, StoreUrl};
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Longest admin token, in bytes.
const TOKEN_BYTES_MAX: usize = 1024;

/// Makes the data folder (mode 0700) and the folders of the files that are kept elsewhere.
///
/// # Errors
/// When one cannot be made, with the way out.
pub fn make_folders(loaded: &Loaded) -> Result<(), Failure> {
    let key_files = [&loaded.key, &loaded.token].into_iter().filter_map(|source| match source {
        KeySource::File(path) => path.parent(),
        KeySource::Given(_) => None,
    });
    let folders = [Some(loaded.data_dir.as_path()), loaded.store_path.parent()];
    for folder in folders.into_iter().flatten().chain(key_files) {
        if folder.as_os_str().is_empty() {
            continue;
        }
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
            let message = format!("cannot make the folder `{}`: {error}", folder.display());
            Failure::failed(message, NOT_WRITABLE)
        })?;
    }
    Ok(())
}

const NOT_WRITABLE: &str = "give the user who runs the bridge the right to write there, or choose another `bridge.data_dir`";

/// Takes the lock of the data folder.
///
/// # Errors
/// When another process has it, or the folder cannot be written.
pub fn take_lock(loaded: &Loaded) -> Result<DataLock, Failure> {
    DataLock::take(&loaded.data_dir).map_err(|error| lock_failure(loaded, &error))
}

/// Why the data folder could not be locked, with the way out.
pub(crate) fn lock_failure(loaded: &Loaded, error: &LockError) -> Failure {
    match error {
        LockError::Held { held_by, .. } => {
            let process =
                held_by.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"));
            let message =
                format!("the data folder `{}` is in use by {process}", loaded.data_dir.display());
            let hint = "stop that bridge first, or give this one a `bridge.data_dir` of its own";
            Failure::failed(message, hint)
        }
        error => {
            let folder = loaded.data_dir.display();
            Failure::failed(format!("cannot write to the folder `{folder}`: {error}"), NOT_WRITABLE)
        }
    }
}

/// Opens the store under its key; both are made when there is nothing yet.
///
/// # Errors
/// As [`cordboard_store::OpenError`] and [`cordboard_store::KeyError`] say; nothing is destroyed.
pub fn open_store(loaded: &Loaded, now: Timestamp) -> Result<Store, Failure> {
    let empty = std::fs::metadata(&loaded.store_path).map_or(true, |found| found.len() == 0);
    let key = match &loaded.key {
        KeySource::File(path) => SealKey::load_or_create(path, empty),
        KeySource::Given(text) => SealKey::from_text(text.reveal()),
    };
    let key = key.map_err(|error| {
        let failure = Failure::told(&error);
        if failure.to_string().contains("hint:") {
            return failure;
        }
        Failure::failed(
            format!("cannot use the store's key: {error}"),
            "put the right key back; without it nobody's credentials can be opened",
        )
    })?;
    let options = StoreOptions {
        url: StoreUrl::Sqlite(loaded.store_path.clone()),
        data_dir: loaded.data_dir.clone(),
        key,
        inline: false,
        version: env!("CARGO_PKG_VERSION"),
    };
    Store::open(options, now).map_err(|error| Failure::told(&error))
}

/// A store in memory that nobody needs afterwards, for commands that start nothing.
///
/// # Errors
/// Should not happen; as [`cordboard_store::OpenError`] says.
pub fn open_nowhere(now: Timestamp) -> Result<Store, Failure> {
    let options = StoreOptions {
        url: StoreUrl::Memory,
        data_dir: std::env::temp_dir(),
        key: SealKey::new([0; 32]),
        inline: true,
        version: env!("CARGO_PKG_VERSION"),
    };
    Store::open(options, now).map_err(|error| Failure::told(&error))
}

/// The token of the operator's API; with `make`, a file that is not there yet is made, mode 0600.
///
/// # Errors
/// When the file cannot be read or made, or holds no token.
pub fn admin_token(source: &KeySource, make: bool) -> Result<Secret, Failure> {
    let path = match source {
        KeySource::Given(token) => return Ok(token.clone()),
        KeySource::File(path) => path,
    };
    let failed = |what: &str, error: std::io::Error| {
        let message = format!("cannot {what} the admin token `{}`: {error}", path.display());
        Failure::failed(message, "check the owner of the file and of its folder")
    };
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() || text.len() > TOKEN_BYTES_MAX => {
            let message = format!("the admin token `{}` is empty or too long", path.display());
            Err(Failure::failed(message, "remove the file: a new one is made at the next start"))
        }
        Ok(text) => Ok(Secret::new(text.trim())),
        Err(error) if error.kind() == ErrorKind::NotFound && make => {
            let token = new_token()?;
            write_token(path, &token).map_err(|error| failed("make", error))?;
            Ok(token)
        }
        Err(error) => Err(failed("read", error)),
    }
}

fn new_token() -> Result<Secret, Failure> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::failed(format!("the system gave no random bytes: {error}"), "")
    })?;
    Ok(Secret::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

fn write_token(path: &Path, token: &Secret) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", token.reveal())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_admin_token_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.token");
        let source = KeySource::File(path.clone());
        assert!(admin_token(&source, false).is_err());
        assert!(!path.exists());
        let made = admin_token(&source, true).unwrap();
        assert_eq!(made.reveal().len(), 64);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(admin_token(&source, true).unwrap(), made);
        std::fs::write(&path, "\n").unwrap();
        let failure = admin_token(&source, true).unwrap_err();
        assert!(failure.to_string().contains("is empty or too long"), "{failure}");
    }
}
