//! What the API shows: records of messages, and the account's numbers.

use super::ledger::{self, Direction};
use super::{document, failure, faults, not_found, shapes};
use cordboard_plugin::{Address, Host, HttpAnswer, SimPlace, StateError, Timestamp};
use serde_json::{Value, json};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime};
use url::form_urlencoded::{self, Serializer};

const PAGE_ROWS: usize = 100;
const PAGE_ROWS_MAX: usize = 1000;

/// What a list is asked for.
struct Wanted {
    since: Timestamp,
    until: Timestamp,
    limit: usize,
    offset: usize,
}

/// `GET /v2.1/messages`: records of a time, newest first.
pub(super) async fn records(
    host: &dyn Host,
    place: &SimPlace,
    query: &str,
) -> Result<HttpAnswer, StateError> {
    if let Some(answer) = faults::stands_in(host, "list").await? {
        return Ok(answer);
    }
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let Some(wanted) = wanted(&pairs) else {
        let detail = "start_date is required; dates are YYYY-MM-DD or YYYY-MM-DDTHH:mm:ss.SSZ";
        return Ok(failure(host, 422, "Unprocessable Entity", detail));
    };
    let mut records = ledger::since(host, wanted.since).await?;
    records.retain(|record| record.at <= wanted.until && record.direction != Direction::Carrier);
    records.reverse();
    let end = records.len().min(wanted.offset.saturating_add(wanted.limit));
    let shown = records.get(wanted.offset..end).unwrap_or_default();
    let mut body = json!({ "data": shown.iter().map(shapes::resource).collect::<Vec<_>>() });
    if end < records.len() {
        let kept = pairs.iter().filter(|(name, _)| name != "offset");
        let query = Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("offset", &end.to_string())
            .finish();
        let next = format!("{}/v2.1/messages?{query}", place.base_url);
        body["links"] = json!({ "next": next });
    }
    Ok(document(200, &body))
}

/// `GET /v2.1/messages/{id}`.
pub(super) async fn record(host: &dyn Host, id: &str) -> Result<HttpAnswer, StateError> {
    if let Some(answer) = faults::stands_in(host, "record").await? {
        return Ok(answer);
    }
    let found = ledger::find(host, id).await?;
    let found = found.filter(|(record, _)| record.direction != Direction::Carrier);
    Ok(match found {
        Some((record, _)) => document(200, &json!({ "data": shapes::resource(&record) })),
        None => not_found(host),
    })
}

/// `GET /v2/numbers/{digits}`: a number, if it is one of ours.
pub(super) async fn number(
    host: &dyn Host,
    place: &SimPlace,
    digits: &str,
) -> Result<HttpAnswer, StateError> {
    if !ledger::is_ours(host, &Address::new(format!("+{digits}"))).await? {
        return Ok(not_found(host));
    }
    let data = json!({
        "type": "number",
        "id": digits,
        "attributes": {
            "alias": Value::Null,
            "cnam_lookups_enabled": false,
            "number_type": "standard",
            "rate_center": "SIMULATED",
            "state": "WA",
            "value": digits,
        },
        "links": { "self": format!("{}/v2/numbers/{digits}", place.base_url) },
    });
    Ok(document(200, &json!({ "data": data })))
}

/// `GET /_bill`: segments of the last month, each way. What Flowroute answered by itself is not in it.
pub(super) async fn bill(host: &dyn Host) -> Result<HttpAnswer, StateError> {
    let (mut segments_in, mut segments_out) = (0, 0);
    for record in ledger::since(host, Timestamp(0)).await? {
        let segments = u64::from(record.segments);
        match record.direction {
            Direction::Inbound => segments_in += segments,
            Direction::Outbound => segments_out += segments,
            Direction::Carrier => {}
        }
    }
    let bill = json!({ "segments_in": segments_in, "segments_out": segments_out });
    Ok(HttpAnswer::json(200, &bill))
}

/// `None` when a parameter is missing or wrong.
fn wanted(pairs: &[(String, String)]) -> Option<Wanted> {
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let count =
        |name: &str, usual: usize| value(name).map_or(Some(usual), |text| text.parse().ok());
    let until = value("end_date").map_or(Some(Timestamp(i64::MAX)), |text| moment(text))?;
    let limit = count("limit", PAGE_ROWS).filter(|limit| *limit > 0)?;
    Some(Wanted {
        since: moment(value("start_date")?)?,
        until,
        limit: limit.min(PAGE_ROWS_MAX),
        offset: count("offset", 0)?,
    })
}

fn moment(text: &str) -> Option<Timestamp> {
    let at = match text.len() {
        10 => Date::parse(text, &Iso8601::DATE).ok()?.midnight().assume_utc(),
        _ => OffsetDateTime::parse(text, &Rfc3339).ok()?,
    };
    Some(Timestamp(at.unix_timestamp() * 1000))
}
