//! WebP: Google's "WebP Container Specification" (RFC 9649 section 2).
//!
//! What stays: pixels, transparency, frames, the colour profile and the orientation. What goes:
//! Exif otherwise, XMP, unknown chunks (in frames too), and all behind the end.

use std::borrow::Cow;
use std::ops::Range;

use super::{Size, area};
use crate::bytes::{code, has, le16, le24, le32};
use crate::error::Fault;
use crate::exif;
use crate::output::Output;

/// `RIFF`, size, `WEBP`.
const HEADER_BYTES: usize = 12;
/// What stands in an `ANMF` before its own chunks.
const FRAME_HEADER_BYTES: usize = 16;

const FLAG_EXIF: u8 = 0x08;
const FLAG_XMP: u8 = 0x04;
const FLAG_ANIMATION: u8 = 0x02;

struct Chunk {
    name: [u8; 4],
    at: usize,
    data: Range<usize>,
}

impl Chunk {
    /// With its padding to an even length.
    fn next(&self) -> usize {
        self.data.end + (self.data.end - self.data.start) % 2
    }
}

/// The chunk at `at`, none at the end.
fn chunk(bytes: &[u8], at: usize, end: usize) -> Result<Option<Chunk>, Fault> {
    if at >= end {
        return Ok(None);
    }
    let cut = Fault::Broken("ends within a chunk");
    let name = code(bytes, at).ok_or(cut)?;
    let length = le32(bytes, at + 4).and_then(|length| usize::try_from(length).ok()).ok_or(cut)?;
    let start = at + 8;
    let data_end = start.checked_add(length).filter(|data_end| *data_end <= end).ok_or(cut)?;
    Ok(Some(Chunk { name, at, data: start..data_end }))
}

/// Where the file ends by its own account.
fn end(bytes: &[u8]) -> Result<usize, Fault> {
    le32(bytes, 4)
        .and_then(|size| usize::try_from(size).ok())
        .and_then(|size| size.checked_add(8))
        .filter(|end| *end <= bytes.len())
        .ok_or(Fault::Broken("ends before its end"))
}

/// Removes metadata.
pub(crate) fn strip(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    measure(bytes)?;
    let end = end(bytes)?;
    let turned = orientation(bytes)?;
    let mut output = Output::new(bytes);
    output.keep(0..HEADER_BYTES);
    let mut at = HEADER_BYTES;
    while let Some(chunk) = chunk(bytes, at, end)? {
        at = chunk.next();
        match &chunk.name {
            b"VP8X" => {
                let flags = bytes[chunk.data.start] & !FLAG_EXIF & !FLAG_XMP;
                let exif = turned.map_or(0, |_| FLAG_EXIF);
                let mut header = bytes[chunk.at..chunk.at + 18].to_vec();
                header[4..8].copy_from_slice(&10u32.to_le_bytes());
                header[8] = flags | exif;
                // Reserved.
                header[9..12].fill(0);
                output.keep_as(chunk.at..at, &header);
            }
            b"ANMF" => frame(bytes, &chunk, &mut output)?,
            b"ICCP" | b"ANIM" | b"ALPH" | b"VP8 " | b"VP8L" => keep(&chunk, end, &mut output),
            _ => {}
        }
    }
    if let Some(orientation) = turned {
        output.put(b"EXIF\x1a\0\0\0");
        output.put(&exif::only(orientation));
    }
    patch_size(&mut output, 4, 8)?;
    Ok(output.finish())
}

/// Keeps a chunk; a padding byte that is missing at the very end is added.
fn keep(chunk: &Chunk, end: usize, output: &mut Output<'_>) {
    output.keep(chunk.at..chunk.next().min(end));
    if chunk.next() > end {
        output.put(&[0]);
    }
}

/// Keeps the pixels of one frame of an animation.
fn frame(bytes: &[u8], whole: &Chunk, output: &mut Output<'_>) -> Result<(), Fault> {
    let start = output.len();
    let mut at = whole.data.start + FRAME_HEADER_BYTES;
    if at > whole.data.end {
        return Err(Fault::Broken("a short frame"));
    }
    output.keep(whole.at..at);
    while let Some(chunk) = chunk(bytes, at, whole.data.end)? {
        at = chunk.next();
        if matches!(&chunk.name, b"ALPH" | b"VP8 " | b"VP8L") {
            keep(&chunk, whole.data.end, output);
        }
    }
    patch_size(output, start + 4, start + 8)
}

