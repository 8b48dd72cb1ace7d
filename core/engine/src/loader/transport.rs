//! A transport in a plugin file, as the engine sees every transport.

use super::answers::{findings, given, plain};
use super::instance::Instance;
use cordboard_plugin::abi::raw::op;
use cordboard_plugin::{
    Act, Addresses, CallError, Confirmed, Fetched, Finding, Host, HttpCall, Incoming, MediaRef,
    OutgoingText, Page, Receipt, Received, Rejected, SetUpStep, Transport, TransportCapabilities,
    Trouble, async_trait,
};
use std::sync::Arc;

/// A transport instance in a file.
pub(super) struct LoadedTransport {
    instance: Arc<Instance>,
    can: TransportCapabilities,
}

impl LoadedTransport {
    /// Asks once what it can do.
    ///
    /// # Errors
    /// When it does not say.
    pub(super) fn new(instance: Instance) -> Result<Self, String> {
        let can = instance.capabilities()?;
        Ok(Self { instance: Arc::new(instance), can })
    }
}

/// A transport with nothing of its own: what the trait does where a plugin has no such operation.
struct Bare<'a>(&'a TransportCapabilities);

#[async_trait]
impl Transport for Bare<'_> {
    fn capabilities(&self) -> TransportCapabilities {
        self.0.clone()
    }

    async fn receive(&self, _host: &dyn Host, _call: HttpCall) -> Result<Received, Rejected> {
        Err(Rejected { status: 404, reason: "it takes no webhooks".to_owned() })
    }

    async fn send(&self, _host: &dyn Host, _text: &OutgoingText) -> Result<Receipt, CallError> {
        Err(CallError::operator(Trouble::Plan, "this transport sends no texts"))
    }
}

#[async_trait]
impl Transport for LoadedTransport {
    fn capabilities(&self) -> TransportCapabilities {
        self.can.clone()
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        let answer = self.instance.ask(op::SET_UP, &(addresses,));
        let default = || -> Result<Vec<SetUpStep>, ()> { Ok(Bare(&self.can).set_up(addresses)) };
        given(answer, default).unwrap_or_default()
    }

    async fn receive(&self, host: &dyn Host, call: HttpCall) -> Result<Received, Rejected> {
        let answer = self.instance.call(host, op::RECEIVE, &(call,)).await;
        let none = || Err(Rejected { status: 404, reason: "it takes no webhooks".to_owned() });
        given(answer, none)
    }

    async fn confirm(&self, host: &dyn Host, message: &Incoming) -> Result<Confirmed, CallError> {
        let answer = self.instance.call(host, op::CONFIRM, &(message,)).await;
        given(answer, || Ok(Confirmed::Genuine))
    }

    async fn send(&self, host: &dyn Host, text: &OutgoingText) -> Result<Receipt, CallError> {
        let answer = self.instance.call(host, op::SEND, &(text,)).await;
        given(answer, || Err(CallError::operator(Trouble::Plan, "this transport sends no texts")))
    }

    async fn fetch(
        &self,
        host: &dyn Host,
        media: &MediaRef,
        bytes_max: u32,
    ) -> Result<Fetched, CallError> {
        let answer = self.instance.call(host, op::FETCH, &(media, bytes_max)).await;
        let none = "this transport carries no pictures";
        given(answer, || Err(CallError::operator(Trouble::Plan, none)))
    }

    async fn run(&self, host: &dyn Host) -> Result<(), CallError> {
        given(self.instance.call(host, op::RUN, &()).await, || Ok(()))
    }

    async fn woke(&self, host: &dyn Host, timer_key: &str) {
        plain(self.instance.call(host, op::WOKE, &(timer_key,)).await)
    }

    async fn diagnose(&self, host: &dyn Host) -> Vec<Finding> {
        findings(self.instance.call(host, op::DIAGNOSE, &()).await)
    }

    async fn page(&self, host: &dyn Host) -> Page {
        plain(self.instance.call(host, op::PAGE, &()).await)
    }

    async fn act(&self, host: &dyn Host, act: Act) -> Result<String, CallError> {
        let answer = self.instance.call(host, op::ACT, &(act,)).await;
        given(answer, || Err(CallError::unclear("this transport has no such form")))
    }

    async fn probe(&self, host: &dyn Host, args: &[String]) -> Result<Page, CallError> {
        let answer = self.instance.call(host, op::PROBE, &(args,)).await;
        given(answer, || Err(CallError::unclear("this transport has nothing to probe")))
    }
}
