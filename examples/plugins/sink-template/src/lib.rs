#![doc = include_str!("../README.md")]

mod config;
mod outbound;
#[cfg(feature = "sim")]
pub mod sim;

use config::Config;
use cordboard_plugin::{
    Base, CallError, Conversation, Create, Credential, Draft, Host, MicroUsd, Part, Plan,
    Published, Refusal, Setting, Settings, SettingsError, Sink, SinkCapabilities, async_trait,
};

cordboard_plugin::export_plugin! {
    transports: [],
    sinks: ["bulletin" => Bulletin],
    simulator: cfg!(sim::SimulatedBulletin),
}

/// One notice board and our token for it.
#[derive(Debug)]
pub struct Bulletin {
    config: Config,
}

impl Create for Bulletin {
    const SETTINGS: &'static [Setting] = config::SETTINGS;

    fn create(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { config: Config::read(settings)? })
    }
}

/// The methods only join what is pure (`outbound`) to the host, which makes the calls.
#[async_trait]
impl Sink for Bulletin {
    fn capabilities(&self) -> SinkCapabilities {
        let free = MicroUsd(0);
        SinkCapabilities {
            // Nobody links an account: everything is posted with the operator's own token.
            credentials: Vec::new(),
            bases: vec![Base { name: outbound::API.to_owned(), url: self.config.api_base.clone() }],
            conversation: Conversation::Core,
            media_types: Vec::new(),
            media_limits: Vec::new(),
            upload_ms_max: 0,
            link_by_code: false,
            refuses_duplicates: false,
            price_post: self.config.price_post,
            price_link_post: self.config.price_post,
            price_settle: free,
            price_check: free,
            price_retract: free,
            price_upload: free,
            price_describe: free,
            provider: "Bulletin".to_owned(),
            publish_ms_max: 20_000,
        }
    }

    fn plan(&self, draft: &Draft) -> Result<Plan, Refusal> {
        outbound::plan(&self.config, draft)
    }

    async fn publish(
        &self,
        host: &dyn Host,
        _credential: &Credential,
        part: &Part,
        previous: Option<&Published>,
    ) -> Result<Published, CallError> {
        let answer = host.http(outbound::call(&self.config, part, previous)).await?;
        outbound::read(&answer)
    }

    async fn retract(
        &self,
        host: &dyn Host,
        _credential: &Credential,
        published: &Published,
    ) -> Result<(), CallError> {
        let answer = host.http(outbound::deletion(&self.config, published)).await?;
        outbound::is_gone(&answer)
    }
}
