//! User data: its length, a header perhaps, and what is carried (TS 23.040 9.2.3.16, 9.2.3.24).

use super::octets::Octets;
use super::{Alphabet, Coding, Header, PduError, septets};
use std::fmt;

/// Most octets of user data in one message.
const OCTETS_MAX: usize = 140;

/// What a message carries, without its header and not yet decoded.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Codes of the GSM 7-bit alphabet, one a byte.
    Septets(Vec<u8>),
    /// 8-bit data.
    Octets(Vec<u8>),
    /// UTF-16 code units; a surrogate may stand alone when its other half is in the next part.
    Units(Vec<u16>),
}

impl fmt::Debug for Body {
    /// What people write is personal data: only its length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Septets(codes) => write!(f, "Septets({})", codes.len()),
            Self::Octets(octets) => write!(f, "Octets({})", octets.len()),
            Self::Units(units) => write!(f, "Units({})", units.len()),
        }
    }
}

/// Reads the rest of a message: the length and the user data.
///
/// Takes what is there when less came than was announced, and stops at what was announced when more came.
/// A header longer than the data is none: then all is text.
pub(super) fn read(
    coding: Coding,
    has_header: bool,
    mut rest: Octets<'_>,
) -> (Coding, Header, Body) {
    let announced = rest.one().unwrap_or_default();
    let data = rest.0;
    let coding = coding.judged(announced, data);
    let elements = data
        .split_first()
        .filter(|_| has_header)
        .and_then(|(length, rest)| rest.get(..usize::from(*length)));
    let header_octets = elements.map_or(0, |elements| elements.len() + 1);
    let header = elements.map(Header::read).unwrap_or_default();
    let announced = usize::from(announced);
    let octets = || data.get(header_octets..announced.min(data.len())).unwrap_or_default();
    // Compressed text is counted in octets, whatever its alphabet.
    let counted = if coding.compressed { Alphabet::Octets } else { coding.alphabet };
    let body = match counted {
        Alphabet::Octets => Body::Octets(octets().to_vec()),
        Alphabet::Units => {
            // An odd octet at the end is half of a unit whose other half was lost.
            let (units, _) = octets().as_chunks();
            Body::Units(units.iter().map(|unit| u16::from_be_bytes(*unit)).collect())
        }
        Alphabet::Septets => {
            let header_septets = (header_octets * 8).div_ceil(7);
            let count = announced.saturating_sub(header_septets);
            Body::Septets(septets::unpack(data, header_septets * 7, count))
        }
    };
    (coding, header, body)
}

/// The length and the user data.
///
/// # Errors
/// [`PduError::TooLong`] if one message cannot hold it.
pub(super) fn write(header: &Header, body: &Body) -> Result<Vec<u8>, PduError> {
    let mut data = header.write();
    let announced = match body {
        Body::Septets(codes) => {
            let header_septets = (data.len() * 8).div_ceil(7);
            let fill_bits = header_septets * 7 - data.len() * 8;
            data.extend(septets::pack(codes, fill_bits));
            header_septets + codes.len()
        }
        Body::Octets(octets) => {
            data.extend(octets);
            data.len()
        }
        Body::Units(units) => {
            data.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
            data.len()
        }
    };
    if data.len() > OCTETS_MAX {
        return Err(PduError::TooLong);
    }
    data.insert(0, u8::try_from(announced).map_err(|_| PduError::TooLong)?);
    Ok(data)
}
