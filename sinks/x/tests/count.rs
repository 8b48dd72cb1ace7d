//! What texts weigh, by a table of our own and by twitter-text's public conformance data.

use cordboard_x::count::{WEIGHT_MAX, count, links};
use proptest::prelude::*;

/// Text, weight, links.
const CASES: &[(&str, usize, usize)] = &[
    // Letters.
    ("", 0, 0),
    ("a", 1, 0),
    ("Hello, world!", 13, 0),
    ("Grüße", 5, 0),
    ("Gru\u{308}ße", 5, 0),
    ("Привет", 6, 0),
    ("γειά", 4, 0),
    ("مرحبا", 5, 0),
    ("שלום", 4, 0),
    ("สวัสดี", 6, 0),
    ("हिन्दी", 6, 0),
    ("日本語", 6, 0),
    ("한국어", 6, 0),
    ("かな", 4, 0),
    // Signs.
    ("€", 2, 0),
    ("£", 1, 0),
    ("…", 2, 0),
    ("•", 2, 0),
    ("→", 2, 0),
    ("™", 2, 0),
    ("“quoted”", 8, 0),
    ("a–b—c", 5, 0),
    ("it’s", 4, 0),
    ("©", 1, 0),
    ("©\u{FE0F}", 2, 0),
    ("a\nb", 3, 0),
    ("\u{200D}", 1, 0),
    ("\u{FFFF}", 2, 0),
    // Emoji.
    ("😀", 2, 0),
    ("😀😀", 4, 0),
    ("☺", 2, 0),
    ("☺\u{FE0F}", 2, 0),
    ("❤\u{FE0F}", 2, 0),
    ("👨‍👩‍👧‍👦", 2, 0),
    ("🧑🏻‍❤\u{FE0F}‍💋‍🧑🏼", 2, 0),
    ("🙋🏽", 2, 0),
    ("👨‍🎤", 2, 0),
    ("🇩🇪", 2, 0),
    ("🇩🇪🇫🇷", 4, 0),
    ("🇩", 2, 0),
    ("1\u{FE0F}\u{20E3}", 2, 0),
    ("#\u{20E3}", 2, 0),
    ("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", 2, 0),
    ("🏳\u{FE0F}‍🌈", 2, 0),
    // No skin tone for a face: it stays a square of its own.
    ("😀🏽", 4, 0),
    // Five joined people are no known sequence.
    ("👩‍👩‍👩‍👩‍👩", 5, 0),
    ("H🐱☺👨‍👩‍👧‍👦", 7, 0),
    // Links with a scheme.
    ("http://test.co", 23, 1),
    ("Hi http://test.co", 26, 1),
    ("HTTPS://www.ExaMPLE.COM/index.html", 23, 1),
    ("https://example.com/a?b=c#d", 23, 1),
    ("(https://example.com/a)", 25, 1),
    ("https://example.com/a.", 24, 1),
    ("https://example.com/a, b", 26, 1),
    ("https://en.wikipedia.org/wiki/Cord_(board)", 23, 1),
    ("https://example.com:8080/x", 23, 1),
    ("http://example.comです", 27, 1),
    ("http://日本語.com/", 23, 1),
    ("https://example.com?x=1", 23, 1),
    // Links without one.
    ("example.com", 23, 1),
    ("see example.com.", 28, 1),
    ("bit.ly/x", 23, 1),
    ("t.co", 23, 1),
    ("foo.co.jp", 23, 1),
    ("She fell.Today it rains", 36, 1),
    ("日本語example.com", 29, 1),
    ("foo.bar#tag", 27, 1),
    ("www.example.com/path/to?search=a&lang=en", 23, 1),
    ("example.com.nope", 28, 1),
    // Doubtful ones count as a link or as words, whichever is more.
    ("ftp://a.com", 29, 1),
    ("http://192.168.0.1/", 23, 1),
    ("http://localhost:8080/a", 23, 1),
    ("#foo.com", 24, 1),
    ("foo_bar.com", 23, 1),
    ("http://user:pass@example.com/a-long-path", 40, 1),
    // No links.
    ("me@example.com", 14, 0),
    ("foo.bar@example", 15, 0),
    ("@name.com", 9, 0),
    ("e.g. this", 9, 0),
    ("3.50 or 4.20", 12, 0),
    ("no.Way and ok.thanks", 20, 0),
    ("wait...what", 11, 0),
    ("http://", 7, 0),
    ("://", 3, 0),
    // What made another counter panic.
    ("😀/@", 4, 0),
    ("日/@x", 5, 0),
];

