//! What the tests have in common.

use cordboard_modem::pdu::{self, Delivering};
use cordboard_plugin::{Address, OutgoingText, Settings, Timestamp};
use serde_json::{Value, json};

pub(crate) const OURS: &str = "+15550100142";
pub(crate) const THEIRS: &str = "+15550100123";

/// The simulator's personalities.
pub(crate) const STICKS: &[&str] = &[
    "plain",
    "huawei",
    "huawei_e3531",
    "quectel",
    "simcom",
    "simcom_a7670",
    "simcom_sim7000",
    "ublox",
    "zte",
];

/// Settings of an instance whose modem is at `port`.
pub(crate) fn settings(port: &str, more: &Value) -> Settings {
    let mut values = json!({ "number": OURS, "port": port });
    if let (Value::Object(values), Value::Object(more)) = (&mut values, more) {
        values.extend(more.clone());
    }
    Settings {
        name: "modem".to_owned(),
        values,
        prices: Value::Null,
        public: false,
        catch_up_hours: 24,
    }
}

/// The octets of a text as the network brings it.
pub(crate) fn arriving(text: &str, at: Timestamp, reference: u16) -> Vec<Vec<u8>> {
    let delivering = Delivering {
        from: THEIRS,
        text,
        at,
        reference,
        centre: "+15550100000",
        ..Delivering::default()
    };
    pdu::deliver(&delivering).unwrap()
}

/// A text to send.
pub(crate) fn outgoing(key: &str, text: &str) -> OutgoingText {
    OutgoingText {
        key: key.to_owned(),
        from: Address::new(OURS),
        to: Address::new(THEIRS),
        text: text.to_owned(),
        status_url: None,
    }
}
