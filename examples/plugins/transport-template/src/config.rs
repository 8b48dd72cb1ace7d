//! The settings of one account, checked once.

use cordboard_plugin::{Address, MicroUsd, Secret, Setting, SettingKind, Settings, SettingsError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The table from which the bridge checks `plugins.toml`; a setting without a default is required.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "api_token",
        kind: SettingKind::Secret,
        default: None,
        doc: "The token of the account; calls to the API are made with it.",
    },
    Setting {
        key: "webhook_secret",
        kind: SettingKind::Secret,
        default: None,
        doc: "The key with which webhooks are signed.",
    },
    Setting {
        key: "numbers",
        kind: SettingKind::NumberList,
        default: None,
        doc: "Our numbers on this account, in E.164.",
    },
    Setting {
        key: "api_base",
        kind: SettingKind::Url,
        default: Some("\"https://api.carrier.example\""),
        doc: "Where the API is.",
    },
];

/// The `settings` table as it arrives: types are checked, defaults are filled in, secrets are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    api_token: Secret,
    webhook_secret: Secret,
    numbers: Vec<Address>,
    api_base: String,
}

/// The `prices` table. Set the defaults to what the provider's price list says.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Prices {
    usd_per_segment_in: f64,
    usd_per_segment_out: f64,
}

impl Default for Prices {
    fn default() -> Self {
        Self { usd_per_segment_in: 0.005, usd_per_segment_out: 0.01 }
    }
}

/// One account, ready for use. Secrets hide themselves in `Debug`.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) api_token: Secret,
    pub(crate) webhook_secret: Secret,
    pub(crate) numbers: Vec<Address>,
    pub(crate) api_base: String,
    pub(crate) price_segment_in: MicroUsd,
    pub(crate) price_segment_out: MicroUsd,
}

impl Config {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// Names the key and what is wrong with its value.
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let table: Table = table(&settings.values)?;
        let prices: Prices = match &settings.prices {
            Value::Null => Prices::default(),
            prices => self::table(prices)?,
        };
        for (key, secret) in
            [("api_token", &table.api_token), ("webhook_secret", &table.webhook_secret)]
        {
            if secret.reveal().trim().is_empty() {
                return Err(SettingsError::new(key, "is empty"));
            }
        }
        if table.numbers.is_empty() {
            return Err(SettingsError::new("numbers", "must name at least one number"));
        }
        Ok(Self {
            api_token: table.api_token,
            webhook_secret: table.webhook_secret,
            numbers: table.numbers,
            api_base: table.api_base,
            price_segment_in: MicroUsd::from_usd(prices.usd_per_segment_in),
            price_segment_out: MicroUsd::from_usd(prices.usd_per_segment_out),
        })
    }
}

/// Serde puts the key it stumbled over between the first backticks, when it knows it.
fn table<T: DeserializeOwned>(values: &Value) -> Result<T, SettingsError> {
    serde_json::from_value(values.clone()).map_err(|error| {
        let problem = error.to_string();
        SettingsError::new(problem.split('`').nth(1).unwrap_or("settings"), problem.clone())
    })
}
