//! An instance in a plugin file, and a call to it as a future.

use super::calls::{Answer, Asked, Call, Reply, calls};
use cordboard_plugin::abi::bytes::{apart, lent, nothing, taken};
use cordboard_plugin::abi::codec::{Packed, pack, unpack};
use cordboard_plugin::abi::raw::{PluginTable, op, status};
use cordboard_plugin::{CallError, Host};
use futures_util::future::{AbortHandle, Abortable, Aborted, BoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::ffi::c_void;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// An instance; destroyed when nobody uses it any more, a call that the plugin owes an answer to included.
pub(super) struct Instance {
    pub(super) table: &'static PluginTable,
    pub(super) pointer: *mut c_void,
}

// SAFETY: the functions of a plugin may be called from any thread, also at the same time, says the header.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(destroy) = self.table.destroy {
            // SAFETY: made by `create`, destroyed once, and no call holds it any more.
            unsafe { destroy(self.pointer) };
        }
    }
}

impl Instance {
    /// A pure question, answered at once.
    pub(super) fn ask(&self, question: u32, payload: &impl Serialize) -> Answer {
        let (Some(ask), Ok(Packed { json, .. })) = (self.table.ask, pack(payload)) else {
            return (status::UNSUPPORTED, Packed::default());
        };
        let mut answer = nothing();
        // SAFETY: the payload lives until the call returns, there is room for one buffer, and it is ours.
        let (code, json) = unsafe {
            let code = ask(self.pointer, question, lent(&json), &raw mut answer);
            (code, taken(&answer))
        };
        (code, Packed { json, buffers: Vec::new() })
    }

    /// Makes a call, and lends the host meanwhile.
    pub(super) async fn call(
        self: &Arc<Self>,
        host: &dyn Host,
        operation: u32,
        payload: &impl Serialize,
    ) -> Answer {
        match pack(payload) {
            Ok(packed) => Calling::begin(self.clone(), host.share(), operation, packed).await,
            Err(problem) => bad_payload(problem),
        }
    }
}

fn bad_payload(problem: String) -> Answer {
    (status::BAD_PAYLOAD, Packed { json: problem.into_bytes(), buffers: Vec::new() })
}

/// An answer as the trait's method gives it. `lost` is what the method gives when there is none to be
/// had; `default` what the trait does where the plugin has no such operation.
pub(super) fn given<T: DeserializeOwned, E: DeserializeOwned>(
    answer: Answer,
    lost: impl Fn(String) -> E,
    default: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let (code, packed) = answer;
    match code {
        status::OK => unpack(packed)
            .map_err(|problem| lost(format!("the plugin's answer cannot be read: {problem}"))),
        // An error that is not known here may stand for anything.
        status::ERROR => Err(unpack(packed)
            .unwrap_or_else(|problem| lost(format!("the plugin's error is not known: {problem}")))),
        status::UNSUPPORTED => default(),
        status::CANCELLED => Err(lost("the plugin has been stopped".to_owned())),
        // What panics in a linked plugin unwinds into the engine; so does this.
        status::PANIC => panicked(packed),
        code => Err(lost(format!("the plugin did not take the call (status {code})"))),
    }
}

/// Goes on unwinding on this side.
pub(super) fn panicked(packed: Packed) -> ! {
    std::panic::resume_unwind(Box::new(String::from_utf8_lossy(&packed.json).into_owned()))
}

/// The same for a method whose errors are [`CallError`]s: what is not known is unclear.
pub(super) fn called<T: DeserializeOwned>(
    answer: Answer,
    default: impl FnOnce() -> Result<T, CallError>,
) -> Result<T, CallError> {
    given(answer, CallError::unclear, default)
}

/// The same for a method that cannot fail.
pub(super) fn plain<T: DeserializeOwned + Default>(answer: Answer) -> T {
    let lost = |_| ();
    given(answer, lost, || Ok(T::default())).unwrap_or_default()
}

/// A call under way, driven by whoever made it.
struct Calling {
    instance: Arc<Instance>,
    call: Arc<Call>,
    /// What it came to, when the plugin did not take it.
    refused: Option<Answer>,
    working: FuturesUnordered<BoxFuture<'static, (u64, Result<Answer, Aborted>)>>,
    waiting: HashMap<u64, (AbortHandle, Reply)>,
    over: bool,
}

