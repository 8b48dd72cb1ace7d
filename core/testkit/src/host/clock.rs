//! The clocks of a [`FakeHost`](super::FakeHost): one that never waits, one that leaps, and the real one.

use super::lock;
use cordboard_plugin::Timestamp;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// How a sleep passes.
#[derive(Clone)]
pub(super) enum Clock {
    /// It is over at once, and the clock has moved. For code that does one thing at a time.
    Instant(Arc<Mutex<Timestamp>>),
    /// It is over when nobody can go on without it; then the clock leaps there.
    Leaping(Arc<Mutex<Leaps>>),
    /// It takes as long as it says.
    Real(Arc<Real>),
}

/// A leaping clock: its time and who sleeps.
pub(super) struct Leaps {
    now: Timestamp,
    sleepers: Sleepers<Timestamp>,
}

/// Who sleeps until when.
struct Sleepers<T> {
    next_id: u64,
    rows: Vec<(T, u64, Waker)>,
}

impl<T: Copy + Ord> Sleepers<T> {
    fn new() -> Self {
        Self { next_id: 0, rows: Vec::new() }
    }

    /// Sleeps on; a sleeper without an id gets one.
    fn sleep(&mut self, until: T, id: &mut Option<u64>, waker: &Waker) {
        let id = *id.get_or_insert_with(|| {
            self.next_id += 1;
            self.next_id
        });
        self.rows.retain(|(_, known, _)| *known != id);
        self.rows.push((until, id, waker.clone()));
    }

    fn forget(&mut self, id: u64) {
        self.rows.retain(|(_, known, _)| *known != id);
    }

    fn earliest(&self) -> Option<T> {
        self.rows.iter().map(|(until, ..)| *until).min()
    }

    /// Wakes everybody whose time has come, in the order in which they fell asleep.
    fn wake(&mut self, now: T) {
        let (due, rest) = self.rows.drain(..).partition(|(until, ..)| *until <= now);
        self.rows = rest;
        due.into_iter().for_each(|(.., waker): (T, u64, Waker)| waker.wake());
    }
}

/// The real clock; one thread wakes the sleepers.
pub(super) struct Real {
    start: Timestamp,
    began: Instant,
    bench: Arc<(Mutex<Sleepers<Instant>>, Condvar)>,
}

impl Clock {
    pub(super) fn instant(start: Timestamp) -> Self {
        Self::Instant(Arc::new(Mutex::new(start)))
    }

    pub(super) fn leaping(start: Timestamp) -> Self {
        Self::Leaping(Arc::new(Mutex::new(Leaps { now: start, sleepers: Sleepers::new() })))
    }

    pub(super) fn real(start: Timestamp) -> Self {
        let bench = Arc::new((Mutex::new(Sleepers::new()), Condvar::new()));
        let watched = Arc::downgrade(&bench);
        std::thread::spawn(move || {
            // Ends with the clock: a second after nobody holds it any more.
            while let Some(bench) = watched.upgrade() {
                let (sleepers, bell) = &*bench;
                let mut sleepers = lock(sleepers);
                let now = Instant::now();
                sleepers.wake(now);
                let next = sleepers.earliest().map(|next| next.saturating_duration_since(now));
                let pause = next.unwrap_or(Duration::MAX).min(Duration::from_secs(1));
                drop(bell.wait_timeout(sleepers, pause).unwrap_or_else(PoisonError::into_inner));
            }
        });
        Self::Real(Arc::new(Real { start, began: Instant::now(), bench }))
    }

    pub(super) fn now(&self) -> Timestamp {
        match self {
            Self::Instant(now) => *lock(now),
            Self::Leaping(leaps) => lock(leaps).now,
            Self::Real(real) => {
                let passed = i64::try_from(real.began.elapsed().as_millis());
                real.start.plus_millis(passed.unwrap_or(i64::MAX))
            }
        }
    }

    /// Sets the clock. The real one goes its own way.
    pub(super) fn set(&self, to: Timestamp) {
        match self {
            Self::Instant(now) => *lock(now) = to,
            Self::Leaping(leaps) => {
                let mut leaps = lock(leaps);
                leaps.now = to;
                leaps.sleepers.wake(to);
            }
            Self::Real(_) => {}
        }
    }

    /// Lets the time of the earliest sleeper come. `false` when nobody sleeps, or the time is not ours.
    fn leap(&self) -> bool {
        let Self::Leaping(leaps) = self else { return false };
        let mut leaps = lock(leaps);
        let Some(next) = leaps.sleepers.earliest() else { return false };
        leaps.now = leaps.now.max(next);
        let now = leaps.now;
        leaps.sleepers.wake(now);
        true
    }

    pub(super) fn sleep_until(&self, at: Timestamp) -> Sleep {
        Sleep { clock: self.clone(), at, id: None }
    }

    /// Drives `future` to its end on this thread; leaps when it could not go on otherwise.
    ///
    /// # Panics
    /// When it waits for something that never comes.
    pub(super) fn drive<F: Future>(&self, future: F) -> F::Output {
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), thread: std::thread::current() });
        let waker = Waker::from(bell.clone());
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            while bell.rung.swap(false, Ordering::SeqCst) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                    return output;
                }
            }
            if matches!(self, Self::Leaping(_)) {
                assert!(self.leap(), "it waits for something that never comes");
            } else {
                std::thread::park();
            }
        }
    }
}

struct Bell {
    rung: AtomicBool,
    thread: std::thread::Thread,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// A sleep under way.
pub(super) struct Sleep {
    clock: Clock,
    at: Timestamp,
    id: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let now = this.clock.now();
        match &this.clock {
            Clock::Instant(clock) => {
                let mut clock = lock(clock);
                *clock = (*clock).max(this.at);
                return Poll::Ready(());
            }
            _ if now >= this.at => return Poll::Ready(()),
            Clock::Leaping(leaps) => {
                lock(leaps).sleepers.sleep(this.at, &mut this.id, context.waker());
            }
            Clock::Real(real) => {
                let millis = this.at.millis_since(now).unsigned_abs();
                // A sleep beyond a year is for ever, as far as a test is concerned.
                let until = Instant::now() + Duration::from_millis(millis.min(31_536_000_000));
                let (sleepers, bell) = &*real.bench;
                lock(sleepers).sleep(until, &mut this.id, context.waker());
                bell.notify_all();
            }
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        match &self.clock {
            Clock::Instant(_) => {}
            Clock::Leaping(leaps) => lock(leaps).sleepers.forget(id),
            Clock::Real(real) => lock(&real.bench.0).forget(id),
        }
    }
}
