#![doc = include_str!("../README.md")]

mod at;
mod config;
mod find;
mod inbox;
mod line;
mod outbox;
pub mod pdu;
mod port;
mod probe;
#[cfg(feature = "sim")]
pub mod sim;

use async_trait::async_trait;
use config::{Config, Place};
use cordboard_plugin::{
    Act, Addresses, Base, CallError, Create, Finding, Host, HttpCall, OutgoingText, Pace, Page,
    Receipt, Received, Rejected, SetUpStep, Setting, Settings, SettingsError, Transport,
    TransportCapabilities,
};
use line::{Line, RealPorts};

cordboard_plugin::export_plugin! {
    transports: ["modem" => Modem],
    sinks: [],
    simulator: cfg!(sim::SimulatedModem),
}

/// The name of the base URL of a line to a simulated modem.
const SIMULATED_LINE: &str = "line";
/// Ten parts of 153 characters; of other alphabets fewer fit, and the core has cut the text already.
const TEXT_CHARS_MAX: u16 = 1530;
/// From one text to the next, in milliseconds: carriers take personal cards for senders of spam early.
const GAP_MS: u32 = 2_000;
/// Up to ten parts, of which each may take minutes; see `line::send`.
const CALL_MS_MAX: u32 = 600_000;

/// One modem with its card.
pub struct Modem {
    /// `None`: it is there to look around with ([`Transport::probe`]).
    line: Option<Line>,
}

impl Create for Modem {
    const SETTINGS: &'static [Setting] = config::SETTINGS;

    fn create(settings: &Settings) -> Result<Self, SettingsError> {
        let config = Config::read(settings)?;
        let ports = RealPorts { roots: find::Roots::default(), baud: config.baud };
        Ok(Self { line: Some(Line::new(config, Box::new(ports))) })
    }

    fn unconfigured() -> Option<Self> {
        Some(Self { line: None })
    }
}

impl Modem {
    /// An instance for which `root` stands for `/`: for tests, whose modems are pseudo-terminals below
    /// `<root>/dev` with drivers below `<root>/sys`.
    ///
    /// # Errors
    /// As [`Create::create`].
    #[cfg(feature = "sim")]
    pub fn create_in(settings: &Settings, root: &std::path::Path) -> Result<Self, SettingsError> {
        let config = Config::read(settings)?;
        let roots = find::Roots {
            dev: root.join("dev"),
            sys: root.join("sys"),
            proc: root.join("proc"),
            groups: root.join("etc/group"),
        };
        let ports = RealPorts { roots, baud: config.baud };
        Ok(Self { line: Some(Line::new(config, Box::new(ports))) })
    }

    fn line(&self) -> Result<&Line, CallError> {
        self.line.as_ref().ok_or_else(Line::none)
    }
}

#[async_trait]
impl Transport for Modem {
    fn capabilities(&self) -> TransportCapabilities {
        let config = self.line.as_ref().map(Line::config);
        let base = |config: &Config| match &config.place {
            Place::Simulated(url) => {
                Some(Base { name: SIMULATED_LINE.to_owned(), url: url.clone() })
            }
            _ => None,
        };
        TransportCapabilities {
            numbers: config.iter().map(|config| config.number.reveal().to_owned()).collect(),
            bases: config.and_then(base).into_iter().collect(),
            media_hosts: Vec::new(),
            pictures_in: false,
            webhook: false,
            confirms: false,
            // A personal card's operator answers nothing in our place.
            carrier_words: Vec::new(),
            price_segment_in: config.map(|config| config.price_segment_in).unwrap_or_default(),
            price_segment_out: config.map(|config| config.price_segment_out).unwrap_or_default(),
            text_chars_max: TEXT_CHARS_MAX,
            pace: Pace { at_once: 1, gap_ms: GAP_MS, call_ms_max: CALL_MS_MAX },
        }
    }

    fn set_up(&self, _addresses: &Addresses) -> Vec<SetUpStep> {
        vec![
            SetUpStep::note("nothing to paste: the bridge fetches its texts from the modem itself"),
            SetUpStep::note("the SIM card must ask for no PIN, or its PIN must be in `sim_pin`"),
            SetUpStep::note("a modem on a Raspberry Pi, step by step: deploy/modem-on-a-pi.md"),
        ]
    }

    async fn receive(&self, _host: &dyn Host, _call: HttpCall) -> Result<Received, Rejected> {
        Err(Rejected { status: 404, reason: "a modem has no webhook".to_owned() })
    }

    async fn send(&self, host: &dyn Host, text: &OutgoingText) -> Result<Receipt, CallError> {
        self.line()?.send(host, text).await
    }

    async fn run(&self, host: &dyn Host) -> Result<(), CallError> {
        self.line()?.run(host).await
    }

    async fn diagnose(&self, host: &dyn Host) -> Vec<Finding> {
        match &self.line {
            Some(line) => line.diagnose(host).await,
            None => Vec::new(),
        }
    }

    async fn page(&self, host: &dyn Host) -> Page {
        match &self.line {
            Some(line) => line.page(host).await,
            None => Page::default(),
        }
    }

    async fn act(&self, host: &dyn Host, act: Act) -> Result<String, CallError> {
        self.line()?.act(host, &act).await
    }

    async fn probe(&self, host: &dyn Host, args: &[String]) -> Result<Page, CallError> {
        probe::probe(host, args).await
    }
}

impl std::fmt::Debug for Modem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Modem").field("config", &self.line.as_ref().map(Line::config)).finish()
    }
}
