//! The questions that every sink is asked; `conformance.toml` tells how the provider talks.

use cordboard_testkit::case::{SinkFile, sink};

fn case() -> SinkFile {
    sink("conformance.toml", &cordboard_bulletin::PLUGIN, "bulletin")
}

cordboard_testkit::conformance_sink!(case());
