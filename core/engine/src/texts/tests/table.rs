//! Every text with the longest arguments the system allows: how many segments it takes, that it ends
//! with one thing to do next, and that nothing which leads on is ever cut off.
//!
//! A new text needs a row here: `every_text_is_in_the_table` looks through the sources.

use super::super::*;
use cordboard_plugin::{REFUSAL_CHARS_MAX, Reason};
use cordboard_plugin::{is_gsm, segments};
use cordboard_store::MessageState;

/// The longest name (`bridge.name`), 30 characters.
const NAME: &str = "The Cordboard of Our Good Town";
/// The longest destination that is not shortened.
const TO: &str = "Sixteen Letters!";
/// The longest reasonable address: a host of 40 characters, and a token as `words::link_token` makes it.
const URL: &str = "https://cordboard.of-our-good-town.example.co.uk/link/abcd-efgh-jkmn";
/// Handles of 15 characters and their mark.
const HANDLE: &str = "@fifteen_letters";
const BEFORE: &str = "@fifteen_figures";
/// The longest `bridge.help_contact`, 60 characters.
const CONTACT: &str = "help-desk@cordboard.of-our-good-town.example.co.uk, weekdays";
/// The address of a post with its author in it and an id of 19 digits.
const POST: &str = "https://social.example/@fifteen_letters/1980000000000000000";
const UNTIL: &str = "Nov 21 14:05 UTC";

/// One text and what is promised of it.
struct Row {
    /// The function that makes it.
    of: &'static str,
    text: String,
    /// Segments it takes at most when the policy allows two and all words are in GSM-7.
    segments: u32,
    /// The one thing to do next: the last words, but for what the law wants.
    step: &'static str,
}

fn row(of: &'static str, segments: u32, step: &'static str, text: String) -> Row {
    Row { of, text, segments, step }
}

/// All texts. `words` are those of a person, where a text quotes any.
fn table(words: &str, max: u32) -> Vec<Row> {
    let why = "y".repeat(REFUSAL_CHARS_MAX);
    let mut rows = linking_rows(max);
    rows.extend(posting_rows(words, &why, max));
    rows.extend(doubt_rows(words, max));
    rows.extend(command_rows(max));
    rows.extend(proof_rows(max));
    rows.extend(picture_rows(max));
    rows.push(row(
        "alert",
        2,
        "See the desk or the log.",
        alert(NAME, "line +15550100001 of a-transport", &why),
    ));
    rows
}

