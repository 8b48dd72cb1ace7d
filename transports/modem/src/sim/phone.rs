//! The phones around the modem: what they text, and what they show.
//!
//! Keys: `p/<number>/<milliseconds>-<id>` a line on a phone.

use super::cable::Cable;
use super::machine::Shown;
use super::mms;
use crate::pdu::{self, Delivering};
use cordboard_plugin::{
    Address, Blob, Expected, Host, PhoneLine, PhoneText, Put, SimPlace, StateError, Timestamp,
};

/// Lines are forgotten after this long.
const KEPT_HOURS: i64 = 30 * 24;
const LINES_MAX: usize = 200;
const SCAN_ROWS: u16 = 1000;
/// The centre that texts come through.
const CENTRE: &str = "+15550100000";

/// What a person's own bubble says of pictures, which it does not show. Words that go with them are in
/// the MMS too, so they do not come either.
const PICTURES: &str = "[picture message]";

/// A text that came to a phone, as a row. The same row again, should it be written twice.
pub(super) fn row_of(mount: &str, text: &Shown) -> Result<Put, StateError> {
    let line = PhoneLine {
        at: text.at,
        mine: false,
        other: text.from.clone(),
        body: text.text.clone(),
        pictures: Vec::new(),
    };
    row(&text.to, &line, &format!("{mount}-{}", text.id))
}

/// A person's own line, as a row.
pub(super) fn own_row(
    host: &dyn Host,
    phone: &Address,
    other: &Address,
    body: &str,
) -> Result<Put, StateError> {
    let chance: String = host.random(4).iter().map(|byte| format!("{byte:02x}")).collect();
    let line = PhoneLine {
        at: host.now(),
        mine: true,
        other: other.clone(),
        body: body.to_owned(),
        pictures: Vec::new(),
    };
    row(phone, &line, &chance)
}

fn row(phone: &Address, line: &PhoneLine, id: &str) -> Result<Put, StateError> {
    let value =
        serde_json::to_vec(line).map_err(|error| StateError::Unavailable(error.to_string()))?;
    Ok(Put {
        key: format!("p/{}/{:013}-{id}", phone.reveal(), line.at.0.max(0)),
        value: Blob(value),
        expected: Expected::Any,
        expires_at: Some(line.at.plus_hours(KEPT_HOURS)),
    })
}

/// The last lines of a phone, oldest first.
pub(super) async fn shown(host: &dyn Host, number: &Address) -> Result<Vec<PhoneLine>, StateError> {
    let prefix = format!("p/{}/", number.reveal());
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = host.scan(&prefix, after.as_deref(), SCAN_ROWS).await?;
        let is_last = page.len() < usize::from(SCAN_ROWS);
        after = page.last().map(|(key, _)| key.clone());
        found.extend(page.into_iter().map(|(_, stored)| stored.value));
        if is_last {
            break;
        }
    }
    let first = found.len().saturating_sub(LINES_MAX);
    let read = |value: &Blob| {
        serde_json::from_slice(&value.0).map_err(|error| StateError::Unavailable(error.to_string()))
    };
    found[first..].iter().map(read).collect()
}

/// A phone texts the modem. Pictures come as they do in life: as a notice that an MMS can be fetched.
pub(super) async fn text(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    text: &PhoneText,
) -> Result<(), String> {
    let no_state = |error: StateError| format!("the simulated modem has no state: {error}");
    let from = text.from.reveal();
    let stamp = cable.with(host, place, |machine, now| machine.stamp(now, from)).await;
    let (at, reference) = stamp.map_err(no_state)?;
    let pdus = if text.pictures.is_empty() {
        write(from, &text.body, at, reference)
    } else {
        let bytes = text.pictures.iter().map(|picture| picture.bytes.0.len()).sum();
        mms::notice(&mms::Notice { from, bytes, at, reference, centre: CENTRE })
    };
    let pdus = pdus.map_err(|error| format!("the text cannot be sent: {error}"))?;
    let mut body = text.body.clone();
    if !text.pictures.is_empty() {
        body = format!("{body} {PICTURES}").trim().to_owned();
    }
    let row = own_row(host, &text.from, &text.to, &body).map_err(no_state)?;
    let delivered = cable.with_row(host, place, Some(row), |machine, now| {
        machine.set_number(&text.to);
        machine.deliver(now, pdus);
    });
    delivered.await.map_err(no_state)
}

/// A text of a phone as its parts.
pub(super) fn write(
    from: &str,
    text: &str,
    at: Timestamp,
    reference: u16,
) -> Result<Vec<Vec<u8>>, pdu::PduError> {
    let delivering =
        Delivering { from, text, at, reference, centre: CENTRE, ..Delivering::default() };
    pdu::deliver(&delivering)
}
