//! JPEG: ITU-T T.81 annex B (markers), JFIF 1.02, Exif 2.3 section 4.5.4, ICC.1:2010 annex B.4.
//!
//! What stays: tables, frames and scans; JFIF's header (it says which colours are meant), Adobe's
//! APP14 (the same, without it some pictures turn green), the ICC profile in APP2 (phones store
//! wide colours; a profile describes a sort of screen, not a person), and the orientation. What
//! goes: every other APPn (Exif with place, time and camera, XMP, IPTC, maker's notes, previews,
//! provenance), comments, and all behind the end: previews, depth maps, the video of a "live" photo.

use std::borrow::Cow;
use std::ops::Range;

use super::{Size, area};
use crate::bytes::{be16, has};
use crate::error::Fault;
use crate::exif;
use crate::output::Output;

const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;

/// A JFIF header has 14 bytes before its thumbnail, Adobe's APP14 has 12 in all.
const JFIF_BYTES: usize = 14;
const ADOBE_BYTES: usize = 12;

/// One marker with what belongs to it; a scan's entropy-coded data belongs to its SOS.
struct Segment {
    marker: u8,
    whole: Range<usize>,
    /// What stands between the length and the end; for a scan its header only.
    payload: Range<usize>,
}

/// The segments of a file up to its end marker.
struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        // After the SOI that `sniff` has seen.
        Self { bytes, at: 2 }
    }

    /// The next one; the last is EOI.
    fn next(&mut self) -> Result<Segment, Fault> {
        loop {
            let start = self.next_marker()?;
            let marker = self.bytes[start + 1];
            self.at = start + 2;
            match marker {
                // Markers without a length that mean nothing here.
                0x01 | 0xd0..=0xd7 => {}
                EOI => {
                    let end = self.at;
                    return Ok(Segment { marker, whole: start..end, payload: end..end });
                }
                0x02..=0xbf | 0xd8 => return Err(Fault::Broken("a marker that may not be here")),
                _ => return self.segment(marker, start),
            }
        }
    }

    /// Where the next marker begins. Bytes between segments are skipped, as decoders do.
    fn next_marker(&self) -> Result<usize, Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.windows(2)
            .position(|two| two[0] == 0xff && two[1] != 0xff && two[1] != 0)
            .map(|found| self.at + found)
            .ok_or(Fault::Broken("ends before its end"))
    }

    fn segment(&mut self, marker: u8, start: usize) -> Result<Segment, Fault> {
        let length = be16(self.bytes, self.at).ok_or(Fault::Broken("ends within a segment"))?;
        let end = self.at + usize::from(length);
        if length < 2 || end > self.bytes.len() {
            return Err(Fault::Broken("ends within a segment"));
        }
        let payload = self.at + 2..end;
        self.at = end;
        if marker == SOS {
            self.at = self.end_of_scan()?;
        }
        Ok(Segment { marker, whole: start..self.at, payload })
    }

    /// Entropy-coded data ends at the first marker that is neither stuffing nor a restart.
    fn end_of_scan(&self) -> Result<usize, Fault> {
        let mut at = self.at;
        while let Some(found) =
            self.bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xff))
        {
            at += found;
            match self.bytes.get(at + 1) {
                Some(0 | 0xd0..=0xd7) => at += 2,
                Some(0xff) => at += 1,
                Some(_) => return Ok(at),
                None => break,
            }
        }
        Err(Fault::Broken("ends within its pixels"))
    }
}

