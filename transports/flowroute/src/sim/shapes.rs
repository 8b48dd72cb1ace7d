//! How Flowroute writes: callbacks of three generations, records, receipts.

use super::ledger::{Direction, Receipt, Record};
use super::pictures::Picture;
use cordboard_plugin::{Address, SimPlace, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

/// A generation of the callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Shape {
    /// Flat, for words only.
    #[serde(rename = "v2")]
    V2,
    #[serde(rename = "v2.1")]
    V21,
    #[serde(rename = "v2.2")]
    V22,
}

impl Shape {
    /// The one after this, so that each is seen.
    pub(super) fn next(self, is_mms: bool) -> Self {
        match self {
            Self::V2 => Self::V21,
            Self::V21 => Self::V22,
            Self::V22 if is_mms => Self::V21,
            Self::V22 => Self::V2,
        }
    }

    fn version(self) -> &'static str {
        if self == Self::V22 { "v2.2" } else { "v2.1" }
    }
}

/// The body of the callback for a text or pictures.
pub(super) fn callback(place: &SimPlace, record: &Record) -> Value {
    if record.shape == Shape::V2 && !record.is_mms() {
        return json!({
            "to": digits(&record.to),
            "body": record.body,
            "from": digits(&record.from),
            "id": record.id,
        });
    }
    let mut data = resource(record);
    let attributes = &mut data["attributes"];
    if record.is_mms() {
        attributes["status"] = "".into();
    } else {
        // Of an SMS the amount is a string here, and there are no receipts.
        attributes["amount_nanodollars"] = nanodollars(record).to_string().into();
        attributes["message_callback_url"] = place.hook_url.as_str().into();
        if let Some(fields) = attributes.as_object_mut() {
            fields.remove("delivery_receipts");
        }
    }
    let included: Vec<Value> =
        record.pictures.iter().map(|picture| included(place, record, picture)).collect();
    match included.is_empty() {
        true => json!({ "data": data }),
        false => json!({ "included": included, "data": data }),
    }
}

/// A record as the API shows it, without its envelope.
pub(super) fn resource(record: &Record) -> Value {
    let outbound = record.direction == Direction::Outbound;
    let status = record.receipts.last().map_or("delivered", |receipt| receipt.status.as_str());
    let no_words = record.is_mms() && record.body.is_empty();
    let is_unicode = !record.body.is_ascii();
    let nanodollars = nanodollars(record);
    let (dollars, rest) = (nanodollars / 1_000_000_000, nanodollars % 1_000_000_000);
    let mut data = json!({
        "type": "message",
        "id": record.id,
        "attributes": {
            "amount_display": format!("${dollars}.{:04}", rest / 100_000),
            "amount_nanodollars": nanodollars,
            "body": if no_words { Value::Null } else { record.body.as_str().into() },
            "delivery_receipts": record.receipts.iter().rev().map(attributes).collect::<Vec<_>>(),
            "direction": if outbound { "outbound" } else { "inbound" },
            "from": digits(&record.from),
            "to": digits(&record.to),
            "is_mms": record.is_mms(),
            "message_encoding": if is_unicode { 8 } else { 0 },
            "message_type": "longcode",
            "status": if outbound { status } else { "delivered" },
            "timestamp": timestamp(record.at),
        },
    });
    if record.is_mms() {
        let rows =
            record.pictures.iter().map(|picture| json!({ "type": "media", "id": picture.id }));
        data["relationships"] = json!({ "media": { "data": rows.collect::<Vec<_>>() } });
    }
    data
}

/// The body of a delivery receipt.
pub(super) fn receipt(place: &SimPlace, record: &Record, receipt: &Receipt) -> Value {
    let mut attributes = attributes(receipt);
    attributes["body"] = record.body.as_str().into();
    // Records have a number here, receipts a string.
    attributes["status_code"] = receipt.code.map(|code| code.to_string()).into();
    json!({
        "data": {
            "type": "delivery_receipt",
            "id": record.id,
            "attributes": attributes,
            "links": { "related": format!("{}/v2.1/messages/{}", place.base_url, record.id) },
        },
    })
}

fn attributes(receipt: &Receipt) -> Value {
    json!({
        "level": receipt.level,
        "status": receipt.status,
        "status_code": receipt.code,
        "status_code_description": receipt.description,
        "timestamp": timestamp(receipt.at),
    })
}

fn included(place: &SimPlace, record: &Record, picture: &Picture) -> Value {
    let folder = format!("{}/{}/media", place.base_url, record.shape.version());
    json!({
        "type": "media",
        "id": picture.id,
        "attributes": {
            "url": picture.link(place, record.at),
            "file_name": picture.file_name,
            "mime_type": picture.media_type,
            "file_size": picture.bytes,
        },
        "links": { "self": format!("{folder}/{}", picture.id) },
    })
}

/// Prices of the documentation's samples: an SMS by its parts, an MMS as one.
fn nanodollars(record: &Record) -> u64 {
    if record.is_mms() { 9_500_000 } else { u64::from(record.segments) * 4_000_000 }
}

/// Eleven digits, no plus.
fn digits(number: &Address) -> &str {
    crate::outbound::digits(number.reveal())
}

/// Two digits of fraction.
fn timestamp(at: Timestamp) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let seconds = OffsetDateTime::from_unix_timestamp(at.unix_seconds());
    let seconds = seconds.unwrap_or(OffsetDateTime::UNIX_EPOCH).format(form).unwrap_or_default();
    format!("{seconds}.{:02}Z", at.0.rem_euclid(1000) / 10)
}
