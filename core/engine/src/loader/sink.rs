//! A sink in a plugin file, as the engine sees every sink.

use super::adapter::{Instance, called, given, plain};
use cordboard_plugin::abi::codec::unpack;
use cordboard_plugin::abi::raw::{op, status};
use cordboard_plugin::{
    Act, Addresses, Attempt, CallError, Checked, Credential, Draft, Finding, FreshCredential, Host,
    HttpAnswer, HttpCall, LinkError, LinkRequest, LinkReturn, LinkStart, Linked, Media,
    MediaHandle, Page, Part, Plan, Published, Reason, Refusal, SetUpStep, Settled, Sink,
    SinkCapabilities, async_trait,
};
use std::sync::Arc;

/// A sink instance in a file.
pub(super) struct LoadedSink {
    instance: Arc<Instance>,
    can: SinkCapabilities,
}

impl LoadedSink {
    /// Asks once what it can do.
    ///
    /// # Errors
    /// When it does not say.
    pub(super) fn new(instance: Instance) -> Result<Self, String> {
        let can = match instance.ask(op::CAPABILITIES, &()) {
            (status::OK, packed) => unpack(packed)?,
            (code, _) => return Err(format!("it does not say what it can do (status {code})")),
        };
        Ok(Self { instance: Arc::new(instance), can })
    }

    async fn with(&self, host: &dyn Host, operation: u32, credential: &Credential) -> Answer {
        self.instance.call(host, operation, &(credential,)).await
    }
}

type Answer = super::calls::Answer;

fn none<T>(what: &str) -> Result<T, CallError> {
    Err(CallError::unclear(format!("this sink {what}")))
}

#[async_trait]
impl Sink for LoadedSink {
    fn capabilities(&self) -> SinkCapabilities {
        self.can.clone()
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        let default = || -> Result<Vec<SetUpStep>, ()> {
            let links = !self.can.credentials.is_empty();
            let step = SetUpStep::paste("callback address", &addresses.callback_url);
            Ok(links.then_some(step).into_iter().collect())
        };
        let answer = self.instance.ask(op::SET_UP, &(addresses,));
        given(answer, |_| (), default).unwrap_or_default()
    }

    async fn begin_link(
        &self,
        host: &dyn Host,
        request: &LinkRequest,
    ) -> Result<LinkStart, CallError> {
        let answer = self.instance.call(host, op::BEGIN_LINK, &(request,)).await;
        called(answer, || none("links no accounts"))
    }

    fn link_state(&self, query: &[(String, String)]) -> Option<String> {
        plain(self.instance.ask(op::LINK_STATE, &(query,)))
    }

    async fn complete_link(&self, host: &dyn Host, back: &LinkReturn) -> Result<Linked, LinkError> {
        let answer = self.instance.call(host, op::COMPLETE_LINK, &(back,)).await;
        let lost = |problem| LinkError::Failed(CallError::unclear(problem));
        given(answer, lost, || none("links no accounts").map_err(LinkError::Failed))
    }

    async fn refresh(
        &self,
        host: &dyn Host,
        credential: &Credential,
    ) -> Result<FreshCredential, CallError> {
        called(self.with(host, op::REFRESH, credential).await, || {
            Ok(FreshCredential {
                kind: credential.kind.clone(),
                realm: credential.realm.clone(),
                secret: credential.secret.clone(),
                refresh_at: None,
            })
        })
    }

    async fn revoke(&self, host: &dyn Host, credential: &Credential) -> Result<(), CallError> {
        called(self.with(host, op::REVOKE, credential).await, || Ok(()))
    }

    async fn check(&self, host: &dyn Host, credential: &Credential) -> Result<Checked, CallError> {
        called(self.with(host, op::CHECK, credential).await, || none("checks no credentials"))
    }

    fn plan(&self, draft: &Draft) -> Result<Plan, Refusal> {
        let lost = |problem| Refusal {
            reason: Reason::Other,
            code: problem,
            words: "it could not be prepared for posting".to_owned(),
        };
        let none = || Err(lost("the plugin makes no plans".to_owned()));
        given(self.instance.ask(op::PLAN, &(draft,)), lost, none)
    }

    fn fingerprint(&self, credential: &Credential) -> Option<String> {
        plain(self.instance.ask(op::FINGERPRINT, &(credential,)))
    }

    async fn upload(
        &self,
        host: &dyn Host,
        credential: &Credential,
        media: &Media,
    ) -> Result<MediaHandle, CallError> {
        let answer = self.instance.call(host, op::UPLOAD, &(credential, media)).await;
        called(answer, || none("takes no pictures"))
    }

    async fn describe(
        &self,
        host: &dyn Host,
        credential: &Credential,
        handle: &MediaHandle,
        alt: &str,
    ) -> Result<(), CallError> {
        let answer = self.instance.call(host, op::DESCRIBE, &(credential, handle, alt)).await;
        called(answer, || none("describes no pictures"))
    }

    async fn publish(
        &self,
        host: &dyn Host,
        credential: &Credential,
        part: &Part,
        previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        let answer = self.instance.call(host, op::PUBLISH, &(credential, part, previous)).await;
        called(answer, || none("publishes nothing"))
    }

    async fn settle(
        &self,
        host: &dyn Host,
        credential: &Credential,
        attempt: &Attempt,
    ) -> Result<Settled, CallError> {
        let answer = self.instance.call(host, op::SETTLE, &(credential, attempt)).await;
        called(answer, || Ok(Settled::Unknown))
    }

    async fn retract(
        &self,
        host: &dyn Host,
        credential: &Credential,
        published: &Published,
    ) -> Result<(), CallError> {
        let answer = self.instance.call(host, op::RETRACT, &(credential, published)).await;
        called(answer, || none("takes nothing back"))
    }

    async fn serve(&self, host: &dyn Host, call: HttpCall) -> HttpAnswer {
        let answer = self.instance.call(host, op::SERVE, &(call,)).await;
        let none = || -> Result<HttpAnswer, ()> { Ok(HttpAnswer::empty(404)) };
        given(answer, |_| (), none).unwrap_or_else(|()| HttpAnswer::empty(502))
    }

    async fn woke(&self, host: &dyn Host, timer_key: &str) {
        plain(self.instance.call(host, op::WOKE, &(timer_key,)).await)
    }

    async fn diagnose(&self, host: &dyn Host) -> Vec<Finding> {
        plain(self.instance.call(host, op::DIAGNOSE, &()).await)
    }

    async fn page(&self, host: &dyn Host) -> Page {
        plain(self.instance.call(host, op::PAGE, &()).await)
    }

    async fn act(&self, host: &dyn Host, act: Act) -> Result<String, CallError> {
        called(self.instance.call(host, op::ACT, &(act,)).await, || none("has no such form"))
    }

    async fn probe(&self, host: &dyn Host, args: &[String]) -> Result<Page, CallError> {
        called(self.instance.call(host, op::PROBE, &(args,)).await, || none("has nothing to probe"))
    }
}
