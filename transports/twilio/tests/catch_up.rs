//! Texts that no webhook brought.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what is not as expected must fail the test"
)]

mod common;

use common::{ACCOUNT, BASIC, OURS, THEIRS, twilio_with};
use cordboard_plugin::{
    Address, Host, HttpError, HttpRequest, HttpResponse, Level, StateError, Target, Timestamp,
    Transport,
};
use cordboard_testkit::{FakeHost, START, poll_once};
use cordboard_twilio::Twilio;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const FOLDER: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000001";
const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;

/// Twilio's messages, newest first, in pages of two.
#[derive(Clone, Default)]
struct Account(Arc<Mutex<Vec<Value>>>);

impl Account {
    fn of(host: &FakeHost) -> Self {
        let account = Self::default();
        let (answering, clock) = (account.clone(), host.clone());
        host.on_http(move |request| answering.answer(&clock, request));
        account
    }

    fn add(&self, nth: u32, at: Timestamp, changes: Value) {
        let mut row = json!({
            "sid": format!("SM{nth:032}"),
            "from": THEIRS,
            "to": OURS,
            "body": format!("text {nth}"),
            "direction": "inbound",
            "status": "received",
            "num_media": "0",
            "num_segments": "1",
            "date_sent": rfc2822(at),
        });
        for (key, value) in changes.as_object().into_iter().flatten() {
            row[key] = value.clone();
        }
        self.0.lock().expect("rows").insert(0, row);
    }

    fn answer(&self, host: &FakeHost, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let Target::Base { path, .. } = &request.target else { panic!("{request:?}") };
        assert_eq!(request.authorization.as_ref().map(|secret| secret.reveal()), Some(BASIC));
        let reply = |body: Value| Ok(host.response(200, &[], body.to_string()));
        if path.ends_with("/Media.json") {
            let media = json!({ "sid": format!("ME{:032}", 1), "content_type": "image/png" });
            return reply(json!({ "media_list": [media, { "sid": "../x" }] }));
        }
        assert!(
            path.starts_with(&format!("{FOLDER}/Messages.json?To=%2B15550100001&DateSent%3E="))
        );
        let page: usize =
            path.split_once("&Page=").map_or(0, |(_, page)| page.parse().expect("page"));
        let rows = self.0.lock().expect("rows");
        let shown: Vec<&Value> = rows.iter().skip(page * 2).take(2).collect();
        let first = path.split("&Page=").next().unwrap_or_default();
        let next = (rows.len() > page * 2 + 2).then(|| format!("{first}&Page={}", page + 1));
        reply(json!({ "messages": shown, "next_page_uri": next }))
    }
}

/// As Twilio writes it; every time in these tests is on one day.
fn rfc2822(at: Timestamp) -> String {
    let seconds = at.unix_seconds().rem_euclid(86_400);
    let (day, date) = if at.day() == START.day() { ("Mon", 21) } else { ("Sun", 20) };
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{day}, {date} Sep 2026 {hour:02}:{minute:02}:{second:02} +0000")
}

fn polling() -> Twilio {
    twilio_with(json!({ "receive": "poll", "poll_seconds": 15 }), 24)
}

/// Lets `run` look `count` times.
fn look(twilio: &Twilio, host: &FakeHost, count: usize) {
    host.stop_sleeping_after(count);
    assert!(poll_once(twilio.run(host)).is_none(), "run never ends");
}

/// The ids of what was emitted, without their zeros.
fn sids(host: &FakeHost) -> Vec<String> {
    let short = |id: &str| id.trim_start_matches(['S', 'M', '0']).to_owned();
    host.messages().iter().map(|message| short(&message.key.id)).collect()
}

#[test]
fn missed_texts_come_oldest_first_and_once() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    look(&polling(), &host, 1);
    for nth in 1..=5 {
        account.add(nth, START.plus_seconds(i64::from(nth)), json!({}));
    }
    host.advance_millis(20 * SECOND);
    look(&polling(), &host, 3);
    assert_eq!(sids(&host), ["1", "2", "3", "4", "5"]);
    let first = &host.messages()[0];
    assert_eq!(first.key.account, format!("twilio:{ACCOUNT}"));
    assert_eq!((first.from.clone(), first.to.clone()), (Address::new(THEIRS), Address::new(OURS)));
    assert_eq!((first.text.as_str(), first.segments), ("text 1", 1));
    account.add(6, host.now(), json!({ "num_segments": "3" }));
    look(&polling(), &host, 1);
    assert_eq!(sids(&host).last().map(String::as_str), Some("6"));
    assert_eq!(host.messages()[5].segments, 3);
}

#[test]
fn nothing_from_before_the_first_start_is_taken() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    account.add(1, START.plus_seconds(-1), json!({}));
    account.add(2, START, json!({}));
    look(&polling(), &host, 1);
    assert_eq!(sids(&host), ["2"]);
    host.advance_millis(HOUR);
    look(&polling(), &host, 1);
    assert_eq!(sids(&host), ["2"], "nor later");
}

#[test]
fn a_look_reaches_back_catch_up_hours_at_most() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    let twilio = twilio_with(json!({}), 2);
    look(&twilio, &host, 1);
    account.add(1, START.plus_seconds(10), json!({}));
    account.add(2, START.plus_hours(2), json!({}));
    host.set_now(START.plus_hours(3));
    look(&twilio, &host, 1);
    assert_eq!(sids(&host), ["2"]);
}

#[test]
fn polling_without_catch_up_still_sees_what_comes_between_two_looks() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    let twilio = twilio_with(json!({ "receive": "poll", "poll_seconds": 3600 }), 0);
    look(&twilio, &host, 1);
    account.add(1, START.plus_seconds(1), json!({}));
    host.advance_millis(HOUR);
    look(&twilio, &host, 1);
    assert_eq!(sids(&host), ["1"]);
}

