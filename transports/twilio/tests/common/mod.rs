//! One instance, and calls signed for it.

#![expect(dead_code, reason = "each test file uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "settings that do not hold must fail the test")]

use cordboard_plugin::{Create, HttpCall, Secret, Settings};
use cordboard_twilio::Twilio;
use cordboard_twilio::form;
use cordboard_twilio::signature::{Algorithm, sign};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const OURS: &str = "+15550100001";
pub(crate) const THEIRS: &str = "+15550100002";
pub(crate) const HOOK: &str = "https://bridge.example.com/hooks/twilio";

/// `QUMw…`: the account and the token above.
pub(crate) const BASIC: &str = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";

/// An instance whose settings are the usual ones with `changes` laid over them.
pub(crate) fn twilio_with(changes: Value, catch_up_hours: u32) -> Twilio {
    Twilio::create(&settings(changes, catch_up_hours)).unwrap()
}

/// The usual settings with `changes` laid over them.
pub(crate) fn settings(changes: Value, catch_up_hours: u32) -> Settings {
    let mut values = json!({ "account_sid": ACCOUNT, "auth_token": TOKEN, "numbers": [OURS] });
    for (key, value) in changes.as_object().unwrap() {
        values[key] = value.clone();
    }
    let name = "twilio".to_owned();
    let prices = Value::Null;
    Settings { name, values, prices, public: true, catch_up_hours }
}

pub(crate) fn twilio() -> Twilio {
    twilio_with(json!({}), 24)
}

/// A form POST to `url` with these bytes, signed as Twilio would.
pub(crate) fn signed(url: &str, body: impl Into<Vec<u8>>) -> HttpCall {
    let body: Vec<u8> = body.into();
    let pairs = form::decode(&body).unwrap_or_default();
    let signature = sign(Algorithm::HmacSha1, &Secret::new(TOKEN), url, &pairs);
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    HttpCall {
        method: "POST".to_owned(),
        url: url.to_owned(),
        path: address.strip_prefix(HOOK).unwrap_or_default().to_owned(),
        query: query.to_owned(),
        headers: vec![
            header("content-type", "application/x-www-form-urlencoded"),
            header("x-twilio-signature", &signature),
        ],
        body: body.into(),
    }
}

/// The usual fields of a text, the `nth` of its kind.
pub(crate) fn text_fields(nth: u32, body: &str) -> Vec<(String, String)> {
    let sid = format!("SM{nth:032}");
    [
        ("ToCountry", "US"),
        ("ToState", ""),
        ("SmsMessageSid", &sid),
        ("NumMedia", "0"),
        ("ToCity", ""),
        ("FromZip", ""),
        ("SmsSid", &sid),
        ("FromState", ""),
        ("SmsStatus", "received"),
        ("FromCity", ""),
        ("Body", body),
        ("FromCountry", "US"),
        ("To", OURS),
        ("ToZip", ""),
        ("NumSegments", "1"),
        ("MessageSid", &sid),
        ("AccountSid", ACCOUNT),
        ("From", THEIRS),
        ("ApiVersion", "2010-04-01"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// A form of these fields.
pub(crate) fn encoded(fields: &[(String, String)]) -> String {
    form::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}
