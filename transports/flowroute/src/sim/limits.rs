//! How much Flowroute takes at once: five SMS and one MMS in any second, counted for each path.

use super::ledger;
use cordboard_plugin::{Host, StateError, Timestamp};

const SECOND_MS: i64 = 1000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sms,
    Mms,
}

/// Whether one more is taken now; then it counts.
pub(super) async fn admits(host: &dyn Host, kind: Kind) -> Result<bool, StateError> {
    let (key, most) = match kind {
        Kind::Sms => ("rate/sms", 5),
        Kind::Mms => ("rate/mms", 1),
    };
    let now = host.now();
    ledger::change(host, key, |taken: &mut Vec<Timestamp>| {
        taken.retain(|at| (0..SECOND_MS).contains(&now.millis_since(*at)));
        let admitted = taken.len() < most;
        if admitted {
            taken.push(now);
        }
        admitted
    })
    .await
}
