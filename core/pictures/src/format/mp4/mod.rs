//! MP4 and QuickTime: ISO/IEC 14496-12 (boxes), Apple's "QuickTime File Format".
//!
//! Samples are found by their place in the file, so nothing may move: what goes becomes `free` and
//! zeroes. What stays is a list (picture and sound tracks and what it takes to play them); place
//! (`udta`, `©xyz`, `loci`, `meta`), XMP in `uuid`, previews, tracks of other sorts (the phone's
//! positions and motions, second by second), dates, and every byte of `mdat` that no kept track
//! uses are overwritten.

mod atoms;
mod samples;

use std::borrow::Cow;

use self::atoms::{Atom, atoms, find};
use super::Size;
use crate::bytes::{be16, be32, be64, code};
use crate::error::Fault;

type Names = &'static [&'static [u8; 4]];

/// Which boxes stay inside of which.
const MOVIE: Names = &[b"mvhd", b"trak", b"iods"];
const TRACK: Names = &[b"tkhd", b"edts", b"mdia", b"tref", b"tapt", b"load"];
const MEDIA: Names = &[b"mdhd", b"hdlr", b"minf", b"elng"];
const INFORMATION: Names = &[b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"];
const SAMPLES: Names = &[
    b"stsd", b"stts", b"stss", b"ctts", b"cslg", b"stsc", b"stsz", b"stco", b"co64", b"sdtp",
    b"stps", b"sbgp", b"sgpd",
];

/// Overwrites metadata.
pub(crate) fn strip(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let (top, end) = top(bytes)?;
    let bytes = &bytes[..end];
    let mut copy = bytes.to_vec();
    let mut used = samples::Used::default();
    for atom in &top {
        match &atom.name {
            b"ftyp" | b"mdat" => {}
            b"moov" => movie(bytes, atom, &mut copy, &mut used)?,
            b"moof" => return Err(Fault::Uncleanable("fragmented")),
            _ => atom.free(&mut copy),
        }
    }
    used.settle();
    for atom in top.iter().filter(|atom| &atom.name == b"mdat") {
        for gap in used.gaps(atom.body.clone()) {
            if let Some(gap) = copy.get_mut(gap) {
                gap.fill(0);
            }
        }
    }
    Ok(if copy == bytes { Cow::Borrowed(bytes) } else { Cow::Owned(copy) })
}

/// The boxes of the file, and where the last one ends. What follows a whole video and is no box
/// itself is somebody's trailer.
fn top(bytes: &[u8]) -> Result<(Vec<Atom>, usize), Fault> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(atom) = Atom::read(bytes, at, bytes.len(), true) {
        if found.len() == atoms::ATOMS_MAX {
            return Err(Fault::Uncleanable("too many boxes"));
        }
        at = atom.body.end;
        found.push(atom);
    }
    let has = |name: &[u8; 4]| found.iter().any(|atom| &atom.name == name);
    match (has(b"moov"), has(b"mdat"), has(b"moof")) {
        (true, true, _) | (_, _, true) => Ok((found, at)),
        _ => Err(Fault::Broken("no video in it")),
    }
}

fn movie(
    bytes: &[u8],
    movie: &Atom,
    copy: &mut [u8],
    used: &mut samples::Used,
) -> Result<(), Fault> {
    for atom in atoms(bytes, &movie.body)? {
        match &atom.name {
            b"mvex" => return Err(Fault::Uncleanable("fragmented")),
            b"cmov" => return Err(Fault::Uncleanable("a compressed header")),
            b"trak" if is_played(bytes, &atom)? => track(bytes, &atom, copy, used)?,
            b"trak" => atom.free(copy),
            name if !MOVIE.contains(&name) => atom.free(copy),
            _ => undate(bytes, &atom, copy),
        }
    }
    blank_rest(bytes, movie, copy)
}

/// Whether a track is picture or sound.
fn is_played(bytes: &[u8], track: &Atom) -> Result<bool, Fault> {
    Ok(handler(bytes, track)?.is_some_and(|sort| matches!(&sort, b"vide" | b"soun")))
}

fn handler(bytes: &[u8], track: &Atom) -> Result<Option<[u8; 4]>, Fault> {
    let handler = find(bytes, track, &[b"mdia", b"hdlr"])?;
    Ok(handler.and_then(|atom| code(bytes, atom.body.start + 8)))
}

fn track(
    bytes: &[u8],
    track: &Atom,
    copy: &mut [u8],
    used: &mut samples::Used,
) -> Result<(), Fault> {
    keep_only(bytes, track, TRACK, copy)?;
    if let Some(header) = find(bytes, track, &[b"tkhd"])? {
        undate(bytes, &header, copy);
    }
    let inside: [(Names, Names); 3] = [
        (&[b"mdia"], MEDIA),
        (&[b"mdia", b"minf"], INFORMATION),
        (&[b"mdia", b"minf", b"stbl"], SAMPLES),
    ];
    for (path, kept) in inside {
        let atom = find(bytes, track, path)?.ok_or(Fault::Broken("a track without its parts"))?;
        keep_only(bytes, &atom, kept, copy)?;
    }
    if let Some(header) = find(bytes, track, &[b"mdia", b"mdhd"])? {
        undate(bytes, &header, copy);
    }
    used.add(bytes, track)
}