impl Calling {
    fn begin(instance: Arc<Instance>, host: Arc<dyn Host>, operation: u32, packed: Packed) -> Self {
        let call = calls().begin(instance.clone(), host);
        let (json, mut bufs) = apart(packed);
        let code = match instance.table.call {
            // SAFETY: the payload lives until the call returns, the buffers are handed over, and the
            // instance lives as long as the call.
            Some(begin) => unsafe {
                let (pointer, token) = (instance.pointer, call.token);
                begin(pointer, operation, token, lent(&json), bufs.as_mut_ptr(), bufs.len())
            },
            None => {
                // SAFETY: nobody else has taken them.
                bufs.iter().for_each(|buf| drop(unsafe { taken(buf) }));
                status::UNSUPPORTED
            }
        };
        let refused = (code != status::OK).then(|| {
            calls().forget(call.token);
            (code, Packed::default())
        });
        let (working, waiting) = (FuturesUnordered::new(), HashMap::new());
        Self { instance, call, refused, working, waiting, over: false }
    }

    /// Begins what the plugin has asked of the host.
    fn take_up(&mut self, asked: Asked) {
        let Asked { number, op, packed, reply } = asked;
        let (abort, registration) = AbortHandle::new_pair();
        let work = Abortable::new(answer_of(self.call.host.clone(), op, packed), registration);
        self.waiting.insert(number, (abort, reply));
        self.working.push(Box::pin(async move { (number, work.await) }));
    }

    /// Gives the host's answers to the plugin as they come.
    fn serve(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(Some((number, answer))) = self.working.poll_next_unpin(context) {
            self.call.closed();
            if let Some((_, reply)) = self.waiting.remove(&number) {
                reply.give(answer.unwrap_or((status::CANCELLED, Packed::default())));
            }
        }
    }
}

impl Future for Calling {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let this = &mut *self;
        if let Some(refused) = this.refused.take() {
            this.over = true;
            return Poll::Ready(refused);
        }
        loop {
            let news = this.call.news(context.waker());
            if let Some(answer) = news.answer {
                this.over = true;
                return Poll::Ready(answer);
            }
            let nothing_new = news.asked.is_empty() && news.dropped.is_empty();
            news.asked.into_iter().for_each(|asked| this.take_up(asked));
            for number in news.dropped {
                if let Some((abort, _)) = this.waiting.get(&number) {
                    abort.abort();
                }
            }
            this.serve(context);
            if nothing_new {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Calling {
    /// Takes back what was asked of the host; tells the plugin if it still works for nobody.
    fn drop(&mut self) {
        let owes = self.call.abandon() && !self.over;
        self.waiting.clear();
        if let (true, Some(cancel)) = (owes, self.instance.table.cancel) {
            metrics::counter!("cordboard_plugin_abandoned_calls_total").increment(1);
            // SAFETY: the instance lives until the plugin has completed this call.
            unsafe { cancel(self.instance.pointer, self.call.token) };
        }
    }
}

/// Does what a plugin asks of its host.
async fn answer_of(host: Arc<dyn Host>, operation: u32, packed: Packed) -> Answer {
    fn told<T: Serialize, E: Serialize>(result: Result<T, E>) -> Answer {
        let (code, packed) = match &result {
            Ok(value) => (status::OK, pack(value)),
            Err(error) => (status::ERROR, pack(error)),
        };
        packed.map_or_else(bad_payload, |packed| (code, packed))
    }
    fn read<T: DeserializeOwned>(packed: Packed) -> Result<T, Answer> {
        unpack(packed).map_err(bad_payload)
    }
    let answered = async {
        Ok(match operation {
            op::HOST_HTTP => {
                let (request,) = read(packed)?;
                told(host.http(request).await)
            }
            op::HOST_GET => {
                let (key,): (String,) = read(packed)?;
                told(host.get(&key).await)
            }
            op::HOST_SCAN => {
                let (prefix, after, rows_max): (String, Option<String>, u16) = read(packed)?;
                told(host.scan(&prefix, after.as_deref(), rows_max).await)
            }
            op::HOST_COMMIT => {
                let (commit,) = read(packed)?;
                told(host.commit(commit).await)
            }
            op::HOST_SLEEP_UNTIL => {
                let (at,) = read(packed)?;
                host.sleep_until(at).await;
                told::<_, ()>(Ok(()))
            }
            _ => (status::UNSUPPORTED, Packed::default()),
        })
    };
    let answered: Result<Answer, Answer> = answered.await;
    answered.unwrap_or_else(|refused| refused)
}