/// Whether a marker starts a frame: SOF0 to SOF15 without DHT, JPG and DAC.
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Removes metadata.
pub(crate) fn strip(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let turned = orientation(bytes)?;
    let mut segments = Segments::new(bytes);
    let mut output = Output::new(bytes);
    output.keep(0..2);
    let mut exif_due = turned;
    let (mut frames, mut scans) = (0, 0);
    loop {
        let segment = segments.next()?;
        let payload = &bytes[segment.payload.clone()];
        // Right behind JFIF's header, which has to be first.
        if segment.marker != APP0
            && let Some(orientation) = exif_due.take()
        {
            output.put(&exif_segment(orientation));
        }
        match segment.marker {
            APP0 if payload.starts_with(b"JFIF\0") && payload.len() >= JFIF_BYTES => {
                // Without its thumbnail, whose size stands in the last two bytes.
                let fields = &payload[5..JFIF_BYTES - 2];
                let header = [&b"\xff\xe0\0\x10JFIF\0"[..], fields, &[0, 0]].concat();
                output.keep_as(segment.whole, &header);
            }
            APP14 if payload.starts_with(b"Adobe") && payload.len() >= ADOBE_BYTES => {
                let header = [&b"\xff\xee\0\x0e"[..], &payload[..ADOBE_BYTES]].concat();
                output.keep_as(segment.whole, &header);
            }
            APP2 if payload.starts_with(b"ICC_PROFILE\0") => output.keep(segment.whole),
            // APPn, JPGn and COM; JPG.
            0xe0..=0xfe | 0xc8 => {}
            EOI => {
                output.keep(segment.whole);
                break;
            }
            marker => {
                frames += usize::from(is_frame(marker));
                scans += usize::from(marker == SOS);
                output.keep(segment.whole);
            }
        }
    }
    if frames == 0 || scans == 0 {
        return Err(Fault::Broken("no picture in it"));
    }
    Ok(output.finish())
}

fn exif_segment(orientation: u8) -> Vec<u8> {
    [b"\xff\xe1\0\x22", exif::PREFIX, &exif::only(orientation)].concat()
}

/// The orientation of the first Exif block that has one. Exif stands before the first scan.
pub(crate) fn orientation(bytes: &[u8]) -> Result<Option<u8>, Fault> {
    let mut segments = Segments::new(bytes);
    loop {
        let segment = segments.next()?;
        match segment.marker {
            APP1 if has(bytes, segment.payload.start, exif::PREFIX) => {
                if let Some(found) = exif::orientation(&bytes[segment.payload]) {
                    return Ok(Some(found));
                }
            }
            SOS | EOI => return Ok(None),
            _ => {}
        }
    }
}

/// Reads the frame header (T.81 B.2.2), and the first scan's, which tells how it is decoded.
pub(crate) fn measure(bytes: &[u8]) -> Result<Size, Fault> {
    let mut segments = Segments::new(bytes);
    let mut frame: Option<(u8, Range<usize>)> = None;
    loop {
        let segment = segments.next()?;
        match (segment.marker, &frame) {
            (SOS, Some((marker, at))) => {
                let scan = bytes.get(segment.payload.start).copied().unwrap_or_default();
                return size(&bytes[at.clone()], *marker, scan)
                    .ok_or(Fault::Broken("a short frame header"));
            }
            (SOS | EOI, _) => return Err(Fault::Broken("no picture in it")),
            (marker, None) if is_frame(marker) => frame = Some((marker, segment.payload)),
            // A second frame would be decoded with the sizes of the first, or the other way round.
            (marker, Some(_)) if is_frame(marker) => {
                return Err(Fault::Broken("two sizes in one picture"));
            }
            _ => {}
        }
    }
}

fn size(frame: &[u8], marker: u8, components_in_scan: u8) -> Option<Size> {
    let (height, width) = (u32::from(be16(frame, 1)?), u32::from(be16(frame, 3)?));
    let components = *frame.get(5)?;
    let factors: Vec<(u64, u64)> = (0..usize::from(components))
        .map(|component| frame.get(7 + component * 3))
        .map(|factors| factors.map(|byte| (u64::from(byte >> 4), u64::from(byte & 15))))
        .collect::<Option<_>>()?;
    let mut size = Size::still(width, height, if components == 1 { 1 } else { 3 });
    // A decoder that meets the components or the precision piece by piece keeps all coefficients,
    // two bytes each, until the last scan.
    let is_progressive = matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce);
    if is_progressive || components_in_scan < components {
        let most = |of: fn(&(u64, u64)) -> u64| factors.iter().map(of).max().unwrap_or(1).max(1);
        let whole = most(|factors| factors.0) * most(|factors| factors.1);
        // Rounded up to whole blocks of at most 32 x 32 pixels.
        let padded = area(width.div_ceil(32) * 32, height.div_ceil(32) * 32);
        let coefficients: u64 = factors.iter().map(|(h, v)| padded * h * v / whole).sum();
        size.decode_bytes += coefficients * 2;
    }
    Some(size)
}
