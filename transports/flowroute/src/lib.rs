#![doc = include_str!("../README.md")]

mod callers;
mod catch_up;
mod codes;
mod config;
mod confirm;
mod doctor;
mod inbound;
mod media;
mod message;
mod outbound;
mod receipts;
mod records;
mod set_up;
#[cfg(feature = "sim")]
pub mod sim;

use async_trait::async_trait;
use config::{Config, Verify};
use cordboard_plugin::{
    Addresses, Base, CallError, Confirmed, Create, Fetched, Finding, Host, HttpCall, Incoming,
    MediaRef, OutgoingText, Pace, Receipt, Received, Rejected, SetUpStep, Setting, Settings,
    SettingsError, Transport, TransportCapabilities,
};

cordboard_plugin::export_plugin! {
    transports: ["flowroute" => Flowroute],
    sinks: [],
    simulator: cfg!(sim::SimulatedFlowroute),
}

/// What Flowroute answers by itself on long codes and toll-free (its help, "How to stop unwanted
/// messages on your Flowroute number"); all other words are ours to answer.
const CARRIER_WORDS: &[&str] = &["STOP", "UNSTOP"];

/// Five texts a second and account (Flowroute docs, "SMS and MMS best practices").
const PACE: Pace = Pace { at_once: 8, gap_ms: 200, call_ms_max: 20_000 };

/// One Flowroute account and its numbers.
#[derive(Debug)]
pub struct Flowroute {
    config: Config,
}

impl Create for Flowroute {
    const SETTINGS: &'static [Setting] = config::SETTINGS;

    fn create(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { config: Config::read(settings)? })
    }
}

#[async_trait]
impl Transport for Flowroute {
    fn capabilities(&self) -> TransportCapabilities {
        let config = &self.config;
        TransportCapabilities {
            numbers: config.numbers.iter().map(|number| number.reveal().to_owned()).collect(),
            bases: vec![Base { name: outbound::API.to_owned(), url: config.api_url().to_owned() }],
            media_hosts: config.media_hosts.clone(),
            pictures_in: true,
            webhook: true,
            confirms: config.verify == Verify::Readback,
            carrier_words: CARRIER_WORDS.iter().map(|word| (*word).to_owned()).collect(),
            price_segment_in: config.price_segment_in,
            price_segment_out: config.price_segment_out,
            text_chars_max: 1600,
            pace: PACE,
        }
    }

    fn set_up(&self, addresses: &Addresses) -> Vec<SetUpStep> {
        set_up::steps(&self.config, addresses)
    }

    async fn receive(&self, host: &dyn Host, call: HttpCall) -> Result<Received, Rejected> {
        inbound::receive(&self.config, host, &call).await
    }

    async fn confirm(&self, host: &dyn Host, message: &Incoming) -> Result<Confirmed, CallError> {
        confirm::confirm(&self.config, host, message).await
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
