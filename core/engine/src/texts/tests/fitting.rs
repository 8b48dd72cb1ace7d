//! Quotes and cuts, for arbitrary words.

use super::super::fit;
use super::super::room::{shortened, with_quote};
use cordboard_plugin::segments;
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation as _;

fn say(quote: &str) -> String {
    format!("Taken back: {quote}. Text it again.")
}

fn quoted(words: &str) -> String {
    let text = with_quote(words, 1, say);
    text.split_once(": ").unwrap().1.rsplit_once(". ").unwrap().0.to_owned()
}

#[test]
fn a_quote_ends_at_a_word() {
    assert_eq!(quoted("one two three"), "\"one two three\"");
    assert_eq!(
        quoted(&"seven characters ".repeat(4)),
        "\"seven characters seven characters seven...\""
    );
    assert_eq!(quoted(&"a".repeat(50)), format!("\"{}...\"", "a".repeat(40)));
    assert_eq!(quoted("two\n lines"), "\"two lines\"");
}

#[test]
fn no_half_of_an_address_is_quoted() {
    let address = format!("https://example.com/{}", "a".repeat(100));
    assert_eq!(quoted(&format!("see {address}")), "\"see...\"");
    assert_eq!(quoted(&address), "your text");
}

#[test]
fn joined_characters_are_quoted_whole_or_not_at_all() {
    let family = "👩‍👩‍👧‍👦";
    for many in [3, 20, 200] {
        let quote = quoted(&family.repeat(many));
        let inside = quote.trim_matches('"').trim_end_matches("...");
        assert_eq!(inside.replace(family, ""), "", "{quote}");
    }
    assert_eq!(quoted(&format!("a{}", "\u{301}".repeat(500))), "your text");
}

#[test]
fn a_quote_keeps_its_marks_unless_plain_ones_show_more() {
    assert_eq!(quoted("It’s “here” – now…"), "\"It’s “here” – now…\"");
    let long = "It’s “here” – now… and then I went on";
    let say = |quote: &str| format!("Taken back: {quote}. Text it again if you want it out.");
    assert_eq!(with_quote(long, 1, say), say("\"It's \"here\" - now... and then I went on\""));
    let also = with_quote("It’s 日本語の", 2, say);
    assert!(also.contains("It’s 日本語の"), "{also}");
}

#[test]
fn a_text_that_fits_stays_and_a_longer_one_loses_its_longest_words() {
    assert_eq!(fit("It’s “here” – now…", 1), "It’s “here” – now…");
    assert_eq!(fit(&"a".repeat(161), 1), format!("{}...", "a".repeat(157)));
    let address = "https://bridge.example/link/abcd-efgh-jkmn";
    let text = format!("{} Open {address} and go on.", "b".repeat(200));
    let cut = fit(&text, 1);
    assert_eq!(segments(&cut), 1);
    assert!(cut.ends_with(&format!("b... {address} and go on.")), "{cut}");
    // Half of an address would lead nowhere.
    assert_eq!(fit(&format!("See https://{}.example", "c".repeat(400)), 1), "See... ...");
}

#[test]
fn a_shortened_name_keeps_its_start() {
    assert_eq!(shortened("short", 5), "short");
    assert_eq!(shortened("much too long", 5), "much...");
}

/// Words as people text them: letters of many scripts, joined emoji, flags, marks, line ends.
fn words() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        8 => "[a-z ]{1,8}",
        2 => "[A-Zäöü€\\[\\]~^ ]{1,4}",
        2 => "[日本語привет]{1,6}",
        2 => "[‘’“”–—…\u{a0}]{1,2}",
        1 => Just("👩‍👩‍👧‍👦".to_owned()),
        1 => Just("🇨🇭".to_owned()),
        1 => Just("👍🏽".to_owned()),
        1 => Just("e\u{301}\u{323}".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just(" https://example.com/a?b=c ".to_owned()),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(atom, 0..120).prop_map(|atoms| atoms.concat())
}

/// Whether `start` is made of whole characters of `text`, as people see them.
fn whole_start(start: &str, text: &str) -> bool {
    let mut at = 0;
    text.graphemes(true).any(|g| {
        at += g.len();
        text[..at].trim_end() == start.trim_end()
    }) || start.is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..Default::default() })]

    #[test]
    fn fit_keeps_the_limit_and_never_makes_a_text_longer(text in words(), max in 1_u32..5) {
        let sent = fit(&text, max);
        prop_assert!(segments(&sent) <= max, "{sent}");
        prop_assert!(segments(&sent) <= segments(&text));
        if segments(&text) <= max {
            prop_assert!(sent == text || segments(&sent) < segments(&text));
        }
    }

    #[test]
    fn fit_cuts_between_whole_characters(text in words().prop_map(|t| t.replace("https", "")), max in 1_u32..3) {
        let sent = fit(&text, max);
        let plain = super::super::marks::plain_marks(&text);
        if sent != text && sent != plain {
            let start = sent.strip_suffix("...").or(sent.strip_suffix("... ")).expect("dots");
            prop_assert!(whole_start(start, &text) || whole_start(start, &plain), "{sent}");
        }
    }

    #[test]
    fn fit_keeps_an_address(before in words(), after in words(), max in 1_u32..3) {
        let address = "https://cordboard.of-our-good-town.example.co.uk/link/abcd-efgh-jkmn";
        let strip = |text: &str| text.replace("http", "");
        let text = format!("{} {address} {}", strip(&before), strip(&after));
        let sent = fit(&text, max);
        prop_assert!(segments(&sent) <= max);
        prop_assert!(sent.split_whitespace().any(|word| word == address), "{sent}");
    }

    #[test]
    fn a_quote_keeps_the_limit_and_its_frame(text in words(), max in 1_u32..4) {
        let sent = with_quote(&text, max, say);
        prop_assert!(segments(&sent) <= max, "{sent}");
        prop_assert_eq!(&fit(&sent, max), &sent);
        prop_assert!(sent.starts_with("Taken back: ") && sent.ends_with(". Text it again."), "{sent}");
    }

    #[test]
    fn a_quote_never_splits_a_character(text in words()) {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let quote = quoted(&text);
        if let Some(inside) = quote.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            let plain = super::super::marks::plain_marks(&line);
            let start = inside.strip_suffix("...").unwrap_or(inside);
            let whole = [inside, start].into_iter().any(|s| whole_start(s, &line) || whole_start(s, &plain));
            prop_assert!(whole, "{quote} of {line}");
        }
    }
}
