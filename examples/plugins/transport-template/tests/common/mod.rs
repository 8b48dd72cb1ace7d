//! One instance, as its settings make it.

use cordboard_carrier::Carrier;
use cordboard_plugin::{Create, Settings};
use serde_json::{Value, json};

pub const TOKEN: &str = "0123456789abcdef";
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Settings as the bridge hands them over: defaults filled in, secrets read.
pub fn settings() -> Settings {
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
pub fn carrier() -> Carrier {
    Carrier::create(&settings()).expect("the usual settings hold")
}
