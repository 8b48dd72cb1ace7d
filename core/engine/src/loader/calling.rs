//! A call to a plugin file as a future, driven by whoever made it.

use super::answers::bad_payload;
use super::calls::{Answer, Asked, Call, calls};
use super::instance::Instance;
use super::reply::Reply;
use cordboard_plugin::Host;
use cordboard_plugin::abi::bytes::{apart, lent, taken};
use cordboard_plugin::abi::codec::{Packed, pack, unpack};
use cordboard_plugin::abi::raw::{op, status};
use futures_util::future::{AbortHandle, Abortable, Aborted, BoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A call that the plugin has taken.
pub(super) struct Calling {
    call: Arc<Call>,
    host: Arc<dyn Host>,
    working: FuturesUnordered<BoxFuture<'static, (u64, Result<Answer, Aborted>)>>,
    waiting: HashMap<u64, (AbortHandle, Reply)>,
    over: bool,
}

impl Calling {
    /// # Errors
    /// The status with which the plugin did not take it.
    pub(super) fn begin(
        instance: Arc<Instance>,
        host: Arc<dyn Host>,
        operation: u32,
        packed: Packed,
    ) -> Result<Self, i32> {
        let (table, pointer) = (&instance.file.table, instance.pointer);
        let call = calls().begin(instance.clone(), host.clone());
        let (json, mut bufs) = apart(packed);
        let code = match table.call {
            // SAFETY: the payload lives until the call returns, the buffers are handed over, and the
            // instance lives as long as the call.
            Some(begin) => unsafe {
                begin(pointer, operation, call.token, lent(&json), bufs.as_mut_ptr(), bufs.len())
            },
            None => {
                // SAFETY: nobody else has taken them.
                bufs.iter().for_each(|buf| drop(unsafe { taken(buf, 0) }));
                status::UNSUPPORTED
            }
        };
        if code != status::OK {
            calls().forget(call.token);
            call.abandon(false);
            return Err(code);
        }
        let (working, waiting) = (FuturesUnordered::new(), HashMap::new());
        Ok(Self { call, host, working, waiting, over: false })
    }

    /// Begins what the plugin has asked of the host.
    fn take_up(&mut self, asked: Asked) {
        let Asked { number, op, packed, reply } = asked;
        let (abort, registration) = AbortHandle::new_pair();
        let work = Abortable::new(answer_of(self.host.clone(), op, packed), registration);
        self.waiting.insert(number, (abort, reply));
        self.working.push(Box::pin(async move { (number, work.await) }));
    }

    /// Gives the host's answers to the plugin as they come; `true` when there were any.
    fn serve(&mut self, context: &mut Context<'_>) -> bool {
        let mut served = false;
        while let Poll::Ready(Some((number, answer))) = self.working.poll_next_unpin(context) {
            self.call.closed();
            if let Some((_, reply)) = self.waiting.remove(&number) {
                reply.give(answer.unwrap_or((status::CANCELLED, Packed::default())));
            }
            served = true;
        }
        served
    }
}

impl Future for Calling {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let this = &mut *self;
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
            // A plugin that is given an answer may go on, and be done, before that returns.
            if !this.serve(context) && nothing_new {
                return Poll::Pending;
            }
        }
    }
}

impl Drop for Calling {
    /// Takes back what was asked of the host; tells the plugin if it still works for nobody.
    fn drop(&mut self) {
        let owes = self.call.abandon(!self.over);
        // First the work itself, then those who wait for it.
        self.working.clear();
        self.waiting.clear();
        let instance = &self.call.instance;
        if let (true, Some(cancel)) = (owes, instance.file.table.cancel) {
            // SAFETY: this call holds the instance.
            unsafe { cancel(instance.pointer, self.call.token) };
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
