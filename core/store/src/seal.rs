//! Sealing: XChaCha20-Poly1305 under a random nonce, bound to the place where the value belongs.

use crate::error::{Out, StoreError};
use crate::key::SealKey;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use cordboard_plugin::Secret;
use zeroize::Zeroizing;

/// First byte of everything sealed, so that a later format can be told apart.
const FORMAT: u8 = 1;
const KEY_ID_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

const TAG_BYTES: usize = 16;
/// By how much sealing makes something longer.
pub(crate) const SEALED_MORE_BYTES: usize = HEAD_BYTES + TAG_BYTES;

/// Seals and opens with one key. Layout: format, key id, nonce, ciphertext with tag.
pub(crate) struct Seal {
    cipher: XChaCha20Poly1305,
    key_id: [u8; KEY_ID_BYTES],
}

impl Seal {
    pub(crate) fn new(key: &SealKey) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&Key::from(*key.bytes())), key_id: key.id() }
    }

    /// The key's id in hex.
    pub(crate) fn key_id(&self) -> String {
        hex(&self.key_id)
    }

    /// Seals `secret` for `place`; it opens nowhere else.
    pub(crate) fn seal(&self, place: &str, secret: &Secret) -> Out<Vec<u8>> {
        self.seal_bytes(place, secret.reveal().as_bytes())
    }

    /// The same for bytes. They become longer by [`SEALED_MORE_BYTES`].
    pub(crate) fn seal_bytes(&self, place: &str, bytes: &[u8]) -> Out<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(StoreError::backend)?;
        let payload = Payload { msg: bytes, aad: place.as_bytes() };
        let body = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::Key("too long to seal".into()))?;
        let mut sealed = Vec::with_capacity(HEAD_BYTES + body.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.key_id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens what was sealed for `place` with this key.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Out<Secret> {
        let opened = self.open_bytes(place, sealed)?;
        let text = std::str::from_utf8(&opened).map_err(|_| StoreError::Key("not text".into()))?;
        Ok(Secret::new(text))
    }

    /// The same for bytes.
    pub(crate) fn open_bytes(&self, place: &str, sealed: &[u8]) -> Out<Zeroizing<Vec<u8>>> {
        let key_error = |what: &str| StoreError::Key(what.to_owned());
        let Some((head, body)) = sealed.split_at_checked(HEAD_BYTES) else {
            return Err(key_error("too short"));
        };
        if head[0] != FORMAT {
            return Err(key_error("unknown format"));
        }
        if head[1..=KEY_ID_BYTES] != self.key_id {
            return Err(key_error("sealed with another key"));
        }
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&head[1 + KEY_ID_BYTES..]);
        let payload = Payload { msg: body, aad: place.as_bytes() };
        self.cipher
            .decrypt(&XNonce::from(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| key_error("changed, or not from here"))
    }
}

/// Where a credential belongs.
pub(crate) fn credential_place(identity_id: i64, kind: &str, realm: &str) -> String {
    format!("credential|{identity_id}|{kind}|{realm}")
}

/// Where a PIN belongs.
pub(crate) fn pin_place(identity_id: i64) -> String {
    format!("pin|{identity_id}")
}

/// Where a secret of a link belongs.
pub(crate) fn link_place(token_hash: &str, field: &str) -> String {
    format!("link|{token_hash}|{field}")
}

/// Where one frame of a picture belongs: the file's name is never used again.
pub(crate) fn frame_place(picture_id: i64, file: &str, number: u64, last: bool) -> String {
    format!("picture|{picture_id}|{file}|{number}|{}", if last { "last" } else { "more" })
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(&SealKey::new([byte; 32]))
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_at_the_same_place_only() {
        let secret = Secret::new("a token");
        let place = credential_place(1, "oauth2", "https://a.example|f");
        let sealed = seal(1).seal(&place, &secret).unwrap();
        assert_eq!(seal(1).open(&place, &sealed).unwrap(), secret);
        assert_eq!(
            seal(2).open(&place, &sealed),
            Err(StoreError::Key("sealed with another key".into()))
        );
        for elsewhere in [
            credential_place(2, "oauth2", "https://a.example|f"),
            credential_place(1, "oauth1", "https://a.example|f"),
            credential_place(1, "oauth2", "https://b.example|f"),
        ] {
            assert!(seal(1).open(&elsewhere, &sealed).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let sealed = seal(1).seal("here", &Secret::new("a token")).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(seal(1).open("here", &changed).is_err(), "byte {at}");
            assert!(seal(1).open("here", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let secret = Secret::new("a token");
        assert_ne!(seal(1).seal("here", &secret), seal(1).seal("here", &secret));
    }
}
