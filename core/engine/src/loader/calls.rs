//! Calls under way in plugin files, by their tokens.
//!
//! A call is driven by the task that makes it: what the plugin asks of the host meanwhile is put into the
//! call's own list, and done by that very task with the host of that call. So a call that is dropped or
//! runs out of time takes everything with it that was asked for it.

use super::instance::Instance;
use super::reply::Reply;
use cordboard_plugin::Host;
use cordboard_plugin::abi::codec::Packed;
use std::collections::HashMap;
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
    pub(super) fn begin(&self, instance: Arc<Instance>, host: Arc<dyn Host>) -> Arc<Call> {
        let token = self.next.fetch_add(1, Ordering::Relaxed);
        let state = Mutex::new(State { host: Some(host), ..State::default() });
        let call = Arc::new(Call { token, span: tracing::Span::current(), instance, state });
        lock(&self.open).insert(token, call.clone());
        call
    }

    /// The call with this token, if it is not completed.
    pub(super) fn find(&self, token: u64) -> Option<Arc<Call>> {
        lock(&self.open).get(&token).cloned()
    }

    /// The plugin's answer. A second, late or invented one finds no call, and is counted.
    pub(super) fn complete(&self, token: u64, answer: Answer) {
        // A statement of its own: the lock is free again before anybody is woken or destroyed.
        let call = lock(&self.open).remove(&token);
        match call {
            Some(call) => call.answered(answer),
            None => metrics::counter!("cordboard_plugin_bad_completions_total").increment(1),
        }
    }

    /// A call that the plugin did not take.
    pub(super) fn forget(&self, token: u64) {
        let call = lock(&self.open).remove(&token);
        drop(call);
    }
}

/// A call under way.
pub(super) struct Call {
    pub(super) token: u64,
    /// Where it was made: the message it is about is on each of its log lines.
    pub(super) span: tracing::Span,
    /// It is not destroyed while the plugin owes us an answer.
    pub(super) instance: Arc<Instance>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// `None` once nobody waits for the call any more: an answer that never comes must not keep the
    /// bridge's store open.
    host: Option<Arc<dyn Host>>,
    answer: Option<Answer>,
    /// The plugin has answered, whoever has taken that away since.
    answered: bool,
    waker: Option<Waker>,
    /// What was asked of the host and is not begun yet.
    asked: Vec<Asked>,
    /// Numbers of host calls that nobody waits for any more.
    dropped: Vec<u64>,
    /// Host calls taken and not answered.
    open: usize,
    last_number: u64,
}

/// Something asked of the host.
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) op: u32,
    pub(super) packed: Packed,
    pub(super) reply: Reply,
}

/// What is new about a call.
pub(super) struct News {
    pub(super) answer: Option<Answer>,
    pub(super) asked: Vec<Asked>,
    pub(super) dropped: Vec<u64>,
}

impl Call {
    /// The host of this call, as long as somebody waits for it.
    pub(super) fn host(&self) -> Option<Arc<dyn Host>> {
        lock(&self.state).host.clone()
    }

    /// Takes a question to the host; its number, and who is to be told. Number 0: nobody would answer it.
    pub(super) fn ask(&self, op: u32, packed: Packed, reply: Reply) -> (u64, Option<Waker>) {
        let mut state = lock(&self.state);
        if state.host.is_none() || state.answered || state.open >= ASKED_MAX {
            drop(state);
            reply.forget();
            return (0, None);
        }
        state.open += 1;
        state.last_number += 1;
        let number = state.last_number;
        state.asked.push(Asked { number, op, packed, reply });
        (number, state.waker.take())
    }

    /// Nobody waits for this host call any more. Numbers that were never given are ignored.
    pub(super) fn drop_asked(&self, number: u64) {
        let mut state = lock(&self.state);
        let known = (1..=state.last_number).contains(&number) && state.host.is_some();
        if known && state.dropped.len() < ASKED_MAX && !state.dropped.contains(&number) {
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
        match &mut state.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        News {
            answer: state.answer.take(),
            asked: std::mem::take(&mut state.asked),
            dropped: std::mem::take(&mut state.dropped),
        }
    }

    /// Nobody waits for the answer any more. `true` when the plugin still owes one.
    pub(super) fn abandon(&self, taken: bool) -> bool {
        let mut state = lock(&self.state);
        let owes = taken && !state.answered;
        if owes {
            // Counted under the lock: it is counted off when the answer comes after all.
            self.instance.owed.more(self.instance.name());
        }
        let gone = (state.host.take(), state.waker.take(), std::mem::take(&mut state.asked));
        // Replies are given outside the lock: the plugin may call back from within.
        drop(state);
        drop(gone);
        owes
    }

    fn answered(&self, answer: Answer) {
        let mut state = lock(&self.state);
        state.answered = true;
        if state.host.is_none() {
            drop(state);
            return self.instance.owed.less(self.instance.name());
        }
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
