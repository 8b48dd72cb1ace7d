//! Addresses: the other side's and the service centre's (TS 23.040 9.1.2.5, TS 24.011 8.2.5.1).

use super::octets::Octets;
use super::septets::{self, Decoder};
use super::{PduError, PduError::Address as Unwritable};
use cordboard_plugin::Address;
use std::fmt;

/// What the semi-octets 0 to 14 stand for; 15 is a filler.
const DIGITS: &[u8; 15] = b"0123456789*#abc";
/// An address has at most ten octets behind its type: twenty digits, eleven letters.
const DIGITS_MAX: usize = 20;
const LETTERS_MAX: usize = 11;

const INTERNATIONAL: u8 = 0x91;
const UNKNOWN: u8 = 0x81;
const ALPHANUMERIC: u8 = 0xD0;

/// Who a message is from or for.
#[derive(Clone, PartialEq, Eq)]
pub struct Party {
    /// `+15550100123`, `12345`, `Bank`; empty when there was none.
    pub text: String,
    /// What kind of address it is.
    pub kind: PartyKind,
    /// The type-of-address octet as it came; every value is accepted.
    pub type_octet: u8,
}

/// What kind of address a [`Party`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyKind {
    /// A full number; [`Party::text`] begins with `+`.
    International,
    /// A number as dialled within the country.
    National,
    /// Letters: the name of a firm or a service. Nothing can be sent to it.
    Name,
    /// A short code, a number of the network, or a kind nobody told us.
    Other,
}

impl Party {
    /// As the rest of the bridge knows it.
    pub fn address(&self) -> Address {
        Address::new(self.text.as_str())
    }

    /// A number with `+`, a number of digits, `*` and `#` alone, or else a name.
    ///
    /// # Errors
    /// [`PduError::Address`] if it is too long, or a name outside the GSM 7-bit alphabet.
    pub fn new(text: &str) -> Result<Self, PduError> {
        let is_number = |digits: &str| digits.bytes().all(|digit| DIGITS[..12].contains(&digit));
        let (kind, type_octet) = match text.strip_prefix('+') {
            Some(digits) if is_number(digits) && !digits.is_empty() => {
                (PartyKind::International, INTERNATIONAL)
            }
            None if is_number(text) => (PartyKind::Other, UNKNOWN),
            _ => (PartyKind::Name, ALPHANUMERIC),
        };
        let party = Self { text: text.to_owned(), kind, type_octet };
        party.write(&mut Vec::new())?;
        Ok(party)
    }

    /// Reads length, type and value.
    pub(super) fn read(octets: &mut Octets<'_>) -> Result<Self, PduError> {
        let semi_octets = usize::from(octets.one()?);
        let type_octet = octets.one()?;
        let value = octets.take(semi_octets.div_ceil(2))?;
        Ok(Self::of(type_octet, value, semi_octets))
    }

    /// The meaning of a value of so many semi-octets.
    pub(super) fn of(type_octet: u8, value: &[u8], semi_octets: usize) -> Self {
        let kind = kind(type_octet);
        let text = match kind {
            PartyKind::Name => {
                let mut decoder = Decoder::default();
                decoder.take(&septets::unpack(value, 0, semi_octets * 4 / 7), 0, 0);
                decoder.finish()
            }
            PartyKind::International => plus(digits(value, semi_octets)),
            PartyKind::National | PartyKind::Other => digits(value, semi_octets),
        };
        Self { text, kind, type_octet }
    }

    /// Writes length, type and value.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), PduError> {
        let (semi_octets, value) = if self.kind == PartyKind::Name {
            let codes = septets::encode(&self.text).ok_or(Unwritable)?;
            if codes.len() > LETTERS_MAX {
                return Err(Unwritable);
            }
            ((codes.len() * 7).div_ceil(4), septets::pack(&codes, 0))
        } else {
            let digits = self.text.strip_prefix('+').unwrap_or(&self.text);
            (digits.len(), swapped(digits)?)
        };
        out.push(u8::try_from(semi_octets).map_err(|_| Unwritable)?);
        out.push(self.type_octet);
        out.extend(value);
        Ok(())
    }
}

impl fmt::Debug for Party {
    /// A number is personal data: only its last two characters are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.kind, self.address())
    }
}

/// Reads the SMSC part: a length in octets that counts the type, and unlike all others may be 0 and end there.
pub(super) fn read_centre(octets: &mut Octets<'_>) -> Result<Option<String>, PduError> {
    let length = usize::from(octets.one()?);
    let part = octets.take(length)?;
    let centre = part.split_first().map(|(type_octet, value)| {
        let centre = digits(value, value.len() * 2);
        if kind(*type_octet) == PartyKind::International { plus(centre) } else { centre }
    });
    Ok(centre.filter(|centre| !centre.is_empty()))
}

/// Writes the SMSC part; an empty one is left to the modem.
pub(super) fn write_centre(centre: &str, out: &mut Vec<u8>) -> Result<(), PduError> {
    if centre.is_empty() {
        out.push(0);
        return Ok(());
    }
    let (type_octet, digits) =
        centre.strip_prefix('+').map_or((UNKNOWN, centre), |digits| (INTERNATIONAL, digits));
    let value = swapped(digits)?;
    out.push(u8::try_from(value.len() + 1).map_err(|_| Unwritable)?);
    out.push(type_octet);
    out.extend(value);
    Ok(())
}

/// The kind by the type of number; the numbering plan says nothing we need, and comes wrong.
fn kind(type_octet: u8) -> PartyKind {
    match type_octet >> 4 & 0b111 {
        1 => PartyKind::International,
        2 => PartyKind::National,
        5 => PartyKind::Name,
        _ => PartyKind::Other,
    }
}

/// The digits in so many semi-octets. Fillers are left out wherever they stand: some count them as digits.
fn digits(value: &[u8], semi_octets: usize) -> String {
    let halves = value.iter().flat_map(|octet| [octet & 0x0F, octet >> 4]);
    let digits = halves.take(semi_octets).filter_map(|half| DIGITS.get(usize::from(half)));
    digits.map(|digit| char::from(*digit)).collect()
}

fn plus(digits: String) -> String {
    if digits.is_empty() { digits } else { format!("+{digits}") }
}

/// Digits as swapped semi-octets, with a filler after an odd number of them.
fn swapped(digits: &str) -> Result<Vec<u8>, PduError> {
    if digits.len() > DIGITS_MAX {
        return Err(Unwritable);
    }
    let half = |digit: &u8| DIGITS.iter().position(|known| known == digit);
    let halves: Option<Vec<usize>> = digits.as_bytes().iter().map(half).collect();
    let halves = halves.ok_or(Unwritable)?;
    let octet = |pair: &[usize]| {
        let [low, high] = [pair.first(), pair.get(1)].map(|half| half.copied().unwrap_or(0x0F));
        u8::try_from(high << 4 | low).map_err(|_| Unwritable)
    };
    halves.chunks(2).map(octet).collect()
}
