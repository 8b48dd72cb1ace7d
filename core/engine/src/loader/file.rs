//! What is asked of a plugin's file before anything in it is believed: it runs with all our rights.

use super::{LoadError, elf};
use sha2::{Digest as _, Sha256};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Largest plugin file that is read.
const FILE_BYTES_MAX: u64 = 256 << 20;
/// Writable by the group or by others.
const OTHERS_WRITE: u32 = 0o022;

/// Checks who owns the file and its folder and who may write them, its hash if one is expected, and that
/// it is a whole shared object. Gives the file itself, wherever links lead.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(path: &Path, sha256: Option<&str>) -> Result<PathBuf, LoadError> {
    let refuse = |problem: String| LoadError { path: path.to_owned(), problem };
    let unreadable = |error: std::io::Error| refuse(format!("cannot be read: {error}"));
    // What is checked is what is loaded: links are followed once.
    let real = path.canonicalize().map_err(unreadable)?;
    let about = std::fs::metadata(&real).map_err(unreadable)?;
    if !about.is_file() {
        return Err(refuse("it is not a file".to_owned()));
    }
    if about.len() > FILE_BYTES_MAX {
        return Err(refuse(format!("it is larger than {} MB", FILE_BYTES_MAX >> 20)));
    }
    safe(&about, "it").map_err(refuse)?;
    if let Some(folder) = real.parent() {
        safe(&std::fs::metadata(folder).map_err(unreadable)?, "its folder").map_err(refuse)?;
    }
    let bytes = std::fs::read(&real).map_err(unreadable)?;
    if let Some(expected) = sha256 {
        let found = crate::words::hex(&Sha256::digest(&bytes));
        if !found.eq_ignore_ascii_case(expected) {
            return Err(refuse(format!("its SHA-256 is {found}, and {expected} is expected")));
        }
    }
    elf::check(&bytes).map_err(refuse)?;
    Ok(real)
}

/// Nobody but root and ourselves may be able to change it.
fn safe(about: &std::fs::Metadata, what: &str) -> Result<(), String> {
    let ours = rustix::process::geteuid().as_raw();
    if about.uid() != 0 && about.uid() != ours {
        return Err(format!(
            "{what} belongs to user {}, not to root or to the user who runs the bridge",
            about.uid()
        ));
    }
    // A folder like /tmp, where each may remove only what is theirs, is as good as one of our own.
    let sticky = about.is_dir() && about.mode() & 0o1000 != 0;
    if about.mode() & OTHERS_WRITE != 0 && !sticky {
        return Err(format!("{what} can be written by others: `chmod go-w`"));
    }
    Ok(())
}
