#![doc = include_str!("../README.md")]

mod catch_up;
mod codes;
mod config;
mod doctor;
pub mod form;
mod inbound;
mod listing;
mod media;
mod outbound;
mod set_up;
pub mod signature;
#[cfg(feature = "sim")]
pub mod sim;

use async_trait::async_trait;
use config::{Config, Receive};
use cordboard_plugin::{
    Addresses, Base, CallError, Create, Fetched, Finding, Host, HttpCall, MediaRef, OutgoingText,
    Pace, Receipt, Received, Rejected, SetUpStep, Setting, Settings, SettingsError, Transport,
    TransportCapabilities,
};

cordboard_plugin::export_plugin! {
    transports: ["twilio" => Twilio],
    sinks: [],
    simulator: cfg!(sim::SimulatedTwilio),
}

/// Twilio's default handling of opt-out (Twilio docs, "Advanced Opt-Out", default keywords). YES is left
/// out: Twilio takes it for START only from somebody who has stopped, and to us it answers questions.
const CARRIER_WORDS: &[&str] = &[
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "START",
    "UNSTOP",
    "HELP",
    "INFO",
];

/// One Twilio account and its numbers.
#[derive(Debug)]
pub struct Twilio {
    config: Config,
}

impl Create for Twilio {
    const SETTINGS: &'static [Setting] = config::SETTINGS;

    fn create(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { config: Config::read(settings)? })
    }
}

#[async_trait]
impl Transport for Twilio {
    fn capabilities(&self) -> TransportCapabilities {
        let config = &self.config;
        let url = config.api_base.as_str().trim_end_matches('/').to_owned();
        TransportCapabilities {
            numbers: config.numbers.iter().map(|number| number.reveal().to_owned()).collect(),
            bases: vec![Base { name: outbound::API.to_owned(), url }],
            media_hosts: config.media_hosts.clone(),
            pictures_in: true,
            webhook: config.receive == Receive::Webhook,
            confirms: false,
            // Long codes and toll-free: Twilio answers all three by itself and still tells us.
            carrier_words: CARRIER_WORDS.iter().map(|word| (*word).to_owned()).collect(),
            price_segment_in: config.price_segment_in,
            price_segment_out: config.price_segment_out,
            text_chars_max: 1600,
            pace: Pace::default(),
        }
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        set_up::steps(&self.config, addresses)
    }

    async fn receive(&self, host: &dyn Host, call: HttpCall) -> Result<Received, Rejected> {
        inbound::receive(&self.config, host, &call)
    }

    async fn send(&self, host: &dyn Host, text: &OutgoingText) -> Result<Receipt, CallError> {
        let answer = host.http(outbound::call(&self.config, text)).await?;
        outbound::read(&answer)
    }

    async fn fetch(
        &self,
        host: &dyn Host,
        media: &MediaRef,
        bytes_max: u32,
    ) -> Result<Fetched, CallError> {
        media::fetch(&self.config, host, media, bytes_max).await
    }

    async fn run(&self, host: &dyn Host) -> Result<(), CallError> {
        catch_up::run(&self.config, host).await
    }

    async fn diagnose(&self, host: &dyn Host) -> Vec<Finding> {
        doctor::diagnose(&self.config, host).await
    }
}
