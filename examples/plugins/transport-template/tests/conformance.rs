//! The questions that every transport is asked; `conformance.toml` tells how the provider talks.

use cordboard_testkit::case::{TransportFile, transport};

fn case() -> TransportFile {
    transport("conformance.toml", &cordboard_carrier::PLUGIN, "carrier")
}

cordboard_testkit::conformance_transport!(case());
cordboard_testkit::conformance_report!(case());