/// Overwrites the boxes in `within` whose names are not on the list, and a second one of a sort that
/// there is one of (nobody would read it, and it would not be cleaned).
fn keep_only(bytes: &[u8], within: &Atom, kept: Names, copy: &mut [u8]) -> Result<(), Fault> {
    let mut seen: Vec<[u8; 4]> = Vec::new();
    for atom in atoms(bytes, &within.body)? {
        let repeats = matches!(&atom.name, b"sbgp" | b"sgpd");
        if !kept.contains(&&atom.name) || (seen.contains(&atom.name) && !repeats) {
            atom.free(copy);
        }
        seen.push(atom.name);
    }
    blank_rest(bytes, within, copy)
}

/// Overwrites the few bytes behind the last box of a container.
fn blank_rest(bytes: &[u8], within: &Atom, copy: &mut [u8]) -> Result<(), Fault> {
    let end = atoms(bytes, &within.body)?.last().map_or(within.body.start, |last| last.body.end);
    if let Some(rest) = copy.get_mut(end..within.body.end) {
        rest.fill(0);
    }
    Ok(())
}

/// Overwrites when it was made and changed: the first two fields of `mvhd`, `tkhd` and `mdhd`.
fn undate(bytes: &[u8], atom: &Atom, copy: &mut [u8]) {
    if !matches!(&atom.name, b"mvhd" | b"tkhd" | b"mdhd") {
        return;
    }
    let length = if bytes.get(atom.body.start) == Some(&1) { 16 } else { 8 };
    let start = atom.body.start + 4;
    if let Some(dates) = copy.get_mut(start..(start + length).min(atom.body.end)) {
        dates.fill(0);
    }
}

/// Reads the movie's length and the first picture track's size.
pub(crate) fn measure(bytes: &[u8]) -> Result<Size, Fault> {
    let (top, _) = top(bytes)?;
    let movie =
        top.iter().find(|atom| &atom.name == b"moov").ok_or(Fault::Uncleanable("fragmented"))?;
    let duration_ms = duration_ms(bytes, movie)?;
    for track in atoms(bytes, &movie.body)?.iter().filter(|atom| &atom.name == b"trak") {
        if handler(bytes, track)? == Some(*b"vide") {
            let (width, height) = sides(bytes, track)?;
            let frames = find(bytes, track, &[b"mdia", b"minf", b"stbl", b"stsz"])?
                .and_then(|sizes| be32(bytes, sizes.body.start + 8))
                .unwrap_or_default();
            return Ok(Size { width, height, frames, duration_ms, decode_bytes: 0 });
        }
    }
    Err(Fault::Broken("no picture track"))
}

/// Section 8.2.2: time scale and length, after two dates.
fn duration_ms(bytes: &[u8], movie: &Atom) -> Result<u64, Fault> {
    let header = find(bytes, movie, &[b"mvhd"])?.ok_or(Fault::Broken("no header"))?;
    let at = header.body.start;
    let read = if bytes.get(at) == Some(&1) {
        be32(bytes, at + 20).zip(be64(bytes, at + 24))
    } else {
        be32(bytes, at + 12).zip(be32(bytes, at + 16).map(u64::from))
    };
    match read {
        Some((scale @ 1.., length)) => Ok(length.saturating_mul(1000) / u64::from(scale)),
        _ => Err(Fault::Broken("no length")),
    }
}

/// Section 8.3.2: the last two fields of `tkhd`, in 65536ths; else what the first sample entry says.
fn sides(bytes: &[u8], track: &Atom) -> Result<(u32, u32), Fault> {
    let no_size = Fault::Broken("no size");
    let header = find(bytes, track, &[b"tkhd"])?.ok_or(no_size)?;
    let at = header.body.end.checked_sub(8).filter(|at| *at > header.body.start).ok_or(no_size)?;
    let told = be32(bytes, at).zip(be32(bytes, at + 4)).ok_or(no_size)?;
    if told.0 >> 16 > 0 && told.1 >> 16 > 0 {
        return Ok((told.0 >> 16, told.1 >> 16));
    }
    let entries = find(bytes, track, &[b"mdia", b"minf", b"stbl", b"stsd"])?.ok_or(no_size)?;
    let entry = entries.body.start + 8;
    let sides = be16(bytes, entry + 32).zip(be16(bytes, entry + 34)).ok_or(no_size)?;
    Ok((sides.0.into(), sides.1.into()))
}
