//! One instance, and calls that are believed by it.

#![expect(dead_code, reason = "each test file uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "settings that do not hold must fail the test")]

use cordboard_flowroute::Flowroute;
use cordboard_plugin::{Create, HttpCall, Settings};
use serde_json::{Value, json};

pub(crate) const ACCESS: &str = "00000001";
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const OURS: &str = "+15550100001";
pub(crate) const THEIRS: &str = "+15550100002";
pub(crate) const HOOK: &str = "https://bridge.example.com/hooks/flowroute";

/// `0000…`: the two keys above.
pub(crate) const BASIC: &str = "Basic MDAwMDAwMDE6MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// An instance whose settings are the usual ones with `changes` laid over them.
pub(crate) fn flowroute_with(changes: Value, catch_up_hours: u32) -> Flowroute {
    Flowroute::create(&settings(changes, catch_up_hours)).unwrap()
}

/// The usual settings with `changes` laid over them.
pub(crate) fn settings(changes: Value, catch_up_hours: u32) -> Settings {
    let mut values = json!({
        "access_key": ACCESS,
        "secret_key": SECRET,
        "numbers": [OURS],
        "callback_token": TOKEN,
    });
    for (key, value) in changes.as_object().unwrap() {
        values[key] = value.clone();
    }
    let name = "flowroute".to_owned();
    let prices = Value::Null;
    Settings { name, values, prices, public: true, catch_up_hours }
}

pub(crate) fn flowroute() -> Flowroute {
    flowroute_with(json!({}), 24)
}

/// A callback to `path` (empty or `/status`) with this query and body.
pub(crate) fn callback(path: &str, query: &str, body: impl Into<Vec<u8>>) -> HttpCall {
    let body: Vec<u8> = body.into();
    HttpCall {
        method: "POST".to_owned(),
        url: format!("{HOOK}{path}?{query}"),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.into(),
    }
}

/// The query that is believed.
pub(crate) fn token() -> String {
    format!("token={TOKEN}")
}

/// The id of the `nth` message.
pub(crate) fn id(nth: u32) -> String {
    format!("mdr2-{nth:032x}")
}

/// The `nth` message as v2.1 calls back with it.
pub(crate) fn document(nth: u32, body: &str) -> Value {
    json!({ "data": {
        "type": "message",
        "id": id(nth),
        "attributes": {
            "amount_display": "$0.0040",
            "amount_nanodollars": "4000000",
            "body": body,
            "direction": "inbound",
            "from": "15550100002",
            "to": "15550100001",
            "is_mms": false,
            "message_callback_url": HOOK,
            "message_encoding": 0,
            "message_type": "longcode",
            "status": "delivered",
            "timestamp": "2026-09-21T14:13:20.37Z",
        },
    } })
}
