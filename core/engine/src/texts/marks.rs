//! Typographic marks: one curly quote makes a whole text UCS-2 and more than halves its room.

use cordboard_plugin::segments;

/// Brings typographic marks to those of GSM-7.
pub(crate) fn plain_marks(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '‘' | '’' | '‚' | '‛' | '′' => plain.push('\''),
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => plain.push('"'),
            '–' | '—' | '―' | '‐' | '‑' | '‒' | '−' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// The text with plain marks where that saves a segment, otherwise as it is.
pub(crate) fn cheapest_marks(text: &str) -> String {
    let plain = plain_marks(text);
    if segments(&plain) < segments(text) { plain } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_plain_only_where_that_saves_a_segment() {
        let long = "It’s “here” – now… ".repeat(4);
        assert_eq!(cheapest_marks(&long), "It's \"here\" - now... ".repeat(4));
        for stays in [
            // One segment either way.
            "It’s “here” – now…".to_owned(),
            // UCS-2 either way.
            format!("{long}日本"),
        ] {
            assert_eq!(cheapest_marks(&stays), stays);
        }
        // Three dots for one could even cost a segment.
        let full = format!("{}…", "日".repeat(69));
        assert_eq!(cheapest_marks(&full), full);
    }

    #[test]
    fn every_mark_that_is_made_plain_is_in_gsm_7_afterwards() {
        let marks = "‘’‚‛′“”„‟″«»–—―‐‑‒−…\u{a0}\u{2009}\u{200a}\u{202f}";
        assert!(cordboard_plugin::is_gsm(&plain_marks(marks)), "{}", plain_marks(marks));
    }
}
