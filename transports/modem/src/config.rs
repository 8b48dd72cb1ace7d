//! The settings of one modem, checked once.

use cordboard_plugin::{Address, MicroUsd, Secret, Setting, SettingKind, Settings, SettingsError};
use serde::Deserialize;

const fn setting(
    key: &'static str,
    kind: SettingKind,
    default: Option<&'static str>,
    doc: &'static str,
) -> Setting {
    Setting { key, kind, default, doc }
}

/// The table from which `plugins.toml` is checked.
pub(crate) const SETTINGS: &[Setting] = &[
    setting(
        "number",
        SettingKind::Text,
        None,
        "The number of the SIM card, in E.164: people text it, and replies come from it.",
    ),
    setting(
        "port",
        SettingKind::Text,
        Some("\"auto\""),
        "The serial port, best by a name that stays (`/dev/serial/by-id/…`); `auto` looks for the modem.",
    ),
    setting(
        "baud",
        SettingKind::Whole { min: 1200, max: 4_000_000 },
        Some("115200"),
        "Bits a second on a real serial line; USB ignores it.",
    ),
    setting(
        "sim_pin",
        SettingKind::Secret,
        Some("\"\""),
        "The PIN of the SIM card, if it asks for one; tried once, and never again if it was wrong.",
    ),
    setting(
        "imei",
        SettingKind::Text,
        Some("\"\""),
        "The modem's own number (15 digits), to take this one and no other; empty: the one seen before.",
    ),
    setting(
        "store",
        SettingKind::Choice(&["delete", "keep"]),
        Some("\"delete\""),
        "Whether a message is deleted from the modem once it is safe here; `keep` fills its store.",
    ),
    setting(
        "part_wait_minutes",
        SettingKind::Whole { min: 1, max: 1440 },
        Some("30"),
        "Minutes to wait for the missing part of a long text before its sender is asked, 1 to 1440.",
    ),
];

/// The beginning of a port that is a line to a simulated modem.
pub(crate) const SIMULATED: &str = "http://";

/// What becomes of a message in the modem once it is safe here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Store {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays.
    Keep,
}

/// Where the modem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Wherever it is plugged in.
    Auto,
    /// At this port.
    Path(String),
    /// At this address, simulated.
    Simulated(String),
}

/// The `settings` table as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    number: Address,
    #[serde(default = "default_port")]
    port: String,
    #[serde(default = "default_baud")]
    baud: u32,
    #[serde(default)]
    sim_pin: Secret,
    #[serde(default)]
    imei: String,
    #[serde(default)]
    store: Store,
    #[serde(default = "default_part_wait_minutes")]
    part_wait_minutes: u32,
}

/// Defaults of the `prices` table: none. What a SIM card's plan costs nobody can guess.
const USD_PER_SEGMENT_IN: f64 = 0.0;
const USD_PER_SEGMENT_OUT: f64 = 0.0;

fn default_port() -> String {
    "auto".to_owned()
}

fn default_baud() -> u32 {
    115_200
}

fn default_part_wait_minutes() -> u32 {
    30
}

/// One modem's settings, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) number: Address,
    pub(crate) place: Place,
    pub(crate) baud: u32,
    pub(crate) sim_pin: Option<Secret>,
    pub(crate) imei: Option<String>,
    pub(crate) store: Store,
    pub(crate) part_wait_minutes: u32,
    pub(crate) catch_up_hours: u32,
    pub(crate) price_segment_in: MicroUsd,
    pub(crate) price_segment_out: MicroUsd,
}

impl Config {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Names the key and what is wrong with its value.
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let table: Table = settings.read()?;
        let prices = settings.segment_prices(USD_PER_SEGMENT_IN, USD_PER_SEGMENT_OUT)?;
        check(&table)?;
        let some = |text: String| (!text.is_empty()).then_some(text);
        Ok(Self {
            place: place(&table.port)?,
            number: table.number,
            baud: table.baud,
            sim_pin: Some(table.sim_pin).filter(|pin| !pin.reveal().is_empty()),
            imei: some(table.imei),
            store: table.store,
            part_wait_minutes: table.part_wait_minutes,
            catch_up_hours: settings.catch_up_hours,
            price_segment_in: prices.incoming,
            price_segment_out: prices.outgoing,
        })
    }
}

fn check(table: &Table) -> Result<(), SettingsError> {
    if !table.number.is_e164() {
        let problem = "must be `+` and 7 to 15 digits, for example `+15550100001`";
        return Err(SettingsError::new("number", problem));
    }
    if !(1200..=4_000_000).contains(&table.baud) {
        return Err(SettingsError::new("baud", "must be 1200 to 4000000"));
    }
    let pin = table.sim_pin.reveal();
    if !pin.is_empty() && !is_digits(pin, 4..=8) {
        // The value is not repeated: it is the secret itself.
        return Err(SettingsError::new("sim_pin", "must be 4 to 8 digits"));
    }
    if !table.imei.is_empty() && !is_digits(&table.imei, 15..=15) {
        let problem =
            "must be the 15 digits that the modem's label or `cordboard modem probe` shows";
        return Err(SettingsError::new("imei", problem));
    }
    if !(1..=1440).contains(&table.part_wait_minutes) {
        return Err(SettingsError::new("part_wait_minutes", "must be 1 to 1440"));
    }
    Ok(())
}

fn is_digits(text: &str, len: std::ops::RangeInclusive<usize>) -> bool {
    len.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn place(port: &str) -> Result<Place, SettingsError> {
    if port == "auto" {
        return Ok(Place::Auto);
    }
    if port.starts_with('/') {
        return Ok(Place::Path(port.to_owned()));
    }
    if cfg!(feature = "sim") && port.len() > SIMULATED.len() && port.starts_with(SIMULATED) {
        return Ok(Place::Simulated(port.trim_end_matches('/').to_owned()));
    }
    let problem = "must be `auto` or a path such as `/dev/serial/by-id/…`";
    Err(SettingsError::new("port", problem))
}
