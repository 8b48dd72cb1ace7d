//! Which bytes of the file belong to a track (ISO 14496-12 sections 8.7.3 to 8.7.5).

use std::ops::Range;

use super::atoms::{Atom, find};
use crate::bytes::{be32, be64};
use crate::error::Fault;

/// How many runs of samples a video may have: two and a half minutes have some ten thousand.
const CHUNKS_MAX: usize = 200_000;

/// All bytes that the kept tracks use.
#[derive(Default)]
pub(super) struct Used {
    ranges: Vec<Range<usize>>,
}

/// A table of a sample table's box: after `skip` bytes a count, then rows of `width` bytes.
struct Table {
    start: usize,
    rows: usize,
    width: usize,
}

impl Table {
    fn read(bytes: &[u8], atom: &Atom, skip: usize, width: usize) -> Result<Self, Fault> {
        let wrong = Fault::Broken("a table that does not fit");
        let at = atom.body.start + skip;
        let rows = be32(bytes, at).and_then(|rows| usize::try_from(rows).ok()).ok_or(wrong)?;
        let start = at + 4;
        let end = rows.checked_mul(width).and_then(|length| start.checked_add(length));
        end.filter(|end| *end <= atom.body.end).ok_or(wrong)?;
        Ok(Self { start, rows, width })
    }

    fn at(&self, row: usize) -> usize {
        self.start + row * self.width
    }
}

impl Used {
    /// Adds the samples of a track.
    pub(super) fn add(&mut self, bytes: &[u8], track: &Atom) -> Result<(), Fault> {
        let part = |name| find(bytes, track, &[b"mdia", b"minf", b"stbl", name]);
        let missing = Fault::Broken("a track without its samples");
        let (chunks, wide) = match part(b"stco")? {
            Some(atom) => (Table::read(bytes, &atom, 4, 4)?, false),
            None => (Table::read(bytes, &part(b"co64")?.ok_or(missing)?, 4, 8)?, true),
        };
        if self.ranges.len() + chunks.rows > CHUNKS_MAX {
            return Err(Fault::Uncleanable("too many pieces"));
        }
        let runs = Table::read(bytes, &part(b"stsc")?.ok_or(missing)?, 4, 12)?;
        let sizes = part(b"stsz")?.ok_or(Fault::Uncleanable("compact sample sizes"))?;
        let mut lengths = Lengths::read(bytes, &sizes)?;
        if lengths.each == 1 {
            // QuickTime's old sound: the true length stands in its sample entry.
            return Err(Fault::Uncleanable("samples of one byte"));
        }
        let mut run = 0;
        for chunk in 0..chunks.rows {
            // Runs count chunks from one.
            let first = |run| be32(bytes, runs.at(run)).unwrap_or(u32::MAX) as usize;
            while run + 1 < runs.rows && first(run + 1) <= chunk + 1 {
                run += 1;
            }
            let samples = if runs.rows == 0 { None } else { be32(bytes, runs.at(run) + 4) };
            let length = lengths.take(bytes, samples.ok_or(missing)?);
            let start = if wide {
                be64(bytes, chunks.at(chunk))
            } else {
                be32(bytes, chunks.at(chunk)).map(u64::from)
            };
            let start = start.and_then(|start| usize::try_from(start).ok()).ok_or(missing)?;
            let end = length.and_then(|length| start.checked_add(length));
            let end = end.filter(|end| *end <= bytes.len());
            self.ranges.push(start..end.ok_or(Fault::Broken("ends within its samples"))?);
        }
        Ok(())
    }

    /// Sorts and joins; before `gaps`.
    pub(super) fn settle(&mut self) {
        self.ranges.sort_unstable_by_key(|range| range.start);
        self.ranges.dedup_by(|next, last| {
            let joins = next.start <= last.end;
            if joins {
                last.end = last.end.max(next.end);
            }
            joins
        });
    }

    /// What nobody uses of `body`.
    pub(super) fn gaps(&self, body: Range<usize>) -> Vec<Range<usize>> {
        let mut gaps = Vec::new();
        let mut at = body.start;
        // Sorted and apart from each other, so their ends are sorted too.
        let first = self.ranges.partition_point(|used| used.end <= body.start);
        for used in self.ranges.iter().skip(first) {
            if used.start >= body.end {
                break;
            }
            if used.start > at {
                gaps.push(at..used.start);
            }
            at = at.max(used.end);
        }
        if at < body.end {
            gaps.push(at..body.end);
        }
        gaps
    }
}

/// How long the samples are, in order.
struct Lengths {
    /// All the same, unless zero.
    each: usize,
    /// How many are left.
    left: usize,
    table: Option<Table>,
    next: usize,
}

impl Lengths {
    fn read(bytes: &[u8], sizes: &Atom) -> Result<Self, Fault> {
        let wrong = Fault::Broken("a table that does not fit");
        let number = |at| be32(bytes, at).and_then(|number| usize::try_from(number).ok());
        let each = number(sizes.body.start + 4).ok_or(wrong)?;
        let left = number(sizes.body.start + 8).ok_or(wrong)?;
        let table = if each == 0 { Some(Table::read(bytes, sizes, 8, 4)?) } else { None };
        Ok(Self { each, left, table, next: 0 })
    }

    /// The length of the next so many samples together; none if it is beyond counting.
    fn take(&mut self, bytes: &[u8], samples: u32) -> Option<usize> {
        let samples = usize::try_from(samples).ok()?.min(self.left);
        self.left -= samples;
        let Some(table) = &self.table else { return samples.checked_mul(self.each) };
        let from = self.next;
        self.next += samples;
        (from..self.next).try_fold(0usize, |sum, row| {
            sum.checked_add(usize::try_from(be32(bytes, table.at(row))?).ok()?)
        })
    }
}
