//! How much room a text takes on the air, and how to make it fit.
//!
//! GSM 03.38 (3GPP TS 23.038 clause 6.2.1): 160 septets in one segment, 153 in each of several;
//! anything outside its alphabet makes the whole text UCS-2: 70 units, or 67.

/// The basic alphabet, one septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table, two septets each.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Number of segments the text is billed as; 0 for an empty one.
pub(crate) fn segments(text: &str) -> u32 {
    let (units, one, several) = match septets(text) {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    match units {
        0 => 0,
        n if n <= one => 1,
        n => u32::try_from(n.div_ceil(several)).unwrap_or(u32::MAX),
    }
}

/// Septets the text takes in GSM-7, `None` when it needs UCS-2.
fn septets(text: &str) -> Option<usize> {
    text.chars()
        .map(|c| match c {
            c if BASIC.contains(c) => Some(1),
            c if EXTENDED.contains(c) => Some(2),
            _ => None,
        })
        .sum()
}

/// Brings typographic marks to plain ones, so that one curly quote does not halve the room.
pub(crate) fn plain_marks(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '‘' | '’' | '‚' | '′' => plain.push('\''),
            '“' | '”' | '„' | '″' => plain.push('"'),
            '–' | '—' | '‐' | '‑' | '−' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{2009}' | '\u{202f}' => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// The text in plain marks, cut at a whole character so that it takes at most `segments_max`.
pub(crate) fn fit(text: &str, segments_max: u32) -> String {
    let plain = plain_marks(text);
    if segments(&plain) <= segments_max {
        return plain;
    }
    // Cutting may turn UCS-2 into GSM-7 and so make room again; searching the longest start that
    // fits finds the best cut all the same, because a start never needs more than the whole.
    let ends: Vec<usize> = plain.char_indices().map(|(at, _)| at).collect();
    let fits = |end: &usize| segments(&format!("{}...", &plain[..*end])) <= segments_max;
    let kept = ends.partition_point(fits);
    let end = kept.checked_sub(1).map_or(0, |last| ends[last]);
    format!("{}...", plain[..end].trim_end())
}

/// The first words of a text in quotes, cut at a whole character to at most `chars_max`.
pub(crate) fn quote(text: &str, chars_max: usize) -> String {
    let one_line = plain_marks(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept: String = one_line.chars().take(chars_max).collect();
    if kept.len() < one_line.len() {
        // A cut within a joined emoji would show half of it; go back to the last space if there is one.
        if let Some(space) = kept.rfind(' ').filter(|at| *at > 0) {
            kept.truncate(space);
        }
        kept.push_str("...");
    }
    format!("\"{kept}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("日".repeat(70), 1),
            ("日".repeat(71), 2),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
        ] {
            assert_eq!(segments(&text), expected, "{} characters", text.chars().count());
        }
    }

    #[test]
    fn a_text_that_fits_stays_but_for_its_marks() {
        assert_eq!(fit("It’s “here” – now…", 1), "It's \"here\" - now...");
    }

    #[test]
    fn a_text_too_long_is_cut_at_a_whole_character() {
        for text in ["ä".repeat(400), "😀".repeat(400), format!("{}日", "a".repeat(200))] {
            for max in 1..3 {
                let cut = fit(&text, max);
                assert!(segments(&cut) <= max, "{max}");
                assert!(cut.ends_with("..."));
                assert!(segments(&cut) > 0);
            }
        }
        assert_eq!(fit(&"a".repeat(161), 1), format!("{}...", "a".repeat(157)));
    }

    #[test]
    fn a_quote_ends_at_a_word() {
        assert_eq!(quote("one two three", 100), "\"one two three\"");
        assert_eq!(quote("one two three", 9), "\"one two...\"");
        assert_eq!(quote("onetwothree", 6), "\"onetwo...\"");
        assert_eq!(quote("a\n b", 9), "\"a b\"");
    }
}
