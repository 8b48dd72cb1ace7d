//! `POST /v2.1/messages`: Flowroute's checks in Flowroute's errors, then a message on its way.

use super::deliver;
use super::ledger::{self, Direction, Fate, Record};
use super::limits::{self, Kind};
use super::{document, failure, faults};
use cordboard_plugin::{
    Address, Commit, Host, HttpAnswer, HttpCall, SIM_RESET, SimPlace, StateError,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The compact form of a message to send.
#[derive(Deserialize)]
struct Order {
    to: Option<String>,
    from: Option<String>,
    body: Option<String>,
    dlr_callback: Option<String>,
    #[serde(default)]
    media_urls: Vec<Value>,
}

/// Takes a text to send, or says why not.
pub(super) async fn take(
    host: &dyn Host,
    place: &SimPlace,
    call: &HttpCall,
) -> Result<HttpAnswer, StateError> {
    let fault = faults::take(host, "send").await?;
    if let Some(answer) = fault.as_deref().and_then(|kind| faults::answer(host, kind)) {
        return Ok(answer);
    }
    let is_json = |kind: &str| kind.starts_with("application/json");
    if !call.header("content-type").is_some_and(is_json) {
        let detail = "the content type must be application/json";
        return Ok(failure(host, 415, "Unsupported Media Type", detail));
    }
    let Ok(order) = serde_json::from_slice::<Order>(&call.body.0) else {
        return Ok(failure(host, 400, "Bad Request", "the request is no message"));
    };
    let kind = if order.media_urls.is_empty() { Kind::Sms } else { Kind::Mms };
    if !limits::admits(host, kind).await? {
        return Ok(faults::too_many(host));
    }
    let (from, to, words) = match check(host, &order).await? {
        Ok(checked) => checked,
        Err(refusal) => return Ok(refusal),
    };
    let mut record = Record::new(host, Direction::Outbound, &from, &to, &words);
    record.callback = order.dlr_callback;
    record.fate = match fault.as_deref() {
        Some("phone_refuses") => Fate::Refused,
        Some("buffered") => Fate::Buffered,
        _ => Fate::Delivered,
    };
    let timers = vec![deliver::first_receipt(&record)];
    ledger::add(host, &record, Commit { timers, ..Commit::default() }).await?;
    if fault.as_deref() == Some("reset_after_accept") {
        return Ok(HttpAnswer::empty(SIM_RESET));
    }
    let link = format!("{}/v2.1/messages/{}", place.base_url, record.id);
    let data = json!({ "links": { "self": link }, "type": "message", "id": record.id });
    Ok(document(202, &json!({ "data": data })))
}

type Checked = Result<(Address, Address, String), HttpAnswer>;

async fn check(host: &dyn Host, order: &Order) -> Result<Checked, StateError> {
    let refusal =
        |status: u16, title: &str, detail: &str| Ok(Err(failure(host, status, title, detail)));
    let (Some(to), Some(from), Some(words)) = (&order.to, &order.from, &order.body) else {
        return refusal(400, "Bad Request", "to, from and body are required");
    };
    let (Some(to), Some(from)) = (number(to), number(from)) else {
        return refusal(422, "Unprocessable Entity", "a number is not valid");
    };
    if words.is_empty() {
        return refusal(422, "Unprocessable Entity", "the body is empty");
    }
    if words.contains(['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}']) {
        return refusal(400, "Bad Request", "the body has characters that are not supported");
    }
    if !ledger::is_ours(host, &from).await? {
        return Ok(Err(faults::not_ours(host)));
    }
    if ledger::is_out(host, &from, &to).await? {
        return Ok(Err(faults::opted_out(host)));
    }
    Ok(Ok((from, to, words.clone())))
}

/// Eleven digits, or another country's.
fn number(text: &str) -> Option<Address> {
    let address = Address::new(format!("+{}", text.trim_start_matches('+')));
    (address.is_e164() && address.reveal().len() >= 11).then_some(address)
}