/// Writes into `at` how many bytes there are from `from` to the end.
fn patch_size(output: &mut Output<'_>, at: usize, from: usize) -> Result<(), Fault> {
    let size = output.len().checked_sub(from).and_then(|size| u32::try_from(size).ok());
    output.patch(at, size.ok_or(Fault::Broken("too long"))?.to_le_bytes());
    Ok(())
}

/// The orientation; only the extended form can hold one.
pub(crate) fn orientation(bytes: &[u8]) -> Result<Option<u8>, Fault> {
    if !has(bytes, HEADER_BYTES, b"VP8X") {
        return Ok(None);
    }
    let end = end(bytes)?;
    let mut at = HEADER_BYTES;
    while let Some(chunk) = chunk(bytes, at, end)? {
        at = chunk.next();
        if &chunk.name == b"EXIF"
            && let Some(found) = exif::orientation(&bytes[chunk.data])
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Reads the canvas and the headers of all pixels.
pub(crate) fn measure(bytes: &[u8]) -> Result<Size, Fault> {
    let end = end(bytes)?;
    let first = chunk(bytes, HEADER_BYTES, end)?.ok_or(Fault::Broken("no picture in it"))?;
    let canvas = canvas(bytes, &first)?;
    let is_animated = &first.name == b"VP8X" && bytes[first.data.start] & FLAG_ANIMATION != 0;
    let mut at = HEADER_BYTES;
    let (mut frames, mut pictures, mut lossless_bytes) = (0u32, 0, 0);
    while let Some(chunk) = chunk(bytes, at, end)? {
        at = chunk.next();
        if matches!(&chunk.name, b"VP8L" | b"ALPH") {
            lossless_bytes += chunk.data.len();
        }
        match &chunk.name {
            b"ANMF" => frames += 1,
            b"VP8 " | b"VP8L" => {
                // A decoder makes room for what the pixels say, so they may not say more.
                if canvas != self::canvas(bytes, &chunk)? {
                    return Err(Fault::Broken("two sizes in one picture"));
                }
                pictures += 1;
            }
            b"VP8X" if at != first.next() => return Err(Fault::Broken("two headers")),
            _ => {}
        }
    }
    if (is_animated && (frames == 0 || pictures != 0)) || (!is_animated && pictures != 1) {
        return Err(Fault::Broken("no picture in it"));
    }
    let (width, height) = canvas;
    if is_animated {
        // Never decoded.
        return Ok(Size { width, height, frames, ..Size::default() });
    }
    let is_extended = &first.name == b"VP8X";
    let decode_bytes = if lossless_bytes == 0 {
        // The planes (1.5) and the pixels (3); four of these where transparency could be.
        area(width, height) * if is_extended { 6 } else { 5 }
    } else {
        // Pixels twice and what makes them; a lossy picture with transparency has both.
        area(width, height) * 12 + code_tables_bytes(lossless_bytes)
    };
    Ok(Size { width, height, frames: 1, duration_ms: 0, decode_bytes })
}

/// Lossless pixels may bring up to 65536 groups of five codes (RFC 9649 section 3.7.2.2), however
/// small the picture is. A decoder makes a table of 4 kB for each, and eight bytes are enough to
/// ask for one: so a file of 3 MB could ask for more than a gigabyte. How many there are is known
/// only by decoding; how many there can be follows from the length.
fn code_tables_bytes(lossless_bytes: usize) -> u64 {
    const TABLE_BYTES: u64 = 4096;
    const CODE_BYTES_MIN: u64 = 8;
    const CODES_MAX: u64 = 65_536 * 5;
    let codes = u64::try_from(lossless_bytes).unwrap_or(u64::MAX) / CODE_BYTES_MIN;
    codes.min(CODES_MAX) * TABLE_BYTES
}

/// The size that a header tells: of the canvas, of lossy pixels (RFC 6386 section 9.1) or of
/// lossless ones (RFC 9649 section 3.4).
fn canvas(bytes: &[u8], chunk: &Chunk) -> Result<(u32, u32), Fault> {
    let data = &bytes[chunk.data.clone()];
    let size = match &chunk.name {
        b"VP8X" if data.len() >= 10 => {
            le24(data, 4).zip(le24(data, 7)).map(|(width, height)| (width + 1, height + 1))
        }
        b"VP8 " if has(data, 3, b"\x9d\x01\x2a") && data[0] & 1 == 0 => le16(data, 6)
            .zip(le16(data, 8))
            .map(|(width, height)| (u32::from(width & 0x3fff), u32::from(height & 0x3fff))),
        b"VP8L" if has(data, 0, b"\x2f") => {
            le32(data, 1).map(|bits| ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        _ => None,
    };
    size.ok_or(Fault::Broken("no size"))
}