#[test]
fn texts_weigh_what_x_says() {
    let mut wrong = Vec::new();
    for (text, weight, links) in CASES {
        let found = count(text);
        if (found.weight, found.links) != (*weight, *links) {
            wrong.push(format!("{text:?}: expected {weight}/{links}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Cases of the public data that do not hold here, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "WeightedTweetsCounterTest",
        "Count a mix of single byte single word, and double word unicode characters",
        "configuration v2, which knows no emoji sequences",
    ),
    (
        "WeightedTweetsCounterTest",
        "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
        "configuration v2, which knows no emoji sequences",
    ),
];

#[derive(Default)]
struct Case {
    section: String,
    description: String,
    text: String,
    weight: Option<usize>,
    valid: Option<bool>,
}

/// Reads the few forms of YAML that the file uses: sections, `key: value`, double-quoted JSON-like
/// strings (with `\UXXXXXXXX` escapes).
fn cases(yaml: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut section = String::new();
    for line in yaml.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if indent == 2 && line.ends_with(':') {
            section = line.trim_end_matches(':').to_owned();
        } else if let Some(value) = line.strip_prefix("- description: ") {
            let description = unquoted(value);
            cases.push(Case { section: section.clone(), description, ..Case::default() });
        } else if let (Some(case), Some((key, value))) = (cases.last_mut(), line.split_once(": ")) {
            match key {
                "text" => case.text = unquoted(value),
                "weightedLength" => case.weight = value.parse().ok(),
                "valid" => case.valid = value.parse().ok(),
                _ => {}
            }
        }
    }
    cases
}

fn unquoted(value: &str) -> String {
    let inside = value.trim().strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    let mut text = String::new();
    let mut chars = inside.unwrap_or(value).chars();
    while let Some(c) = chars.next() {
        let digits = match (c, c == '\\') {
            (_, false) => {
                text.push(c);
                continue;
            }
            _ => match chars.next() {
                Some('u') => 4,
                Some('U') => 8,
                Some('n') => {
                    text.push('\n');
                    continue;
                }
                other => {
                    text.extend(other);
                    continue;
                }
            },
        };
        let hex: String = chars.by_ref().take(digits).collect();
        text.extend(u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32));
    }
    text
}

#[test]
fn the_public_conformance_data_holds() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/twitter-text-validate.yml");
    let Ok(yaml) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: twitter-text's conformance data is not beside this repository");
        return;
    };
    let mut asked = 0;
    let mut wrong = Vec::new();
    for case in cases(&yaml) {
        let Some(weight) = case.weight else { continue };
        let excepted = EXCEPTIONS
            .iter()
            .any(|(section, name, _)| *section == case.section && *name == case.description);
        if excepted {
            continue;
        }
        asked += 1;
        let found = count(&case.text).weight;
        let forbidden = case.text.contains(['\u{FFFE}', '\u{FEFF}', '\u{FFFF}']);
        let valid = (1..=WEIGHT_MAX).contains(&found) && !forbidden;
        if found != weight || Some(valid) != case.valid {
            wrong.push(format!("{}: expected {weight}, found {found}", case.description));
        }
    }
    assert!(asked >= 40, "only {asked} cases were read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn two_thousand_emoji_are_counted() {
    assert_eq!(count(&"😀".repeat(2000)).weight, 4000);
    assert_eq!(count(&"👨‍👩‍👧‍👦".repeat(2000)).weight, 4000);
}

#[test]
fn nasty_long_texts_are_counted() {
    for text in ["a.", "http://", "example.com/", "(", "http://日", "/@", "😀/@", "a.com(", "-."]
    {
        let text = text.repeat(20_000);
        assert!(count(&text).weight > 0);
    }
}

fn check_links(text: &str) {
    let mut at = 0;
    for link in links(text) {
        assert!(at <= link.start && link.start < link.end && link.end <= text.len(), "{text:?}");
        assert!(text.is_char_boundary(link.start) && text.is_char_boundary(link.end), "{text:?}");
        at = link.end;
    }
    // A character weighs 2 at most, a link 23 or more.
    let most = text.chars().count() * 6 + links(text).len() * 23;
    assert!(count(text).weight <= most.max(23), "{text:?}");
}

proptest! {
    #[test]
    fn any_text_is_counted(text in any::<String>()) {
        check_links(&text);
    }

    #[test]
    fn any_mix_of_nasty_pieces_is_counted(pieces in prop::collection::vec(prop::sample::select(vec![
        "@", "/@", "/", ".", "..", "-", "_", "😀", "日", "é", "e\u{301}", "http://", "https://",
        "example.com", "t.co/x", ".com", "?", "a=b", "(", ")", ":", "80", "#", "$", " ", "\n",
        "\u{200D}", "\u{FE0F}", "🏽", "🏴", "\u{E0067}", "1\u{20E3}", "рф", "xn--p1ai", "+", "&",
    ]), 0..40)) {
        check_links(&pieces.concat());
    }
}
