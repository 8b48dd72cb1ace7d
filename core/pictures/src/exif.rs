//! Exif, as far as it is needed: which way up.
//!
//! Exif 2.3 (CIPA DC-008-2012) section 4.6.4: a TIFF header, then a directory of 12-byte entries,
//! where tag 0x0112 tells the orientation as one SHORT from 1 (as stored) to 8.

use crate::bytes::{be16, be32, has, le16, le32};

/// What stands before the TIFF header in a JPEG, and by mistake in some WebP files.
pub(crate) const PREFIX: &[u8] = b"Exif\0\0";

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

/// The orientation in a block of Exif, with or without its prefix; only if it turns the picture.
pub(crate) fn orientation(block: &[u8]) -> Option<u8> {
    let tiff = block.strip_prefix(PREFIX).unwrap_or(block);
    let (short, long): (Short, Long) = if has(tiff, 0, b"II*\0") {
        (le16, le32)
    } else if has(tiff, 0, b"MM\0*") {
        (be16, be32)
    } else {
        return None;
    };
    let directory = usize::try_from(long(tiff, 4)?).ok()?;
    let entries = usize::from(short(tiff, directory)?);
    let found = (0..entries)
        .filter_map(|entry| directory.checked_add(2 + entry * 12))
        .find(|at| short(tiff, *at) == Some(ORIENTATION))?;
    if short(tiff, found + 2)? != SHORT {
        return None;
    }
    u8::try_from(short(tiff, found + 8)?).ok().filter(|value| (2..=8).contains(value))
}

type Short = fn(&[u8], usize) -> Option<u16>;
type Long = fn(&[u8], usize) -> Option<u32>;

/// A TIFF block that tells the orientation and nothing else.
pub(crate) fn only(orientation: u8) -> [u8; 26] {
    let mut block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    block[19] = orientation;
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for value in 2..=8 {
            assert_eq!(orientation(&only(value)), Some(value));
            let little =
                [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", &[value, 0][..]].concat();
            assert_eq!(orientation(&[PREFIX, &little].concat()), Some(value));
        }
    }

    #[test]
    fn what_turns_nothing_is_nothing() {
        for value in [0, 1, 9, 255] {
            assert_eq!(orientation(&only(value)), None);
        }
        for end in 0..20 {
            assert_eq!(orientation(&only(6)[..end]), None);
        }
        assert_eq!(orientation(b"MM\0*\xff\xff\xff\xff"), None);
    }
}
