//! The characters of the GSM 7-bit alphabet (TS 23.038 6.2.1 and annex A).

mod default;
mod national;

/// The code that takes the next one from another table.
pub(super) const ESCAPE: u8 = 0x1B;

/// The character of a code without an escape before it. `ESCAPE` itself is a space, as for those who do not know it.
pub(super) fn plain(code: u8, locking_shift: u8) -> char {
    find(national::locking(locking_shift), code)
        .unwrap_or_else(|| default::ALPHABET[usize::from(code & 0x7F)])
}

/// The character of a code after an escape.
///
/// `None` where the table is empty: then the character without the escape is shown (TS 23.038 6.2.1.1). A second
/// escape would open a table that does not exist yet, and is a space.
pub(super) fn escaped(code: u8, single_shift: u8) -> Option<char> {
    if code == ESCAPE {
        return Some(' ');
    }
    find(national::single(single_shift), code).or_else(|| find(default::EXTENSION, code))
}

/// How a character is written: one code, or an escape and a code; `None` if it is in neither default table.
pub(super) fn codes(character: char) -> Option<(Option<u8>, u8)> {
    let plain = (0u8..).zip(default::ALPHABET);
    let mut found = plain.filter(|(code, known)| *known == character && *code != ESCAPE);
    if let Some((code, _)) = found.next() {
        return Some((None, code));
    }
    let extension = default::EXTENSION.iter().find(|(_, known)| *known == character);
    extension.map(|(code, _)| (Some(ESCAPE), *code))
}

fn find(table: &[(u8, char)], code: u8) -> Option<char> {
    table.iter().find(|(known, _)| *known == code).map(|(_, character)| *character)
}