#[rustfmt::skip]
fn linking_rows(max: u32) -> Vec<Row> {
    vec![
        row("invitation", 2, URL, invitation(NAME, TO, URL, 1440, false, max)),
        row("invitation", 2, URL, invitation(NAME, TO, URL, 1440, true, max)),
        // With an everyday name and address one segment does.
        row("invitation", 1, "https://sms.example.com/link/abcd-efgh-jkmn",
            invitation("Cordboard", "X", "https://sms.example.com/link/abcd-efgh-jkmn", 60, false, max)),
        row("by_invitation", 1, "Ask whoever runs it for a link. STOP to leave.", by_invitation(NAME, "", max)),
        row("by_invitation", 2, "for a link. STOP to leave.", by_invitation(NAME, CONTACT, max)),
        row("link_is_out", 1, "Open the link you were given first.", link_is_out(NAME)),
        row("closed", 1, "STOP ends our texts.", closed(NAME)),
        row("relink", 2, URL, relink(TO, URL, UNTIL, max)),
        row("relink", 1, "https://sms.example.com/link/abcd-efgh-jkmn",
            relink("X", "https://sms.example.com/link/abcd-efgh-jkmn", UNTIL, max)),
        row("asked_link", 1, URL, asked_link(TO, URL, 1440, max)),
        row("still_unlinked", 1, "Open the link we sent, or text /LINK for a new one.", still_unlinked(TO, UNTIL)),
        row("linked", 1, "/UNDO takes one back, /HELP, STOP to leave.", linked(HANDLE)),
        row("linked_other", 2, "drops them.", linked_other(HANDLE, BEFORE, 1000, max)),
        row("link_failed", 1, "Text /LINK to try again.", link_failed(TO)),
        row("pictures_linked", 2, "/UNDO takes one back, /HELP, STOP to leave.", pictures_linked(HANDLE)),
        row("relink_pictures", 2, URL, relink_pictures(TO, URL, UNTIL, max)),
        row("words_only", 1, "Text /LINK to try again.", words_only(HANDLE, None, max)),
        row("words_only", 2, "Text /LINK to try again.",
            words_only(HANDLE, Some(&pictures_of_other(HANDLE, BEFORE, max)), max)),
        row("too_little", 2, "Text /LINK to try again.", too_little(TO, "the permission to upload pictures", max)),
        row("too_little", 1, "Text /LINK to try again.", too_little(TO, &"y".repeat(400), max)),
        row("pictures_of_other", 2, "Text /LINK to try again.", pictures_of_other(HANDLE, BEFORE, max)),
        row("same_grant", 2, "then text /LINK.", same_grant(TO, NAME, max)),
        row("then_the_code", 1, "text it here.", then_the_code(TO)),
        row("wrong_code", 1, "text the code again.", wrong_code(TO, 2)),
        row("code_void", 1, "Text /LINK for a new one.", code_void(TO)),
        row("code_is_looked_at", 1, "wait for our answer.", code_is_looked_at()),
        row("code_before_link", 1, "shows.", code_before_link(TO)),
        row("no_code_awaited", 1, "Text /LINK for a new link.", no_code_awaited()),
        row("page_code", 1, "If you opened no page, ignore this and tell nobody.", page_code("123456")),
    ]
}

#[rustfmt::skip]
fn posting_rows(words: &str, why: &str, max: u32) -> Vec<Row> {
    let mut rows = vec![
        row("posted", 1, "/UNDO takes it back.", posted(HANDLE, words, Some(POST), max)),
        row("posted", 1, "/UNDO takes it back.", posted(HANDLE, words, None, max)),
        row("together", 1, "/UNDO takes it back.", together(&posted(HANDLE, words, Some(POST), max), 999)),
        row("not_posted", 1, "/UNDO takes it back.", not_posted(words, why, "", 1, max)),
        row("not_posted", 1, "/UNDO takes them back.", not_posted(words, why, "", 99, max)),
        row("not_posted", 1, "/LINK connects you, then /RETRY.",
            not_posted(words, "it was not connected again in time", "/LINK connects you, then /RETRY.", 0, max)),
        row("only_pictures", 1, "Text the words alone.", only_pictures()),
        row("waits_for_operator", 1, "no need to send it again.", waits_for_operator(TO, UNTIL)),
        row("waits_for_tomorrow", 1, "no need to send it again.", waits_for_tomorrow()),
        row("person_limit", 1, "Text it again tomorrow.", person_limit("100000 posts")),
        row("ask", 1, "/YES posts it, /NO drops it.", ask(why, UNTIL)),
        row("dropped", 1, "Text it again if you want it out.", dropped(words, max)),
        row("taken_back", 1, "Text it again if you want it out.", taken_back(words, max)),
        row("not_taken_back", 1, "Text /LINK, connect, then /UNDO.",
            not_taken_back(words, why, "Text /LINK, connect, then /UNDO.", max)),
    ];
    for reason in [Reason::Duplicate, Reason::TooLong, Reason::Content, Reason::Media, Reason::Account, Reason::Other] {
        rows.push(row("not_posted", 1, way_out(reason), not_posted(words, why, way_out(reason), 0, max)));
    }
    rows
}

