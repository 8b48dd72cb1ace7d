//! How providers fail, and what a plugin must make of it. Shared by sending and publishing.

use super::silent::Silent;
use crate::{FakeHost, START, block_on};
use cordboard_plugin::{
    CallError, Host, HttpAnswer, HttpError, HttpResponse, Timestamp, async_trait, header,
};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// How long [`ProviderAnswers::throttled_with_wait`] asks us to wait, in seconds.
const WAIT_SECONDS: i64 = 30;

/// What a provider answers to the call that sends or posts, in its own words.
///
/// Every request other than GET gets the answer in question; a GET gets `looked_up`.
#[derive(Clone, Debug)]
pub struct ProviderAnswers {
    /// Done. JSON, or whatever the plugin needs to know the id of what it made.
    pub accepted: HttpAnswer,
    /// To a GET, if the plugin asks something on the way.
    pub looked_up: HttpAnswer,
    /// A success by its status that holds an error or lacks the id: as many as are known.
    pub errors_inside: Vec<HttpAnswer>,
    /// Too many requests, without saying for how long.
    pub throttled: HttpAnswer,
    /// Too many requests; the wait is over 30 s after [`START`]. `None` when the provider never
    /// says how long.
    pub throttled_with_wait: Option<HttpAnswer>,
    /// Statuses from 500 that the provider documents as "turned away unread": they may be repeated.
    pub unread_statuses: Vec<u16>,
}

impl ProviderAnswers {
    /// A provider that accepts with `accepted` and otherwise answers as most do: errors in a JSON
    /// list `errors`, waits in `retry-after`.
    pub fn new(accepted: HttpAnswer) -> Self {
        let error = |status: u16, title: &str| {
            let errors = serde_json::json!({ "errors": [{ "title": title, "status": status }] });
            HttpAnswer::json(status, &errors)
        };
        let throttled = error(429, "Too Many Requests");
        Self {
            accepted,
            looked_up: HttpAnswer::json(200, &serde_json::json!({})),
            errors_inside: vec![error(200, "Internal Error")],
            throttled_with_wait: Some(
                throttled.clone().with_header("retry-after", &WAIT_SECONDS.to_string()),
            ),
            throttled,
            unread_statuses: Vec::new(),
        }
    }
}

/// Makes the call in question: sends a text, or posts a part. Yields the provider's id.
#[async_trait]
pub(super) trait Caller {
    fn host(&self) -> FakeHost;
    fn answers(&self) -> ProviderAnswers;
    async fn call(&self, host: &dyn Host) -> Result<String, CallError>;
}

/// Makes the call while the provider answers everything but a GET with `answer`.
/// Yields how often it was asked to do it, and what became of the call.
fn ask(
    caller: &dyn Caller,
    answer: Result<HttpAnswer, HttpError>,
) -> (usize, Result<String, CallError>) {
    let host = caller.host();
    let looked_up = caller.answers().looked_up;
    host.on_http(move |request| {
        let found = if request.method == "GET" { Ok(looked_up.clone()) } else { answer.clone() };
        found.map(|answer| response(answer, START))
    });
    let outcome = block_on(caller.call(&host));
    let asked = host.requests().iter().filter(|request| request.method != "GET").count();
    assert!(!host.requests().is_empty(), "the provider was not asked at all: {outcome:?}");
    (asked, outcome)
}

fn response(answer: HttpAnswer, at: Timestamp) -> HttpResponse {
    HttpResponse { status: answer.status, headers: answer.headers, body: answer.body, at }
}

/// Asserts that `answer` leaves the outcome unclear, and that the plugin did not try again.
fn expect_unclear(caller: &dyn Caller, name: &str, answer: Result<HttpAnswer, HttpError>) {
    let (usual, _) = ask(caller, Ok(caller.answers().accepted));
    let (asked, outcome) = ask(caller, answer);
    assert!(
        matches!(outcome, Err(CallError::Unclear { .. })),
        "{name}: it may have taken effect, so this must be unclear: {outcome:?}"
    );
    assert!(asked <= usual, "{name}: repeated blindly, {asked} calls where {usual} are usual");
}

pub(super) fn accepted_has_an_id(caller: &dyn Caller) {
    let (_, outcome) = ask(caller, Ok(caller.answers().accepted));
    assert!(matches!(&outcome, Ok(id) if !id.is_empty()), "accepted, but: {outcome:?}");
}

pub(super) fn error_inside_is_no_success(caller: &dyn Caller) {
    let answers = caller.answers().errors_inside;
    assert!(!answers.is_empty(), "the case names no success with an error inside");
    for answer in answers {
        let (_, outcome) = ask(caller, Ok(answer.clone()));
        assert!(outcome.is_err(), "taken for a success: {}", shown(&answer));
    }
}

