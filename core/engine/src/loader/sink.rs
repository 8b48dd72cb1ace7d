//! A sink in a plugin file, as the engine sees every sink.

use super::answers::{Lost, Outcome, findings, given, plain};
use super::instance::Instance;
use cordboard_plugin::abi::raw::op;
use cordboard_plugin::{
    Act, Addresses, Attempt, CallError, Checked, Credential, Draft, Finding, FreshCredential, Host,
    HttpAnswer, HttpCall, LinkError, LinkRequest, LinkReturn, LinkStart, Linked, Media,
    MediaHandle, Page, Part, Plan, Published, Refusal, SetUpStep, Settled, Sink, SinkCapabilities,
    async_trait,
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
        let can = instance.capabilities()?;
        Ok(Self { instance: Arc::new(instance), can })
    }

    async fn with(&self, host: &dyn Host, operation: u32, credential: &Credential) -> Outcome {
        self.instance.call(host, operation, &(credential,)).await
    }
}

fn none<T>(what: &str) -> Result<T, CallError> {
    Err(CallError::unclear(format!("this sink {what}")))
}

/// A sink with nothing of its own: what the trait does where a plugin has no such operation.
struct Bare<'a>(&'a SinkCapabilities);

#[async_trait]
impl Sink for Bare<'_> {
    fn capabilities(&self) -> SinkCapabilities {
        self.0.clone()
    }

    fn plan(&self, _draft: &Draft) -> Result<Plan, Refusal> {
        Err(Lost::lost("the plugin makes no plans".to_owned()))
    }

    async fn publish(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
        _part: &Part,
        _previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        none("publishes nothing")
    }

    async fn retract(
        &self,
        _host: &dyn Host,
        _credential: &Credential,
        _published: &Published,
    ) -> Result<(), CallError> {
        none("takes nothing back")
    }
}

#[async_trait]
impl Sink for LoadedSink {
    fn capabilities(&self) -> SinkCapabilities {
        self.can.clone()
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        let answer = self.instance.ask(op::SET_UP, &(addresses,));
        let default = || -> Result<Vec<SetUpStep>, ()> { Ok(Bare(&self.can).set_up(addresses)) };
        given(answer, default).unwrap_or_default()
    }

    async fn begin_link(
        &self,
        host: &dyn Host,
        request: &LinkRequest,
    ) -> Result<LinkStart, CallError> {
        let answer = self.instance.call(host, op::BEGIN_LINK, &(request,)).await;
        given(answer, || none("links no accounts"))
    }

    fn link_state(&self, query: &[(String, String)]) -> Option<String> {
        plain(self.instance.ask(op::LINK_STATE, &(query,)))
    }

    async fn complete_link(&self, host: &dyn Host, back: &LinkReturn) -> Result<Linked, LinkError> {
        let answer = self.instance.call(host, op::COMPLETE_LINK, &(back,)).await;
        given(answer, || none("links no accounts").map_err(LinkError::Failed))
    }

    async fn refresh(
        &self,
        host: &dyn Host,
        credential: &Credential,
    ) -> Result<FreshCredential, CallError> {
        given(self.with(host, op::REFRESH, credential).await, || {
            Ok(FreshCredential {
                kind: credential.kind.clone(),
                realm: credential.realm.clone(),
                secret: credential.secret.clone(),
                refresh_at: None,
            })
        })
    }

    async fn revoke(&self, host: &dyn Host, credential: &Credential) -> Result<(), CallError> {
        given(self.with(host, op::REVOKE, credential).await, || Ok(()))
    }

    async fn check(&self, host: &dyn Host, credential: &Credential) -> Result<Checked, CallError> {
        given(self.with(host, op::CHECK, credential).await, || none("checks no credentials"))
    }

    fn plan(&self, draft: &Draft) -> Result<Plan, Refusal> {
        given(self.instance.ask(op::PLAN, &(draft,)), || Bare(&self.can).plan(draft))
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
        given(answer, || none("takes no pictures"))
    }

    async fn describe(
        &self,
        host: &dyn Host,
        credential: &Credential,
        handle: &MediaHandle,
        alt: &str,
    ) -> Result<(), CallError> {
        let answer = self.instance.call(host, op::DESCRIBE, &(credential, handle, alt)).await;
        given(answer, || none("describes no pictures"))
    }

    async fn publish(
        &self,
        host: &dyn Host,
        credential: &Credential,
        part: &Part,
        previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        let answer = self.instance.call(host, op::PUBLISH, &(credential, part, previous)).await;
        given(answer, || none("publishes nothing"))
    }

    async fn settle(
        &self,
        host: &dyn Host,
        credential: &Credential,
        attempt: &Attempt,
    ) -> Result<Settled, CallError> {
        let answer = self.instance.call(host, op::SETTLE, &(credential, attempt)).await;
        given(answer, || Ok(Settled::Unknown))
    }

    async fn retract(
        &self,
        host: &dyn Host,
        credential: &Credential,
        published: &Published,
    ) -> Result<(), CallError> {
        let answer = self.instance.call(host, op::RETRACT, &(credential, published)).await;
        given(answer, || none("takes nothing back"))
    }

    async fn serve(&self, host: &dyn Host, call: HttpCall) -> HttpAnswer {
        let answer = self.instance.call(host, op::SERVE, &(call,)).await;
        let none = || -> Result<HttpAnswer, ()> { Ok(HttpAnswer::empty(404)) };
        given(answer, none).unwrap_or_else(|()| HttpAnswer::empty(502))
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
        given(self.instance.call(host, op::ACT, &(act,)).await, || none("has no such form"))
    }

    async fn probe(&self, host: &dyn Host, args: &[String]) -> Result<Page, CallError> {
        given(self.instance.call(host, op::PROBE, &(args,)).await, || none("has nothing to probe"))
    }
}
