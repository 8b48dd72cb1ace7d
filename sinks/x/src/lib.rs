#![doc = include_str!("../README.md")]

pub mod answers;
pub mod config;
pub mod count;
pub mod oauth1;
pub mod oauth2;
pub mod plan;
pub mod publish;
mod set_up;
pub mod settle;
#[cfg(feature = "sim")]
pub mod sim;

use config::Config;
use cordboard_plugin::{
    Addresses, Attempt, Base, CallError, Checked, Conversation, Create, Credential, CredentialKind,
    Draft, FreshCredential, Host, LinkError, LinkRequest, LinkReturn, LinkStart, Linked, MicroUsd,
    Part, Plan, Published, Reason, Refusal, SetUpStep, Setting, Settings, SettingsError, Settled,
    Sink, SinkCapabilities, async_trait,
};
use oauth2::Tokens;

cordboard_plugin::export_plugin! {
    transports: [],
    sinks: ["x" => X],
    simulator: cfg!(sim::SimulatedX),
}

/// One app at X, through which people post words.
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
        let kind = oauth2::KIND.to_owned();
        let url = self.config.api_base.clone();
        SinkCapabilities {
            credentials: vec![CredentialKind { kind, realm: self.config.realm() }],
            bases: vec![Base { name: publish::API.to_owned(), url }],
            conversation: Conversation::Core,
            media_types: Vec::new(),
            media_limits: Vec::new(),
            upload_ms_max: 0,
            link_by_code: false,
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
        set_up::steps(&self.config, addresses)
    }

    async fn begin_link(
        &self,
        host: &dyn Host,
        request: &LinkRequest,
    ) -> Result<LinkStart, CallError> {
        oauth2::begin(&self.config, host, request)
    }

    fn link_state(&self, query: &[(String, String)]) -> Option<String> {
        let state = query.iter().find(|(name, _)| name == "state");
        state.map(|(_, state)| state.clone()).filter(|state| !state.is_empty())
    }

    async fn complete_link(&self, host: &dyn Host, back: &LinkReturn) -> Result<Linked, LinkError> {
        let tokens = oauth2::complete(&self.config, host, back).await?;
        let call = publish::whose(tokens.access_token.reveal());
        let answer = host.http(call).await.map_err(|error| LinkError::Failed(error.into()))?;
        let account = publish::owner(&answer).map_err(LinkError::Failed)?;
        let credential = tokens.credential(self.config.realm()).map_err(LinkError::Failed)?;
        Ok(Linked { credential, account })
    }

    async fn refresh(
        &self,
        host: &dyn Host,
        credential: &Credential,
    ) -> Result<FreshCredential, CallError> {
        let stored = Tokens::of(credential)?;
        let fresh = oauth2::refresh(&self.config, host, &stored).await?;
        fresh.credential(self.config.realm())
    }

    async fn revoke(&self, host: &dyn Host, credential: &Credential) -> Result<(), CallError> {
        let tokens = Tokens::of(credential)?;
        // The refresh token first: it is the one that lives on.
        for (token, hint) in
            [(&tokens.refresh_token, "refresh_token"), (&tokens.access_token, "access_token")]
        {
            if !token.reveal().is_empty() {
                let call = oauth2::revocation(&self.config, token, hint);
                oauth2::revoked(&host.http(call).await?)?;
            }
        }
        Ok(())
    }

    async fn check(&self, host: &dyn Host, credential: &Credential) -> Result<Checked, CallError> {
        let tokens = Tokens::of(credential)?;
        let answer = host.http(publish::whose(tokens.access_token.reveal())).await?;
        let account = publish::owner(&answer)?;
        Ok(Checked { account, may_write: tokens.may("tweet.write") })
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
        let tokens = Tokens::of(credential)?;
        let call = publish::post(part, previous, tokens.access_token.reveal());
        let posted = publish::posted(&host.http(call).await?, &self.config.web_base);
        if let Err(error) = &posted {
            publish::log_refusal(host, error);
        }
        posted
    }

    async fn settle(
        &self,
        host: &dyn Host,
        credential: &Credential,
        attempt: &Attempt,
    ) -> Result<Settled, CallError> {
        let tokens = Tokens::of(credential)?;
        if !publish::is_id(&credential.account.id) {
            return Ok(Settled::Unknown);
        }
        let call = settle::newest(&credential.account.id, tokens.access_token.reveal());
        let Ok(answer) = host.http(call).await else { return Ok(Settled::Unknown) };
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
        let tokens = Tokens::of(credential)?;
        if !publish::is_id(&published.id) {
            let words = "we do not know which post it is; delete it at x.com";
            return Err(CallError::refused(Reason::Other, "", words));
        }
        let call = publish::delete(&published.id, tokens.access_token.reveal());
        publish::deleted(&host.http(call).await?)
    }
}

// What X bills for one call of each sort (docs, pricing, August 2026). Of a delete they name two prices,
// 0.010 and 0.005 USD, without saying which is whose: the dearer one counts.

/// Reading one post.
const PRICE_READ: MicroUsd = MicroUsd(5_000);
/// Reading one user: whose credential it is.
const PRICE_USER_READ: MicroUsd = MicroUsd(10_000);
/// Deleting one post.
const PRICE_DELETE: MicroUsd = MicroUsd(10_000);
