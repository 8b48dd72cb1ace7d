//! The bridge as a plugin in a file sees it: a [`Host`] whose every call goes over the boundary.

use super::dispatch::{Answer, bad_payload};
use super::entry::host;
use crate::abi::bytes;
use crate::abi::codec::{Packed, pack, unpack};
use crate::abi::raw::{Buf, COUNTER, GAUGE, Slice, op, status};
use crate::host::{Commit, Host, Level, StateError, Stored};
use crate::http::{HttpError, HttpRequest, HttpResponse};
use crate::words::Timestamp;
use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::c_void;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// The host of one call.
#[derive(Clone, Copy)]
pub(super) struct RemoteHost {
    pub(super) call: u64,
}

impl RemoteHost {
    async fn ask(&self, op: u32, payload: &impl Serialize) -> Answer {
        match pack(payload) {
            Ok(packed) => {
                Asking {
                    call: self.call,
                    question: Some((op, packed)),
                    number: None,
                    reply: Arc::default(),
                }
                .await
            }
            Err(problem) => bad_payload(problem),
        }
    }
}

/// What came of asking, as the trait's method gives it. `lost` is what it gives when the bridge gave none.
fn given<T: DeserializeOwned, E: DeserializeOwned>(
    (code, packed): Answer,
    lost: impl Fn(String) -> E,
) -> Result<T, E> {
    match code {
        status::OK => unpack(packed).map_err(lost),
        status::ERROR => Err(unpack(packed).unwrap_or_else(lost)),
        code => Err(lost(format!("the bridge gave no answer (status {code})"))),
    }
}

#[async_trait]
impl Host for RemoteHost {
    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        given(self.ask(op::HOST_HTTP, &(request,)).await, HttpError::Unclear)
    }

    fn now(&self) -> Timestamp {
        let now = host().and_then(|host| host.now);
        // SAFETY: any call number may be asked about.
        now.map_or(Timestamp(0), |now| Timestamp(unsafe { now(self.call) }))
    }

    fn random(&self, len: usize) -> Vec<u8> {
        let mut into = vec![0; len];
        if let Some(random) = host().and_then(|host| host.random) {
            // SAFETY: `into` has room for `len` bytes.
            unsafe { random(self.call, into.as_mut_ptr(), len) };
        }
        into
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.ask(op::HOST_SLEEP_UNTIL, &(at,)).await;
    }

    fn log(&self, level: Level, line: &str) {
        log(self.call, level, line);
    }

    fn metric(&self, name: &'static str, by: u64) {
        self.measure(COUNTER, name, i64::try_from(by).unwrap_or(i64::MAX));
    }

    fn gauge(&self, name: &'static str, value: i64) {
        self.measure(GAUGE, name, value);
    }

    fn trouble(&self, why: Option<&str>) {
        let nothing = Slice { ptr: std::ptr::null(), len: 0 };
        if let Some(trouble) = host().and_then(|host| host.trouble) {
            // SAFETY: the words live until the call returns.
            unsafe { trouble(self.call, why.map_or(nothing, |why| bytes::lent(why.as_bytes()))) };
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Stored>, StateError> {
        given(self.ask(op::HOST_GET, &(key,)).await, StateError::Unavailable)
    }

    async fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        rows_max: u16,
    ) -> Result<Vec<(String, Stored)>, StateError> {
        let asked = self.ask(op::HOST_SCAN, &(prefix, after, rows_max)).await;
        given(asked, StateError::Unavailable)
    }

    async fn commit(&self, commit: Commit) -> Result<(), StateError> {
        given(self.ask(op::HOST_COMMIT, &(commit,)).await, StateError::Unavailable)
    }

    fn share(&self) -> Arc<dyn Host> {
        Arc::new(*self)
    }
}

impl RemoteHost {
    fn measure(&self, kind: i32, name: &str, value: i64) {
        if let Some(metric) = host().and_then(|host| host.metric) {
            // SAFETY: the name lives until the call returns.
            unsafe { metric(self.call, kind, bytes::lent(name.as_bytes()), value) };
        }
    }
}

/// A line for the bridge's log.
pub(super) fn log(call: u64, level: Level, line: &str) {
    if let Some(log) = host().and_then(|host| host.log) {
        // SAFETY: the line lives until the call returns.
        unsafe { log(call, level as i32, bytes::lent(line.as_bytes())) };
    }
}

/// Where the bridge's answer is put, and who waits for it.
#[derive(Default)]
struct Reply {
    answer: Option<Answer>,
    waker: Option<Waker>,
}

/// A question to the bridge. Dropped before its answer came, it is taken back.
struct Asking {
    call: u64,
    /// What is still to be asked.
    question: Option<(u32, Packed)>,
    /// The number under which the bridge took it, until it is answered.
    number: Option<u64>,
    reply: Arc<Mutex<Reply>>,
}

fn lock(reply: &Mutex<Reply>) -> std::sync::MutexGuard<'_, Reply> {
    reply.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Future for Asking {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        lock(&self.reply).waker = Some(context.waker().clone());
        if let Some((op, packed)) = self.question.take() {
            // No lock is held: the bridge may answer from within.
            self.number = ask(self.call, op, packed, &self.reply);
            if self.number.is_none() {
                return Poll::Ready((status::CANCELLED, Packed::default()));
            }
        }
        let answer = lock(&self.reply).answer.take();
        match answer {
            Some(answer) => {
                self.number = None;
                Poll::Ready(answer)
            }
            None => Poll::Pending,
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let cancel = host().and_then(|host| host.host_cancel);
        if let (Some(number), Some(cancel)) = (self.number, cancel) {
            // SAFETY: a number that was answered meanwhile is known to nobody, and ignored.
            unsafe { cancel(self.call, number) };
        }
    }
}

/// Asks; `None` when the bridge does not take it.
fn ask(call: u64, op: u32, packed: Packed, reply: &Arc<Mutex<Reply>>) -> Option<u64> {
    let host_call = host()?.host_call?;
    let (json, mut bufs) = bytes::apart(packed);
    let user = Arc::into_raw(reply.clone());
    // SAFETY: the JSON lives until the call returns, the buffers are handed over, and `answered` takes
    // `user` back, exactly once if the question was taken.
    let number = unsafe {
        host_call(
            call,
            op,
            bytes::lent(&json),
            bufs.as_mut_ptr(),
            bufs.len(),
            Some(answered),
            user.cast_mut().cast(),
        )
    };
    if number == 0 {
        // SAFETY: not taken, so `answered` is never called with it.
        drop(unsafe { Arc::from_raw(user) });
        return None;
    }
    Some(number)
}

unsafe extern "C" fn answered(
    user: *mut c_void,
    code: i32,
    payload: Slice,
    bufs: *mut Buf,
    n: usize,
) {
    let answer = AssertUnwindSafe(|| {
        // SAFETY: `user` comes from `ask`, and this is the one call for it.
        let reply = unsafe { Arc::from_raw(user.cast::<Mutex<Reply>>()) };
        // SAFETY: the payload is readable until we return, and the buffers are ours.
        let packed = unsafe { bytes::packed(payload, bufs, n) };
        let answer = packed.map_or_else(bad_payload, |packed| (code, packed));
        let waker = {
            let mut reply = lock(&reply);
            reply.answer = Some(answer);
            reply.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    // Nothing in there panics but for want of memory; the bridge must not be unwound.
    let _ = catch_unwind(answer);
}
