//! The example for a Raspberry Pi is one that this transport takes.

#![expect(clippy::unwrap_used, reason = "a test may")]

use cordboard_modem::Modem;
use cordboard_plugin::{Create as _, Settings, Transport as _};

/// The settings of the example, as written and with what is commented out.
fn settings(text: &str) -> Settings {
    let whole: toml::Table = toml::from_str(text).unwrap();
    let line = &whole["transport"].as_array().unwrap()[0];
    assert_eq!(line["kind"].as_str(), Some("modem"));
    Settings {
        name: "modem".to_owned(),
        values: serde_json::to_value(&line["settings"]).unwrap(),
        prices: serde_json::Value::Null,
        public: false,
        catch_up_hours: 24,
    }
}

#[test]
fn the_example_is_taken_as_it_is_and_with_everything_that_it_offers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/modem-on-a-pi.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let modem = Modem::create(&settings(&text)).unwrap();
    assert_eq!(modem.capabilities().numbers, ["+15550100100"]);
    assert!(!modem.capabilities().pictures_in);
    let all = text
        .replace("# baud ", "baud ")
        .replace("# imei    = \"…\"", "imei = \"001010123456780\"")
        .replace("# sim_pin = \"file:/etc/cordboard/secrets/sim_pin\"", "sim_pin = \"1234\"")
        .replace("\"auto\"", "\"/dev/serial/by-id/usb-modem-if02-port0\"");
    assert_ne!(all, text);
    let settings = settings(&all);
    assert_eq!(settings.values.as_object().unwrap().len(), 6, "{:?}", settings.values);
    Modem::create(&settings).unwrap();
}
