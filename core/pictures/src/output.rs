//! The edited file, copied only once something really changes.

use std::borrow::Cow;
use std::ops::Range;

/// Collects what stays of a file, in order.
pub(crate) struct Output<'a> {
    source: &'a [u8],
    /// All that was kept, while that is one piece of the source.
    kept: Range<usize>,
    /// All that was kept, once it is not.
    copied: Option<Vec<u8>>,
}

impl<'a> Output<'a> {
    pub(crate) fn new(source: &'a [u8]) -> Self {
        Self { source, kept: 0..0, copied: None }
    }

    /// Keeps a piece of the source.
    pub(crate) fn keep(&mut self, piece: Range<usize>) {
        if self.copied.is_none() && self.kept.is_empty() {
            self.kept = piece;
        } else if self.copied.is_none() && self.kept.end == piece.start {
            self.kept.end = piece.end;
        } else {
            let source = self.source;
            self.copy().extend_from_slice(source.get(piece).unwrap_or_default());
        }
    }

    /// Puts in bytes of our own.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.copy().extend_from_slice(bytes);
    }

    /// Keeps a piece if it reads `wanted` already, else puts that in its place.
    pub(crate) fn keep_as(&mut self, piece: Range<usize>, wanted: &[u8]) {
        if self.source.get(piece.clone()) == Some(wanted) {
            self.keep(piece);
        } else {
            self.put(wanted);
        }
    }

    /// How many bytes were kept so far.
    pub(crate) fn len(&self) -> usize {
        self.copied.as_ref().map_or(self.kept.len(), Vec::len)
    }

    /// Overwrites four bytes that were kept earlier.
    pub(crate) fn patch(&mut self, at: usize, bytes: [u8; 4]) {
        let start = self.kept.start + at;
        if self.copied.is_none() && self.source.get(start..start + 4) == Some(&bytes) {
            return;
        }
        if let Some(place) = self.copy().get_mut(at..at + 4) {
            place.copy_from_slice(&bytes);
        }
    }

    fn copy(&mut self) -> &mut Vec<u8> {
        self.copied.get_or_insert_with(|| {
            // Editing removes; what it adds is an orientation at most.
            let mut copy = Vec::with_capacity(self.source.len() + 64);
            copy.extend_from_slice(self.source.get(self.kept.clone()).unwrap_or_default());
            copy
        })
    }

    /// What stayed.
    pub(crate) fn finish(self) -> Cow<'a, [u8]> {
        match self.copied {
            Some(copy) => Cow::Owned(copy),
            None => Cow::Borrowed(self.source.get(self.kept).unwrap_or_default()),
        }
    }
}
