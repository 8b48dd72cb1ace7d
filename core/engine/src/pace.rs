//! The pace of a transport: how many texts are handed over at once, and how soon one after the other.

use crate::bridge::Bridge;
use crate::pump::report;
use crate::world::World;
use cordboard_plugin::{Pace, Timestamp};
use cordboard_store::Hold;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a lane waits for its turn before it is given back; well within its lease.
const TURN_MS_MAX: i64 = 60_000;
/// What is left of the lease when a call has taken as long as it may: time to write down its outcome.
const LEASE_AFTER_CALL_MS: i64 = 60_000;

/// The gate before a transport's `send`. Whoever came first goes first.
pub(crate) struct Gate {
    pace: Pace,
    places: Semaphore,
    /// When the next call may begin.
    next_at: Mutex<Timestamp>,
}

impl Gate {
    pub(crate) fn new(pace: Pace) -> Self {
        let places = Semaphore::new(usize::from(pace.at_once.max(1)));
        Self { pace, places, next_at: Mutex::new(Timestamp(0)) }
    }

    /// How long one call may take.
    pub(crate) fn call_ms_max(&self) -> i64 {
        i64::from(self.pace.call_ms_max)
    }

    /// Waits for a place and for the moment; the place is free again when the permit is dropped.
    async fn turn(&self, world: &World) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        let place = self.places.acquire().await.ok()?;
        world.sleep_until(self.book(world.now())).await;
        Some(place)
    }

    /// The moment at which a call may begin; nobody else gets the same.
    fn book(&self, now: Timestamp) -> Timestamp {
        let mut next_at = self.next_at.lock().unwrap_or_else(PoisonError::into_inner);
        let at = now.max(*next_at);
        *next_at = at.plus_millis(i64::from(self.pace.gap_ms));
        at
    }
}

impl Bridge {
    /// Waits until a text of this lane may be handed over, and keeps the lane for as long as that may
    /// take. `None` when it is not its turn soon, or the lane has passed to another worker.
    pub(crate) async fn turn<'a>(
        &self,
        gate: &'a Gate,
        hold: &Hold,
    ) -> Option<SemaphorePermit<'a>> {
        let place = self.world().within(TURN_MS_MAX, gate.turn(self.world())).await??;
        let until = self.now().plus_millis(gate.call_ms_max() + LEASE_AFTER_CALL_MS);
        match self.store().renew(hold, until).await {
            Ok(()) => Some(place),
            Err(error) => {
                report(&error);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_a_moment_of_its_own() {
        let gate = Gate::new(Pace { gap_ms: 200, ..Pace::default() });
        let now = Timestamp(1_000_000);
        let booked: Vec<i64> = (0..3).map(|_| gate.book(now).millis_since(now)).collect();
        assert_eq!(booked, [0, 200, 400]);
        assert_eq!(gate.book(now.plus_millis(5_000)).millis_since(now), 5_000);
    }
}
