//! Settings of sinks of the kinds `x` and `x-media`.

mod media;

pub use media::{MEDIA_SETTINGS, MediaConfig, UploadApi};

use crate::app::{App, Auth};
use crate::oauth1::Consumer;
use crate::oauth2::Client;
use crate::publish::API;
use cordboard_plugin::{Base, MicroUsd, Secret, Setting, SettingKind, Settings, SettingsError};
use serde::Deserialize;

/// The settings table of `x`.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "auth",
        kind: SettingKind::Choice(&["oauth2", "oauth1"]),
        default: Some("\"oauth2\""),
        doc: "How people link their accounts; with `oauth1`, one link serves words and pictures.",
    },
    CLIENT_ID,
    CLIENT_SECRET,
    CONSUMER_KEY,
    CONSUMER_SECRET,
    LINK,
    API_BASE,
    AUTHORIZE_URL,
];

const CLIENT_ID: Setting = Setting {
    key: "client_id",
    kind: SettingKind::Text,
    default: Some("\"\""),
    doc: "The OAuth 2.0 client id of your app at X (not the API key); needed with `auth = \"oauth2\"`.",
};
const CLIENT_SECRET: Setting = Setting {
    key: "client_secret",
    kind: SettingKind::Secret,
    default: Some("\"\""),
    doc: "The OAuth 2.0 client secret of a confidential app; empty for a public one.",
};
const CONSUMER_KEY: Setting = Setting {
    key: "consumer_key",
    kind: SettingKind::Text,
    default: Some("\"\""),
    doc: "The API key of your app at X (not the client id); needed with `auth = \"oauth1\"`.",
};
const CONSUMER_SECRET: Setting = Setting {
    key: "consumer_secret",
    kind: SettingKind::Secret,
    default: Some("\"\""),
    doc: "The API key secret of your app at X; needed with `auth = \"oauth1\"`.",
};
const LINK: Setting = Setting {
    key: "link",
    kind: SettingKind::Choice(&["web", "code"]),
    default: Some("\"web\""),
    doc: "`code`: people text back a code that X shows, so no public web server is needed; `oauth1` only.",
};
const API_BASE: Setting = Setting {
    key: "api_base",
    kind: SettingKind::Url,
    default: Some("\"https://api.x.com\""),
    doc: "Where X's API is.",
};
const AUTHORIZE_URL: Setting = Setting {
    key: "authorize_url",
    kind: SettingKind::Url,
    default: Some("\"https://x.com/i/oauth2/authorize\""),
    doc: "The page where people give their consent (OAuth 2.0).",
};

/// What a post costs the operator (X docs, pricing, August 2026).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// A post without a link: 0.015 USD unless set.
    pub post: MicroUsd,
    /// A post with a link: 0.20 USD unless set.
    pub link_post: MicroUsd,
}

/// The settings of one instance of `x`, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The app and how people link to it.
    pub app: App,
    /// Where posts are seen, without a final slash; where the consent page is, unless that is at an
    /// address of another shape.
    pub web_base: String,
    /// What posts cost.
    pub prices: Prices,
}

/// The settings that both kinds have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    auth: Option<String>,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: Secret,
    #[serde(default)]
    consumer_key: String,
    #[serde(default)]
    consumer_secret: Secret,
    #[serde(default = "web")]
    link: String,
    #[serde(default = "api_base")]
    api_base: String,
    #[serde(default = "authorize_url")]
    authorize_url: String,
    upload_api: Option<String>,
    upload_base: Option<String>,
    /// Not in the table of settings: only the simulator writes it. See [`App::realm_base`].
    realm_base: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceTable {
    usd_per_post: Option<f64>,
    usd_per_link_post: Option<f64>,
}

fn web() -> String {
    "web".to_owned()
}

fn api_base() -> String {
    "https://api.x.com".to_owned()
}

fn authorize_url() -> String {
    "https://x.com/i/oauth2/authorize".to_owned()
}

impl Config {
    /// Reads the settings of an instance of `x`.
    ///
    /// # Errors
    /// Names the key and what is wrong with it.
    pub fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let table = Table::read(settings)?;
        for (key, value) in [("upload_api", &table.upload_api), ("upload_base", &table.upload_base)]
        {
            if value.is_some() {
                return Err(SettingsError::new(key, "belongs to a sink of the kind `x-media`"));
            }
        }
        let authorize_url = table.url("authorize_url", &table.authorize_url)?;
        let web_base = authorize_url.as_str().split_once("/i/oauth2/authorize");
        let web_base = web_base.map_or("https://x.com", |(base, _)| base).to_owned();
        let app = table.app("oauth2", false, Vec::new())?;
        Ok(Self { app, web_base, prices: Prices::read(&settings.prices)? })
    }
}

impl Table {
    fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut table = Self::deserialize(&settings.values)
            .map_err(|error| SettingsError::new("settings", error.to_string()))?;
        table.api_base.truncate(table.api_base.trim_end_matches('/').len());
        Ok(table)
    }

    fn url(&self, key: &str, text: &str) -> Result<url::Url, SettingsError> {
        url::Url::parse(text).map_err(|error| SettingsError::new(key, error.to_string()))
    }

    /// The app, which links by `default` unless the settings say otherwise, and calls `more` beside the
    /// API.
    fn app(&self, default: &str, pictures: bool, more: Vec<Base>) -> Result<App, SettingsError> {
        self.url("api_base", &self.api_base)?;
        let auth = match self.auth.as_deref().unwrap_or(default) {
            "oauth2" => Auth::OAuth2(self.client(pictures)?),
            "oauth1" => Auth::OAuth1(self.consumer()?),
            _ => return Err(SettingsError::new("auth", "is `oauth1` or `oauth2`")),
        };
        let mut bases = vec![Base { name: API.to_owned(), url: self.api_base.clone() }];
        bases.extend(more);
        let realm_base = self.realm_base.clone().unwrap_or_else(|| self.api_base.clone());
        Ok(App { realm_base, bases, auth })
    }

    fn client(&self, pictures: bool) -> Result<Client, SettingsError> {
        if self.link != "web" {
            let problem =
                "linking by code needs `auth = \"oauth1\"`: OAuth 2.0 has no codes to type";
            return Err(SettingsError::new("link", problem));
        }
        let secret = &self.client_secret;
        Ok(Client {
            id: needed("client_id", &self.client_id, "OAuth 2.0 Client ID")?,
            secret: Some(secret.clone()).filter(|secret| !secret.reveal().is_empty()),
            authorize_url: self.url("authorize_url", &self.authorize_url)?,
            api_base: self.api_base.clone(),
            pictures,
        })
    }

    fn consumer(&self) -> Result<Consumer, SettingsError> {
        let by_code = match self.link.as_str() {
            "web" => false,
            "code" => true,
            _ => return Err(SettingsError::new("link", "is `web` or `code`")),
        };
        let secret = self.consumer_secret.reveal();
        Ok(Consumer {
            key: needed("consumer_key", &self.consumer_key, "API Key")?,
            secret: Secret::new(needed("consumer_secret", secret, "API Key Secret")?),
            api_base: self.api_base.clone(),
            by_code,
        })
    }
}

/// The value of a key that this way of linking needs.
fn needed(key: &str, value: &str, console: &str) -> Result<String, SettingsError> {
    let value = value.trim();
    if value.is_empty() {
        let problem = format!(
            "is empty or missing (`{key}`); X's developer console shows it under `{console}`"
        );
        return Err(SettingsError::new(key, problem));
    }
    Ok(value.to_owned())
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
