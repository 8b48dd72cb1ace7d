//! Working on what was kept, in order of arrival.

use super::Rules;
use super::hand_on;
use super::state::{PAGE_ROWS, TRIES};
use crate::outbox::Outbox;
use cordboard_plugin::{Host, StateError, Stored};

/// Works on every kept message, the oldest first.
pub(super) async fn kept(
    rules: &Rules,
    host: &dyn Host,
    outbox: &Outbox,
) -> Result<(), StateError> {
    let mut after: Option<String> = None;
    loop {
        let rows = host.scan("kept/", after.as_deref(), PAGE_ROWS).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for (key, stored) in rows {
            one(rules, host, outbox, &key, stored).await?;
            after = Some(key);
        }
    }
}

async fn one(
    rules: &Rules,
    host: &dyn Host,
    outbox: &Outbox,
    key: &str,
    mut stored: Stored,
) -> Result<(), StateError> {
    for _ in 0..TRIES {
        match hand_on::hand_on(rules, host, outbox, key, &stored).await {
            Err(StateError::Conflict) => {}
            other => return other,
        }
        // Another process has worked on it, or on a text it belongs to.
        match host.get(key).await? {
            Some(again) => stored = again,
            None => return Ok(()),
        }
    }
    Err(StateError::Conflict)
}