#[test]
fn a_text_from_the_future_hides_no_later_one() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    look(&polling(), &host, 1);
    account.add(1, START.plus_seconds(6 * 3600), json!({}));
    look(&polling(), &host, 1);
    account.add(2, START.plus_seconds(60), json!({}));
    host.advance_millis(60 * SECOND);
    look(&polling(), &host, 1);
    assert_eq!(sids(&host), ["1", "2"]);
}

#[test]
fn a_text_that_is_listed_late_is_found_behind_the_mark() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    look(&polling(), &host, 1);
    account.add(2, START.plus_seconds(300), json!({}));
    host.advance_millis(HOUR);
    look(&polling(), &host, 1);
    account.add(1, START.plus_seconds(200), json!({}));
    look(&polling(), &host, 1);
    assert_eq!(sids(&host), ["2", "1"]);
}

#[test]
fn only_whole_texts_to_our_number_are_taken() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    for (nth, changes) in [
        json!({ "direction": "outbound-api" }),
        json!({ "status": "receiving" }),
        json!({ "to": "+15550100009" }),
        json!({ "sid": null }),
        json!({ "from": null }),
        json!({ "date_sent": "yesterday" }),
        json!({ "num_media": null, "num_segments": null, "body": null }),
        json!({ "date_sent": null, "date_created": rfc2822(START) }),
    ]
    .into_iter()
    .enumerate()
    {
        account.add(nth as u32 + 1, START, changes);
    }
    look(&polling(), &host, 2);
    let mut found = sids(&host);
    found.sort();
    assert_eq!(found, ["7", "8"]);
    let lines: Vec<String> = host.log_lines().into_iter().map(|line| line.line).collect();
    assert_eq!(lines, ["3 rows in Twilio's list could not be read; passed over"], "said once");
}

#[test]
fn pictures_of_a_missed_text_are_named_as_the_webhook_would() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    account.add(1, START, json!({ "num_media": "1", "sid": "MM00000000000000000000000000000001" }));
    look(&polling(), &host, 3);
    let media = &host.messages()[0].media;
    let place = format!("https://api.twilio.com{FOLDER}/Messages/MM{:032}/Media/ME{:032}", 1, 1);
    assert_eq!(media.len(), 1, "an id that is none is passed over");
    assert_eq!((media[0].place.clone(), media[0].claimed_type.as_str()), (place, "image/png"));
    let asked = host.requests().into_iter().filter(|request| {
        matches!(&request.target, Target::Base { path, .. } if path.ends_with("/Media.json"))
    });
    assert_eq!(asked.count(), 1, "not again at every look");
}

#[test]
fn a_text_whose_pictures_were_deleted_keeps_its_words() {
    let host = FakeHost::new();
    let row = json!({
        "sid": "MM00000000000000000000000000000001",
        "from": THEIRS,
        "to": OURS,
        "body": "look",
        "direction": "inbound",
        "num_media": "1",
        "date_sent": rfc2822(START),
    });
    host.answer_json(200, &json!({ "messages": [row], "next_page_uri": null }));
    host.answer_json(404, &json!({ "code": 20404 }));
    look(&polling(), &host, 1);
    let messages = host.messages();
    assert_eq!((messages[0].text.as_str(), messages[0].media.len()), ("look", 0));
}

#[test]
fn trouble_is_said_once_waited_out_and_over() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    account.add(1, START, json!({}));
    host.answer_json(503, &json!({ "code": 20503 }));
    host.fail(HttpError::Unreachable("dns".to_owned()));
    host.answer(200, &[], "<html>");
    look(&polling(), &host, 4);
    let levels: Vec<Level> = host.log_lines().iter().map(|line| line.level).collect();
    assert_eq!(levels, [Level::Warn, Level::Info], "{:?}", host.log_lines());
    assert_eq!(sids(&host), ["1"]);
    let mut last = START;
    let pauses: Vec<i64> = host
        .sleeps()
        .into_iter()
        .map(|until| {
            let pause = until.millis_since(last) / SECOND;
            last = until;
            pause
        })
        .collect();
    assert_eq!(pauses, [30, 60, 120, 15]);
}

#[test]
fn refused_keys_are_an_error_for_the_operator() {
    let host = FakeHost::new();
    host.answer_json(401, &json!({ "code": 20003 }));
    look(&polling(), &host, 1);
    assert_eq!(host.log_lines()[0].level, Level::Error);
}

#[test]
fn a_store_that_fails_loses_nothing() {
    let host = FakeHost::new();
    let account = Account::of(&host);
    account.add(1, START, json!({}));
    host.fail_state(StateError::Unavailable("disk".to_owned()));
    look(&polling(), &host, 2);
    assert_eq!(sids(&host), ["1"]);
}

#[test]
fn credentials_do_not_follow_a_next_page_out_of_our_account() {
    for next in [
        "/2010-04-01/Accounts/AC00000000000000000000000000000002/Messages.json?Page=1",
        "https://evil.example.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json?",
        "//evil.example.com/",
        "@evil.example.com/",
    ] {
        let host = FakeHost::new();
        host.answer_json(200, &json!({ "messages": [], "next_page_uri": next }));
        look(&polling(), &host, 1);
        assert_eq!(host.requests().len(), 1, "{next}");
    }
}

#[test]
fn beside_webhooks_a_look_is_taken_at_start_and_every_quarter_hour() {
    let host = FakeHost::new();
    Account::of(&host);
    look(&twilio_with(json!({}), 24), &host, 2);
    assert_eq!(host.requests().len(), 2);
    assert_eq!(host.sleeps(), [START.plus_seconds(900), START.plus_seconds(1800)]);
}
