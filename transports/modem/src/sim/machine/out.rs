//! What the modem has said and nobody has read yet.

use cordboard_plugin::Timestamp;
use std::collections::VecDeque;

/// Beyond this the cable's buffer is full, and what is said is lost.
const BYTES_MAX: usize = 1 << 20;

/// Pieces in the order in which they are said; none before the one in front of it.
#[derive(Debug, Default)]
pub(super) struct Out {
    pieces: VecDeque<Piece>,
    bytes: usize,
}

#[derive(Debug)]
struct Piece {
    at: Timestamp,
    bytes: Vec<u8>,
    /// Whether nothing is glued to it.
    alone: bool,
}

impl Out {
    /// Says `bytes` at `at`, or when the last piece is said, if that is later.
    pub(super) fn say(&mut self, at: Timestamp, bytes: &[u8]) {
        self.add(at, bytes, false);
    }

    /// The same, so that it is read by itself.
    pub(super) fn say_alone(&mut self, at: Timestamp, bytes: &[u8]) {
        self.add(at, bytes, true);
    }

    fn add(&mut self, at: Timestamp, bytes: &[u8], alone: bool) {
        if bytes.is_empty() || self.bytes + bytes.len() > BYTES_MAX {
            return;
        }
        self.bytes += bytes.len();
        let at = self.pieces.back().map_or(at, |last| last.at.max(at));
        match self.pieces.back_mut() {
            Some(last) if last.at == at && !last.alone && !alone => {
                last.bytes.extend_from_slice(bytes);
            }
            _ => self.pieces.push_back(Piece { at, bytes: bytes.to_vec(), alone }),
        }
    }

    /// When the next piece is said.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.pieces.front().map(|piece| piece.at)
    }

    pub(super) fn take_piece(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        if self.pieces.front()?.at > now {
            return None;
        }
        let piece = self.pieces.pop_front()?;
        self.bytes -= piece.bytes.len();
        Some(piece.bytes)
    }

    pub(super) fn take(&mut self, now: Timestamp) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(piece) = self.take_piece(now) {
            all.extend(piece);
        }
        all
    }

    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.bytes = 0;
    }
}
