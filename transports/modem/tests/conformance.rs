//! The questions that every transport on a device is asked.

use cordboard_modem::PLUGIN;
use cordboard_plugin::{Settings, Transport};
use cordboard_testkit::conformance::DeviceCase;
use cordboard_testkit::{conformance_device, made};

struct ModemCase;

impl DeviceCase for ModemCase {
    fn transport(&self) -> Box<dyn Transport> {
        let values = serde_json::json!({ "number": "+15550100001" });
        let settings = Settings {
            name: "modem".to_owned(),
            values,
            prices: serde_json::Value::Null,
            public: true,
            catch_up_hours: 24,
        };
        made::transport(&PLUGIN, "modem", &settings)
    }
}

conformance_device!(ModemCase);
