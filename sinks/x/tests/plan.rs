//! What becomes of drafts: one post, a thread, or a refusal.

#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{Draft, MicroUsd, Plan, Reason, Refusal};
use cordboard_x::config::Prices;
use cordboard_x::count::{WEIGHT_MAX, count, links};
use cordboard_x::plan;
use proptest::prelude::*;

const PRICES: Prices = Prices { post: MicroUsd(15_000), link_post: MicroUsd(200_000) };

fn planned(text: &str, thread: bool) -> Result<Plan, Refusal> {
    plan::plan(&Draft { text: text.to_owned(), media_types: Vec::new(), thread }, &PRICES)
}

#[track_caller]
fn parts(text: &str) -> Vec<String> {
    let plan = planned(text, true).unwrap();
    plan.parts.into_iter().map(|part| part.text).collect()
}

/// A part without its number.
fn words(part: &str) -> &str {
    part.rsplit_once(" (").map_or(part, |(words, _)| words)
}

#[test]
fn a_short_text_is_one_post_at_the_low_price() {
    let plan = planned("Hello", false).unwrap();
    assert_eq!(plan.parts.len(), 1);
    assert_eq!(plan.parts[0].text, "Hello");
    assert!(!plan.parts[0].has_link);
    assert_eq!(plan.price(), MicroUsd(15_000));
}

#[test]
fn a_link_costs_more_even_where_nobody_meant_one() {
    for text in ["https://example.com/a", "look at example.com", "She fell.Today it rains"] {
        let plan = planned(text, false).unwrap();
        assert!(plan.parts[0].has_link, "{text}");
        assert_eq!(plan.price(), MicroUsd(200_000), "{text}");
    }
}

#[test]
fn words_are_cleaned_before_they_are_counted() {
    assert_eq!(parts("\u{FEFF}a\r\nb\rc\u{FFFE}\u{FFFF} "), ["a\nb\nc"]);
    assert_eq!(parts("e\u{301}"), ["é"]);
}

#[test]
fn nothing_to_say_is_refused_in_words() {
    for text in ["", "  \n ", "\u{FEFF}"] {
        let refusal = planned(text, true).unwrap_err();
        assert_eq!(refusal.reason, Reason::Content);
        assert_eq!(refusal.words, "there are no words to post");
    }
}

#[test]
fn the_limit_itself_fits_and_one_more_does_not() {
    assert_eq!(parts(&"x".repeat(280)).len(), 1);
    let refusal = planned(&"x".repeat(281), false).unwrap_err();
    assert_eq!(refusal.reason, Reason::TooLong);
    assert_eq!(refusal.words, "that is 281 characters by X's count and 280 fit");
}

#[test]
fn a_thread_is_cut_behind_a_sentence() {
    let first = format!("{} end.", "word ".repeat(40).trim());
    let text = format!("{first} {}", "more ".repeat(30).trim());
    let parts = parts(&text);
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0], format!("{first} (1/2)"));
    assert!(parts[1].starts_with("more more") && parts[1].ends_with(" (2/2)"));
}

#[test]
fn a_thread_is_cut_behind_a_word_when_no_sentence_ends() {
    for part in parts(&"word ".repeat(200)) {
        let whole = words(&part).split(' ').all(|word| word == "word");
        assert!(whole, "{part}");
    }
}

#[test]
fn a_giant_word_is_cut_but_no_character_is() {
    let family = "👨‍👩‍👧‍👦";
    for part in parts(&family.repeat(300)) {
        assert_eq!(words(&part).replace(family, ""), "");
    }
    let joined: String =
        parts(&"e\u{301}\u{323}".repeat(600)).iter().map(|part| words(part)).collect();
    assert_eq!(joined, plan::clean(&"e\u{301}\u{323}".repeat(600)));
}

#[test]
fn a_link_is_never_cut() {
    let link = format!("https://example.com/{}", "y".repeat(600));
    let text = format!("{} {link} {}", "word ".repeat(54), "word ".repeat(40));
    let parts = parts(&text);
    assert_eq!(parts.iter().filter(|part| part.contains(&link)).count(), 1);
    let plan = planned(&text, true).unwrap();
    assert_eq!(plan.parts.iter().filter(|part| part.has_link).count(), 1);
    assert_eq!(plan.price(), MicroUsd(200_000 + 15_000 * (plan.parts.len() as i64 - 1)));
}

#[test]
fn numbers_of_two_digits_fit_too() {
    let parts = parts(&"word ".repeat(700));
    assert!(parts.len() > 9);
    assert!(parts[0].ends_with(&format!(" (1/{})", parts.len())));
    assert!(parts.iter().all(|part| count(part).weight <= WEIGHT_MAX));
}

#[test]
fn an_endless_text_is_refused() {
    let refusal = planned(&"x".repeat(100_000), true).unwrap_err();
    assert_eq!(refusal.reason, Reason::TooLong);
    assert!(refusal.words.contains("more than 99"));
}

#[test]
fn equal_pieces_of_a_thread_are_different_posts() {
    let parts = parts(&"x".repeat(274 * 3));
    let different: std::collections::HashSet<_> = parts.iter().collect();
    assert_eq!(different.len(), 3);
}

fn illustrated(text: &str, media_types: &[&str], thread: bool) -> Result<Plan, Refusal> {
    let media_types = media_types.iter().map(|kind| (*kind).to_owned()).collect();
    plan::plan(&Draft { text: text.to_owned(), media_types, thread }, &PRICES)
}

