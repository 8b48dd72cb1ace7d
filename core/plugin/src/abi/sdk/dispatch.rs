//! Calls to a transport: the payload becomes the method's arguments, its result the answer.

use super::executor::Work;
use super::remote::RemoteHost;
use crate::abi::codec::{Packed, pack, unpack};
use crate::abi::raw::{op, status};
use crate::transport::Transport;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::sync::Arc;

/// A status and its payload.
pub(super) type Answer = (i32, Packed);

/// The arguments of a call; what is wrong with them is the answer to it.
pub(super) fn arguments<T: DeserializeOwned>(packed: Packed) -> Result<T, Answer> {
    unpack(packed).map_err(bad_payload)
}

/// It could not be read, and why.
pub(super) fn bad_payload(problem: String) -> Answer {
    (status::BAD_PAYLOAD, Packed { json: problem.into_bytes(), buffers: Vec::new() })
}

/// A result as it crosses.
pub(super) fn result<T: Serialize, E: Serialize>(result: Result<T, E>) -> Answer {
    match result {
        Ok(value) => value_of(&value),
        Err(error) => with_status(status::ERROR, &error),
    }
}

/// A value as it crosses.
pub(super) fn value_of(value: &impl Serialize) -> Answer {
    with_status(status::OK, value)
}

fn with_status(code: i32, value: &impl Serialize) -> Answer {
    match pack(value) {
        Ok(packed) => (code, packed),
        Err(problem) => bad_payload(problem),
    }
}

/// Unknown operations: the trait's default applies on the other side.
pub(super) fn unsupported() -> Answer {
    (status::UNSUPPORTED, Packed::default())
}

/// A call as work for the executor.
pub(super) fn work(future: impl Future<Output = Answer> + Send + 'static) -> Result<Work, Answer> {
    Ok(Box::pin(future))
}

/// A call to a transport.
pub(super) fn transport(
    plugin: Arc<dyn Transport>,
    operation: u32,
    host: RemoteHost,
    packed: Packed,
) -> Result<Work, Answer> {
    match operation {
        op::RECEIVE => {
            let (call,) = arguments(packed)?;
            work(async move { result(plugin.receive(&host, call).await) })
        }
        op::CONFIRM => {
            let (message,) = arguments(packed)?;
            work(async move { result(plugin.confirm(&host, &message).await) })
        }
        op::SEND => {
            let (text,) = arguments(packed)?;
            work(async move { result(plugin.send(&host, &text).await) })
        }
        op::FETCH => {
            let (media, bytes_max) = arguments(packed)?;
            work(async move { result(plugin.fetch(&host, &media, bytes_max).await) })
        }
        op::RUN => work(async move { result(plugin.run(&host).await) }),
        op::WOKE => {
            let (key,): (String,) = arguments(packed)?;
            work(async move { value_of(&plugin.woke(&host, &key).await) })
        }
        op::DIAGNOSE => work(async move { value_of(&plugin.diagnose(&host).await) }),
        op::PAGE => work(async move { value_of(&plugin.page(&host).await) }),
        op::ACT => {
            let (act,) = arguments(packed)?;
            work(async move { result(plugin.act(&host, act).await) })
        }
        op::PROBE => {
            let (args,): (Vec<String>,) = arguments(packed)?;
            work(async move { result(plugin.probe(&host, &args).await) })
        }
        _ => Err(unsupported()),
    }
}

/// A question to a transport.
pub(super) fn ask_transport(plugin: &dyn Transport, question: u32, packed: Packed) -> Answer {
    match question {
        op::CAPABILITIES => value_of(&plugin.capabilities()),
        op::SET_UP => match arguments(packed) {
            Ok((addresses,)) => value_of(&plugin.set_up(&addresses)),
            Err(answer) => answer,
        },
        _ => unsupported(),
    }
}