#[rustfmt::skip]
fn doubt_rows(words: &str, max: u32) -> Vec<Row> {
    let mut rows = vec![
        row("unclear", 2, "/RETRY posts it if it is missing.", unclear(TO, words, max)),
        row("not_there", 1, "/STATUS tells how it stands.", not_there(TO, words, max)),
        row("still_unclear", 2, "/CHECK asks again.", still_unclear(TO, words, max)),
        row("found_part", 1, "/UNDO takes it back.", found_part(TO, words, max)),
        row("nothing_unclear", 1, "/STATUS tells how you stand.", nothing_unclear(None, max)),
    ];
    for (state, step) in [
        (MessageState::Posted, "/UNDO takes it back."),
        (MessageState::Failed, "/RETRY tries again."),
        (MessageState::Refused, "Change it and text it again."),
        (MessageState::Waiting, "/STATUS tells how it stands."),
        (MessageState::Working, "/STATUS tells how it stands."),
    ] {
        let newest = Some((format!("{words}!"), state));
        rows.push(row("nothing_unclear", 1, step, nothing_unclear(newest, max)));
    }
    rows
}

#[rustfmt::skip]
fn command_rows(max: u32) -> Vec<Row> {
    let yes = "/YES posts it";
    vec![
        row("no_command", 1, yes, no_command("\\unonunonunonunonunon", UNTIL, max)),
        row("no_command", 2, "/YES posts it", no_command("\\日本語で書きましたがこれは長すぎますねえ", UNTIL, max)),
        row("command_goes_on", 1, yes, command_goes_on("/STATUS", UNTIL)),
        row("help", 2, "STOP to leave.", help(NAME, CONTACT, max)),
        row("status", 1, "/UNDO takes back the newest post.", status(HANDLE, 1000, "1000 posts, 1000.00 USD")),
        row("status_unlinked", 1, "Text /LINK for a link.", status_unlinked()),
        row("status_relink", 1, "Text /LINK to connect again.", status_relink(TO, 1000)),
        row("nothing_to", 1, "/STATUS tells how you stand.", nothing_to("take back")),
        row("decided", 1, "/UNDO takes it back.", decided(true)),
        row("decided", 1, "Text it again if you want it out.", decided(false)),
        row("left", 1, "START to come back.", left(NAME)),
        row("quiet", 1, "/LOUD brings receipts back.", quiet(true)),
        row("quiet", 1, "/QUIET turns them off.", quiet(false)),
        row("retrying", 1, "/STATUS tells how it stands.", retrying()),
    ]
}

#[rustfmt::skip]
fn picture_rows(max: u32) -> Vec<Row> {
    let why = format!("{}. Please send it as JPEG", "y".repeat(100));
    let drops = "/YES posts it, /NO drops it.";
    vec![
        row("picture_refused", 2, "/RETRY tries again.", picture_refused(&why, true, max)),
        row("picture_refused", 2, "Then send it again.", picture_refused(&why, false, max)),
        row("some_unfit", 1, drops, ask(&some_unfit(10, 10, &why), UNTIL)),
        row("some_unfit", 1, drops, ask(&some_unfit(1, 1, &why), UNTIL)),
        row("connect_pictures", 2, URL, connect_pictures(TO, URL, UNTIL, max)),
        row("connect_pictures_still", 1, "text /LINK for a new one.", connect_pictures_still(UNTIL)),
        row("described", 1, "/UNDO takes the post back.", described(0)),
        row("described", 1, "/ALT and your words.", described(1)),
        row("described", 1, "/ALT and your words.", described(9)),
        row("not_described", 1, "Text /ALT and your words again later.", not_described(TO)),
        row("alt_usage", 1, "To describe your newest picture text /ALT and your words.", alt_usage()),
    ]
}

