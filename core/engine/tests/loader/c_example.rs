//! The sink in C of `examples/plugins/sink-in-c`, built as its own Makefile builds it: the conformance
//! suite, what that does not ask, and all of it once more under valgrind.

use crate::support::{
    can_run, compiled, credential, folder, opened, part, published, root, settings,
};
use cordboard_engine::loader::Loaded;
use cordboard_plugin::{
    CallError, Draft, HttpAnswer, HttpError, Published, Reason, Settings, Sink, Target, Trouble,
};
use cordboard_testkit::conformance::{ProviderAnswers, SinkCase};
use cordboard_testkit::{FakeHost, block_on, poll_once};
use serde_json::json;
use std::process::Command;
use std::sync::OnceLock;

fn loaded() -> &'static Loaded {
    static LOADED: OnceLock<Loaded> = OnceLock::new();
    LOADED.get_or_init(|| {
        let folder = folder();
        opened(&compiled(&folder, &root().join("examples/plugins/sink-in-c/board.c"), &[])).unwrap()
    })
}

fn board() -> Box<dyn Sink> {
    let values = json!({ "api_base": "https://board.example.com/api", "token": "a \"key\"" });
    let settings = Settings { values, ..settings("board", "") };
    (loaded().plugin.sinks[0].create)(&settings).unwrap()
}

fn host(sink: &dyn Sink) -> FakeHost {
    FakeHost::new().with_bases(sink.capabilities().bases)
}

fn accepted() -> serde_json::Value {
    json!({ "id": "p-1", "url": "https://board.example.com/p-1" })
}

struct Board;

impl SinkCase for Board {
    fn sink(&self) -> Box<dyn Sink> {
        board()
    }

    fn answers(&self) -> ProviderAnswers {
        ProviderAnswers::new(HttpAnswer::json(201, &accepted()))
    }
}

cordboard_testkit::conformance_sink!(Board);

fn retracted(sink: &dyn Sink, host: &FakeHost, id: &str) -> Result<(), CallError> {
    let published = Published { id: id.to_owned(), url: None };
    block_on(sink.retract(host, &credential(""), &published))
}

#[test]
fn it_is_under_two_hundred_lines() {
    let source =
        std::fs::read_to_string(root().join("examples/plugins/sink-in-c/board.c")).unwrap();
    let lines = source.lines().count();
    assert!(lines < 200, "{lines} lines");
}

#[test]
fn a_text_arrives_letter_for_letter() {
    let sink = board();
    for text in
        ["plain", "\"quoted\" \\ and {[,:]}", "two\nlines\tand \u{1}", "Grüße 👋\u{2028}", "%s %n"]
    {
        let host = host(&*sink);
        host.answer_json(201, &accepted());
        let (credential, part) = (credential(""), part(text));
        let published = block_on(sink.publish(&host, &credential, &part, None)).unwrap();
        assert_eq!(published.url.as_deref(), Some("https://board.example.com/p-1"));
        let request = host.requests().remove(0);
        assert_eq!(request.target, Target::Base { name: "api".into(), path: "/posts".into() });
        assert_eq!(request.method, "POST");
        assert_eq!(request.authorization.unwrap().reveal(), "Bearer a \"key\"");
        let body: serde_json::Value = serde_json::from_slice(&request.body.0).unwrap();
        assert_eq!(body, json!({ "text": text }));
        let draft = Draft { text: text.to_owned(), media_types: vec![], thread: false };
        assert_eq!(sink.plan(&draft).unwrap().parts[0].text, text);
    }
}

#[test]
fn a_draft_with_pictures_or_too_many_words_is_refused() {
    let sink = board();
    let draft = |text: String, pictures: usize| Draft {
        text,
        media_types: vec!["image/png".to_owned(); pictures],
        thread: true,
    };
    assert!(sink.plan(&draft("a".to_owned(), 0)).is_ok());
    assert!(sink.plan(&draft("é".repeat(500), 0)).is_ok());
    assert!(sink.plan(&draft("\n".repeat(499) + "a", 0)).is_ok());
    for refused in [draft("é".repeat(501), 0), draft("a".to_owned(), 1), draft("\n\u{1}".into(), 0)]
    {
        assert_eq!(sink.plan(&refused).unwrap_err().reason, Reason::Content);
    }
}

