//! The simulated Flowroute calls us: texts, repeated until they are answered 200, and receipts.

use super::ledger::{self, Fate, Receipt, Record};
use super::{CALLBACK_TOKEN, faults, shapes};
use cordboard_plugin::{
    Commit, Host, HttpError, HttpRequest, HttpResponse, Level, SimPlace, StateError, Timer,
};
use serde_json::Value;

/// From one receipt of a text to the next.
const STEP_MS: i64 = 1000;
/// From one try of a callback to the next, and how many follow the first.
const AGAIN_MS: i64 = 30_000;
pub(super) const AGAIN_MAX: u32 = 4;
const TIMEOUT_MS: u32 = 15_000;

/// The timer by which a text has its first receipt.
pub(super) fn first_receipt(record: &Record) -> Timer {
    Timer { key: format!("level1/{}", record.id), at: record.at.plus_millis(STEP_MS) }
}

/// The timer by which a callback is tried for the `nth` time after the first.
pub(super) fn again(host: &dyn Host, id: &str, nth: u32) -> Timer {
    Timer { key: format!("again/{id}/{nth}"), at: host.now().plus_millis(AGAIN_MS) }
}

/// A timer is due: a receipt, or one more try of a callback.
pub(super) async fn woke(
    host: &dyn Host,
    place: &SimPlace,
    timer_key: &str,
) -> Result<(), StateError> {
    match timer_key.split('/').collect::<Vec<_>>().as_slice() {
        ["level1", id] => report(host, place, id, true).await,
        ["level2", id] => report(host, place, id, false).await,
        ["again", id, nth] => try_again(host, place, id, nth.parse().unwrap_or(AGAIN_MAX)).await,
        _ => Ok(()),
    }
}

/// Calls the callback with a text.
pub(super) async fn hook(
    host: &dyn Host,
    place: &SimPlace,
    record: &Record,
) -> Result<HttpResponse, HttpError> {
    let url = format!("{}?token={CALLBACK_TOKEN}", place.hook_url);
    post(host, &url, &shapes::callback(place, record)).await
}

async fn try_again(
    host: &dyn Host,
    place: &SimPlace,
    id: &str,
    nth: u32,
) -> Result<(), StateError> {
    let Some((record, _)) = ledger::find(host, id).await? else { return Ok(()) };
    let taken = hook(host, place, &record).await.is_ok_and(|answer| answer.status == 200);
    if taken || nth >= AGAIN_MAX {
        return Ok(());
    }
    let timers = vec![again(host, id, nth + 1)];
    host.commit(Commit { timers, ..Commit::default() }).await
}

/// A text has its next receipt, and we are told when we asked to be.
async fn report(
    host: &dyn Host,
    place: &SimPlace,
    id: &str,
    is_first: bool,
) -> Result<(), StateError> {
    let now = host.now();
    let next =
        is_first.then(|| Timer { key: format!("level2/{id}"), at: now.plus_millis(STEP_MS) });
    let written = ledger::report(host, id, next, |record| {
        let (level, status, code, description) = match (is_first, record.fate) {
            (true, _) => (1, "smsc submit", None, "Message has been sent"),
            (false, Fate::Delivered) => (2, "delivered", None, "Message has been delivered"),
            (false, Fate::Buffered) => {
                (2, "message buffered", Some(1003), "Message accepted by Carrier")
            }
            (false, Fate::Refused) => (2, "undelivered", Some(1110), "Message refused by phone"),
        };
        let (status, description) = (status.to_owned(), description.to_owned());
        Receipt { level, status, code, description, at: now }
    })
    .await?;
    let Some(record) = written else { return Ok(()) };
    let (Some(url), Some(receipt)) = (&record.callback, record.receipts.last()) else {
        return Ok(());
    };
    if faults::take(host, "status").await?.is_some() {
        return Ok(());
    }
    match post(host, url, &shapes::receipt(place, &record, receipt)).await {
        Ok(answer) if answer.status == 200 => {}
        Ok(answer) => {
            host.log(Level::Warn, &format!("a delivery receipt was answered {}", answer.status));
        }
        Err(error) => host.log(Level::Warn, &format!("a delivery receipt was lost: {error}")),
    }
    Ok(())
}

async fn post(host: &dyn Host, url: &str, body: &Value) -> Result<HttpResponse, HttpError> {
    let mut request = HttpRequest::foreign("POST", url)
        .with_header("user-agent", "Go-http-client/1.1")
        .with_header("accept-encoding", "gzip")
        .with_body("application/json", body.to_string());
    request.timeout_ms = TIMEOUT_MS;
    host.http(request).await
}
