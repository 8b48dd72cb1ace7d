//! Whether a file is a whole shared object for this machine, told before the system's loader sees it.
//!
//! A file that was cut off kills the process with SIGBUS inside `dlopen`; here it is an error.

/// What an ELF file must be on this machine (System V ABI, chapter 4; `elf.h`).
const MACHINE: u16 = if cfg!(target_arch = "x86_64") {
    62
} else if cfg!(target_arch = "aarch64") {
    183
} else if cfg!(target_arch = "arm") {
    40
} else if cfg!(target_arch = "riscv64") {
    243
} else {
    0
};
/// `ELFCLASS64` or `ELFCLASS32`.
const CLASS: u8 = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
/// Whether addresses have 64 bits.
pub(super) const WIDE: bool = CLASS == 2;
/// `ET_DYN`.
const SHARED_OBJECT: u16 = 3;
/// `PT_LOAD`.
const LOADED: u32 = 1;

/// Checks the head of a file, and that every segment that is to be loaded lies within it.
///
/// # Errors
/// In words, what is wrong.
pub(super) fn check(file: &[u8]) -> Result<(), String> {
    if file.get(..4) != Some(b"\x7fELF") {
        return Err("it is no shared object".to_owned());
    }
    if file.get(4) != Some(&CLASS) || file.get(5) != Some(&1) {
        return Err("it was built for another sort of machine".to_owned());
    }
    let cut_off = || "it is cut off".to_owned();
    let kind = number(file, 16, 2).ok_or_else(cut_off)?;
    let machine = number(file, 18, 2).ok_or_else(cut_off)?;
    if machine != u64::from(MACHINE) {
        return Err(format!("it was built for another processor (ELF machine {machine})"));
    }
    if kind != u64::from(SHARED_OBJECT) {
        return Err("it is a program or an object file, not a shared object".to_owned());
    }
    let (table_at, size_at) = if WIDE { (32, 54) } else { (28, 42) };
    let table = number(file, table_at, if WIDE { 8 } else { 4 }).ok_or_else(cut_off)?;
    let (size, count) = (number(file, size_at, 2), number(file, size_at + 2, 2));
    let (size, count) = (size.ok_or_else(cut_off)?, count.ok_or_else(cut_off)?);
    for nth in 0..count {
        let at = nth.checked_mul(size).and_then(|far| table.checked_add(far));
        let at = at.and_then(|at| usize::try_from(at).ok()).ok_or_else(cut_off)?;
        segment(file, at).ok_or_else(cut_off)?;
    }
    Ok(())
}

/// Whether a program header is there, and its segment within the file.
fn segment(file: &[u8], at: usize) -> Option<()> {
    if number(file, at, 4)? != u64::from(LOADED) {
        return Some(());
    }
    let (offset, len) = match WIDE {
        true => (number(file, at.checked_add(8)?, 8)?, number(file, at.checked_add(32)?, 8)?),
        false => (number(file, at.checked_add(4)?, 4)?, number(file, at.checked_add(16)?, 4)?),
    };
    (offset.checked_add(len)? <= file.len() as u64).then_some(())
}

/// A little-endian number of `len` bytes.
pub(super) fn number(file: &[u8], at: usize, len: usize) -> Option<u64> {
    let bytes = file.get(at..at.checked_add(len)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This very test program: on Linux a position-independent one, which is a shared object too.
    fn own() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    #[test]
    fn a_whole_file_for_this_machine_passes() {
        assert_eq!(check(&own()), Ok(()));
    }

    #[test]
    fn what_is_none_is_told() {
        let own = own();
        let with = |at: usize, byte: u8| {
            let mut file = own[..4096].to_vec();
            file[at] = byte;
            file
        };
        for (what, file, problem) in [
            ("nothing", Vec::new(), "no shared object"),
            ("a text", b"#!/bin/sh\n".to_vec(), "no shared object"),
            ("the other word length", with(4, 3 - CLASS), "another sort"),
            ("the other byte order", with(5, 2), "another sort"),
            ("another processor", with(18, 8), "another processor"),
            ("an object file", with(16, 1), "not a shared object"),
            ("a head alone", own[..20].to_vec(), "cut off"),
            ("the first page", own[..4096].to_vec(), "cut off"),
        ] {
            let found = check(&file).unwrap_err();
            assert!(found.contains(problem), "{what}: {found}");
        }
    }

    #[test]
    fn any_bytes_can_be_looked_at() {
        let own = own();
        for at in 0..64 {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut file = own[..4096].to_vec();
                file[at] = byte;
                let _ = check(&file);
            }
        }
    }
}
