//! Seven bits a code: packing, unpacking, and the text of codes (TS 23.038 6.1.2.1, 6.2.1).

use super::tables;

/// The codes in `octets` after `skipped_bits`: at most `count`, fewer when the octets end before.
pub(super) fn unpack(octets: &[u8], skipped_bits: usize, count: usize) -> Vec<u8> {
    let there = (octets.len() * 8).saturating_sub(skipped_bits) / 7;
    let starts = (0..count.min(there)).map(|at| skipped_bits + at * 7);
    let code = |bit: usize| {
        let low = octets.get(bit / 8).copied().unwrap_or_default();
        let high = octets.get(bit / 8 + 1).copied().unwrap_or_default();
        let [code, _] = (u16::from_le_bytes([low, high]) >> (bit % 8)).to_le_bytes();
        code & 0x7F
    };
    starts.map(code).collect()
}

/// The codes in octets, after `fill_bits` (0 to 6) that are 0; the inverse of [`unpack`].
pub(super) fn pack(codes: &[u8], fill_bits: usize) -> Vec<u8> {
    let mut octets = vec![0; (fill_bits + codes.len() * 7).div_ceil(8)];
    for (at, code) in codes.iter().enumerate() {
        let bit = fill_bits + at * 7;
        let halves = (u16::from(code & 0x7F) << (bit % 8)).to_le_bytes();
        for (octet, half) in octets.iter_mut().skip(bit / 8).zip(halves) {
            *octet |= half;
        }
    }
    octets
}

/// The codes of a text; `None` if a character is in neither of the default tables.
pub(super) fn encode(text: &str) -> Option<Vec<u8>> {
    let mut codes = Vec::with_capacity(text.len());
    for character in text.chars() {
        let (escape, code) = tables::codes(character)?;
        codes.extend(escape);
        codes.push(code);
    }
    Some(codes)
}

/// Turns codes into text, over several parts if need be: an escape that ends a part counts for the next one.
#[derive(Default)]
pub(super) struct Decoder {
    text: String,
    escaped: bool,
}

impl Decoder {
    /// Takes the codes of a part, with the national tables of that part.
    pub(super) fn take(&mut self, codes: &[u8], locking_shift: u8, single_shift: u8) {
        for &code in codes {
            let plain = tables::plain(code, locking_shift);
            if self.escaped {
                self.text.push(tables::escaped(code, single_shift).unwrap_or(plain));
                self.escaped = false;
            } else if code == tables::ESCAPE {
                self.escaped = true;
            } else {
                self.text.push(plain);
            }
        }
    }

    /// The text. An escape with nothing behind it is dropped.
    pub(super) fn finish(self) -> String {
        self.text
    }
}
