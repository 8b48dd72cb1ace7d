//! What each of X's answers means: one fixture per row (`fixtures/answers.json`).

use cordboard_plugin::{Blob, CallError, HttpResponse, REFUSAL_CHARS_MAX, Timestamp};
use cordboard_testkit::START;
use cordboard_x::{answers, publish};
use serde_json::Value;

fn answer(status: u16, body: &str, headers: &[(&str, &str)]) -> HttpResponse {
    let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    HttpResponse { status, headers, body: Blob::from(body), at: START }
}

/// An error in few letters: `refused Duplicate`, `operator Credit`, `wait 60000`.
fn short(error: &CallError) -> String {
    match error {
        CallError::RetryAfter { wait_ms, .. } => format!("wait {}", wait_ms.unwrap_or(-1)),
        CallError::Unreachable { .. } => "unreachable".to_owned(),
        CallError::Unclear { .. } => "unclear".to_owned(),
        CallError::Relink { .. } => "relink".to_owned(),
        CallError::Refused(refusal) => format!("refused {:?} {}", refusal.reason, refusal.code),
        CallError::Operator { trouble, .. } => format!("operator {trouble:?}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn every_known_answer_has_its_action() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../fixtures/answers.json")).unwrap();
    assert!(rows.len() >= 45);
    let mut wrong = Vec::new();
    for row in rows {
        let body = match &row["body"] {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
        let error = publish::posted(&answer(status, &body, &[]), "https://x.com").unwrap_err();
        if let CallError::Refused(refusal) = &error {
            let chars = refusal.words.chars().count();
            assert!(chars <= REFUSAL_CHARS_MAX, "cut when texted: {}", refusal.words);
        }
        let found = short(&error);
        if row["expected"] != found {
            wrong.push(format!("{}: {found}", row["case"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_post_with_an_id_is_out_even_beside_errors() {
    let body = r#"{"data":{"id":"1880028106020515840","text":"a"},"errors":[{"title":"x"}]}"#;
    for status in [200, 201] {
        let published = publish::posted(&answer(status, body, &[]), "https://x.com").unwrap();
        assert_eq!(published.id, "1880028106020515840");
        assert_eq!(published.url.as_deref(), Some("https://x.com/i/status/1880028106020515840"));
    }
}

#[test]
fn the_wait_follows_the_headers() {
    let now = START.unix_seconds();
    let at = |seconds: i64| (now + seconds).to_string();
    let (soon, day, later) = (at(30), at(3600), at(7200));
    // START is Mon, 21 Sep 2026 14:13:20 GMT.
    let late_clock = "Mon, 21 Sep 2026 14:13:10 GMT";
    let cases: Vec<(Vec<(&str, &str)>, i64)> = vec![
        (vec![], 900),
        (vec![("x-rate-limit-reset", &soon)], 30),
        (vec![("X-Rate-Limit-Reset", &soon), ("Date", late_clock)], 40),
        (
            vec![
                ("x-rate-limit-reset", &soon),
                ("x-user-limit-24hour-remaining", "0"),
                ("x-user-limit-24hour-reset", &day),
            ],
            3600,
        ),
        (
            vec![
                ("x-rate-limit-reset", &soon),
                ("x-user-limit-24hour-remaining", "0"),
                ("x-user-limit-24hour-reset", &day),
                ("x-app-limit-24hour-remaining", "0"),
                ("x-app-limit-24hour-reset", &later),
            ],
            7200,
        ),
        (
            vec![
                ("x-rate-limit-reset", &soon),
                ("x-user-limit-24hour-remaining", "3"),
                ("x-user-limit-24hour-reset", &day),
            ],
            30,
        ),
        (vec![("x-rate-limit-reset", "12")], 1),
        (vec![("x-rate-limit-reset", "99999999999999")], 25 * 3600),
        (vec![("x-rate-limit-reset", "soon")], 900),
        (vec![("retry-after", "7")], 7),
        (vec![("x-rate-limit-reset", &soon), ("date", "yesterday")], 30),
    ];
    for (headers, seconds) in cases {
        let found = answers::wait_ms(&answer(429, "{}", &headers));
        assert_eq!(found, seconds * 1000, "{headers:?}");
    }
}

#[test]
fn words_for_people_have_no_full_stop_and_say_what_to_do() {
    for (code, words) in [(64, "log in at x.com"), (326, "log in at x.com")] {
        let body = format!(r#"{{"errors":[{{"code":{code},"message":"m"}}]}}"#);
        let CallError::Refused(refusal) = answers::failure(&answer(403, &body, &[])) else {
            panic!("{code} is no refusal");
        };
        assert!(refusal.words.contains(words) && !refusal.words.ends_with('.'));
    }
}

#[test]
fn a_deleted_post_is_gone_the_second_time_as_well() {
    let gone = r#"{"title":"Not Found Error","type":"about:blank"}"#;
    for (status, body, fits) in [
        (200, r#"{"data":{"deleted":true}}"#, true),
        (404, gone, true),
        (200, r#"{"data":{"deleted":false}}"#, false),
        (404, "<html></html>", false),
        (503, "{}", false),
    ] {
        let found = publish::deleted(&answer(status, body, &[]));
        assert_eq!(found.is_ok(), fits, "{status} {body}");
    }
}

#[test]
fn the_clock_of_these_tests_is_where_they_think() {
    assert_eq!(START, Timestamp(1_790_000_000_000));
}
