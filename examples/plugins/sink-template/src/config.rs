//! The settings of one board, checked once.

use cordboard_plugin::{MicroUsd, Secret, Setting, SettingKind, Settings, SettingsError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The table from which the bridge checks `plugins.toml`; a setting without a default is required.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "api_token",
        kind: SettingKind::Secret,
        default: None,
        doc: "Our token for the board.",
    },
    Setting {
        key: "api_base",
        kind: SettingKind::Url,
        default: Some("\"https://api.bulletin.example\""),
        doc: "Where the board is.",
    },
];

/// The `settings` table as it arrives: types are checked, defaults are filled in, secrets are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    api_token: Secret,
    api_base: String,
}

/// The `prices` table: a post costs the same with a link and without.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Prices {
    usd_per_post: f64,
}

/// One board, ready for use. Secrets hide themselves in `Debug`.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) api_token: Secret,
    pub(crate) api_base: String,
    pub(crate) price_post: MicroUsd,
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
        if table.api_token.reveal().trim().is_empty() {
            return Err(SettingsError::new("api_token", "is empty"));
        }
        Ok(Self {
            api_token: table.api_token,
            api_base: table.api_base,
            price_post: MicroUsd::from_usd(prices.usd_per_post),
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
