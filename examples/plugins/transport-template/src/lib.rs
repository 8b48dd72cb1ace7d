#![doc = include_str!("../README.md")]

mod config;
mod inbound;
mod outbound;
#[cfg(feature = "sim")]
pub mod sim;

use config::Config;
use cordboard_plugin::{
    Base, CallError, Create, Host, HttpCall, OutgoingText, Pace, Receipt, Received, Rejected,
    Setting, Settings, SettingsError, Transport, TransportCapabilities, async_trait,
};

cordboard_plugin::export_plugin! {
    transports: ["carrier" => Carrier],
    sinks: [],
    simulator: cfg!(sim::SimulatedCarrier),
}

/// One account at the provider and its numbers.
#[derive(Debug)]
pub struct Carrier {
    config: Config,
}

impl Create for Carrier {
    const SETTINGS: &'static [Setting] = config::SETTINGS;

    fn create(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { config: Config::read(settings)? })
    }
}

/// The methods only join what is pure (`inbound`, `outbound`) to the host, which makes the calls.
#[async_trait]
impl Transport for Carrier {
    fn capabilities(&self) -> TransportCapabilities {
        let config = &self.config;
        TransportCapabilities {
            numbers: config.numbers.iter().map(|number| number.reveal().to_owned()).collect(),
            bases: vec![Base { name: outbound::API.to_owned(), url: config.api_base.clone() }],
            media_hosts: Vec::new(),
            pictures_in: false,
            webhook: true,
            confirms: false,
            // Words that the provider answers by itself, so that we must not: none.
            carrier_words: Vec::new(),
            price_segment_in: config.price_segment_in,
            price_segment_out: config.price_segment_out,
            text_chars_max: 1600,
            // Ten texts a second, says the provider.
            pace: Pace { at_once: 10, gap_ms: 100, call_ms_max: 20_000 },
        }
    }

    async fn receive(&self, _host: &dyn Host, call: HttpCall) -> Result<Received, Rejected> {
        inbound::verify(&self.config, &call)?;
        inbound::read(&call)
    }

    async fn send(&self, host: &dyn Host, text: &OutgoingText) -> Result<Receipt, CallError> {
        let answer = host.http(outbound::call(&self.config, text)).await?;
        outbound::read(&answer)
    }
}
