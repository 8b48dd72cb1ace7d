//! How much room a text takes on the air.
//!
//! GSM 03.38 (3GPP TS 23.038 clause 6.2.1): 160 septets in one segment, 153 in each of several;
//! anything outside its alphabet makes the whole text UCS-2: 70 units, or 67. A character of two
//! septets or two units never spans two segments (3GPP TS 23.040 clause 9.2.3.24.1).

/// The basic alphabet, one septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table, two septets each.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Number of segments the text is billed as; 0 for an empty one.
pub fn segments(text: &str) -> u32 {
    if is_gsm(text) {
        count(text.chars().map(|c| septets(c).unwrap_or(1)), 160, 153)
    } else {
        count(text.chars().map(char::len_utf16), 70, 67)
    }
}

/// Whether the text needs nothing but the GSM 7-bit alphabet and its extension.
pub fn is_gsm(text: &str) -> bool {
    text.chars().all(|c| septets(c).is_some())
}

/// Septets the character takes in GSM-7, `None` when it is not in it.
fn septets(c: char) -> Option<usize> {
    match c {
        c if BASIC.contains(c) => Some(1),
        c if EXTENDED.contains(c) => Some(2),
        _ => None,
    }
}

/// Segments of characters of these widths: `one` has room for a text that stays alone, `each` for a
/// part of several.
fn count(widths: impl Iterator<Item = usize> + Clone, one: usize, each: usize) -> u32 {
    let whole: usize = widths.clone().sum();
    if whole <= one {
        return u32::from(whole > 0);
    }
    let (mut segments, mut filled) = (1_u32, 0);
    for width in widths {
        if filled + width > each {
            segments = segments.saturating_add(1);
            filled = 0;
        }
        filled += width;
    }
    segments
}

/// The same for what arrives: an empty text is one segment too.
pub fn segments_in(text: &str) -> u16 {
    u16::try_from(segments(text).max(1)).unwrap_or(u16::MAX)
}
