//! Whether an attempt of unknown outcome is found among an account's newest posts.

#![expect(clippy::unwrap_used, reason = "helpers of a test file may fail it")]

use cordboard_plugin::{
    Attempt, Blob, HttpResponse, MediaHandle, MicroUsd, Part, Published, Settled, Timestamp,
};
use cordboard_testkit::START;
use cordboard_x::settle::{find, same_words};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn attempt(text: &str, previous: Option<&str>) -> Attempt {
    Attempt {
        part: Part {
            text: text.to_owned(),
            media: Vec::new(),
            handles: Vec::new(),
            price: MicroUsd(0),
            has_link: false,
        },
        previous: previous.map(|id| Published { id: id.to_owned(), url: None }),
        started_at: START,
    }
}

fn post(id: &str, text: &str, seconds: i64) -> Value {
    let at: Timestamp = START.plus_seconds(seconds);
    let at = OffsetDateTime::from_unix_timestamp(at.unix_seconds()).unwrap();
    json!({ "id": id, "text": text, "created_at": at.format(&Rfc3339).unwrap() })
}

const WEB: &str = "https://x.com";

fn page(posts: &[Value]) -> Value {
    json!({ "data": posts, "meta": { "result_count": posts.len() } })
}

fn read(status: u16, body: &str) -> HttpResponse {
    HttpResponse { status, headers: Vec::new(), body: Blob::from(body), at: START }
}

fn found(body: &Value, attempt: &Attempt) -> Settled {
    find(&read(200, &body.to_string()), attempt, WEB)
}

fn yes(id: &str) -> Settled {
    let url = Some(format!("{WEB}/i/status/{id}"));
    Settled::Yes(Published { id: id.to_owned(), url })
}

#[test]
fn the_same_words_since_the_start_are_it() {
    let body = page(&[post("2", "other", 5), post("1", "hello", 1)]);
    assert_eq!(found(&body, &attempt("hello", None)), yes("1"));
}

#[test]
fn a_clock_five_seconds_off_is_allowed_and_more_is_an_older_post() {
    let hello = attempt("hello", None);
    assert_eq!(found(&page(&[post("1", "hello", -5)]), &hello), yes("1"));
    assert_eq!(found(&page(&[post("1", "hello", -6)]), &hello), Settled::No);
}

#[test]
fn a_page_without_it_says_no() {
    let hello = attempt("hello", None);
    assert_eq!(found(&page(&[post("1", "other", 3)]), &hello), Settled::No);
    assert_eq!(found(&json!({ "meta": { "result_count": 0 } }), &hello), Settled::No);
}

#[test]
fn a_page_full_of_newer_posts_says_nothing() {
    let mut body = page(&[post("2", "other", 5), post("1", "another", 4)]);
    body["meta"]["next_token"] = "more".into();
    assert_eq!(found(&body, &attempt("hello", None)), Settled::Unknown);
    body["data"][1] = post("1", "another", -60);
    assert_eq!(found(&body, &attempt("hello", None)), Settled::No);
}

#[test]
fn whatever_is_not_understood_says_nothing() {
    let hello = attempt("hello", None);
    for body in [
        json!({}),
        json!([]),
        json!({ "meta": {} }),
        json!({ "data": [{ "id": "1", "text": "hello" }] }),
        page(&[post("../../1?a", "hello", 1)]),
        json!({ "data": [{ "id": "1", "text": "x", "created_at": "yesterday" }] }),
        json!({ "data": [], "errors": [{ "title": "partial" }] }),
    ] {
        assert_eq!(found(&body, &hello), Settled::Unknown, "{body}");
    }
    for (status, body) in [(200, "<html>"), (200, ""), (401, "{}"), (429, "{}"), (503, "{}")] {
        assert_eq!(find(&read(status, body), &hello, WEB), Settled::Unknown, "{status} {body}");
    }
    let cut = page(&[post("1", "hello", 1)]).to_string();
    assert_eq!(find(&read(200, &cut[..cut.len() - 4]), &hello, WEB), Settled::Unknown);
}

