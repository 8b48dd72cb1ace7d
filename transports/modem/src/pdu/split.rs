//! A text in parts: which alphabet, and where to cut.

use super::{Body, Concat, Header, PduError, septets, tables};

/// Codes or units in a message alone, and in each of several parts with an 8-bit and a 16-bit reference.
const SEPTETS: [usize; 3] = [160, 153, 152];
const UNITS: [usize; 3] = [70, 67, 66];
/// Octets beside 16-bit ports.
const DATA: [usize; 3] = [133, 128, 127];

/// TP-DCS of a body made here.
pub(super) fn coding_octet(body: &Body) -> u8 {
    match body {
        Body::Septets(_) => 0x00,
        Body::Octets(_) => 0x04,
        Body::Units(_) => 0x08,
    }
}

/// The bodies of a text: 7-bit when every character is in the default alphabet or its extension, else UTF-16.
pub(super) fn bodies(text: &str, wide: bool) -> Vec<Body> {
    if let Some(codes) = septets::encode(text) {
        let parts = cut(&codes, SEPTETS, wide, |code| code == tables::ESCAPE);
        return parts.into_iter().map(Body::Septets).collect();
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    let parts = cut(&units, UNITS, wide, |unit| (0xD800..0xDC00).contains(&unit));
    parts.into_iter().map(Body::Units).collect()
}

/// The bodies of data for an application; each has its header beside it.
pub(super) fn data_bodies(data: &[u8], wide: bool) -> Vec<Body> {
    cut(data, DATA, wide, |_| false).into_iter().map(Body::Octets).collect()
}

/// Bodies with the headers that tie them together, beside what else is in each header.
///
/// # Errors
/// [`PduError::TooLong`] for more than 255 bodies.
pub(super) fn tied(
    bodies: Vec<Body>,
    reference: u16,
    wide: bool,
    header: Header,
) -> Result<Vec<(Header, Body)>, PduError> {
    let total = u8::try_from(bodies.len()).map_err(|_| PduError::TooLong)?;
    let header = |number| Header {
        concat: (total > 1).then_some(Concat { reference, wide, total, number }),
        ..header
    };
    Ok((1..=total).map(header).zip(bodies).collect())
}

/// Cuts into as few pieces as fit, never behind an element that `opens` a pair.
fn cut<T: Copy>(all: &[T], sizes: [usize; 3], wide: bool, opens: fn(T) -> bool) -> Vec<Vec<T>> {
    let [alone, narrow_size, wide_size] = sizes;
    if all.len() <= alone {
        return vec![all.to_vec()];
    }
    let size = if wide { wide_size } else { narrow_size };
    let mut pieces = Vec::new();
    let mut rest = all;
    while rest.len() > size {
        let end = if opens(rest[size - 1]) { size - 1 } else { size };
        let (piece, after) = rest.split_at(end);
        pieces.push(piece.to_vec());
        rest = after;
    }
    pieces.push(rest.to_vec());
    pieces
}
