//! Boxes, or atoms as QuickTime calls them: length, name, body (ISO 14496-12 section 4.2).

use std::ops::Range;

use crate::bytes::{be32, be64, code};
use crate::error::Fault;

/// How many boxes one container may hold; real ones have less than twenty.
pub(super) const ATOMS_MAX: usize = 4096;

/// One box.
pub(super) struct Atom {
    pub(super) name: [u8; 4],
    /// Where its name stands.
    name_at: usize,
    pub(super) body: Range<usize>,
}

impl Atom {
    /// The box at `at`. A length of zero, "up to the end", is for the outermost ones only.
    pub(super) fn read(bytes: &[u8], at: usize, end: usize, is_top: bool) -> Option<Self> {
        let name_at = at.checked_add(4)?;
        let name = code(bytes.get(..end)?, name_at)?;
        let (length, head) = match be32(bytes, at)? {
            0 if is_top => (end - at, 8),
            1 => (usize::try_from(be64(bytes.get(..end)?, at + 8)?).ok()?, 16),
            length => (usize::try_from(length).ok()?, 8),
        };
        let body_end = at.checked_add(length)?;
        if length < head || body_end > end {
            return None;
        }
        Some(Self { name, name_at, body: at + head..body_end })
    }

    /// Makes it a hole of the same length.
    pub(super) fn free(&self, copy: &mut [u8]) {
        if let Some(name) = copy.get_mut(self.name_at..self.name_at + 4) {
            name.copy_from_slice(b"free");
        }
        if let Some(body) = copy.get_mut(self.body.clone()) {
            body.fill(0);
        }
    }
}

/// The boxes in a container. Less than eight bytes behind the last are allowed: QuickTime ends some
/// lists with four zeroes.
pub(super) fn atoms(bytes: &[u8], within: &Range<usize>) -> Result<Vec<Atom>, Fault> {
    let mut found = Vec::new();
    let mut at = within.start;
    while within.end - at >= 8 {
        let atom = Atom::read(bytes, at, within.end, false)
            .filter(|_| found.len() < ATOMS_MAX)
            .ok_or(Fault::Broken("a box that does not fit"))?;
        at = atom.body.end;
        found.push(atom);
    }
    Ok(found)
}

/// The first box along a path of names.
pub(super) fn find(bytes: &[u8], within: &Atom, path: &[&[u8; 4]]) -> Result<Option<Atom>, Fault> {
    let Some((first, rest)) = path.split_first() else { return Ok(None) };
    let found = atoms(bytes, &within.body)?.into_iter().find(|atom| &atom.name == *first);
    match found {
        Some(atom) if !rest.is_empty() => find(bytes, &atom, rest),
        found => Ok(found),
    }
}
