//! One instance, as its settings make it.

#![allow(clippy::expect_used, clippy::panic, reason = "what does not hold must fail the test")]

use cordboard_bulletin::Bulletin;
use cordboard_plugin::{Create, Settings};
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "0123456789abcdef";

/// Settings as the bridge hands them over: defaults filled in, secrets read.
pub(crate) fn settings() -> Settings {
    Settings {
        name: "bulletin".to_owned(),
        values: json!({ "api_token": TOKEN, "api_base": "https://api.bulletin.example" }),
        prices: Value::Null,
        public: true,
        catch_up_hours: 24,
    }
}

#[allow(dead_code, reason = "not every test needs one")]
pub(crate) fn instance() -> Bulletin {
    Bulletin::create(&settings()).expect("the usual settings hold")
}
