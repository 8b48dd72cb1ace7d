//! Pumps: each claims due lanes of its kind and hands them to their room.

use crate::bridge::Bridge;
use cordboard_plugin::Timestamp;
use cordboard_store::{Hold, LaneKind, StoreError};
use futures_util::future::select;
use std::future::Future;
use std::pin::pin;

/// Lanes taken in one go.
const LANES_AT_ONCE: i64 = 32;
/// A pump looks again after this long even when nobody rang.
const LOOK_AGAIN_MS: i64 = 30_000;
/// How long to wait while the clock is not to be trusted.
const CLOCK_WAIT_MS: i64 = 10_000;

/// Claims due lanes of one kind until the bridge stops.
pub(crate) async fn lanes(bridge: Bridge, kind: LaneKind) {
    let mut complained = false;
    while !bridge.stopping() {
        // Reading only sorts what has arrived; everything else acts on the outside by the clock.
        if kind != LaneKind::Reading && !bridge.clock_is_sane().await {
            if !complained {
                tracing::error!("the clock is behind what is stored: waiting until it is set");
                complained = true;
            }
            pause(&bridge, bridge.now().plus_millis(CLOCK_WAIT_MS), std::future::pending()).await;
            continue;
        }
        complained = false;
        match bridge.store().claim_lanes(kind, bridge.claim(), LANES_AT_ONCE, bridge.now()).await {
            Ok(holds) if !holds.is_empty() => {
                let claimed_at = bridge.now();
                for hold in holds {
                    work(&bridge, hold, claimed_at).await;
                }
            }
            Ok(_) => {
                let due = bridge.store().next_due(kind).await.ok().flatten();
                wait(&bridge, due, bridge.bell(kind).notified()).await;
            }
            Err(error) => {
                report(&error);
                wait(&bridge, None, std::future::pending()).await;
            }
        }
    }
}

async fn work(bridge: &Bridge, hold: Hold, claimed_at: Timestamp) {
    let task = bridge.clone();
    match hold.kind {
        LaneKind::Reading => bridge.spawn_reading(hold),
        LaneKind::Delivering => {
            // Waiting here, and not in the task, bounds how many lanes are held without being worked on.
            let Ok(permit) = bridge.deliveries().clone().acquire_owned().await else { return };
            bridge.spawn(async move {
                task.deliver_lane(hold, claimed_at).await;
                drop(permit);
            });
        }
        LaneKind::Replying => bridge.spawn(async move { task.reply_lane(hold).await }),
        LaneKind::Fetching => {
            // Pictures are large: few are in memory at once.
            let Ok(permit) = bridge.fetches().clone().acquire_owned().await else { return };
            bridge.spawn(async move {
                task.fetch_lane(hold).await;
                drop(permit);
            });
        }
        LaneKind::Confirming => bridge.spawn(async move { task.confirm_lane(hold).await }),
        LaneKind::Revoking => bridge.spawn(async move { task.revoke_lane(hold).await }),
    }
}

/// Wakes plugins whose timers are due, until the bridge stops.
pub(crate) async fn timers(bridge: Bridge) {
    while !bridge.stopping() {
        match bridge.store().claim_timers(bridge.claim(), LANES_AT_ONCE, bridge.now()).await {
            Ok(due) if !due.is_empty() => {
                for (scope, key, at) in due {
                    let task = bridge.clone();
                    bridge.spawn(async move { task.wake_plugin(scope, key, at).await });
                }
            }
            Ok(_) => {
                let due = bridge.store().next_timer().await.ok().flatten();
                wait(&bridge, due, bridge.timer_bell().notified()).await;
            }
            Err(error) => {
                report(&error);
                wait(&bridge, None, std::future::pending()).await;
            }
        }
    }
}

/// Waits for the bell, for `due`, for the regular look, or for the stop.
async fn wait(bridge: &Bridge, due: Option<Timestamp>, bell: impl Future<Output = ()>) {
    let regular = bridge.now().plus_millis(LOOK_AGAIN_MS);
    pause(bridge, due.map_or(regular, |due| due.min(regular)), bell).await;
}

async fn pause(bridge: &Bridge, until: Timestamp, bell: impl Future<Output = ()>) {
    let (bell, stopped) = (pin!(bell), pin!(bridge.stopped()));
    select(select(bell, stopped), pin!(bridge.world().sleep_until(until))).await;
}

/// A lost lane is somebody else's now, and that is all right; anything else a person should see.
pub(crate) fn report(error: &StoreError) {
    match error {
        StoreError::Lost => tracing::debug!("the lane has passed to another worker"),
        other => tracing::error!(error = %other, "the store did not do its work; trying again"),
    }
}
