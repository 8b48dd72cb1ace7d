//! The one thread of a plugin file that polls its futures.

use super::dispatch::Answer;
use super::entry::host;
use crate::abi::bytes;
use crate::abi::codec::Packed;
use crate::abi::raw::status;
use std::any::Any;
use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// A call as the trait's method answers it.
pub(super) type Work = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A poisoned lock guards whole values here: nothing panics while it is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    /// The call that this thread works on; 0: none. A panic is told with it.
    static WORKING_ON: Cell<u64> = const { Cell::new(0) };
}

/// The call that this thread works on; 0 when it works on none.
pub(super) fn working_on() -> u64 {
    // A thread that ends has none any more.
    WORKING_ON.try_with(Cell::get).unwrap_or(0)
}

/// Does `work` as a part of `call`; what it panics about is its answer.
pub(super) fn caught(call: u64, work: impl FnOnce() -> Answer) -> Answer {
    let before = WORKING_ON.replace(call);
    let done = catch_unwind(AssertUnwindSafe(work));
    WORKING_ON.set(before);
    done.unwrap_or_else(panicked)
}

/// A call under way.
struct Task {
    call: u64,
    work: Mutex<Option<Work>>,
    queued: AtomicBool,
    cancelled: AtomicBool,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::SeqCst) {
            let executor = executor();
            lock(&executor.ready).push_back(self);
            executor.bell.notify_one();
        }
    }
}

/// Its state. There is one in each file, since each file has its own copy of this crate.
#[derive(Default)]
pub(super) struct Executor {
    ready: Mutex<VecDeque<Arc<Task>>>,
    bell: Condvar,
    tasks: Mutex<HashMap<u64, Arc<Task>>>,
    drained: Condvar,
    stopping: AtomicBool,
}

pub(super) fn executor() -> &'static Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR.get_or_init(Executor::default)
}

impl Executor {
    /// Starts the thread.
    pub(super) fn start(&'static self, name: &str) -> std::io::Result<()> {
        let thread = std::thread::Builder::new().name(name.chars().take(15).collect());
        thread.spawn(move || self.run()).map(drop)
    }

    /// Takes a call; `false` when the file is shutting down.
    pub(super) fn take(&self, call: u64, work: Work) -> bool {
        let task = Arc::new(Task {
            call,
            work: Mutex::new(Some(work)),
            queued: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
        });
        {
            let mut tasks = lock(&self.tasks);
            // Looked at under the lock: `stop` finds every call that was taken before it.
            if self.stopping.load(Ordering::SeqCst) {
                return false;
            }
            tasks.insert(call, task.clone());
        }
        task.wake();
        true
    }

    /// Ends a call as soon as its future lets go of the thread.
    pub(super) fn cancel(&self, call: u64) {
        let task = lock(&self.tasks).get(&call).cloned();
        if let Some(task) = task {
            task.cancelled.store(true, Ordering::SeqCst);
            task.wake();
        }
    }

    /// Cancels everything and waits until it has ended, at most for `patience`.
    pub(super) fn stop(&self, patience: Duration) {
        let calls: Vec<u64> = {
            let tasks = lock(&self.tasks);
            self.stopping.store(true, Ordering::SeqCst);
            tasks.keys().copied().collect()
        };
        calls.into_iter().for_each(|call| self.cancel(call));
        let until = Instant::now() + patience;
        let mut tasks = lock(&self.tasks);
        while !tasks.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.drained.wait_timeout(tasks, left);
            tasks = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn run(&self) {
        loop {
            let mut ready = lock(&self.ready);
            let task = loop {
                match ready.pop_front() {
                    Some(task) => break task,
                    None => ready = self.bell.wait(ready).unwrap_or_else(PoisonError::into_inner),
                }
            };
            drop(ready);
            task.queued.store(false, Ordering::SeqCst);
            if let Some((code, packed)) = turn(&task) {
                // No lock is held: the bridge may call back from within.
                complete(task.call, code, packed);
                let mut tasks = lock(&self.tasks);
                tasks.remove(&task.call);
                if tasks.is_empty() {
                    self.drained.notify_all();
                }
            }
        }
    }
}

/// Polls a call once; what became of it when it is over.
fn turn(task: &Arc<Task>) -> Option<Answer> {
    let mut work = lock(&task.work).take()?;
    if task.cancelled.load(Ordering::SeqCst) {
        return Some(caught(task.call, || {
            drop(work);
            (status::CANCELLED, Packed::default())
        }));
    }
    let waker = Waker::from(task.clone());
    let mut context = Context::from_waker(&waker);
    let mut pending = false;
    let answer = caught(task.call, || match work.as_mut().poll(&mut context) {
        Poll::Ready(answer) => answer,
        Poll::Pending => {
            pending = true;
            (status::CANCELLED, Packed::default())
        }
    });
    if pending {
        *lock(&task.work) = Some(work);
        return None;
    }
    // What panicked may panic again while it is dropped; that changes nothing.
    caught(task.call, || {
        drop(work);
        (status::OK, Packed::default())
    });
    Some(answer)
}

/// What a panic said, as the answer to a call.
fn panicked(panic: Box<dyn Any + Send>) -> Answer {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => match panic.downcast::<&'static str>() {
            Ok(text) => (*text).to_owned(),
            Err(other) => {
                // It is a value of the author's own, and may panic when it is dropped.
                std::mem::forget(other);
                "it said nothing".to_owned()
            }
        },
    };
    (status::PANIC, Packed { json: text.into_bytes(), buffers: Vec::new() })
}

fn complete(call: u64, code: i32, packed: Packed) {
    let (json, mut bufs) = bytes::apart(packed);
    if let Some(complete) = host().and_then(|host| host.complete) {
        // SAFETY: the token is the bridge's own, used once; the JSON lives until the call returns, and
        // the buffers are handed over.
        unsafe { complete(call, code, bytes::lent(&json), bufs.as_mut_ptr(), bufs.len()) };
    }
}
