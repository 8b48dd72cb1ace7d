//! The settings of one Flowroute account, checked once.

use crate::callers::Block;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{Address, MicroUsd, Secret, Setting, SettingKind, Settings, SettingsError};
use serde::Deserialize;
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
        "access_key",
        SettingKind::Text,
        None,
        "The access key of an API credential, as the portal shows it under API Control.",
    ),
    setting(
        "secret_key",
        SettingKind::Secret,
        None,
        "The secret key of that credential; calls to the API are made with it.",
    ),
    setting(
        "numbers",
        SettingKind::NumberList,
        None,
        "Our numbers on this account, in E.164; a text to any other is refused.",
    ),
    setting(
        "callback_token",
        SettingKind::Secret,
        Some("\"\""),
        "What a callback must bring as `?token=`: 16 to 256 of `A-Z a-z 0-9 - . _ ~`; \
        required on a public bridge.",
    ),
    setting(
        "verify",
        SettingKind::Choice(&["token", "readback"]),
        Some("\"token\""),
        "How a callback is believed: by its token, or by reading the message back from Flowroute \
        as well.",
    ),
    setting(
        "allow_ips",
        SettingKind::TextList,
        Some("[]"),
        "Addresses or blocks (`198.51.100.0/24`) that callbacks may come from; empty for any.",
    ),
    setting(
        "api_base",
        SettingKind::Url,
        Some("\"https://api.flowroute.com\""),
        "Where the REST API is.",
    ),
    setting(
        "media_hosts",
        SettingKind::TextList,
        Some("[]"),
        "Further `host` or `host:port` that pictures may come from, private ones included.",
    ),
];

/// Shortest and longest `callback_token`, in characters.
const TOKEN_CHARS: std::ops::RangeInclusive<usize> = 16..=256;

/// How a callback is believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verify {
    /// By the token in its address.
    #[default]
    Token,
    /// By its token, and by asking the API for the message before it is acted on.
    Readback,
}

/// The `settings` table as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    access_key: String,
    secret_key: Secret,
    numbers: Vec<Address>,
    #[serde(default)]
    callback_token: Secret,
    #[serde(default)]
    verify: Verify,
    #[serde(default)]
    allow_ips: Vec<String>,
    #[serde(default = "default_api_base")]
    api_base: String,
    #[serde(default)]
    media_hosts: Vec<String>,
}

/// Defaults of the `prices` table: what an SMS on a long code is charged in the samples of
/// Flowroute's documentation (`amount_display` of "Receive an SMS"), carrier surcharges left out.
const USD_PER_SEGMENT_IN: f64 = 0.0040;
const USD_PER_SEGMENT_OUT: f64 = 0.0040;

fn default_api_base() -> String {
    "https://api.flowroute.com".to_owned()
}

/// One account, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) access_key: String,
    pub(crate) secret_key: Secret,
    pub(crate) numbers: Vec<Address>,
    /// `None` only where nobody outside reaches the bridge.
    pub(crate) callback_token: Option<Secret>,
    pub(crate) verify: Verify,
    /// Empty: callbacks may come from anywhere.
    pub(crate) allow_ips: Vec<Block>,
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
        let allow_ips = table.allow_ips.iter().map(|text| block(text)).collect::<Result<_, _>>()?;
        Ok(Self {
            callback_token: callback_token(table.callback_token, settings.public)?,
            api_base: api_base(&table.api_base)?,
            allow_ips,
            access_key: table.access_key,
            secret_key: table.secret_key,
            numbers: table.numbers,
            verify: table.verify,
            media_hosts: table.media_hosts,
            price_segment_in: prices.incoming,
            price_segment_out: prices.outgoing,
            catch_up_hours: settings.catch_up_hours,
        })
    }

    /// The `Authorization` header for the API.
    pub(crate) fn authorization(&self) -> String {
        let pair = format!("{}:{}", self.access_key, self.secret_key.reveal());
        format!("Basic {}", STANDARD.encode(pair))
    }

    /// The base URL of the API, without a final slash.
    pub(crate) fn api_url(&self) -> &str {
        self.api_base.as_str().trim_end_matches('/')
    }
}

fn check(table: &Table) -> Result<(), SettingsError> {
    let is_odd = |c: char| c == ':' || c.is_whitespace() || c.is_control();
    if table.access_key.is_empty() || table.access_key.contains(is_odd) {
        let problem = "must be the access key alone, without spaces and `:`";
        return Err(SettingsError::new("access_key", problem));
    }
    if table.secret_key.reveal().trim().is_empty() {
        return Err(SettingsError::new("secret_key", "is empty"));
    }
    if table.numbers.is_empty() {
        return Err(SettingsError::new("numbers", "must name at least one number"));
    }
    if table.numbers.iter().any(|number| !number.is_e164()) {
        let problem = "each must be `+` and 7 to 15 digits, for example `+15550100001`";
        return Err(SettingsError::new("numbers", problem));
    }
    Ok(())
}

/// The token, if there is one. It has no character that an address must escape: it is pasted into one.
fn callback_token(token: Secret, public: bool) -> Result<Option<Secret>, SettingsError> {
    let wrong = |problem: &str| Err(SettingsError::new("callback_token", problem));
    let text = token.reveal();
    if text.is_empty() {
        return match public {
            true => wrong(
                "is required on a public bridge: Flowroute signs nothing, so that without it anybody \
                could text in anybody's name; `openssl rand -hex 16` makes one",
            ),
            false => Ok(None),
        };
    }
    if !TOKEN_CHARS.contains(&text.len()) {
        return wrong("must have 16 to 256 characters; `openssl rand -hex 16` makes a good one");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !text.bytes().all(is_plain) {
        return wrong(
            "may have only `A-Z a-z 0-9 - . _ ~`, so that it can be pasted into an address",
        );
    }
    Ok(Some(token))
}

fn block(text: &str) -> Result<Block, SettingsError> {
    let problem = || format!("`{text}` is not an address or block such as `198.51.100.0/24`");
    Block::parse(text).ok_or_else(|| SettingsError::new("allow_ips", problem()))
}

fn api_base(text: &str) -> Result<Url, SettingsError> {
    Url::parse(text.trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .filter(|url| url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| SettingsError::new("api_base", "must be an `http` or `https` address"))
}
