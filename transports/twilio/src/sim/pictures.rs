//! Pictures behind Basic authentication: the API redirects to a link that must be asked without it.

use super::ledger::{self, put};
use super::{failure, faults, new_sid, not_found};
use cordboard_plugin::{Commit, Host, HttpAnswer, HttpCall, Put, SimPlace, StateError};

/// How long a link to a picture lasts (Twilio help, "Protect Media Access").
const LINK_HOURS: i64 = 4;

/// The row that keeps the bytes of a picture.
pub(super) fn row(host: &dyn Host, sid: &str, bytes: Vec<u8>) -> Put {
    put(format!("media/{sid}"), bytes.into(), Some(host.now().plus_hours(ledger::KEPT_HOURS)))
}

/// `Messages/{message}/Media/{media}`: a fresh link to the bytes.
pub(super) async fn redirect(
    host: &dyn Host,
    place: &SimPlace,
    message: &str,
    media: &str,
) -> Result<HttpAnswer, StateError> {
    if let Some(answer) = faults::take(host, "media").await?.as_deref().and_then(faults::answer) {
        return Ok(answer);
    }
    let Some((record, _)) = ledger::find(host, message).await? else { return Ok(not_found()) };
    let Some((sid, content_type)) = record.media.iter().find(|(sid, _)| sid == media) else {
        return Ok(not_found());
    };
    let link = new_sid(host, "");
    let until = host.now().plus_hours(LINK_HOURS);
    let value = format!("{sid} {content_type}");
    let puts = vec![put(format!("cdn/{link}"), value.into(), Some(until))];
    host.commit(Commit { puts, ..Commit::default() }).await?;
    let location = format!("{}/cdn/{link}", place.base_url);
    Ok(HttpAnswer::empty(307).with_header("location", &location))
}

/// `/cdn/{link}`: the bytes, for nobody who brings credentials along, as signed links do it.
pub(super) async fn bytes(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    if call.header("authorization").is_some() {
        return Ok(failure(400, 400, "Only one auth mechanism allowed"));
    }
    let Some(link) = host.get(call.path.trim_start_matches('/')).await? else {
        return Ok(failure(403, 403, "Request has expired"));
    };
    let link = String::from_utf8_lossy(&link.value.0).into_owned();
    let (sid, content_type) = link.split_once(' ').unwrap_or((&link, ""));
    let found = host.get(&format!("media/{sid}")).await?;
    Ok(found.map_or_else(not_found, |row| HttpAnswer::new(200, content_type, row.value)))
}
