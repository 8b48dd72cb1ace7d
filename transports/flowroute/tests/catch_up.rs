//! Texts that no callback brought.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what is not as expected must fail the test"
)]

mod common;

use common::{BASIC, OURS, THEIRS, TOKEN, callback, document, flowroute, flowroute_with, id};
use cordboard_flowroute::Flowroute;
use cordboard_plugin::{
    Address, Host, HttpError, HttpRequest, HttpResponse, Incoming, Level, StateError, Target,
    Timestamp, Transport,
};
use cordboard_testkit::{FakeHost, START, block_on, poll_once};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// Rows of a page, however many are asked for.
const PAGE: usize = 2;

/// Flowroute's records, newest first, in small pages.
#[derive(Clone, Default)]
struct Account {
    rows: Arc<Mutex<Vec<Value>>>,
    /// What a record says beside its row.
    records: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Account {
    fn of(host: &FakeHost) -> Self {
        let account = Self::default();
        let (answering, clock) = (account.clone(), host.clone());
        host.on_http(move |request| answering.answer(&clock, request));
        account
    }

    fn add(&self, nth: u32, at: Timestamp, changes: Value) {
        let mut row = document(nth, &format!("text {nth}"))["data"].take();
        row["attributes"]["timestamp"] = iso(at).into();
        for (key, value) in changes.as_object().into_iter().flatten() {
            match key.as_str() {
                "id" | "relationships" => row[key] = value.clone(),
                _ => row["attributes"][key] = value.clone(),
            }
        }
        self.rows.lock().expect("rows").insert(0, row);
    }

    fn answer(&self, host: &FakeHost, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let Target::Base { path, .. } = &request.target else { panic!("{request:?}") };
        assert_eq!(request.authorization.as_ref().map(|secret| secret.reveal()), Some(BASIC));
        let reply = |status: u16, body: Value| Ok(host.response(status, &[], body.to_string()));
        if let Some(id) = path.strip_prefix("/v2.1/messages/") {
            return match self.records.lock().expect("records").get(id) {
                Some(record) => reply(200, json!({ "data": record })),
                None => reply(404, json!({})),
            };
        }
        let (first, offset) = path.split_once("&offset=").expect("an offset");
        let offset: usize = offset.parse().expect("a number");
        let query = first.strip_prefix("/v2.1/messages?").expect("the list");
        let (since, rest) = query
            .strip_prefix("start_date=")
            .and_then(|rest| rest.split_once("&end_date="))
            .expect("both dates");
        let until = rest.strip_suffix("&limit=250").expect("a limit");
        let (since, until) = (since.replace("%3A", ":"), until.replace("%3A", ":"));
        let rows = self.rows.lock().expect("rows");
        let within = |row: &&Value| {
            // The list knows whole seconds only.
            let at = row["attributes"]["timestamp"].as_str().unwrap_or_default();
            at.get(..19).unwrap_or_default() >= &since[..19]
                && at.get(..19).unwrap_or_default() <= &until[..19]
        };
        let found: Vec<&Value> = rows.iter().filter(within).collect();
        let shown: Vec<&Value> = found.iter().skip(offset).take(PAGE).copied().collect();
        let mut body = json!({ "data": shown });
        if found.len() > offset + PAGE {
            let next = format!("https://evil.example.com/v2.1/messages?offset={}", offset + PAGE);
            body["links"] = json!({ "next": next });
        }
        reply(200, body)
    }
}

/// As Flowroute writes it; every time in these tests is on one day or the next.
fn iso(at: Timestamp) -> String {
    let seconds = at.unix_seconds().rem_euclid(86_400);
    let day = 21 + at.day() - START.day();
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("2026-09-{day}T{hour:02}:{minute:02}:{second:02}.{:02}Z", at.0 % 1000 / 10)
}

/// Lets `run` look `count` times; pages and records are read without sleeping in between.
fn look(flowroute: &Flowroute, host: &FakeHost, count: usize) {
    host.stop_sleeping_after(count);
    assert!(poll_once(flowroute.run(host)).is_none(), "run never ends");
}

/// One look that reads `pages` pages, between which it sleeps.
fn look_through(host: &FakeHost, pages: usize) {
    look(&flowroute(), host, pages);
}

/// A host with an account whose instance has started before and then slept for an hour.
fn started() -> (FakeHost, Account) {
    let host = FakeHost::new();
    let account = Account::of(&host);
    look(&flowroute(), &host, 1);
    host.advance_millis(HOUR);
    (host, account)
}

/// The numbers of what was emitted.
fn found(host: &FakeHost) -> Vec<String> {
    let short = |id: &str| id.trim_start_matches("mdr2-").trim_start_matches('0').to_owned();
    host.messages().iter().map(|message| short(&message.key.id)).collect()
}

fn warnings(host: &FakeHost) -> Vec<String> {
    host.log_lines().into_iter().map(|line| line.line).collect()
}

#[test]
fn missed_texts_come_oldest_first_and_once() {
    let (host, account) = started();
    for nth in [1, 3, 4, 5, 6] {
        account.add(nth, START.plus_seconds(i64::from(nth)), json!({}));
    }
    look_through(&host, 3);
    assert_eq!(found(&host), ["1", "3", "4", "5", "6"]);
    let first = &host.messages()[0];
    assert_eq!(first.key.account, "flowroute");
    assert_eq!((first.from.clone(), first.to.clone()), (Address::new(THEIRS), Address::new(OURS)));
    assert_eq!((first.text.as_str(), first.segments), ("text 1", 1));
    look(&flowroute(), &host, 3);
    assert_eq!(host.messages().len(), 5, "nor again after a restart");
}

#[test]
fn a_text_is_the_same_by_callback_and_by_record() {
    let (host, account) = started();
    account.add(1, START.plus_seconds(1), json!({ "body": "Ahoy! 👍🏽 ", "to": 15_550_100_001_u64 }));
    look(&flowroute(), &host, 1);
    let call = callback("", &format!("token={TOKEN}"), document(1, "Ahoy! 👍🏽 ").to_string());
    let received = block_on(flowroute().receive(&host, call)).expect("believed");
    assert_eq!(host.messages(), received.messages);
}

#[test]
fn nothing_from_before_the_first_start_is_taken() {
    let (host, account) = started();
    account.add(1, START.plus_millis(-10), json!({}));
    account.add(2, START, json!({}));
    look(&flowroute(), &host, 1);
    assert_eq!(found(&host), ["2"]);
}

#[test]
fn a_look_reaches_back_catch_up_hours_at_most() {
    let (host, account) = started();
    account.add(1, START.plus_seconds(10), json!({}));
    account.add(2, START.plus_hours(2), json!({}));
    host.set_now(START.plus_hours(3));
    look(&flowroute_with(json!({}), 2), &host, 1);
    assert_eq!(found(&host), ["2"]);
}

#[test]
fn a_text_whose_callback_may_still_be_repeated_is_left_to_it() {
    let (host, account) = started();
    account.add(1, host.now().plus_millis(-2 * MINUTE), json!({}));
    look(&flowroute(), &host, 1);
    assert_eq!(found(&host), Vec::<String>::new());
    host.advance_millis(MINUTE);
    look(&flowroute(), &host, 1);
    assert_eq!(found(&host), ["1"]);
}

#[test]
fn a_text_that_is_listed_late_is_found_behind_the_mark() {
    let (host, account) = started();
    look(&flowroute(), &host, 1);
    account.add(1, host.now().plus_millis(-12 * MINUTE), json!({}));
    account.add(2, host.now().plus_millis(-14 * MINUTE), json!({}));
    look(&flowroute(), &host, 1);
    assert_eq!(found(&host), ["1"], "ten minutes before the last text that could have been seen");
}

#[test]
fn only_readable_texts_to_our_numbers_are_taken() {
    let (host, account) = started();
    for (nth, changes) in [
        json!({ "direction": "outbound" }),
        json!({ "to": "15550100009" }),
        json!({ "id": null }),
        json!({ "id": "mdr2-../x" }),
        json!({ "from": null }),
        json!({ "body": 7 }),
        json!({ "body": null }),
        json!({ "timestamp": iso(START).replace('Z', "0000+00:00"), "amount_nanodollars": "1" }),
    ]
    .into_iter()
    .enumerate()
    {
        account.add(nth as u32 + 1, START, changes);
    }
    look(&flowroute(), &host, 8);
    let mut found = found(&host);
    found.sort();
    assert_eq!(found, ["7", "8"]);
    let expected = ["4 of Flowroute's records could not be read; passed over"];
    assert_eq!(warnings(&host), expected, "said once");
}

#[test]
fn pictures_of_a_missed_text_are_named_by_their_ids() {
    let (host, account) = started();
    let rows = json!([
        { "type": "media", "id": "15550100002-IMG 1.jpg" },
        { "type": "media", "id": "0.smil" },
        { "type": "media", "id": ".." },
    ]);
    let related = json!({ "media": { "data": rows } });
    account.add(1, START, json!({ "is_mms": true, "body": null, "relationships": related }));
    look(&flowroute(), &host, 1);
    let message: &Incoming = &host.messages()[0];
    let places: Vec<&str> = message.media.iter().map(|media| media.place.as_str()).collect();
    assert_eq!(places, ["https://api.flowroute.com/v2.1/media/15550100002-IMG%201.jpg"]);
    assert_eq!(message.text, "");
}

#[test]
fn a_row_that_says_too_little_is_looked_up() {
    let (host, account) = started();
    account.add(1, START, json!({ "is_mms": true }));
    account.add(2, START, json!({ "is_mms": true }));
    let mut record = document(1, "look")["data"].take();
    record["attributes"]["is_mms"] = true.into();
    record["relationships"] =
        json!({ "media": { "data": [{ "type": "media", "id": "1-a.gif" }] } });
    account.records.lock().expect("records").insert(id(1), record);
    look(&flowroute(), &host, 2);
    let messages = host.messages();
    let words = |nth: u32| messages.iter().find(|message| message.key.id == id(nth)).expect("it");
    assert_eq!((words(1).text.as_str(), words(1).media.len()), ("look", 1));
    assert_eq!((words(2).text.as_str(), words(2).media.len()), ("text 2", 0), "its record is gone");
    let asked = host.requests().into_iter().filter(|request| {
        matches!(&request.target, Target::Base { path, .. } if path.starts_with("/v2.1/messages/"))
    });
    assert_eq!(asked.count(), 2, "not again at the next look");
}

#[test]
fn texts_that_came_under_an_old_id_are_not_taken_again_under_a_new_one() {
    let (host, account) = started();
    let flat = json!({
        "id": "mdr1-febb118b9b034338adfc662a8c02fd88",
        "from": "15550100002",
        "to": "15550100001",
        "body": "text 1",
    });
    let call = callback("", &format!("token={TOKEN}"), flat.to_string());
    assert!(block_on(flowroute().receive(&host, call)).is_ok());
    account.add(1, host.now().plus_millis(-SECOND), json!({}));
    account.add(2, host.now().plus_millis(MINUTE), json!({}));
    host.advance_millis(HOUR);
    look(&flowroute(), &host, 1);
    assert_eq!(found(&host), ["2"], "only what was missed after it");
}

#[test]
fn trouble_is_said_once_waited_out_and_over() {
    let (host, account) = started();
    account.add(1, START, json!({}));
    host.answer_json(503, &json!({}));
    host.fail(HttpError::Unreachable("dns".to_owned()));
    host.answer(200, &[], "<html>");
    let from = host.now();
    look(&flowroute(), &host, 4);
    let levels: Vec<Level> = host.log_lines().iter().map(|line| line.level).collect();
    assert_eq!(levels, [Level::Warn, Level::Info], "{:?}", host.log_lines());
    assert_eq!(found(&host), ["1"]);
    let mut last = from;
    let pauses: Vec<i64> = host.sleeps()[1..]
        .iter()
        .map(|until| {
            let pause = until.millis_since(last) / SECOND;
            last = *until;
            pause
        })
        .collect();
    assert_eq!(pauses, [30, 60, 120, 900]);
}

#[test]
fn refused_keys_are_an_error_for_the_operator() {
    let (host, _account) = started();
    host.answer_json(401, &json!({}));
    look(&flowroute(), &host, 1);
    assert_eq!(host.log_lines()[0].level, Level::Error);
}

#[test]
fn a_store_that_fails_loses_nothing() {
    let (host, account) = started();
    account.add(1, START, json!({}));
    host.fail_state(StateError::Unavailable("disk".to_owned()));
    look(&flowroute(), &host, 2);
    assert_eq!(found(&host), ["1"]);
}

#[test]
fn pages_are_asked_for_by_us_and_not_all_at_once() {
    let (host, account) = started();
    for nth in 1..=5 {
        account.add(nth, START, json!({}));
    }
    let from = host.now();
    look(&flowroute(), &host, 3);
    let paths: Vec<String> = host
        .requests()
        .into_iter()
        .filter_map(|request| match request.target {
            Target::Base { path, .. } => path.split_once("&offset=").map(|(_, at)| at.to_owned()),
            Target::Foreign(url) => panic!("{url}"),
        })
        .collect();
    assert_eq!(paths, ["0", "2", "4"]);
    let gaps = &host.sleeps()[1..3];
    assert_eq!(gaps, [from.plus_millis(400), from.plus_millis(800)]);
}

#[test]
fn a_look_is_taken_at_start_and_every_quarter_hour() {
    let (host, _account) = started();
    let from = host.now();
    look(&flowroute(), &host, 2);
    assert_eq!(host.requests().len(), 2);
    assert_eq!(host.sleeps()[1..], [from.plus_seconds(900), from.plus_seconds(1800)]);
}
