//! What the API shows: messages, pictures, the account and its numbers.

use super::ledger::{self, Direction, Record};
use super::{ACCOUNT_SID, API_VERSION, failure, faults};
use crate::form::{self, Parameters};
use cordboard_plugin::{Address, Host, HttpAnswer, SimPlace, StateError, Timestamp};
use serde_json::{Value, json};
use time::format_description::well_known::{Iso8601, Rfc2822};
use time::{Date, OffsetDateTime};

const PAGE_SIZE: usize = 50;
const PAGE_SIZE_MAX: usize = 1000;
const DAY_MS: i64 = 86_400_000;

/// The list of messages, newest first, by `To`, `From`, `DateSent`, `DateSent>` and `DateSent<`.
pub(super) async fn messages(
    host: &dyn Host,
    query: &Parameters,
) -> Result<HttpAnswer, StateError> {
    if let Some(answer) = faults::take(host, "list").await?.as_deref().and_then(faults::answer) {
        return Ok(answer);
    }
    let Ok((first, end)) = days(query) else {
        return Ok(failure(400, 20001, "Invalid date"));
    };
    let mut records = ledger::since(host, first).await?;
    records.reverse();
    records.retain(|record| {
        record.at < end
            && query.filled("To").is_none_or(|to| record.to == Address::new(to))
            && query.filled("From").is_none_or(|from| record.from == Address::new(from))
    });
    let size = query.filled("PageSize").and_then(|size| size.parse().ok()).unwrap_or(PAGE_SIZE);
    let size: usize = size.clamp(1, PAGE_SIZE_MAX);
    let number: usize = query.filled("Page").and_then(|page| page.parse().ok()).unwrap_or(0);
    // The token names the last row of the page before, so that new rows shift nothing.
    let token = query.filled("PageToken").and_then(|token| token.strip_prefix("PA"));
    let start = token
        .and_then(|sid| records.iter().position(|record| record.sid == sid))
        .map_or(0, |at| at + 1);
    let shown = &records[start..records.len().min(start + size)];
    let last = shown.last().filter(|_| start + size < records.len());
    let next = last.map(|last| next_page(query, size, number + 1, &last.sid));
    Ok(HttpAnswer::json(
        200,
        &json!({
            "messages": shown.iter().map(resource).collect::<Vec<_>>(),
            "page": number,
            "page_size": size,
            "start": start,
            "end": start + shown.len(),
            "uri": format!("{}/Messages.json", account_path()),
            "first_page_uri": format!("{}/Messages.json?PageSize={size}&Page=0", account_path()),
            "next_page_uri": next,
            "previous_page_uri": Value::Null,
        }),
    ))
}

/// `GET /_bill`: segments of the last month, each way. What the carrier answered by itself is not in it.
pub(super) async fn bill(host: &dyn Host) -> Result<HttpAnswer, StateError> {
    let (mut segments_in, mut segments_out) = (0, 0);
    for record in ledger::since(host, Timestamp(0)).await? {
        let segments = u64::from(record.segments);
        match record.direction {
            Direction::Inbound => segments_in += segments,
            Direction::OutboundApi => segments_out += segments,
            Direction::OutboundReply => {}
        }
    }
    let bill = json!({ "segments_in": segments_in, "segments_out": segments_out });
    Ok(HttpAnswer::json(200, &bill))
}

/// A message as the API writes it: counts are strings, times RFC 2822.
pub(super) fn resource(record: &Record) -> Value {
    let uri = format!("{}/Messages/{}", account_path(), record.sid);
    let sent = (record.status != "queued").then(|| rfc2822(record.at));
    json!({
        "sid": record.sid,
        "account_sid": ACCOUNT_SID,
        "messaging_service_sid": Value::Null,
        "from": record.from.reveal(),
        "to": record.to.reveal(),
        "body": record.body,
        "status": record.status,
        "direction": record.direction.word(),
        "num_segments": record.segments.to_string(),
        "num_media": record.media.len().to_string(),
        "price": Value::Null,
        "price_unit": "USD",
        "error_code": record.error_code,
        "error_message": Value::Null,
        "date_created": rfc2822(record.at),
        "date_sent": sent,
        "date_updated": rfc2822(record.at),
        "api_version": API_VERSION,
        "uri": format!("{uri}.json"),
        "subresource_uris": { "media": format!("{uri}/Media.json") },
    })
}