pub(super) fn throttled_is_left_for_later(caller: &dyn Caller) {
    let (_, outcome) = ask(caller, Ok(caller.answers().throttled));
    assert!(
        matches!(outcome, Err(CallError::RetryAfter { .. } | CallError::Operator { .. })),
        "throttled, but: {outcome:?}"
    );
    let Some(with_wait) = caller.answers().throttled_with_wait else { return };
    let (_, outcome) = ask(caller, Ok(with_wait));
    let patient = match outcome {
        // A second more is rounding up; a second less would be turned away again.
        Err(CallError::RetryAfter { wait_ms: Some(wait), .. }) => {
            (WAIT_SECONDS * 1000..=(WAIT_SECONDS + 1) * 1000).contains(&wait)
        }
        Err(CallError::Operator { .. }) => true,
        _ => false,
    };
    assert!(patient, "asked to wait {WAIT_SECONDS} s, but: {outcome:?}");
}

pub(super) fn failing_provider_is_unclear(caller: &dyn Caller) {
    let unread = caller.answers().unread_statuses;
    for status in [500, 502, 503, 504, 520] {
        for answer in [
            HttpAnswer::empty(status),
            HttpAnswer::json(status, &serde_json::json!({ "status": status })),
            html(status),
        ] {
            let name = shown(&answer);
            if unread.contains(&status) {
                let (_, outcome) = ask(caller, Ok(answer));
                assert!(outcome.is_err(), "{name}: taken for a success");
            } else {
                expect_unclear(caller, &name, Ok(answer));
            }
        }
    }
}

pub(super) fn unreadable_answer_is_unclear(caller: &dyn Caller) {
    let accepted = caller.answers().accepted;
    let mut truncated = accepted.clone();
    truncated.body.0.truncate(accepted.body.0.len() / 2);
    let mut garbled = accepted.clone();
    garbled.body = vec![0xff; 64].into();
    let emptied = HttpAnswer::empty(accepted.status);
    for (name, answer) in [
        ("truncated", truncated),
        ("not UTF-8", garbled),
        ("empty", emptied),
        ("a page instead of data", html(accepted.status)),
    ] {
        expect_unclear(caller, name, Ok(answer));
    }
}

pub(super) fn lost_answer_is_unclear(caller: &dyn Caller) {
    expect_unclear(caller, "answer lost", Err(HttpError::Unclear("answer lost".to_owned())));
}

pub(super) fn not_reached_is_unreachable(caller: &dyn Caller) {
    let (_, outcome) = ask(caller, Err(HttpError::Unreachable("no route".to_owned())));
    assert!(
        matches!(outcome, Err(CallError::Unreachable { .. })),
        "nothing was sent, so this must be unreachable: {outcome:?}"
    );
}

pub(super) fn unexpected_answer_is_no_success(caller: &dyn Caller) {
    let place = "https://elsewhere.example.com/";
    for status in [204, 301, 302, 307, 400, 401, 403, 404, 409, 410, 418, 422] {
        for answer in [
            HttpAnswer::empty(status).with_header("location", place),
            HttpAnswer::json(status, &serde_json::json!({})),
            HttpAnswer::json(status, &serde_json::json!([null, 7, "x"])),
            html(status),
        ] {
            let name = shown(&answer);
            let (_, outcome) = ask(caller, Ok(answer));
            assert!(outcome.is_err(), "taken for a success: {name}");
        }
    }
    let forbidden = HttpError::Forbidden("not by this host".to_owned());
    let (_, outcome) = ask(caller, Err(forbidden));
    assert!(outcome.is_err(), "the host made no call, and it was taken for a success");
}

/// The core drops a call at its deadline. What comes of it then is nobody's business, but a plugin in a
/// file must notice, and not be stuck.
pub(super) fn dropped_call_is_let_go(caller: &dyn Caller) {
    let (silent, gone) = Silent::new(caller.host());
    let early = {
        let mut call = pin!(caller.call(&silent));
        block_on(poll_fn(|context| match call.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending if silent.is_asked() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }))
    };
    assert!(early.is_none(), "it did not wait for the provider's answer: {early:?}");
    drop(silent);
    assert!(gone.comes(), "nobody waits any more, and the plugin still works at it");
    accepted_has_an_id(caller);
}

fn html(status: u16) -> HttpAnswer {
    let page = "<!DOCTYPE html><html><head><title>Sorry</title></head><body>Sorry.</body></html>";
    HttpAnswer::new(status, "text/html", page)
}

fn shown(answer: &HttpAnswer) -> String {
    let kind = header(&answer.headers, "content-type").unwrap_or("no type");
    format!("{} {kind} {}", answer.status, String::from_utf8_lossy(&answer.body.0))
}
