//! How many segments a text is billed as.

use cordboard_plugin::{is_gsm, segments};
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
    let gsm = text.chars().all(|c| is_gsm(&c.to_string()));
    let width = |part: &str| -> usize {
        match gsm {
            true => part.chars().map(|c| if "\u{c}^{}\\[~]|€".contains(c) { 2 } else { 1 }).sum(),
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
