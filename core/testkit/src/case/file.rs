//! The file as it is written: its tables, and settings as a plugin gets them.

use super::signature::Signature;
use crate::conformance::ProviderAnswers;
use cordboard_plugin::{HttpAnswer, Setting, SettingKind, Settings};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    #[serde(default)]
    pub(super) transport: Vec<TransportTable>,
    #[serde(default)]
    pub(super) sink: Vec<SinkTable>,
    #[serde(skip)]
    path: PathBuf,
}

impl CaseFile {
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("not read: {error}"))?;
        let file: Self = toml::from_str(&text).map_err(|error| error.to_string())?;
        if file.transport.is_empty() && file.sink.is_empty() {
            return Err("it has neither a [[transport]] nor a [[sink]]".to_owned());
        }
        Ok(Self { path: path.to_owned(), ..file })
    }

    /// What paths in it are relative to.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The kinds it describes.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        let transports = self.transport.iter().map(|table| ("transport", &*table.kind));
        transports.chain(self.sink.iter().map(|table| ("sink", &*table.kind)))
    }
}

/// A `[[transport]]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TransportTable {
    pub(super) kind: String,
    /// What it is called where it is asked; the kind when left out.
    pub(super) name: Option<String>,
    /// Where its fixtures are.
    #[serde(default = "usual_fixtures")]
    pub(super) fixtures: PathBuf,
    #[serde(default)]
    pub(super) settings: toml::Table,
    pub(super) prices: Option<toml::Table>,
    /// The words that recorded calls bring.
    pub(super) words: Option<String>,
    pub(super) signature: Option<Signature>,
    pub(super) report: Option<ReportTable>,
    pub(super) answers: Option<AnswersTable>,
    pub(super) outgoing: Option<OutgoingTable>,
}

/// A `[[sink]]`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SinkTable {
    pub(super) kind: String,
    /// What it is called where it is asked; the kind when left out.
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) settings: toml::Table,
    pub(super) prices: Option<toml::Table>,
    pub(super) credential: Option<CredentialTable>,
    pub(super) draft: Option<DraftTable>,
    pub(super) answers: Option<AnswersTable>,
    pub(super) media: Option<MediaTable>,
    pub(super) upload_answers: Option<AnswersTable>,
}

fn usual_fixtures() -> PathBuf {
    PathBuf::from("fixtures")
}

/// `[transport.report]`: reports about texts we sent.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportTable {
    pub(super) delivered: String,
}

/// `[transport.outgoing]`: a text that can be sent.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutgoingTable {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) text: Option<String>,
}

/// `[sink.credential]`: one that is alive.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CredentialTable {
    pub(super) secret: String,
    pub(super) account_id: Option<String>,
    pub(super) handle: Option<String>,
}

/// `[sink.draft]`: one that becomes one part.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftTable {
    pub(super) text: String,
}

/// `[sink.media]`: a picture that can be uploaded.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MediaTable {
    pub(super) file: PathBuf,
    #[serde(rename = "type")]
    pub(super) media_type: String,
    pub(super) alt: Option<String>,
}

/// `[….answers]`: what the provider answers.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswersTable {
    accepted: AnswerTable,
    looked_up: Option<AnswerTable>,
    errors_inside: Option<Vec<AnswerTable>>,
    throttled: Option<AnswerTable>,
    throttled_with_wait: Option<AnswerTable>,
    /// The provider never says how long to wait.
    #[serde(default)]
    never_says_how_long: bool,
    #[serde(default)]
    unread_statuses: Vec<u16>,
}

/// One answer.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerTable {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// `content-type`, unless it is among the headers.
    #[serde(rename = "type", default = "json_type")]
    body_type: String,
    #[serde(default)]
    body: String,
}

fn json_type() -> String {
    "application/json".to_owned()
}

impl AnswerTable {
    fn answer(&self) -> HttpAnswer {
        let mut answer = HttpAnswer::new(self.status, &self.body_type, self.body.as_str());
        for (name, value) in &self.headers {
            answer.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            answer = answer.with_header(name, value);
        }
        answer
    }
}

impl AnswersTable {
    /// The provider's answers; where nothing is written, as most answer.
    pub(super) fn answers(&self) -> ProviderAnswers {
        let usual = ProviderAnswers::new(self.accepted.answer());
        let or = |written: &Option<AnswerTable>, usual: HttpAnswer| {
            written.as_ref().map_or(usual, AnswerTable::answer)
        };
        let errors = |errors: &Vec<AnswerTable>| errors.iter().map(AnswerTable::answer).collect();
        let with_wait = self.throttled_with_wait.as_ref().map(AnswerTable::answer);
        ProviderAnswers {
            looked_up: or(&self.looked_up, usual.looked_up),
            errors_inside: self.errors_inside.as_ref().map_or(usual.errors_inside, errors),
            throttled: or(&self.throttled, usual.throttled),
            throttled_with_wait: match self.never_says_how_long {
                true => None,
                false => with_wait.or(usual.throttled_with_wait),
            },
            unread_statuses: self.unread_statuses.clone(),
            accepted: usual.accepted,
        }
    }
}

/// Settings as the bridge hands them over: keys are known, defaults are filled in, secrets are read
/// (here they stand in the file: they are made up).
///
/// # Errors
/// Names the key and what is wrong with it.
pub(super) fn settings(
    kind: &str,
    declared: &[Setting],
    written: &toml::Table,
    prices: Option<&toml::Table>,
) -> Result<Settings, String> {
    let json = |table: &toml::Table| serde_json::to_value(table).map_err(|error| error.to_string());
    let mut values = Map::new();
    for (key, value) in written {
        if !declared.iter().any(|setting| setting.key == key) {
            return Err(format!("`{kind}` has no setting `{key}`"));
        }
        let value = serde_json::to_value(value).map_err(|error| error.to_string())?;
        values.insert(key.clone(), value);
    }
    for setting in declared.iter().filter(|setting| !written.contains_key(setting.key)) {
        let Some(default) = setting.default else {
            return Err(format!("`{kind}` needs the setting `{}`", setting.key));
        };
        if let Some(value) = read_default(setting.kind, default) {
            values.insert(setting.key.to_owned(), value);
        }
    }
    Ok(Settings {
        name: kind.to_owned(),
        values: Value::Object(values),
        prices: prices.map_or(Ok(Value::Null), json)?,
        public: true,
        catch_up_hours: 24,
    })
}

/// A declared default; `None` where an empty one means that the key is absent.
fn read_default(kind: SettingKind, default: &str) -> Option<Value> {
    let parsed: toml::Table = toml::from_str(&format!("value = {default}")).ok()?;
    let value = serde_json::to_value(parsed.get("value")?).ok()?;
    let or_absent = matches!(kind, SettingKind::Url | SettingKind::Secret | SettingKind::Usd);
    (!or_absent || value != "").then_some(value)
}
