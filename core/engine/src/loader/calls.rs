//! Calls under way in plugin files, by their tokens.
//!
//! A call is driven by the task that makes it: what the plugin asks of the host meanwhile is put into the
//! call's own list, and done by that very task with the host of that call. So a call that is dropped or
//! runs out of time takes everything with it that was asked for it.

use cordboard_plugin::Host;
use cordboard_plugin::abi::codec::Packed;
use cordboard_plugin::abi::raw::Done;
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;

/// A status and its payload.
pub(super) type Answer = (i32, Packed);

/// Host calls that one call may have open at once; the next one is not taken.
const ASKED_MAX: usize = 1_000;

/// A poisoned lock guards whole values here: nothing panics while it is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All calls that are not completed yet, the abandoned ones too.
pub(super) struct Calls {
    next: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Call>>>,
}

/// The table of this process: tokens are told from each other across all files.
pub(super) fn calls() -> &'static Calls {
    static CALLS: OnceLock<Calls> = OnceLock::new();
    // A token is used once in the life of a process, so a late completion finds nothing. 0 is no token.
    CALLS.get_or_init(|| Calls { next: AtomicU64::new(1), open: Mutex::default() })
}

impl Calls {
    /// Writes down a call; it gets its token.
    pub(super) fn begin(&self, keep: Arc<dyn Send + Sync>, host: Arc<dyn Host>) -> Arc<Call> {
        let token = self.next.fetch_add(1, Ordering::Relaxed);
        let span = tracing::Span::current();
        let call = Arc::new(Call { token, host, span, _keep: keep, state: Mutex::default() });
        lock(&self.open).insert(token, call.clone());
        call
    }

    /// The call with this token, if it is not completed.
    pub(super) fn find(&self, token: u64) -> Option<Arc<Call>> {
        lock(&self.open).get(&token).cloned()
    }

    /// The plugin's answer. A second, late or invented one finds no call, and is counted.
    pub(super) fn complete(&self, token: u64, answer: Answer) {
        let call = lock(&self.open).remove(&token);
        match call {
            Some(call) => call.answered(answer),
            None => metrics::counter!("cordboard_plugin_bad_completions_total").increment(1),
        }
    }

    /// A call that the plugin did not take.
    pub(super) fn forget(&self, token: u64) {
        lock(&self.open).remove(&token);
    }
}

/// A call under way.
pub(super) struct Call {
    pub(super) token: u64,
    pub(super) host: Arc<dyn Host>,
    /// Where it was made: the message it is about is on each of its log lines.
    pub(super) span: tracing::Span,
    /// The instance is not destroyed while the plugin owes us an answer.
    _keep: Arc<dyn Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<Answer>,
    waker: Option<Waker>,
    /// What was asked of the host and is not begun yet.
    asked: Vec<Asked>,
    /// Numbers of host calls that nobody waits for any more.
    dropped: Vec<u64>,
    /// Host calls taken and not answered.
    open: usize,
    last_number: u64,
    /// Nobody waits for this call any more.
    abandoned: bool,
}

/// Something asked of the host.
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) op: u32,
    pub(super) packed: Packed,
    pub(super) reply: Reply,
}

/// Where the host's answer goes. Given exactly once: at the latest when it is dropped.
pub(super) struct Reply {
    done: Done,
    user: *mut c_void,
    given: bool,
}

// SAFETY: `done` may be called from any thread, with its `user`, says the header.
unsafe impl Send for Reply {}

impl Reply {
    pub(super) fn new(done: Done, user: *mut c_void) -> Self {
        Self { done, user, given: false }
    }

    pub(super) fn give(mut self, answer: Answer) {
        self.hand_over(answer);
    }

    /// It was never taken: nothing is to be said to anybody.
    pub(super) fn forget(mut self) {
        self.given = true;
    }

    fn hand_over(&mut self, (code, packed): Answer) {
        use cordboard_plugin::abi::bytes::{apart, lent};
        self.given = true;
        let (json, mut bufs) = apart(packed);
        // SAFETY: called once for this question; the JSON lives until the call returns, and the buffers
        // are handed over.
        unsafe { (self.done)(self.user, code, lent(&json), bufs.as_mut_ptr(), bufs.len()) };
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.given {
            self.hand_over((cordboard_plugin::abi::raw::status::CANCELLED, Packed::default()));
        }
    }
}

/// What is new about a call.
pub(super) struct News {
    pub(super) answer: Option<Answer>,
    pub(super) asked: Vec<Asked>,
    pub(super) dropped: Vec<u64>,
}

impl Call {
    /// Takes a question to the host; its number, or 0 when nobody would answer it.
    pub(super) fn ask(&self, op: u32, packed: Packed, reply: Reply) -> u64 {
        let mut state = lock(&self.state);
        if state.abandoned || state.answer.is_some() || state.open >= ASKED_MAX {
            drop(state);
            reply.forget();
            return 0;
        }
        state.open += 1;
        state.last_number += 1;
        let number = state.last_number;
        state.asked.push(Asked { number, op, packed, reply });
        wake(state);
        number
    }

    /// Nobody waits for this host call any more.
    pub(super) fn drop_asked(&self, number: u64) {
        let mut state = lock(&self.state);
        if !state.abandoned {
            state.dropped.push(number);
            wake(state);
        }
    }

    /// One host call less.
    pub(super) fn closed(&self) {
        let mut state = lock(&self.state);
        state.open = state.open.saturating_sub(1);
    }

    /// What has happened since the last look; whoever looks is woken when there is more.
    pub(super) fn news(&self, waker: &Waker) -> News {
        let mut state = lock(&self.state);
        state.waker = Some(waker.clone());
        News {
            answer: state.answer.take(),
            asked: std::mem::take(&mut state.asked),
            dropped: std::mem::take(&mut state.dropped),
        }
    }

    /// Nobody waits for the answer any more. `true` when the plugin still owes one.
    pub(super) fn abandon(&self) -> bool {
        let mut state = lock(&self.state);
        state.abandoned = true;
        state.waker = None;
        let asked = std::mem::take(&mut state.asked);
        let owes = state.answer.is_none();
        // Replies are given outside the lock: the plugin may call back from within.
        drop(state);
        drop(asked);
        owes
    }

    fn answered(&self, answer: Answer) {
        let mut state = lock(&self.state);
        state.answer = Some(answer);
        wake(state);
    }
}

fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
