//! Flowroute's records of messages: one by its id, or all of a time, page by page (Flowroute docs,
//! "Look up a message detail record", "Look up a set of messages").

use crate::codes;
use crate::config::Config;
use crate::message::{self, Message};
use crate::outbound::{self, MESSAGES};
use cordboard_plugin::{CallError, Host, HttpResponse, Level, Timestamp};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;
use url::form_urlencoded::Serializer;

/// Where records with ids of the first generation are.
const OLD_MESSAGES: &str = "/v2/messages";
const PAGE_ROWS: usize = 250;
/// Together more than a day of a text every two seconds.
const PAGES_MAX: usize = 200;
/// Calls to one path are counted together with those that send: five a second.
const PAGE_GAP_MS: i64 = 400;
const PAGE_BYTES_MAX: u32 = 4 << 20;

/// What the account received, in no order.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) messages: Vec<(Timestamp, Message)>,
    /// Rows that say too little.
    pub(crate) unreadable: usize,
}

/// What there is under an id.
pub(crate) enum Record {
    Found(Message),
    /// It says too little.
    Unreadable,
    Unknown,
}

/// The record of a message. Only for an id of the form of [`message::is_id`]: it becomes part of a path.
///
/// # Errors
/// See [`CallError`]; nothing is changed by asking again.
pub(crate) async fn one(config: &Config, host: &dyn Host, id: &str) -> Result<Record, CallError> {
    let folder = if message::is_old_id(id) { OLD_MESSAGES } else { MESSAGES };
    let answer = host.http(outbound::api_call(config, "GET", format!("{folder}/{id}"))).await?;
    if answer.status == 404 {
        return Ok(Record::Unknown);
    }
    let record = Message::read(&read(&answer)?).ok().filter(|record| record.id == id);
    Ok(record.map_or(Record::Unreadable, Record::Found))
}

/// What the account received from `since` until `until`.
///
/// # Errors
/// See [`CallError`]; nothing is changed by asking again.
pub(crate) async fn received(
    config: &Config,
    host: &dyn Host,
    since: Timestamp,
    until: Timestamp,
) -> Result<Listing, CallError> {
    let mut found = Listing::default();
    let mut offset = 0;
    for page in 0..PAGES_MAX {
        if page > 0 {
            host.sleep_until(host.now().plus_millis(PAGE_GAP_MS)).await;
        }
        let path = page_path(since, until, PAGE_ROWS, offset);
        let mut request = outbound::api_call(config, "GET", path);
        request.answer_bytes_max = PAGE_BYTES_MAX;
        let document = read(&host.http(request).await?)?;
        let rows = document["data"].as_array();
        let rows = rows.ok_or_else(|| CallError::retry_after(None, "a list of records is none"))?;
        for row in rows {
            add(&mut found, row, since, until);
        }
        offset += rows.len();
        // The next page's own address is not followed: credentials would go along.
        let is_last = match &document["links"]["next"] {
            Value::String(next) => next.is_empty(),
            _ => rows.len() < PAGE_ROWS,
        };
        if rows.is_empty() || is_last {
            return Ok(found);
        }
    }
    host.log(Level::Warn, "more records at Flowroute than can be listed; the rest stays there");
    Ok(found)
}

/// The path of a page of the list; times are UTC.
pub(crate) fn page_path(since: Timestamp, until: Timestamp, rows: usize, offset: usize) -> String {
    let query = Serializer::new(String::new())
        .append_pair("start_date", &moment(since))
        .append_pair("end_date", &moment(until))
        .append_pair("limit", &rows.to_string())
        .append_pair("offset", &offset.to_string())
        .finish();
    format!("{MESSAGES}?{query}")
}

/// The JSON of an answer to a question.
///
/// # Errors
/// See [`codes::failed_question`]; anything but JSON is to be asked for again.
pub(crate) fn read(answer: &HttpResponse) -> Result<Value, CallError> {
    if answer.status != 200 {
        return Err(codes::failed_question(answer));
    }
    answer.json().ok_or_else(|| CallError::retry_after(None, "an answer is not JSON"))
}

fn add(found: &mut Listing, row: &Value, since: Timestamp, until: Timestamp) {
    let message = match Message::of_record(row) {
        Ok(message) if message.is_inbound => message,
        Ok(_) => return,
        Err(_) => return found.unreadable += 1,
    };
    match message.at {
        Some(at) if (since..=until).contains(&at) => found.messages.push((at, message)),
        Some(_) => {}
        None => found.unreadable += 1,
    }
}

/// As the parameters want it: `2026-09-21T12:00:00.00Z`.
fn moment(at: Timestamp) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].00Z");
    let at = OffsetDateTime::from_unix_timestamp(at.unix_seconds());
    at.unwrap_or(OffsetDateTime::UNIX_EPOCH).format(form).unwrap_or_default()
}
