//! Wakes whoever waits for something to be said.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A bell that many may wait for. Who has seen it rung `n` times waits until it has been rung more often.
#[derive(Default)]
pub(super) struct Bell(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    rung: u64,
    next_id: u64,
    waiting: BTreeMap<u64, Waker>,
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it has been rung.
    pub(super) fn rung(&self) -> u64 {
        self.lock().rung
    }

    pub(super) fn ring(&self) {
        let waiting = {
            let mut inner = self.lock();
            inner.rung += 1;
            std::mem::take(&mut inner.waiting)
        };
        waiting.into_values().for_each(Waker::wake);
    }

    /// Waits until it has been rung more than `seen` times.
    pub(super) fn wait(&self, seen: u64) -> Wait<'_> {
        Wait { bell: self, seen, id: None }
    }
}

pub(super) struct Wait<'a> {
    bell: &'a Bell,
    seen: u64,
    id: Option<u64>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.bell.lock();
        if inner.rung > self.seen {
            return Poll::Ready(());
        }
        let id = self.id.unwrap_or(inner.next_id);
        inner.next_id = inner.next_id.max(id + 1);
        inner.waiting.insert(id, context.waker().clone());
        drop(inner);
        self.id = Some(id);
        Poll::Pending
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.bell.lock().waiting.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cordboard_testkit::{block_on, poll_once};

    #[test]
    fn it_wakes_who_has_not_heard_it() {
        let bell = Bell::default();
        let seen = bell.rung();
        assert_eq!(poll_once(bell.wait(seen)), None);
        assert!(bell.lock().waiting.is_empty(), "who went away is forgotten");
        std::thread::scope(|scope| {
            scope.spawn(|| bell.ring());
            block_on(bell.wait(seen));
        });
        assert_eq!(poll_once(bell.wait(seen)), Some(()));
    }
}
