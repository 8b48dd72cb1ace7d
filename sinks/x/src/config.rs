//! Settings of a sink of kind `x`.

use cordboard_plugin::{MicroUsd, Secret, Setting, SettingKind, Settings, SettingsError};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The settings table.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "auth",
        kind: SettingKind::Choice(&["oauth2", "oauth1"]),
        default: Some("\"oauth2\""),
        doc: "How people link their accounts; this version links text with `oauth2` only.",
    },
    Setting {
        key: "client_id",
        kind: SettingKind::Text,
        default: None,
        doc: "The OAuth 2.0 client id of your app at X (not the API key).",
    },
    Setting {
        key: "client_secret",
        kind: SettingKind::Secret,
        default: Some("\"\""),
        doc: "The OAuth 2.0 client secret of a confidential app; empty for a public one.",
    },
    Setting {
        key: "api_base",
        kind: SettingKind::Url,
        default: Some("\"https://api.x.com\""),
        doc: "Where X's API is.",
    },
    Setting {
        key: "authorize_url",
        kind: SettingKind::Url,
        default: Some("\"https://x.com/i/oauth2/authorize\""),
        doc: "The page where people give their consent.",
    },
];

/// What a post costs the operator (X docs, pricing, August 2026).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// A post without a link: 0.015 USD unless set.
    pub post: MicroUsd,
    /// A post with a link: 0.20 USD unless set.
    pub link_post: MicroUsd,
}

/// One instance's settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Client id of the app.
    pub client_id: String,
    /// Client secret; `None` for a public app.
    pub client_secret: Option<Secret>,
    /// Base URL of the API, without a final slash.
    pub api_base: String,
    /// Address of the consent page.
    pub authorize_url: url::Url,
    /// Where posts are seen, without a final slash; where the consent page is, unless that is at an
    /// address of another shape.
    pub web_base: String,
    /// What posts cost.
    pub prices: Prices,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default = "oauth2")]
    auth: String,
    client_id: String,
    #[serde(default)]
    client_secret: Secret,
    #[serde(default = "api_base")]
    api_base: String,
    #[serde(default = "authorize_url")]
    authorize_url: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceTable {
    usd_per_post: Option<f64>,
    usd_per_link_post: Option<f64>,
}

fn oauth2() -> String {
    "oauth2".to_owned()
}

fn api_base() -> String {
    "https://api.x.com".to_owned()
}

fn authorize_url() -> String {
    "https://x.com/i/oauth2/authorize".to_owned()
}

impl Config {
    /// Reads the settings of an instance.
    ///
    /// # Errors
    /// Names the key and what is wrong with it.
    pub fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let table = Table::deserialize(&settings.values)
            .map_err(|error| SettingsError::new("settings", error.to_string()))?;
        if table.auth != "oauth2" {
            let problem = "this version links text with `oauth2` only; write `auth = \"oauth2\"`";
            return Err(SettingsError::new("auth", problem));
        }
        let client_id = table.client_id.trim();
        if client_id.is_empty() {
            let problem = "is empty; X's developer console shows it under `OAuth 2.0 Client ID`";
            return Err(SettingsError::new("client_id", problem));
        }
        let parse = |key, text: &str| {
            url::Url::parse(text).map_err(|error| SettingsError::new(key, error.to_string()))
        };
        let api_base = table.api_base.trim_end_matches('/');
        parse("api_base", api_base)?;
        let authorize_url = parse("authorize_url", &table.authorize_url)?;
        let web_base = authorize_url.as_str().split_once("/i/oauth2/authorize");
        let web_base = web_base.map_or("https://x.com", |(base, _)| base).to_owned();
        Ok(Self {
            client_id: client_id.to_owned(),
            client_secret: Some(table.client_secret).filter(|secret| !secret.reveal().is_empty()),
            api_base: api_base.to_owned(),
            authorize_url,
            web_base,
            prices: Prices::read(&settings.prices)?,
        })
    }

    /// For which API and client a credential is good: another key of the same app is the same
    /// realm, another app is not.
    pub fn realm(&self) -> String {
        let mut fingerprint = String::new();
        for byte in Sha256::digest(self.client_id.as_bytes()).iter().take(8) {
            // Writing into a String cannot fail.
            let _ = write!(fingerprint, "{byte:02x}");
        }
        format!("{}#{fingerprint}", self.api_base)
    }
}

impl Prices {
    fn read(values: &serde_json::Value) -> Result<Self, SettingsError> {
        let table = match values {
            serde_json::Value::Null => PriceTable::default(),
            values => PriceTable::deserialize(values)
                .map_err(|error| SettingsError::new("prices", error.to_string()))?,
        };
        let read = |key, usd: Option<f64>, default| match usd {
            None => Ok(MicroUsd(default)),
            Some(usd) if usd >= 0.0 && usd.is_finite() => Ok(MicroUsd::from_usd(usd)),
            Some(_) => Err(SettingsError::new(key, "is a number of dollars, not negative")),
        };
        Ok(Self {
            post: read("prices.usd_per_post", table.usd_per_post, 15_000)?,
            link_post: read("prices.usd_per_link_post", table.usd_per_link_post, 200_000)?,
        })
    }
}
