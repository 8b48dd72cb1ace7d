//! Settings as a plugin declares them: one table feeds the check of `plugins.toml`, the defaults and the docs.

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
