//! Two ways to drive a future without a runtime.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Drives `future` to its end on this thread, so that a plugin's tests need no runtime.
///
/// Waits for ever when the future does; see [`poll_once`] for one that may.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Polls `future` once and drops it: `None` when it got stuck.
///
/// Every future of a [`FakeHost`](crate::FakeHost) is ready at once, except a sleep after
/// [`stop_sleeping_after`](crate::FakeHost::stop_sleeping_after). So this runs an endless loop of a
/// plugin exactly up to that sleep.
pub fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_another_thread_finishes_is_waited_for() {
        let (sender, receiver) = std::sync::mpsc::channel::<Waker>();
        let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let finish = done.clone();
        let other = std::thread::spawn(move || {
            let waker = receiver.recv().unwrap();
            finish.store(true, std::sync::atomic::Ordering::SeqCst);
            waker.wake();
        });
        block_on(std::future::poll_fn(|context| {
            if done.load(std::sync::atomic::Ordering::SeqCst) {
                return Poll::Ready(());
            }
            // A second poll may find the other thread already gone.
            let _ = sender.send(context.waker().clone());
            Poll::Pending
        }));
        other.join().unwrap();
    }

    #[test]
    fn a_stuck_future_is_reported_as_stuck() {
        assert_eq!(poll_once(std::future::pending::<()>()), None);
        assert_eq!(poll_once(async { 7 }), Some(7));
    }
}