#[test]
fn answers_are_read_however_they_are_written() {
    let sink = board();
    for (body, id) in [
        (
            " { \"tags\" : [ \"}\" , {\"id\":\"no\"} ] , \"id\" : \"a\\u0062\\\"c\" } \n",
            Some("ab\"c"),
        ),
        ("{\"id\":\"1\",\"url\":null}", Some("1")),
        ("{\"id\":\"1\",\"id\":\"2\"}", Some("2")),
        ("{\"id\":7}", None),
        ("{\"id\":\"\"}", None),
        ("{\"id\":\"1\"} more", None),
        ("{\"id\":\"1\"", None),
        ("{\"id\":\"1\"]", None),
        ("[\"id\",\"1\"]", None),
        ("{\"id\":\"1\\", None),
        ("{\"id\":\"\\ud800\"}", None),
        ("{}", None),
        ("{\"a\":{\"id\":\"1\"}}", None),
    ] {
        let host = host(&*sink);
        host.answer(200, &[], body);
        match (published(&*sink, &host, "words"), id) {
            (Ok(found), Some(id)) => assert_eq!(found, id),
            (Err(CallError::Unclear { .. }), None) => {}
            (other, _) => panic!("{body}: {other:?}"),
        }
    }
    let deep = host(&*sink);
    deep.answer(200, &[], "{\"a\":".to_owned() + &"[".repeat(100_000));
    assert!(matches!(published(&*sink, &deep, "words"), Err(CallError::Unclear { .. })));
}

#[test]
fn every_no_is_an_action() {
    let sink = board();
    for (status, headers, expected) in [
        (429, vec![("Retry-After", "7")], CallError::retry_after(Some(7000), "too many at once")),
        (429, vec![("retry-after", "0")], CallError::retry_after(Some(0), "too many at once")),
        (429, vec![("retry-after", "soon")], CallError::retry_after(None, "too many at once")),
        (
            429,
            vec![("other", "7"), ("retry-after", "")],
            CallError::retry_after(None, "too many at once"),
        ),
        (401, vec![], CallError::operator(Trouble::Keys, "status 401")),
        (422, vec![], CallError::refused(Reason::Other, "422", "the board does not take it")),
        (302, vec![], CallError::unclear("status 302")),
        (500, vec![], CallError::unclear("status 500")),
    ] {
        let host = host(&*sink);
        host.answer(status, &headers, "");
        assert_eq!(published(&*sink, &host, "words"), Err(expected), "{status} {headers:?}");
    }
    let host = host(&*sink);
    host.fail(HttpError::Forbidden("a \"reason\"".to_owned()));
    let expected = CallError::operator(Trouble::Setting, "a \"reason\"");
    assert_eq!(published(&*sink, &host, "words"), Err(expected));
}

#[test]
fn a_post_is_taken_back() {
    let sink = board();
    for (status, good) in
        [(200, true), (204, true), (404, true), (410, true), (403, false), (503, false)]
    {
        let host = host(&*sink);
        host.answer(status, &[], "");
        assert_eq!(retracted(&*sink, &host, "p-1").is_ok(), good, "{status}");
        let request = host.requests().remove(0);
        assert_eq!(request.target, Target::Base { name: "api".into(), path: "/posts/p-1".into() });
        assert_eq!((request.method.as_str(), request.body.0.len()), ("DELETE", 0));
    }
    // An id that would lead elsewhere leads nowhere.
    let host = host(&*sink);
    assert!(matches!(retracted(&*sink, &host, "../x"), Err(CallError::Unclear { .. })));
    assert!(host.requests().is_empty());
}

#[test]
fn a_call_that_is_dropped_ends() {
    let sink = board();
    let host = FakeHost::leaping().with_bases(sink.capabilities().bases);
    host.on_url("https://board.example.com", |_| std::future::pending());
    let (credential, part) = (credential(""), part("words"));
    assert!(poll_once(sink.publish(&host, &credential, &part, None)).is_none());
    assert_eq!(host.requests().len(), 1);
    assert_eq!(crate::support::measured("cordboard_plugin_abandoned_calls", "board"), 0.0);
}

#[test]
fn it_is_clean_under_valgrind() {
    if !can_run("valgrind", "valgrind") {
        return;
    }
    let output = Command::new("valgrind")
        .args(["--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite"])
        .args(["--show-leak-kinds=definite", "--num-callers=20", "--fair-sched=try"])
        .arg(std::env::current_exe().unwrap())
        // Everything in C but this very test.
        .args(["c_example::", "c_calls::", "--skip", "under_valgrind", "--test-threads=1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let found = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("test result: ok"), "{said}\n{found}");
    assert!(found.contains("ERROR SUMMARY: 0 errors"), "{found}");
}
