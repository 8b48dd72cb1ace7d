//! The settings of one Twilio account, checked once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{Address, MicroUsd, Secret, Setting, SettingKind, Settings, SettingsError};
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

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
        "account_sid",
        SettingKind::Text,
        None,
        "The Account SID as the console shows it: `AC` and 32 hexadecimal digits.",
    ),
    setting(
        "auth_token",
        SettingKind::Secret,
        None,
        "The primary Auth Token of that account; calls are made and webhooks checked with it.",
    ),
    setting(
        "numbers",
        SettingKind::NumberList,
        None,
        "Our numbers on this account, in E.164; a text to any other is refused.",
    ),
    setting(
        "receive",
        SettingKind::Choice(&["webhook", "poll"]),
        Some("\"webhook\""),
        "How texts arrive: `webhook` is quick; `poll` needs no public address.",
    ),
    setting(
        "poll_seconds",
        SettingKind::Whole { min: 5, max: 3600 },
        Some("15"),
        "Seconds between two looks with `receive = \"poll\"`, 5 to 3600.",
    ),
    setting(
        "shared_keys",
        SettingKind::SecretTable,
        Some("{}"),
        "Keys of webhooks signed by HMAC-SHA256, by key id.",
    ),
    setting(
        "api_base",
        SettingKind::Url,
        Some("\"https://api.twilio.com\""),
        "Where the REST API is.",
    ),
    setting(
        "media_hosts",
        SettingKind::TextList,
        Some("[]"),
        "Further `host` or `host:port` that pictures may come from, private ones included.",
    ),
];

/// How texts arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Receive {
    /// Twilio calls us.
    #[default]
    Webhook,
    /// We ask Twilio.
    Poll,
}

/// The `settings` table as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    account_sid: String,
    auth_token: Secret,
    numbers: Vec<Address>,
    #[serde(default)]
    receive: Receive,
    #[serde(default = "default_poll_seconds")]
    poll_seconds: u32,
    #[serde(default)]
    shared_keys: BTreeMap<String, Secret>,
    #[serde(default = "default_api_base")]
    api_base: String,
    #[serde(default)]
    media_hosts: Vec<String>,
}

/// Defaults of the `prices` table: about what a US long code costs in 2026, carrier fee left out.
const USD_PER_SEGMENT_IN: f64 = 0.0083;
const USD_PER_SEGMENT_OUT: f64 = 0.0083;

fn default_poll_seconds() -> u32 {
    15
}

fn default_api_base() -> String {
    "https://api.twilio.com".to_owned()
}

/// One account, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) account_sid: String,
    pub(crate) auth_token: Secret,
    pub(crate) numbers: Vec<Address>,
    pub(crate) receive: Receive,
    pub(crate) poll_seconds: u32,
    pub(crate) shared_keys: BTreeMap<String, Secret>,
    pub(crate) api_base: Url,
    pub(crate) media_hosts: Vec<String>,
    pub(crate) price_segment_in: MicroUsd,
    pub(crate) price_segment_out: MicroUsd,
    pub(crate) catch_up_hours: u32,
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
        let api_base = api_base(&table.api_base)?;
        Ok(Self {
            name: settings.name.clone(),
            account_sid: table.account_sid,
            auth_token: table.auth_token,
            numbers: table.numbers,
            receive: table.receive,
            poll_seconds: table.poll_seconds,
            shared_keys: table.shared_keys,
            api_base,
            media_hosts: table.media_hosts,
            price_segment_in: prices.incoming,
            price_segment_out: prices.outgoing,
            catch_up_hours: settings.catch_up_hours,
        })
    }

    /// The path of a resource of our account, for example `/Messages.json`.
    pub(crate) fn path(&self, resource: &str) -> String {
        format!("/2010-04-01/Accounts/{}{resource}", self.account_sid)
    }

    /// The `Authorization` header for the API.
    pub(crate) fn authorization(&self) -> String {
        let pair = format!("{}:{}", self.account_sid, self.auth_token.reveal());
        format!("Basic {}", STANDARD.encode(pair))
    }
}

/// Whether `text` is `prefix` and 32 hexadecimal digits, as every id of Twilio is.
pub(crate) fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn check(table: &Table) -> Result<(), SettingsError> {
    if !is_sid(&table.account_sid, "AC") {
        return Err(SettingsError::new("account_sid", "must be `AC` and 32 hexadecimal digits"));
    }
    if table.auth_token.reveal().trim().is_empty() {
        let problem = "is empty; without it nobody could tell a forged webhook from a real one";
        return Err(SettingsError::new("auth_token", problem));
    }
    if table.numbers.is_empty() {
        return Err(SettingsError::new("numbers", "must name at least one number"));
    }
    if table.numbers.iter().any(|number| !number.is_e164()) {
        let problem = "each must be `+` and 7 to 15 digits, for example `+15550100001`";
        return Err(SettingsError::new("numbers", problem));
    }
    if !(5..=3600).contains(&table.poll_seconds) {
        return Err(SettingsError::new("poll_seconds", "must be 5 to 3600"));
    }
    if table.shared_keys.values().any(|key| key.reveal().is_empty()) {
        return Err(SettingsError::new("shared_keys", "a key is empty"));
    }
    Ok(())
}

fn api_base(text: &str) -> Result<Url, SettingsError> {
    Url::parse(text.trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .filter(|url| url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| SettingsError::new("api_base", "must be an `http` or `https` address"))
}
