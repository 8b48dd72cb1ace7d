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
pub(crate) fn segments(text: &str) -> u32 {
    if is_gsm(text) {
        count(text.chars().map(|c| septets(c).unwrap_or(1)), 160, 153)
    } else {
        count(text.chars().map(char::len_utf16), 70, 67)
    }
}

/// Whether the text needs nothing but GSM-7.
pub(crate) fn is_gsm(text: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn segments_are_counted_as_they_are_billed() {
        for (text, expected) in [
            (String::new(), 0),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            // 153 is odd: the last septet of a part stays empty.
            ("€".repeat(152), 2),
            ("€".repeat(153), 3),
            ("日".repeat(70), 1),
            ("日".repeat(71), 2),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
            ("😀".repeat(66), 2),
            ("😀".repeat(67), 3),
        ] {
            assert_eq!(segments(&text), expected, "{} characters", text.chars().count());
        }
    }

    /// Letters that take one septet, two septets, one unit, two units.
    const MIX: &str = "[a-zé@€\\[\\]~日本😀’]{0,400}";

    /// Cuts a text into the parts that go on the air, one character after the other.
    fn parts_on_the_air(text: &str) -> Vec<String> {
        let alphabet: Vec<char> = BASIC.chars().chain(EXTENDED.chars()).collect();
        let gsm = text.chars().all(|c| alphabet.contains(&c));
        let width = |part: &str| -> usize {
            match gsm {
                true => {
                    part.chars().map(|c| if "\u{c}^{}\\[~]|€".contains(c) { 2 } else { 1 }).sum()
                }
                false => part.encode_utf16().count(),
            }
        };
        let (one, each) = if gsm { (160, 153) } else { (70, 67) };
        if text.is_empty() {
            return Vec::new();
        }
        if width(text) <= one {
            return vec![text.to_owned()];
        }
        let mut parts = vec![String::new()];
        for c in text.chars() {
            let longer = format!("{}{c}", parts[parts.len() - 1]);
            if width(&longer) <= each {
                parts.pop();
                parts.push(longer);
            } else {
                parts.push(c.to_string());
            }
        }
        parts
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

        #[test]
        fn segments_agree_with_parts_cut_one_by_one(text in MIX) {
            prop_assert_eq!(segments(&text) as usize, parts_on_the_air(&text).len());
        }

        #[test]
        fn a_start_of_a_text_never_needs_more_than_the_whole(text in MIX, at in 0_usize..400) {
            let start: String = text.chars().take(at).collect();
            prop_assert!(segments(&start) <= segments(&text));
        }
    }
}