/// The pictures of a message.
pub(super) fn media(record: &Record) -> Value {
    let folder = format!("{}/Messages/{}/Media", account_path(), record.sid);
    let rows = record.media.iter().map(|(sid, content_type)| {
        json!({
            "sid": sid,
            "account_sid": ACCOUNT_SID,
            "parent_sid": record.sid,
            "content_type": content_type,
            "date_created": rfc2822(record.at),
            "date_updated": rfc2822(record.at),
            "uri": format!("{folder}/{sid}.json"),
        })
    });
    json!({
        "media_list": rows.collect::<Vec<_>>(),
        "page": 0,
        "page_size": PAGE_SIZE,
        "uri": format!("{folder}.json"),
        "next_page_uri": Value::Null,
    })
}

/// The account: always active.
pub(super) fn account() -> HttpAnswer {
    HttpAnswer::json(
        200,
        &json!({
            "sid": ACCOUNT_SID,
            "friendly_name": "Simulated",
            "status": "active",
            "type": "Full",
            "uri": format!("{}.json", account_path()),
        }),
    )
}

/// The number that is asked for, if it is one of ours.
pub(super) async fn numbers(
    host: &dyn Host,
    place: &SimPlace,
    query: &Parameters,
) -> Result<HttpAnswer, StateError> {
    let number = Address::new(query.get("PhoneNumber").unwrap_or("+15550100001"));
    let mut rows = Vec::new();
    if ledger::is_ours(host, &number).await? {
        rows.push(json!({
            "sid": format!("PN{:0>32}", number.reveal().trim_start_matches('+')),
            "account_sid": ACCOUNT_SID,
            "phone_number": number.reveal(),
            "sms_url": place.hook_url,
            "sms_method": "POST",
            "capabilities": { "sms": true, "mms": true, "voice": false },
        }));
    }
    let body = json!({ "incoming_phone_numbers": rows, "next_page_uri": Value::Null });
    Ok(HttpAnswer::json(200, &body))
}

pub(super) fn account_path() -> String {
    format!("/{API_VERSION}/Accounts/{ACCOUNT_SID}")
}

fn next_page(query: &Parameters, size: usize, number: usize, last: &str) -> String {
    let (size, number, token) = (size.to_string(), number.to_string(), format!("PA{last}"));
    let filters = ["To", "From", "DateSent", "DateSent>", "DateSent<"];
    let kept = filters.iter().filter_map(|name| Some((*name, query.filled(name)?)));
    let page = [("PageSize", size.as_str()), ("Page", &number), ("PageToken", &token)];
    format!("{}/Messages.json?{}", account_path(), form::encode(kept.chain(page)))
}

/// The moments from (inclusive) and until (exclusive) which messages are wanted.
fn days(query: &Parameters) -> Result<(Timestamp, Timestamp), time::error::Parse> {
    let day = |name: &str| query.filled(name).map(start_of_day).transpose();
    let (on, from, until) = (day("DateSent")?, day("DateSent>")?, day("DateSent<")?);
    let first = on.or(from).unwrap_or_default();
    let end = on.or(until).map_or(Timestamp(i64::MAX), |day| day.plus_millis(DAY_MS));
    Ok((first, end))
}

fn start_of_day(day: &str) -> Result<Timestamp, time::error::Parse> {
    let date = Date::parse(day.get(..10).unwrap_or(day), &Iso8601::DATE)?;
    Ok(Timestamp(date.midnight().assume_utc().unix_timestamp() * 1000))
}

fn rfc2822(at: Timestamp) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at.unix_seconds()).ok()?.format(&Rfc2822).ok()
}
