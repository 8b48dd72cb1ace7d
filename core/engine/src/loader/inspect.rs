//! What a plugin's file tells without being loaded: its size, its hash, what it exports, and how new a C
//! library it needs.

use super::LoadError;
use super::elf::{WIDE, number};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// `SHT_DYNSYM`, and `SHT_GNU_verneed` (Linux Standard Base, Core, 10.7).
const SYMBOLS: u64 = 11;
const VERSIONS_NEEDED: u64 = 0x6fff_fffe;
/// Names that are read from one table at most.
const NAMES_MAX: u64 = 100_000;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Size of the file.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The symbols that it exports, sorted; a plugin exports one, `CORDBOARD_PLUGIN`. `None`: it does not say.
    pub exports: Option<Vec<String>>,
    /// The oldest GNU C library that it runs with, as `2.34`; `None` when it needs none.
    pub glibc: Option<String>,
}

/// Looks at a file; nothing in it runs.
///
/// # Errors
/// When it cannot be read.
pub fn inspect(path: &Path) -> Result<Inspection, LoadError> {
    let file = std::fs::read(path).map_err(|error| LoadError {
        path: path.to_owned(),
        problem: format!("cannot be read: {error}"),
    })?;
    Ok(Inspection {
        bytes: file.len() as u64,
        sha256: crate::words::hex(&Sha256::digest(&file)),
        exports: exports(&file),
        glibc: glibc(&file),
    })
}

/// A section's header, as far as it is needed.
struct Section {
    kind: u64,
    link: u64,
    info: u64,
    offset: u64,
    size: u64,
}

/// The section headers of a file; none when it is no ELF file.
fn sections(file: &[u8]) -> Vec<Section> {
    let read = |nth: u64| {
        let (table_at, size_at) = if WIDE { (40, 58) } else { (32, 46) };
        let table = number(file, table_at, if WIDE { 8 } else { 4 })?;
        let (size, count) = (number(file, size_at, 2)?, number(file, size_at + 2, 2)?);
        if nth >= count {
            return None;
        }
        let at = usize::try_from(table.checked_add(nth.checked_mul(size)?)?).ok()?;
        let (word, [offset, size, link]) = if WIDE { (8, [24, 32, 40]) } else { (4, [16, 20, 24]) };
        Some(Section {
            kind: number(file, at.checked_add(4)?, 4)?,
            link: number(file, at.checked_add(link)?, 4)?,
            info: number(file, at.checked_add(link + 4)?, 4)?,
            offset: number(file, at.checked_add(offset)?, word)?,
            size: number(file, at.checked_add(size)?, word)?,
        })
    };
    let is_elf = file.starts_with(b"\x7fELF");
    (0..).map_while(|nth| if is_elf { read(nth) } else { None }).collect()
}

/// The text that begins at byte `at` of a section.
fn text(file: &[u8], strings: &Section, at: u64) -> Option<String> {
    let start = usize::try_from(strings.offset.checked_add(at)?).ok()?;
    let end = usize::try_from(strings.offset.checked_add(strings.size)?).ok()?;
    let bytes = file.get(start..end)?;
    let len = bytes.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(&bytes[..len]).into_owned())
}

/// Names of the symbols that others can find: global or weak, defined here, and not hidden.
fn exports(file: &[u8]) -> Option<Vec<String>> {
    let sections = sections(file);
    let table = sections.iter().find(|section| section.kind == SYMBOLS)?;
    let strings = sections.get(usize::try_from(table.link).ok()?)?;
    let entry = if WIDE { 24 } else { 16 };
    let (info_at, visible_at, section_at) = if WIDE { (4, 5, 6) } else { (12, 13, 14) };
    let mut names = Vec::new();
    for nth in 0..(table.size / entry).min(NAMES_MAX) {
        let at = usize::try_from(table.offset.checked_add(nth * entry)?).ok()?;
        let (info, visible) = (number(file, at + info_at, 1)?, number(file, at + visible_at, 1)?);
        let defined = number(file, at + section_at, 2)? != 0;
        if matches!(info >> 4, 1 | 2) && visible & 3 == 0 && defined {
            names.push(text(file, strings, number(file, at, 4)?)?);
        }
    }
    names.sort();
    Some(names)
}

/// The newest `GLIBC_2.…` among the versions that it needs.
fn glibc(file: &[u8]) -> Option<String> {
    let sections = sections(file);
    let table = sections.iter().find(|section| section.kind == VERSIONS_NEEDED)?;
    let strings = sections.get(usize::try_from(table.link).ok()?)?;
    let mut newest: Option<Vec<u32>> = None;
    let mut library = usize::try_from(table.offset).ok()?;
    for _ in 0..table.info.min(NAMES_MAX) {
        let mut version =
            library.checked_add(usize::try_from(number(file, library + 8, 4)?).ok()?)?;
        for _ in 0..number(file, library + 2, 2)? {
            let name = text(file, strings, number(file, version + 8, 4)?)?;
            newest = newest.max(name.strip_prefix("GLIBC_").and_then(numbers));
            version = version.checked_add(usize::try_from(number(file, version + 12, 4)?).ok()?)?;
        }
        library = library.checked_add(usize::try_from(number(file, library + 12, 4)?).ok()?)?;
    }
    let words: Vec<String> = newest?.iter().map(u32::to_string).collect();
    Some(words.join("."))
}

/// `2.34` as numbers; `None` for names like `PRIVATE`.
fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This very test program: a position-independent one needs the C library, as a plugin does.
    fn own() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    #[test]
    fn a_file_tells_its_size_hash_and_c_library() {
        let found = inspect(&std::env::current_exe().unwrap()).unwrap();
        assert_eq!(found.bytes, own().len() as u64);
        assert_eq!(found.sha256.len(), 64);
        if cfg!(target_env = "gnu") {
            let glibc = numbers(&found.glibc.unwrap()).unwrap();
            assert!(glibc >= vec![2, 2], "{glibc:?}");
        }
        // A program exports little or nothing, and above all no plugin.
        let exports = found.exports.unwrap();
        assert!(!exports.contains(&"CORDBOARD_PLUGIN".to_owned()), "{exports:?}");
    }

    #[test]
    fn any_bytes_can_be_looked_at() {
        let own = own();
        for file in [&[][..], b"\x7fELF", b"#!/bin/sh", &own[..64], &own[..own.len() / 2]] {
            let _ = (exports(file), glibc(file));
        }
        let mut torn = own.clone();
        let end = torn.len();
        for at in (end.saturating_sub(4_000)..end).step_by(7) {
            torn[at] ^= 0xff;
            let _ = (exports(&torn), glibc(&torn));
        }
    }
}
