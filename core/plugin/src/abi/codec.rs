//! Values across the boundary: JSON, with bytes beside it.
//!
//! While a value is encoded here, each of its [`Blob`]s becomes `{"$buffer": n}` and its bytes go into
//! the list of buffers; decoding puts them back. Elsewhere a `Blob` is Base64, as ever.

use crate::words::Blob;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use std::cell::RefCell;

thread_local! {
    /// The buffers of the value that this thread is encoding or decoding; `None` elsewhere.
    static BUFFERS: RefCell<Option<Vec<Vec<u8>>>> = const { RefCell::new(None) };
}

/// A value as it crosses: JSON, and the bytes it speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// JSON.
    pub json: Vec<u8>,
    /// What `{"$buffer": n}` stands for, in order.
    pub buffers: Vec<Vec<u8>>,
}

/// Encodes a value.
///
/// # Errors
/// What could not be encoded; the types of this crate always can.
pub fn pack(value: &impl Serialize) -> Result<Packed, String> {
    let (json, buffers) = with_buffers(Vec::new(), || serde_json::to_vec(value));
    Ok(Packed { json: json.map_err(|error| error.to_string())?, buffers })
}

/// Decodes a value; unknown fields are ignored.
///
/// # Errors
/// What is wrong with it.
pub fn unpack<T: DeserializeOwned>(packed: Packed) -> Result<T, String> {
    let (value, _) = with_buffers(packed.buffers, || serde_json::from_slice(&packed.json));
    value.map_err(|error| error.to_string())
}

/// Does `work` with these buffers at hand, and brings what is left of them.
fn with_buffers<T>(buffers: Vec<Vec<u8>>, work: impl FnOnce() -> T) -> (T, Vec<Vec<u8>>) {
    /// Puts back what was there, also when `work` panics: or this thread would go on as if it were
    /// still encoding.
    struct Before(Option<Vec<Vec<u8>>>);
    impl Drop for Before {
        fn drop(&mut self) {
            BUFFERS.set(self.0.take());
        }
    }
    let before = Before(BUFFERS.replace(Some(buffers)));
    let done = work();
    let left = BUFFERS.take();
    drop(before);
    (done, left.unwrap_or_default())
}

/// Where a blob's bytes are, as it stands in the JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct BlobPlace {
    #[serde(rename = "$buffer")]
    buffer: usize,
}

impl BlobPlace {
    /// Puts the bytes into the list, if this thread is encoding for the boundary.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        BUFFERS.with_borrow_mut(|buffers| {
            let buffers = buffers.as_mut()?;
            buffers.push(bytes.to_vec());
            Some(Self { buffer: buffers.len() - 1 })
        })
    }
}

/// Whether this thread is decoding what came over the boundary.
pub(crate) fn is_decoding() -> bool {
    BUFFERS.with_borrow(Option::is_some)
}

/// Takes the bytes out of the list. Each buffer can be taken once.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Blob, D::Error> {
    let BlobPlace { buffer } = BlobPlace::deserialize(deserializer)?;
    let taken = BUFFERS.with_borrow_mut(|buffers| {
        buffers.as_mut().and_then(|buffers| buffers.get_mut(buffer)).map(std::mem::take)
    });
    taken.map(Blob).ok_or_else(|| serde::de::Error::custom(format!("there is no buffer {buffer}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HttpAnswer, Media};

    #[test]
    fn bytes_go_beside_the_json_and_come_back() {
        let media = Media {
            media_type: "image/jpeg".to_owned(),
            bytes: Blob(vec![0xff, 0xd8, 0]),
            alt: Some("a {\"$buffer\": 0} in words".to_owned()),
        };
        let answer = HttpAnswer::new(200, "text/plain", "second");
        let packed = pack(&(&media, &answer)).unwrap();
        assert_eq!(packed.buffers, [vec![0xff, 0xd8, 0], b"second".to_vec()]);
        let back: (Media, HttpAnswer) = unpack(packed).unwrap();
        assert_eq!(back, (media, answer));
    }

    #[test]
    fn elsewhere_bytes_are_base64() {
        let blob = Blob(b"abc".to_vec());
        assert_eq!(serde_json::to_string(&blob).unwrap(), "\"YWJj\"");
        assert!(unpack::<Blob>(Packed { json: b"\"YWJj\"".to_vec(), buffers: vec![] }).is_err());
    }

    #[test]
    fn after_a_panic_bytes_are_base64_again() {
        struct Panics;
        impl Serialize for Panics {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                panic!("while it is encoded")
            }
        }
        assert!(std::panic::catch_unwind(|| pack(&Panics)).is_err());
        assert_eq!(serde_json::to_string(&Blob(b"abc".to_vec())).unwrap(), "\"YWJj\"");
    }

    #[test]
    fn a_buffer_that_is_not_there_is_an_error() {
        let json = br#"{"$buffer": 1}"#.to_vec();
        let error = unpack::<Blob>(Packed { json, buffers: vec![vec![1]] }).unwrap_err();
        assert!(error.contains("no buffer 1"), "{error}");
    }
}
