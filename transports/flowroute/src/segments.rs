//! How many segments a text is: GSM-7 where it fits, else UCS-2 (3GPP TS 23.038 and 23.040).
//!
//! Flowroute joins the parts of a text before its callback and bills each of them (its docs, "Message
//! length & concatenation"), without saying how many there were. Counted here, a text costs the same
//! in our books whichever way it is heard of.

/// The basic GSM-7 alphabet beyond printable ASCII.
const BASIC: &str = "\n\r£¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
/// Characters of two septets each.
const EXTENDED: &str = "^{}\\[~]|€";
/// ASCII that is neither.
const MISSING: char = '`';

/// Segments of `text`; an empty text is one.
pub(crate) fn count(text: &str) -> u16 {
    let septets = text.chars().try_fold(0, |sum: usize, char| Some(sum + septets(char)?));
    let (units, single, split) = match septets {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    let count = if units <= single { 1 } else { units.div_ceil(split) };
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn septets(char: char) -> Option<usize> {
    if EXTENDED.contains(char) {
        return Some(2);
    }
    let basic = matches!(char, ' '..='~') && char != MISSING;
    (basic || BASIC.contains(char)).then_some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_as_carriers_bill_them() {
        for (text, segments) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("漢".repeat(70), 1),
            ("漢".repeat(71), 2),
            ("👍".repeat(36), 2),
            ("`".repeat(71), 2),
        ] {
            assert_eq!(count(&text), segments, "{text}");
        }
    }
}
