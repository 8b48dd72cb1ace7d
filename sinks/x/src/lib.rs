#![doc = include_str!("../README.md")]

pub mod access;
pub mod answers;
pub mod app;
pub mod config;
pub mod count;
pub mod media;
pub mod oauth1;
pub mod oauth2;
pub mod plan;
pub mod publish;
mod set_up;
pub mod settle;
#[cfg(feature = "sim")]
pub mod sim;

use access::Access;
use config::Config;
use cordboard_plugin::{
    Addresses, Attempt, CallError, Checked, Conversation, Create, Credential, Draft,
    FreshCredential, Host, LinkError, LinkRequest, LinkReturn, LinkStart, Linked, MicroUsd, Part,
    Plan, Published, Reason, Refusal, SetUpStep, Setting, Settings, SettingsError, Settled, Sink,
    SinkCapabilities, async_trait,
};
pub use media::XMedia;

cordboard_plugin::export_plugin! {
    transports: [],
    sinks: ["x" => X, "x-media" => XMedia],
    simulator: cfg!(sim::SimulatedX),
}

/// One app at X, through which people post.
pub struct X {
    config: Config,
}

impl Create for X {
    const SETTINGS: &'static [Setting] = config::SETTINGS;

    fn create(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { config: Config::read(settings)? })
    }
}

#[async_trait]
impl Sink for X {
    fn capabilities(&self) -> SinkCapabilities {
        SinkCapabilities {
            credentials: self.config.app.credentials(),
            bases: self.config.app.bases.clone(),
            conversation: Conversation::Core,
            media_types: Vec::new(),
            media_limits: Vec::new(),
            upload_ms_max: 0,
            link_by_code: self.config.app.consumer().is_some_and(|consumer| consumer.by_code),
            refuses_duplicates: true,
            price_post: self.config.prices.post,
            price_link_post: self.config.prices.link_post,
            price_settle: MicroUsd(PRICE_READ.0 * i64::from(settle::POSTS_READ)),
            price_check: PRICE_USER_READ,
            price_retract: PRICE_DELETE,
            price_upload: MicroUsd(0),
            price_describe: MicroUsd(0),
            provider: "X".to_owned(),
            publish_ms_max: 20_000,
        }
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        set_up::steps(&self.config.app, addresses)
    }

    async fn begin_link(
        &self,
        host: &dyn Host,
        request: &LinkRequest,
    ) -> Result<LinkStart, CallError> {
        self.config.app.begin(host, request).await
    }

    fn link_state(&self, query: &[(String, String)]) -> Option<String> {
        self.config.app.link_state(query)
    }

    async fn complete_link(&self, host: &dyn Host, back: &LinkReturn) -> Result<Linked, LinkError> {
        self.config.app.complete(host, back).await
    }

    async fn refresh(
        &self,
        host: &dyn Host,
        credential: &Credential,
    ) -> Result<FreshCredential, CallError> {
        self.config.app.refresh(host, credential).await
    }

    async fn revoke(&self, host: &dyn Host, credential: &Credential) -> Result<(), CallError> {
        self.config.app.revoke(host, credential).await
    }

    async fn check(&self, host: &dyn Host, credential: &Credential) -> Result<Checked, CallError> {
        self.config.app.check(host, credential).await
    }

    fn fingerprint(&self, credential: &Credential) -> Option<String> {
        self.config.app.fingerprint(credential)
    }

    fn plan(&self, draft: &Draft) -> Result<Plan, Refusal> {
        plan::plan(draft, &self.config.prices)
    }

    async fn publish(
        &self,
        host: &dyn Host,
        credential: &Credential,
        part: &Part,
        previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        let access = Access::open(&self.config.app, credential)?;
        let call = publish::post(part, previous, host.now())?;
        let answer = access.call(host, call).await?;
        publish::posted(&answer, &self.config.web_base).map_err(|error| {
            publish::log_refusal(host, &error);
            access.failure(&answer, error)
        })
    }

    async fn settle(
        &self,
        host: &dyn Host,
        credential: &Credential,
        attempt: &Attempt,
    ) -> Result<Settled, CallError> {
        let access = Access::open(&self.config.app, credential)?;
        if !publish::is_id(&credential.account.id) {
            return Ok(Settled::Unknown);
        }
        let call = settle::newest(&credential.account.id);
        let Ok(answer) = access.call(host, call).await else { return Ok(Settled::Unknown) };
        if answer.status == 401 {
            // Unknown as well, but the core learns that a refresh may help.
            return Err(answers::failure(&answer));
        }
        Ok(settle::find(&answer, attempt, &self.config.web_base))
    }

    async fn retract(
        &self,
        host: &dyn Host,
        credential: &Credential,
        published: &Published,
    ) -> Result<(), CallError> {
        let access = Access::open(&self.config.app, credential)?;
        if !publish::is_id(&published.id) {
            let words = "we do not know which post it is; delete it at x.com";
            return Err(CallError::refused(Reason::Other, "", words));
        }
        let answer = access.call(host, publish::delete(&published.id)).await?;
        publish::deleted(&answer).map_err(|error| access.failure(&answer, error))
    }
}

// What X bills for one call of each sort (docs, pricing, August 2026). Of a delete they name two prices,
// 0.010 and 0.005 USD, without saying which is whose: the dearer one counts.

/// Reading one post.
const PRICE_READ: MicroUsd = MicroUsd(5_000);
/// Reading one user: whose credential it is.
pub(crate) const PRICE_USER_READ: MicroUsd = MicroUsd(10_000);
/// Deleting one post.
const PRICE_DELETE: MicroUsd = MicroUsd(10_000);
