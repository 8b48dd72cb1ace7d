//! PNG: W3C "Portable Network Graphics (PNG) Specification (Third Edition)", sections 5 and 11.
//!
//! What stays: the chunks that make the picture, those that say how its colours and pixels are meant
//! (`pHYs` too: it may say that pixels are not square), and the frames of an APNG. What goes: words
//! (`tEXt`, `zTXt`, `iTXt`, where XMP is), `tIME`, `eXIf` but for the orientation, everything
//! private, and all behind `IEND`: some phones leave the uncropped picture there.

use std::borrow::Cow;
use std::ops::Range;

use super::Size;
use crate::bytes::{be32, code};
use crate::error::Fault;
use crate::exif;
use crate::output::Output;

const SIGNATURE_BYTES: usize = 8;

const KEPT: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"mDCV", b"cLLI", b"mDCv", b"cLLi", b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

struct Chunk {
    name: [u8; 4],
    whole: Range<usize>,
    data: Range<usize>,
}

fn chunk(bytes: &[u8], at: usize) -> Result<Chunk, Fault> {
    let cut = Fault::Broken("ends within a chunk");
    let length = be32(bytes, at).and_then(|length| usize::try_from(length).ok()).ok_or(cut)?;
    let name = code(bytes, at + 4).ok_or(cut)?;
    let start = at + 8;
    let end = start.checked_add(length).ok_or(cut)?;
    // The check sum.
    let whole_end = end.checked_add(4).filter(|end| *end <= bytes.len()).ok_or(cut)?;
    Ok(Chunk { name, whole: at..whole_end, data: start..end })
}

/// Removes metadata.
pub(crate) fn strip(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    header(bytes)?;
    let turned = orientation(bytes)?;
    let mut output = Output::new(bytes);
    output.keep(0..SIGNATURE_BYTES);
    let mut exif_due = turned;
    let mut at = SIGNATURE_BYTES;
    let mut pixels = 0;
    loop {
        let chunk = chunk(bytes, at)?;
        at = chunk.whole.end;
        if &chunk.name == b"IDAT" {
            pixels += 1;
            if let Some(orientation) = exif_due.take() {
                output.put(&exif_chunk(orientation));
            }
        }
        if KEPT.contains(&&chunk.name) {
            output.keep(chunk.whole);
        } else if chunk.name[0].is_ascii_uppercase() {
            // Section 5.4: whoever does not know a critical chunk cannot show the picture.
            return Err(Fault::Broken("not an ordinary PNG"));
        }
        if &chunk.name == b"IEND" {
            break;
        }
    }
    if pixels == 0 {
        return Err(Fault::Broken("no picture in it"));
    }
    Ok(output.finish())
}

fn exif_chunk(orientation: u8) -> Vec<u8> {
    let named = [&b"eXIf"[..], &exif::only(orientation)].concat();
    let length = u32::try_from(named.len() - 4).unwrap_or_default();
    [&length.to_be_bytes()[..], &named, &check_sum(&named).to_be_bytes()].concat()
}

/// CRC-32 as in annex D; only ever for a few bytes.
fn check_sum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

/// The orientation in the first `eXIf` that has one; it may stand behind the pixels.
pub(crate) fn orientation(bytes: &[u8]) -> Result<Option<u8>, Fault> {
    let mut at = SIGNATURE_BYTES;
    loop {
        let chunk = chunk(bytes, at)?;
        at = chunk.whole.end;
        match &chunk.name {
            b"eXIf" => {
                if let Some(found) = exif::orientation(&bytes[chunk.data]) {
                    return Ok(Some(found));
                }
            }
            b"IEND" => return Ok(None),
            _ => {}
        }
    }
}

/// `IHDR`: width, height, bits for each sample, sort of colour.
fn header(bytes: &[u8]) -> Result<(u32, u32, u8, u8), Fault> {
    let first = chunk(bytes, SIGNATURE_BYTES)?;
    let data = &bytes[first.data];
    match (&first.name, data) {
        (b"IHDR", [_, _, _, _, _, _, _, _, depth, colour, _, _, _]) => {
            let side = |at| be32(data, at).unwrap_or_default();
            Ok((side(0), side(4), *depth, *colour))
        }
        _ => Err(Fault::Broken("no header")),
    }
}

/// Reads `IHDR` (section 11.2.1).
pub(crate) fn measure(bytes: &[u8]) -> Result<Size, Fault> {
    let (width, height, depth, colour) = header(bytes)?;
    let channels = match colour {
        // Grey, and a palette: transparency in `tRNS` adds a channel.
        0 => 2,
        2 | 3 => 4,
        4 => 2,
        6 => 4,
        _ => return Err(Fault::Broken("an unknown sort of colour")),
    };
    Ok(Size::still(width, height, if depth == 16 { channels * 2 } else { channels }))
}
