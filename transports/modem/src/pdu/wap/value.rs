//! Values of WSP headers (WAP-230-WSP 8.4): the first octet tells how each one ends, known or not.

use crate::pdu::octets::Octets;

/// A value in its general form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// One octet from 80 on: a short integer or a token.
    Token(u8),
    /// Octets behind a length.
    Data(&'a [u8]),
    /// Text up to an octet 0.
    Text(&'a [u8]),
}

/// First octets: up to this one the length itself, this one before a longer length, text below tokens.
const LENGTH_MAX: u8 = 30;
const LONG_LENGTH: u8 = 31;
const QUOTE: u8 = 0x7F;
const TOKENS: u8 = 0x80;

/// Takes the next value; `None` if it is cut off.
pub(super) fn value<'a>(octets: &mut Octets<'a>) -> Option<Value<'a>> {
    match *octets.0.first()? {
        length @ 0..=LENGTH_MAX => {
            octets.one().ok()?;
            octets.take(length.into()).ok().map(Value::Data)
        }
        LONG_LENGTH => {
            octets.one().ok()?;
            let length = number(octets)?;
            octets.take(length).ok().map(Value::Data)
        }
        token @ TOKENS.. => octets.one().ok().map(|_| Value::Token(token)),
        _ => text(octets).map(Value::Text),
    }
}

/// Takes text up to an octet 0, whatever it begins with; `None` if there is no such octet.
pub(super) fn text<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let end = octets.0.iter().position(|octet| *octet == 0)?;
    let text = octets.take(end).ok()?;
    octets.one().ok()?;
    Some(unquoted(text))
}

/// Takes a number in groups of seven bits (8.1.2), at most four of them.
pub(super) fn number(octets: &mut Octets<'_>) -> Option<usize> {
    let mut number = 0;
    for _ in 0..4 {
        let octet = octets.one().ok()?;
        number = number << 7 | usize::from(octet & 0x7F);
        if octet & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// The integer in a value: short, or in at most eight octets.
pub(super) fn integer(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Token(token) => Some(u64::from(token & 0x7F)),
        Value::Data(data) if data.len() <= 8 => {
            Some(data.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
        }
        Value::Data(_) | Value::Text(_) => None,
    }
}

/// Takes an encoded string (MMS-ENC 7.2.9): text alone, or a length, a character set and text.
///
/// Text may begin with any octet: not all senders quote what is not ASCII. It may end with the data.
pub(super) fn encoded(octets: &mut Octets<'_>) -> Option<String> {
    if *octets.0.first()? > LONG_LENGTH {
        let all = octets.0;
        let text = text(octets).unwrap_or_else(|| {
            octets.0 = &[];
            unquoted(all)
        });
        return Some(String::from_utf8_lossy(text).into_owned());
    }
    let Value::Data(data) = value(octets)? else { return None };
    let mut octets = Octets(data);
    let set = value(&mut octets).and_then(integer)?;
    Some(decode(set, octets.0))
}

/// Text in a character set by its number (IANA MIBenum); an unknown one is read as UTF-8.
fn decode(set: u64, text: &[u8]) -> String {
    const LATIN_1: u64 = 4;
    const UCS_2: u64 = 1000;
    const UTF_16BE: u64 = 1013;
    const UTF_16LE: u64 = 1014;
    const UTF_16: u64 = 1015;
    let wide = |read: fn([u8; 2]) -> u16| {
        let (units, _) = text.as_chunks();
        let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
        let text = String::from_utf16_lossy(&units);
        text.trim_start_matches('\u{FEFF}').trim_end_matches('\0').to_owned()
    };
    match set {
        UCS_2 | UTF_16 if text.starts_with(&[0xFF, 0xFE]) => wide(u16::from_le_bytes),
        UCS_2 | UTF_16 | UTF_16BE => wide(u16::from_be_bytes),
        UTF_16LE => wide(u16::from_le_bytes),
        _ => {
            let text = unquoted(text.split(|octet| *octet == 0).next().unwrap_or_default());
            match set {
                LATIN_1 => text.iter().map(|octet| char::from(*octet)).collect(),
                _ => String::from_utf8_lossy(text).into_owned(),
            }
        }
    }
}

/// A quote says that the next octet is text, though it looks like a token.
fn unquoted(text: &[u8]) -> &[u8] {
    text.strip_prefix(&[QUOTE]).unwrap_or(text)
}

/// Writes octets behind their length.
pub(super) fn write(data: &[u8], out: &mut Vec<u8>) {
    match u8::try_from(data.len()) {
        Ok(length @ 0..=LENGTH_MAX) => out.push(length),
        _ => {
            out.push(LONG_LENGTH);
            let groups = [data.len() >> 21, data.len() >> 14, data.len() >> 7, data.len()];
            let low = |group: &usize| u8::try_from(group & 0x7F).unwrap_or_default();
            let first = groups.iter().position(|group| low(group) != 0).unwrap_or(3);
            out.extend(groups[first..3].iter().map(|group| low(group) | 0x80));
            out.push(low(&groups[3]));
        }
    }
    out.extend(data);
}
