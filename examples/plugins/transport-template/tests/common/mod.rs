//! One instance, as its settings make it.

#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold must fail the test")]

use cordboard_carrier::Carrier;
use cordboard_plugin::{Create, Settings};
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "0123456789abcdef";
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Settings as the bridge hands them over: defaults filled in, secrets read.
pub(crate) fn settings() -> Settings {
    Settings {
        name: "carrier".to_owned(),
        values: json!({
            "api_token": TOKEN,
            "webhook_secret": SECRET,
            "numbers": ["+15550100001"],
            "api_base": "https://api.carrier.example",
        }),
        prices: Value::Null,
        public: true,
        catch_up_hours: 24,
    }
}

#[allow(dead_code, reason = "not every test needs one")]
pub(crate) fn instance() -> Carrier {
    Carrier::create(&settings()).expect("the usual settings hold")
}
