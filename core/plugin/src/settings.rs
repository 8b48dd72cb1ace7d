//! Settings as a plugin declares them: one table feeds the check of `plugins.toml`, the defaults and the docs.

use crate::error::SettingsError;
use crate::words::MicroUsd;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One key of a settings table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// The key as written in the file.
    pub key: &'static str,
    /// What its value may be.
    pub kind: SettingKind,
    /// The default, as TOML text; `None` makes the key required.
    pub default: Option<&'static str>,
    /// One sentence for the docs: what it is, in which unit, within which limits.
    pub doc: &'static str,
}

/// What the value of a setting may be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// A string. An identifier: bare, or `env:NAME` or `file:PATH`.
    Text,
    /// A string that must be `env:NAME` or `file:PATH`; the plugin gets what is there.
    Secret,
    /// A table of such strings.
    SecretTable,
    /// An `http` or `https` URL without query or fragment; the plugin gets it without a final slash.
    Url,
    /// A list of strings.
    TextList,
    /// A list of telephone numbers (E.164).
    NumberList,
    /// `true` or `false`.
    Flag,
    /// A whole number within limits, both included.
    Whole {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number of dollars, not negative.
    Usd,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A base URL that an instance calls with its own credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The name used in [`crate::Target::Base`].
    pub name: String,
    /// The configured URL, without a final slash.
    pub url: String,
}

/// What an instance is made from. Settings are checked against the declared table, defaults are
/// filled in, and secrets are already resolved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The instance's name in the configuration.
    pub name: String,
    /// The settings table as JSON.
    pub values: serde_json::Value,
    /// The `prices` table of the instance as JSON, `null` when absent.
    pub prices: serde_json::Value,
    /// Whether the bridge can be reached from outside (then signature checks cannot be off).
    pub public: bool,
    /// How far back missed messages are looked for, from `[policy]`.
    pub catch_up_hours: u32,
}

/// What a text segment costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentPrices {
    /// One that comes in.
    pub incoming: MicroUsd,
    /// One that goes out.
    pub outgoing: MicroUsd,
}

impl Settings {
    /// The settings table as a type of the plugin's own.
    ///
    /// # Errors
    /// Names the key and what is wrong with its value.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, SettingsError> {
        serde_json::from_value(self.values.clone()).map_err(|error| named(&error.to_string()))
    }

    /// A transport's prices, in dollars: `usd_per_segment_in` and `usd_per_segment_out` of its `prices`
    /// table, or these where it has none.
    ///
    /// # Errors
    /// Names the key: an unknown one, or one whose value is no amount.
    pub fn segment_prices(
        &self,
        usd_in: f64,
        usd_out: f64,
    ) -> Result<SegmentPrices, SettingsError> {
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Table {
            usd_per_segment_in: Option<f64>,
            usd_per_segment_out: Option<f64>,
        }
        let table: Option<Table> = serde_json::from_value(self.prices.clone())
            .map_err(|error| named(&error.to_string()))?;
        let Table { usd_per_segment_in, usd_per_segment_out } = table.unwrap_or_default();
        let price = |key, usd: f64| match usd.is_finite() && usd >= 0.0 {
            true => Ok(MicroUsd::from_usd(usd)),
            false => Err(SettingsError::new(key, "must be a number of dollars, not negative")),
        };
        Ok(SegmentPrices {
            incoming: price("usd_per_segment_in", usd_per_segment_in.unwrap_or(usd_in))?,
            outgoing: price("usd_per_segment_out", usd_per_segment_out.unwrap_or(usd_out))?,
        })
    }
}

/// Serde puts the key it stumbled over between the first backticks, when it knows it.
fn named(problem: &str) -> SettingsError {
    SettingsError::new(problem.split('`').nth(1).unwrap_or("settings"), problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn settings(prices: Value) -> Settings {
        let name = "line".to_owned();
        Settings { name, values: json!({ "a": 1 }), prices, public: false, catch_up_hours: 24 }
    }

    #[test]
    fn prices_are_those_of_the_table_or_else_the_plugins() {
        for (prices, expected) in [
            (Value::Null, (4_000, 8_000)),
            (json!({}), (4_000, 8_000)),
            (json!({ "usd_per_segment_in": 0 }), (0, 8_000)),
            (json!({ "usd_per_segment_in": 0.01, "usd_per_segment_out": 0.02 }), (10_000, 20_000)),
        ] {
            let found = settings(prices).segment_prices(0.004, 0.008).unwrap();
            assert_eq!((found.incoming.0, found.outgoing.0), expected);
        }
        for (prices, key) in [
            (json!({ "usd_per_segment_out": -1 }), "usd_per_segment_out"),
            (json!({ "usd_per_text": 1 }), "usd_per_text"),
        ] {
            assert_eq!(settings(prices).segment_prices(0.0, 0.0).unwrap_err().key, key);
        }
    }

    #[test]
    fn what_is_wrong_with_a_table_is_named() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            b: u8,
        }
        let error = settings(Value::Null).read::<Table>().map(|table| table.b).unwrap_err();
        assert_eq!(error.key, "a", "{error}");
    }
}
