//! What becomes of drafts, and what each answer of the provider means.

#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold must fail the test")]

mod common;

use common::{TOKEN, instance};
use cordboard_plugin::{
    CallError, Credential, Draft, Part, Published, Reason, RemoteAccount, Secret, Sink as _,
    Target, Trouble,
};
use cordboard_testkit::{FakeHost, block_on};
use serde_json::{Value, json};

fn draft(text: &str) -> Draft {
    Draft { text: text.to_owned(), media_types: Vec::new(), thread: true }
}

/// The one part of a short draft.
fn part() -> Part {
    instance().plan(&draft("Hello")).expect("it fits").parts.remove(0)
}

/// The board has one token for everybody, so nobody has a credential.
fn nobody() -> Credential {
    let account = RemoteAccount { id: String::new(), handle: String::new() };
    Credential { kind: String::new(), realm: String::new(), secret: Secret::default(), account }
}

fn note(id: &str) -> Published {
    Published { id: id.to_owned(), url: None }
}

/// What becomes of a post when the board answers so.
fn published(status: u16, body: &Value) -> Result<Published, CallError> {
    let host = FakeHost::new();
    host.answer_json(status, body);
    block_on(instance().publish(&host, &nobody(), &part(), None))
}

#[test]
fn a_draft_becomes_notes_that_fit() {
    let words = "word ".repeat(150);
    for (text, notes) in [
        ("Hello\nthere ", vec!["Hello\nthere ".to_owned()]),
        (
            words.as_str(),
            vec!["word ".repeat(100).trim().to_owned(), "word ".repeat(50).trim().to_owned()],
        ),
    ] {
        let plan = instance().plan(&draft(text)).expect("it fits");
        let texts: Vec<String> = plan.parts.into_iter().map(|part| part.text).collect();
        assert_eq!(texts, notes);
    }
}

#[test]
fn what_cannot_be_posted_is_refused_with_words() {
    let picture = Draft { media_types: vec!["image/jpeg".to_owned()], ..draft("Hello") };
    let one_post = Draft { thread: false, ..draft(&"word ".repeat(150)) };
    for (draft, reason) in [
        (picture, Reason::Media),
        (one_post, Reason::TooLong),
        (draft(&"x".repeat(501)), Reason::TooLong),
        (draft(" \n"), Reason::Content),
    ] {
        let refusal = instance().plan(&draft).expect_err("refused");
        assert_eq!(refusal.reason, reason, "{}", refusal.words);
    }
}

#[test]
fn the_call_is_as_the_provider_documents_it() {
    let host = FakeHost::new();
    host.answer_json(201, &json!({ "id": "n-2", "url": "https://bulletin.example/n-2" }));
    let posted = block_on(instance().publish(&host, &nobody(), &part(), Some(&note("n-1"))));
    let url = Some("https://bulletin.example/n-2".to_owned());
    assert_eq!(posted, Ok(Published { id: "n-2".to_owned(), url }));
    let requests = host.requests();
    let [call] = requests.as_slice() else { panic!("not one call: {requests:?}") };
    let target = Target::Base { name: "api".to_owned(), path: "/notes".to_owned() };
    assert_eq!((call.method.as_str(), &call.target), ("POST", &target));
    let token = call.authorization.as_ref().map(|secret| secret.reveal().to_owned());
    assert_eq!(token, Some(format!("Bearer {TOKEN}")));
    let body: Value = serde_json::from_slice(&call.body.0).expect("JSON");
    assert_eq!(body, json!({ "text": "Hello", "below": "n-1" }));
}

#[test]
fn each_error_is_something_else_to_do() {
    type Means = fn(&CallError) -> bool;
    let table: &[(u16, Means)] = &[
        (401, |error| is_trouble(error, Trouble::Keys)),
        (402, |error| is_trouble(error, Trouble::Credit)),
        (403, |error| is_trouble(error, Trouble::Plan)),
        (413, |error| is_refused(error, Reason::TooLong)),
        (422, |error| is_refused(error, Reason::Other)),
        (408, |error| matches!(error, CallError::Unclear { .. })),
        (500, |error| matches!(error, CallError::Unclear { .. })),
        (302, |error| matches!(error, CallError::Unclear { .. })),
    ];
    for (status, means) in table {
        let error = published(*status, &json!({})).expect_err("an error");
        assert!(means(&error), "{status}: {error:?}");
    }
}

fn is_trouble(error: &CallError, expected: Trouble) -> bool {
    matches!(error, CallError::Operator { trouble, .. } if *trouble == expected)
}

fn is_refused(error: &CallError, expected: Reason) -> bool {
    matches!(error, CallError::Refused(refusal) if refusal.reason == expected)
}

#[test]
fn a_note_that_is_gone_already_is_taken_down() {
    for (status, taken_down) in [(204, true), (404, true), (410, true), (401, false), (500, false)]
    {
        let host = FakeHost::new();
        host.answer(status, &[], "");
        let outcome = block_on(instance().retract(&host, &nobody(), &note("n-1")));
        assert_eq!(outcome.is_ok(), taken_down, "{status}: {outcome:?}");
    }
}