#[test]
fn a_continuation_is_found_below_its_own_post_only() {
    let mut body = page(&[post("3", "more (2/2)", 1)]);
    body["data"][0]["referenced_tweets"] = json!([{ "type": "replied_to", "id": "7" }]);
    assert_eq!(found(&body, &attempt("more (2/2)", Some("7"))), yes("3"));
    assert_eq!(found(&body, &attempt("more (2/2)", Some("8"))), Settled::No);
    assert_eq!(found(&body, &attempt("more (2/2)", Some(""))), yes("3"));
}

/// An attempt with pictures of these ids.
fn with_pictures(text: &str, ids: &[&str]) -> Attempt {
    let handle =
        |id: &&str| MediaHandle { id: (*id).to_owned(), expires_at: None, described: false };
    let mut attempt = attempt(text, None);
    attempt.part.handles = ids.iter().map(handle).collect();
    attempt
}

fn picture_post(text: &str, keys: &[&str]) -> Value {
    let mut post = post("1", text, 1);
    if !keys.is_empty() {
        post["attachments"] = json!({ "media_keys": keys });
    }
    page(&[post])
}

#[test]
fn pictures_are_told_apart_by_their_keys() {
    let link = "https://t.co/abc123";
    let look = format!("look {link}");
    for (attempt, text, keys, wanted) in [
        (with_pictures("look", &["7"]), look.as_str(), vec!["3_7"], yes("1")),
        (with_pictures("look", &["8"]), &look, vec!["3_7"], Settled::No),
        (with_pictures("look", &["8", "7"]), &look, vec!["3_7", "3_8"], yes("1")),
        (with_pictures("look", &["7", "8"]), &look, vec!["3_7"], Settled::No),
        (with_pictures("other", &["7"]), &look, vec!["3_7"], Settled::No),
        (with_pictures("", &["7"]), link, vec!["3_7"], yes("1")),
        (with_pictures("", &["8"]), link, vec!["3_7"], Settled::No),
        // The same words without the picture are another post, and the other way round.
        (with_pictures("look", &["7"]), "look", vec![], Settled::No),
        (attempt("look", None), &look, vec!["3_7"], Settled::No),
        // X did not say which picture.
        (with_pictures("look", &["7"]), &look, vec![], yes("1")),
        (with_pictures("", &["7"]), link, vec![], Settled::Unknown),
        (with_pictures("", &["7"]), "words", vec![], Settled::No),
    ] {
        assert_eq!(found(&picture_post(text, &keys), &attempt), wanted, "{text} {keys:?}");
    }
}

#[test]
fn words_are_compared_as_x_gives_them_back() {
    for (ours, theirs, same) in [
        ("hello", "hello", true),
        ("hello", "hello!", false),
        ("hello", "hell", false),
        (" hello ", "hello\n", true),
        ("a & b <c>", "a &amp; b &lt;c&gt;", true),
        ("&lt;", "&amp;lt;", true),
        ("e\u{301}", "é", true),
        ("see https://example.com/a?b=c now", "see https://t.co/abc123 now", true),
        ("see example.com.", "see https://t.co/abc123.", true),
        ("see example.com.", "see https://t.co/abc123", true),
        ("a.com and b.com", "https://t.co/a1 and https://t.co/b2", true),
        ("a.com and b.com", "https://t.co/a1 and more", false),
        ("https://t.co/mine", "https://t.co/mine", true),
        ("https://t.co/mine", "https://t.co/other", true),
        ("ftp://a.com x", "ftp://a.com x", true),
        ("no link here", "no https://t.co/a1 here", false),
        ("", "", true),
        ("日本 example.com です", "日本 https://t.co/a1 です", true),
    ] {
        assert_eq!(same_words(ours, theirs), same, "{ours:?} {theirs:?}");
    }
}
