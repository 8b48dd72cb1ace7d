//! What a transport says of itself that nobody calls.

use super::chance::for_random_bytes;
use super::set_up::{addresses, check_steps};
use super::{DeviceCase, host_of_transport};
use crate::block_on;
use cordboard_plugin::{Address, Blob, HttpCall, TransportCapabilities};

/// Numbers are numbers, base URLs end without a slash, limits are not zero, and nobody calls it.
pub fn the_capabilities_make_sense(case: &dyn DeviceCase) {
    check_capabilities(|| case.transport().capabilities());
    assert!(!case.transport().capabilities().webhook, "a device calls no webhook");
}

/// Each step says something, and the same settings have the same steps.
pub fn the_set_up_says_something(case: &dyn DeviceCase) {
    let transport = case.transport();
    for addresses in addresses() {
        let steps = transport.set_up(&addresses);
        assert!(!steps.is_empty(), "the operator is told nothing");
        check_steps(&steps);
        assert_eq!(steps, transport.set_up(&addresses), "the set-up changes");
    }
}

/// Whoever calls its webhook is turned away, whatever they bring.
pub fn every_webhook_is_turned_away(case: &dyn DeviceCase) {
    let transport = case.transport();
    for_random_bytes(|bytes| {
        for path in ["", "/status"] {
            let host = host_of_transport(&*transport);
            let call = HttpCall {
                method: "POST".to_owned(),
                url: format!("https://bridge.example.com/hooks/one{path}"),
                path: path.to_owned(),
                query: String::new(),
                headers: Vec::new(),
                body: Blob(bytes.clone()),
            };
            let outcome = block_on(transport.receive(&host, call));
            let status = outcome.err().map_or(200, |rejected| rejected.status);
            assert!((400..500).contains(&status), "a call was answered with {status}");
        }
    });
}

/// What holds for the capabilities of every transport. `ask` makes a fresh instance each time.
#[track_caller]
pub(super) fn check_capabilities(ask: impl Fn() -> TransportCapabilities) {
    let capabilities = ask();
    for number in &capabilities.numbers {
        assert!(Address::new(number.clone()).is_e164(), "not a full number: {number}");
    }
    for base in &capabilities.bases {
        let well_formed = base.url.contains("://") && !base.url.ends_with('/');
        assert!(well_formed, "not a base URL: {}", base.url);
    }
    for word in &capabilities.carrier_words {
        assert_eq!(word.to_uppercase(), *word, "a carrier's word is written upper case");
    }
    let pace = capabilities.pace;
    assert!(pace.at_once > 0, "no text may be sent");
    assert!((1_000..=600_000).contains(&pace.call_ms_max), "a call of {} ms", pace.call_ms_max);
    assert!(pace.gap_ms <= 600_000, "{} ms between two texts", pace.gap_ms);
    assert!(capabilities.text_chars_max > 0, "no text fits");
    assert_eq!(capabilities, ask(), "they change between instances");
}
