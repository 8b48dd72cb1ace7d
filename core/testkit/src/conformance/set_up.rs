//! What holds for every set-up at a provider.

use cordboard_plugin::{Addresses, SetUpStep};

/// A bridge out in the world, and one that only its own machine reaches.
pub(super) fn addresses() -> Vec<Addresses> {
    let of = |public_url: &str, reachable| Addresses {
        public_url: public_url.to_owned(),
        hook_url: format!("{public_url}/hooks/one"),
        status_url: format!("{public_url}/hooks/one/status"),
        callback_url: format!("{public_url}/link/one/callback"),
        reachable,
    };
    vec![of("https://bridge.example.com/below", true), of("http://127.0.0.1:8080", false)]
}

#[track_caller]
pub(super) fn check_steps(steps: &[SetUpStep]) {
    for step in steps {
        let pasted = !step.place.is_empty() && !step.value.is_empty();
        let note = step.place.is_empty() && step.value.is_empty() && !step.note.is_empty();
        assert!(pasted || note, "a field without a value, or nothing at all: {step:?}");
        let lines = [&step.place, &step.value, &step.note];
        let whole = lines.iter().all(|line| !line.contains(char::is_control));
        assert!(whole, "more than one line: {step:?}");
    }
}
