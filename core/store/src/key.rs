//! The key that credentials are sealed with.

use crate::error::KeyError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// A 256-bit key. `Debug` hides it; it is wiped from memory when dropped.
#[derive(Clone)]
pub struct SealKey(Zeroizing<[u8; 32]>);

impl SealKey {
    /// Takes a key's bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads 64 hex digits, or 32 bytes in base64; surrounding space is ignored.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when it is neither.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let bytes = Zeroizing::new(match from_hex(text) {
            Some(bytes) => bytes,
            None => STANDARD.decode(text).map_err(|_| KeyError::Malformed)?,
        });
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyError::Malformed)?;
        Ok(Self::new(key))
    }

    /// The key as [`SealKey::from_text`] reads it, for a backup or another key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0.as_slice()))
    }

    /// Reads the key file, or makes one (mode 0600, fsynced) if nothing can have been sealed yet.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when the file is gone and the store is not empty: a new key would not open it.
    pub fn load_or_create(path: &Path, store_is_empty: bool) -> Result<Self, KeyError> {
        let file_error = |source| KeyError::File { path: path.to_owned(), source };
        match fs::read_to_string(path) {
            Ok(text) => Self::from_text(&Zeroizing::new(text)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && store_is_empty => {
                let key = Self::random()?;
                key.write_new(path).map_err(file_error)?;
                Ok(key)
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Err(KeyError::Missing { path: path.to_owned() })
            }
            Err(e) => Err(file_error(e)),
        }
    }

    /// The first eight bytes of a hash of the key: says which key, and nothing about it.
    pub(crate) fn id(&self) -> [u8; 8] {
        let hash = Sha256::new().chain_update(b"cordboard key id").chain_update(self.bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&hash.finalize()[..8]);
        id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn random() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|e| KeyError::Random(e.to_string()))?;
        Ok(Self(bytes))
    }

    fn write_new(&self, path: &Path) -> std::io::Result<()> {
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(self.to_text().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        // Without this the file's name itself may not survive a power loss.
        path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..32).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_hex_and_from_base64() {
        let key = SealKey::new([7; 32]);
        let hex = "07".repeat(32);
        assert_eq!(SealKey::from_text(&hex).unwrap().bytes(), key.bytes());
        assert_eq!(SealKey::from_text(&format!(" {}\n", *key.to_text())).unwrap().id(), key.id());
        for bad in ["", "07", "not a key", &"0g".repeat(32), &"07".repeat(31)] {
            assert!(matches!(SealKey::from_text(bad), Err(KeyError::Malformed)), "{bad}");
        }
    }

    #[test]
    fn a_key_does_not_show() {
        assert_eq!(format!("{:?}", SealKey::new([7; 32])), "SealKey(…)");
    }

    #[test]
    fn a_key_file_is_made_once_and_only_for_an_empty_store() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(matches!(SealKey::load_or_create(&path, false), Err(KeyError::Missing { .. })));
        assert!(!path.exists());
        let made = SealKey::load_or_create(&path, true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for store_is_empty in [true, false] {
            let read = SealKey::load_or_create(&path, store_is_empty).unwrap();
            assert_eq!(read.bytes(), made.bytes());
        }
    }
}