#[rustfmt::skip]
fn proof_rows(max: u32) -> Vec<Row> {
    vec![
        row("ask_pin", 1, "/LINK connects again.", proof::ask_pin(UNTIL)),
        row("ask_pin_each", 1, "/LINK connects again.", proof::ask_pin_each(UNTIL)),
        row("set_pin_first", 1, "begin each text with them.", proof::set_pin_first(UNTIL)),
        row("connect_then_pin", 2, URL, proof::connect_then_pin(TO, URL, UNTIL, max)),
        row("ask_relink", 1, URL, proof::ask_relink(TO, URL, UNTIL, max)),
        row("ask_relink_again", 1, "text /LINK for a new one.", proof::ask_relink_again(UNTIL)),
        row("linked_without_pin", 1, "Set it now: text /PIN and 4 to 8 digits. STOP to leave.", proof::linked_without_pin(HANDLE)),
        row("right_pin", 1, "/STATUS tells how you stand.", proof::right_pin(0)),
        row("right_pin", 1, "/UNDO takes it back.", proof::right_pin(1)),
        row("right_pin", 1, "/UNDO takes back the newest.", proof::right_pin(1000)),
        row("still_held", 1, "Your PIN alone posts it.", proof::still_held(1)),
        row("still_held", 1, "Your PIN alone posts them.", proof::still_held(1000)),
        row("wrong_pin", 1, "/LINK connects again.", proof::wrong_pin(4)),
        row("locked", 1, "text /LINK and connect again.", proof::locked(UNTIL)),
        row("looks_like_pin", 1, "/YES posts it, /NO drops it.", ask(&proof::looks_like_pin(), UNTIL)),
        row("pin_set", 1, "begin each text with it.", proof::pin_set(true)),
        row("pin_set", 1, "/PIN old new changes it.", proof::pin_set(false)),
        row("pin_usage", 1, "4 to 8 digits each.", proof::pin_usage(true)),
        row("pin_usage", 1, "4 to 8 digits to set a PIN.", proof::pin_usage(false)),
        row("pin_needs_old", 1, "text /PIN and the new one within 1440 min.", proof::pin_needs_old(1440)),
        row("pin_needs_link", 1, URL, proof::pin_needs_link(TO, URL, max)),
        row("pins_are_off", 1, "Text your words without one.", proof::pins_are_off()),
    ]
}

/// What may stand behind the next step: what the law wants, and how long a link works.
const TAILS: &[&str] = &[
    "",
    ".",
    " as written.",
    " Msg&data rates may apply. STOP to leave.",
    " (1440 min). Msg&data rates may apply. STOP to leave.",
    " STOP to leave.",
];

fn measured(text: &str) -> String {
    let (unit, count) = match is_gsm(text) {
        true => (
            "septets",
            text.chars().map(|c| if "\u{c}^{}\\[~]|€".contains(c) { 2 } else { 1 }).sum(),
        ),
        false => ("UCS-2 units", text.encode_utf16().count()),
    };
    format!("{} segments, {count} {unit}: {text}", segments(text))
}

/// The text leads on to one thing, and `fit` finds nothing to cut.
#[track_caller]
fn assert_leads_on(row: &Row, max: u32) {
    let Row { of, text, step, .. } = row;
    assert_eq!(fit(text, max), *text, "{of} is cut before it is sent: {}", measured(text));
    assert_eq!(text.matches(step).count(), 1, "{of} must say {step:?} once: {text}");
    let tail = text.split(step).nth(1).unwrap_or_default();
    assert!(TAILS.contains(&tail), "{of} goes on after what to do next: {text}");
}

const PLAIN_WORDS: &str =
    "some words that somebody texted to be posted for everybody to read, at length";

#[test]
fn each_text_takes_the_promised_segments_and_ends_with_what_to_do_next() {
    for row in table(PLAIN_WORDS, 2) {
        let Row { of, text, segments: promised, .. } = &row;
        assert!(segments(text) <= *promised, "{of}: {promised} promised, {}", measured(text));
        assert_leads_on(&row, 2);
    }
}

