//! No bytes make it panic, and what it says about what it did is true.

use cordboard_pictures::{Limits, fit, fit_owned, measure, re_encode, sniff, strip};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::made;

/// One wound of a file.
#[derive(Clone, Debug)]
enum Wound {
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, u8),
    /// Four bytes that are likely to be lengths.
    Length(Index, u32),
}

fn wound() -> impl Strategy<Value = Wound> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, bits)| Wound::Flip(at, bits)),
        any::<Index>().prop_map(Wound::Cut),
        (any::<Index>(), prop::collection::vec(any::<u8>(), 1..20))
            .prop_map(|(at, bytes)| Wound::Insert(at, bytes)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, length)| Wound::Remove(at, length)),
        (any::<Index>(), prop_oneof![Just(u32::MAX), Just(0), Just(1), any::<u32>()])
            .prop_map(|(at, length)| Wound::Length(at, length)),
    ]
}

fn wounded(mut bytes: Vec<u8>, wounds: &[Wound]) -> Vec<u8> {
    for wound in wounds {
        if bytes.len() < 8 {
            break;
        }
        let place = |index: &Index, room: usize| index.index(bytes.len() - room);
        match wound {
            Wound::Flip(at, bits) => {
                let at = place(at, 0);
                bytes[at] ^= bits;
            }
            Wound::Cut(at) => bytes.truncate(place(at, 0)),
            Wound::Insert(at, more) => {
                let at = place(at, 0);
                bytes.splice(at..at, more.iter().copied());
            }
            Wound::Remove(at, length) => {
                let at = place(at, 0);
                let end = (at + usize::from(*length)).min(bytes.len());
                bytes.drain(at..end);
            }
            Wound::Length(at, length) => {
                let at = place(at, 4);
                bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
            }
        }
    }
    bytes
}

/// Everything, and what must hold whatever comes in.
fn care(bytes: &[u8]) {
    let kind = sniff(bytes);
    let measured = measure(bytes);
    if let Ok(stripped) = strip(bytes) {
        assert_eq!(sniff(&stripped), kind);
        assert_eq!(strip(&stripped).as_deref(), Ok(&*stripped), "stripped twice");
        if measured.is_ok() {
            assert_eq!(measure(&stripped), measured, "measured after stripping");
        }
    }
    // Small enough that a wounded header cannot keep the tests busy.
    let limits = Limits { decode_bytes_max: 1 << 20, ..Limits::default() };
    let jpeg = Limits { types: vec!["image/jpeg".to_owned()], ..limits.clone() };
    assert_eq!(fit_owned(bytes.to_vec(), &limits), fit(bytes, &limits));
    for cared in [fit(bytes, &limits), fit(bytes, &jpeg), re_encode(bytes, &limits)] {
        let Ok(cared) = cared else { continue };
        assert_eq!(sniff(&cared.bytes), cared.kind);
        let size = measure(&cared.bytes).unwrap();
        assert_eq!((size.width, size.height), (cared.width, cared.height));
    }
}

/// The starts of all formats, so that noise gets past the first look.
const STARTS: &[&[u8]] = &[
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
    b"GIF89a",
    b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0",
    b"RIFF\x40\0\0\0WEBPVP8 ",
    b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x40moov",
    b"\0\0\0\x18ftypmif1",
    b"<?xml",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(
        start in prop::sample::select(STARTS),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        care(&[start, &bytes].concat());
    }

    #[test]
    fn wounded_files(
        file in any::<Index>(),
        wounds in prop::collection::vec(wound(), 1..4),
    ) {
        let files = FILES.with(|files| files.clone());
        care(&wounded(file.get(&files).1.clone(), &wounds));
    }

    /// The headers are where it is read; wounds elsewhere hit pixels.
    #[test]
    fn wounded_heads(
        file in any::<Index>(),
        at in 0usize..120,
        byte in any::<u8>(),
    ) {
        let files = FILES.with(|files| files.clone());
        let mut bytes = file.get(&files).1.clone();
        let at = at.min(bytes.len() - 1);
        bytes[at] = byte;
        care(&bytes);
    }
}

thread_local! {
    static FILES: std::rc::Rc<Vec<(&'static str, Vec<u8>)>> = std::rc::Rc::new(made::all());
}

/// Photos of real phones and cameras, from the folder that the variable names.
#[test]
fn real_pictures_if_there_are_any() {
    let Ok(folder) = std::env::var("CORDBOARD_TEST_PICTURES") else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if let Ok(stripped) = strip(&bytes) {
            assert_eq!(sniff(&stripped), sniff(&bytes), "{}", path.display());
            assert_eq!(strip(&stripped).as_deref(), Ok(&*stripped), "{}", path.display());
            if sniff(&bytes).is_still() {
                let pixels = crate::stripping::pixels;
                assert_eq!(pixels(&stripped), pixels(&bytes), "{}", path.display());
            }
        }
    }
}
