//! The questions that every transport on a device is asked.

#![expect(clippy::unwrap_used, reason = "settings that are wrong must fail")]

use cordboard_modem::Modem;
use cordboard_plugin::{Create, Settings, Transport};
use cordboard_testkit::conformance::DeviceCase;
use cordboard_testkit::conformance_device;

struct ModemCase;

impl DeviceCase for ModemCase {
    fn transport(&self) -> Box<dyn Transport> {
        let values = serde_json::json!({ "number": "+15550100001" });
        Box::new(
            Modem::create(&Settings {
                name: "modem".to_owned(),
                values,
                prices: serde_json::Value::Null,
                public: true,
                catch_up_hours: 24,
            })
            .unwrap(),
        )
    }
}

conformance_device!(ModemCase);
