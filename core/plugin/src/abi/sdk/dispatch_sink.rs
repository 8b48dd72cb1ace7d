//! Calls to a sink: the payload becomes the method's arguments, its result the answer.

use super::dispatch::{Answer, arguments, result, unsupported, value_of, work};
use super::executor::Work;
use super::remote::RemoteHost;
use crate::abi::codec::Packed;
use crate::abi::raw::op;
use crate::link::Credential;
use crate::sink::{Published, Sink};
use std::sync::Arc;

/// A call to a sink.
pub(super) fn sink(
    plugin: Arc<dyn Sink>,
    operation: u32,
    host: RemoteHost,
    packed: Packed,
) -> Result<Work, Answer> {
    match operation {
        op::BEGIN_LINK => {
            let (request,) = arguments(packed)?;
            work(async move { result(plugin.begin_link(&host, &request).await) })
        }
        op::COMPLETE_LINK => {
            let (back,) = arguments(packed)?;
            work(async move { result(plugin.complete_link(&host, &back).await) })
        }
        op::UPLOAD => {
            let (credential, media) = arguments(packed)?;
            work(async move { result(plugin.upload(&host, &credential, &media).await) })
        }
        op::DESCRIBE => {
            let (credential, handle, alt): (_, _, String) = arguments(packed)?;
            work(async move { result(plugin.describe(&host, &credential, &handle, &alt).await) })
        }
        op::PUBLISH => {
            let (credential, part, previous): (_, _, Option<Published>) = arguments(packed)?;
            work(async move {
                let previous = previous.as_ref();
                result(plugin.publish(&host, &credential, &part, previous).await)
            })
        }
        op::SETTLE => {
            let (credential, attempt) = arguments(packed)?;
            work(async move { result(plugin.settle(&host, &credential, &attempt).await) })
        }
        op::RETRACT => {
            let (credential, published) = arguments(packed)?;
            work(async move { result(plugin.retract(&host, &credential, &published).await) })
        }
        op::SERVE => {
            let (call,) = arguments(packed)?;
            work(async move { value_of(&plugin.serve(&host, call).await) })
        }
        op::REFRESH | op::REVOKE | op::CHECK => {
            let (credential,) = arguments(packed)?;
            with_credential(plugin, operation, host, credential)
        }
        _ => upkeep(plugin, operation, host, packed),
    }
}

/// What is done with a credential alone.
fn with_credential(
    plugin: Arc<dyn Sink>,
    operation: u32,
    host: RemoteHost,
    credential: Credential,
) -> Result<Work, Answer> {
    match operation {
        op::REFRESH => work(async move { result(plugin.refresh(&host, &credential).await) }),
        op::REVOKE => work(async move { result(plugin.revoke(&host, &credential).await) }),
        _ => work(async move { result(plugin.check(&host, &credential).await) }),
    }
}

/// What transports have as well.
fn upkeep(
    plugin: Arc<dyn Sink>,
    operation: u32,
    host: RemoteHost,
    packed: Packed,
) -> Result<Work, Answer> {
    match operation {
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

/// A question to a sink.
pub(super) fn ask_sink(plugin: &dyn Sink, question: u32, packed: Packed) -> Answer {
    let answer = match question {
        op::CAPABILITIES => Ok(value_of(&plugin.capabilities())),
        op::SET_UP => arguments(packed).map(|(addresses,)| value_of(&plugin.set_up(&addresses))),
        op::PLAN => arguments(packed).map(|(draft,)| result(plugin.plan(&draft))),
        op::LINK_STATE => arguments(packed)
            .map(|(query,): (Vec<(String, String)>,)| value_of(&plugin.link_state(&query))),
        op::FINGERPRINT => {
            arguments(packed).map(|(credential,)| value_of(&plugin.fingerprint(&credential)))
        }
        _ => Ok(unsupported()),
    };
    answer.unwrap_or_else(|answer| answer)
}