#[track_caller]
fn albums(text: &str, media_types: &[&str]) -> Vec<(String, Vec<u16>)> {
    let plan = illustrated(text, media_types, true).unwrap();
    plan.parts.into_iter().map(|part| (part.text, part.media)).collect()
}

const JPEG: &str = "image/jpeg";
const PNG: &str = "image/png";
const GIF: &str = "image/gif";
const MP4: &str = "video/mp4";

#[test]
fn a_post_has_up_to_four_stills_or_one_of_another_kind() {
    let words = |text: &str, media: &[u16]| (text.to_owned(), media.to_vec());
    for (kinds, wanted) in [
        (vec![JPEG], vec![words("a", &[0])]),
        (vec![JPEG, PNG, "image/webp", JPEG], vec![words("a", &[0, 1, 2, 3])]),
        (vec![JPEG; 5], vec![words("a", &[0, 1, 2, 3]), words("", &[4])]),
        (vec![GIF, GIF], vec![words("a", &[0]), words("", &[1])]),
        (vec![PNG, MP4, PNG], vec![words("a", &[0]), words("", &[1]), words("", &[2])]),
        (vec![GIF, PNG, PNG], vec![words("a", &[0]), words("", &[1, 2])]),
    ] {
        assert_eq!(albums("a", &kinds), wanted, "{kinds:?}");
        let one = illustrated("a", &kinds, false);
        assert_eq!(one.is_ok(), wanted.len() == 1, "{kinds:?}");
    }
    let refusal = illustrated("a", &[GIF, GIF], false).unwrap_err();
    assert_eq!(refusal.words, "one post takes up to 4 pictures, or 1 GIF, or 1 video");
}

#[test]
fn pictures_need_no_words_and_go_with_the_first_of_many() {
    assert_eq!(albums("", &[JPEG]), [(String::new(), vec![0])]);
    let long = "word ".repeat(100);
    let parts = albums(&long, &[JPEG]);
    assert!(parts.len() > 1 && parts[0].0.ends_with(&format!(" (1/{})", parts.len())));
    assert!(parts[0].1 == [0] && parts[1..].iter().all(|(_, media)| media.is_empty()));
    let parts = albums(&long, &[MP4, GIF, PNG]);
    assert_eq!(parts.iter().map(|part| part.1.len()).sum::<usize>(), 3);
    let plan = illustrated("", &[JPEG; 8], true).unwrap();
    assert_eq!(plan.price(), MicroUsd(30_000));
}

#[test]
fn what_nobody_takes_is_refused_in_plain_words() {
    for (kind, says) in [
        ("image/heic", "X does not take HEIC pictures"),
        ("video/3gpp", "X does not take 3GP videos"),
        ("audio/amr", "X does not take sounds"),
        ("", "X does not take attachments of this kind"),
    ] {
        let refusal = illustrated("a", &[JPEG, kind], true).unwrap_err();
        assert_eq!(refusal.reason, Reason::Content);
        assert!(refusal.words.starts_with(says), "{}", refusal.words);
        assert!(refusal.words.ends_with("it takes JPEG, PNG, WEBP, GIF and MP4"));
    }
    for (kinds, says) in
        [(vec![GIF; 100], "more than 99 posts"), (vec![PNG; 100_000], "too many pictures")]
    {
        let refusal = illustrated("a", &kinds, true).unwrap_err();
        assert!(refusal.reason == Reason::TooLong && refusal.words.contains(says));
    }
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

proptest! {
    #[test]
    fn every_part_fits_and_nothing_is_lost(pieces in prop::collection::vec(prop::sample::select(vec![
        "word ", "word", ". ", "\n", "日本", "😀", "👨‍👩‍👧‍👦", "example.com ", "x.com", "@", "/", " ",
        "https://example.com/path ", "http://日", "community", "e\u{301}", "\u{301}\u{302}",
    ]), 0..400)) {
        let text = pieces.concat();
        if let Ok(plan) = planned(&text, true) {
            let several = plan.parts.len() > 1;
            let mut joined = String::new();
            for part in &plan.parts {
                prop_assert!(count(&part.text).weight <= WEIGHT_MAX, "{:?}", part.text);
                prop_assert_eq!(part.has_link, !links(&part.text).is_empty());
                joined += if several { words(&part.text) } else { &part.text };
            }
            prop_assert_eq!(without_space(&joined), without_space(&plan::clean(&text)));
        }
    }

    #[test]
    fn every_picture_is_used_once_and_in_order(
        kinds in prop::collection::vec(prop::sample::select(vec![JPEG, PNG, GIF, MP4]), 0..30),
        words in 0usize..300,
    ) {
        let text = "word ".repeat(words);
        if let Ok(plan) = illustrated(&text, &kinds, true) {
            let used: Vec<u16> = plan.parts.iter().flat_map(|part| part.media.clone()).collect();
            prop_assert_eq!(used, (0..u16::try_from(kinds.len()).unwrap()).collect::<Vec<_>>());
            for part in &plan.parts {
                prop_assert!(!part.text.is_empty() || !part.media.is_empty());
                let moving = |nth: &u16| [GIF, MP4].contains(&kinds[usize::from(*nth)]);
                prop_assert!(part.media.len() <= 4);
                prop_assert!(part.media.len() < 2 || !part.media.iter().any(moving));
            }
        }
    }
}