/// People's own words that are hard to quote.
fn hard_words() -> Vec<String> {
    vec![
        String::new(),
        "日本語で書いた文章はひとつの区切りに七十文字しか入りません。それでも引用されます。"
            .to_owned(),
        "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇨🇭👍🏽".repeat(12),
        "€[]{}~\\^|".repeat(10),
        format!("a{}", "\u{301}".repeat(500)),
        "“It’s” – he said… “never”".to_owned(),
        "привет, это обычное сообщение обычного человека, довольно длинное".to_owned(),
        format!("https://example.com/{}", "y".repeat(200)),
        "x".repeat(1600),
    ]
}

#[test]
fn words_in_any_script_cost_room_of_the_quote_only() {
    for words in hard_words() {
        for row in table(&words, 2) {
            assert!(segments(&row.text) <= 2, "{}: {}", row.of, measured(&row.text));
            assert_leads_on(&row, 2);
        }
    }
}

#[test]
fn one_segment_is_enough_for_what_matters() {
    for words in hard_words().iter().map(String::as_str).chain([PLAIN_WORDS]) {
        for row in table(words, 1) {
            // The operator's own text may lose its end: the desk has it all.
            if row.of == "alert" {
                assert_eq!(segments(&fit(&row.text, 1)), 1);
                continue;
            }
            assert_eq!(segments(&row.text), 1, "{}: {}", row.of, measured(&row.text));
            assert_leads_on(&row, 1);
        }
    }
}

#[test]
fn the_address_of_a_post_is_never_lost() {
    for words in hard_words() {
        for max in 1..3 {
            let text = fit(&together(&posted(HANDLE, &words, Some(POST), max), 12), max);
            assert!(text.contains(&format!(" {POST} ")), "{text}");
            assert!(segments(&text) <= max, "{}", measured(&text));
        }
    }
}

#[test]
fn a_name_or_an_address_beyond_all_measure_leaves_the_link_whole() {
    let long_url = format!("https://{}.example/link/abcd-efgh-jkmn", "y".repeat(90));
    for name in ["三十文字の名前はとても長いですがそれでも大丈夫でしょうか確認", NAME]
    {
        for url in [URL, long_url.as_str()] {
            for max in 1..4 {
                for text in [
                    invitation(name, "目的地", url, 60, true, max),
                    relink("目的地です目的地です目的地です", url, UNTIL, max),
                    asked_link("目的地です目的地です目的地です", url, 60, max),
                ] {
                    let sent = fit(&text, max);
                    assert!(segments(&sent) <= max, "{}", measured(&sent));
                    assert!(sent.split_whitespace().any(|word| word == url), "{sent}");
                }
            }
        }
    }
}

#[test]
fn a_receipt_is_as_short_as_its_words() {
    assert_eq!(
        posted("@anna", "Good morning", Some("https://x.example/1"), 2),
        "Posted as @anna: \"Good morning\" https://x.example/1 /UNDO takes it back."
    );
    assert_eq!(
        not_posted("Good morning", "we had these words before", "Text it in other words.", 0, 2),
        "Not posted: \"Good morning\" - we had these words before. Text it in other words."
    );
    assert_eq!(taken_back("", 2), "Taken back: your text. Text it again if you want it out.");
}

#[test]
fn every_text_is_in_the_table() {
    let rows = table(PLAIN_WORDS, 2);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/texts");
    let mut looked_at = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // These make no texts, they measure and fit them.
        if path.is_dir()
            || ["segments.rs", "marks.rs", "room.rs", "moment.rs"].contains(&name.as_str())
        {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for part in source.split("pub(crate) fn ").skip(1) {
            let of = part.split('(').next().unwrap();
            let head = part.split('{').next().unwrap();
            if head.contains("-> String") {
                looked_at += 1;
                assert!(
                    rows.iter().any(|row| row.of == of),
                    "{name}: `{of}` has no row in the table"
                );
            }
        }
    }
    assert!(looked_at > 30, "only {looked_at} texts were found");
}
