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
}
