//! What a plugin file says of itself: its manifest, and its kinds with their settings.
//!
//! Both live as long as the process, as the file itself does; so what is read here is kept for ever.

use cordboard_plugin::{Setting, SettingKind};
use serde::Deserialize;

/// Who it is; read before any of its code runs.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: String,
    /// `rust`, `c` …
    #[serde(default)]
    pub(super) lang: String,
    /// What a panic does: `unwind` or `abort`.
    #[serde(default)]
    pub(super) panic: Option<String>,
}

impl Manifest {
    /// # Errors
    /// When it is none, or says that a panic would end the whole process.
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(json)
            .map_err(|error| format!("its manifest cannot be read: {error}"))?;
        if manifest.lang == "rust" && manifest.panic.as_deref() != Some("unwind") {
            return Err(
                "a panic in it would end the bridge: build it with `panic = \"unwind\"`".to_owned()
            );
        }
        Ok(manifest)
    }
}

/// Its kinds.
#[derive(Debug, Deserialize)]
pub(super) struct Kinds {
    #[serde(default)]
    pub(super) transports: Vec<Kind>,
    #[serde(default)]
    pub(super) sinks: Vec<Kind>,
}

impl Kinds {
    /// # Errors
    /// When they cannot be read, or there are none.
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        let kinds: Self = serde_json::from_slice(json)
            .map_err(|error| format!("what it offers cannot be read: {error}"))?;
        if kinds.transports.is_empty() && kinds.sinks.is_empty() {
            return Err("it offers neither a transport nor a sink".to_owned());
        }
        if kinds.transports.iter().chain(&kinds.sinks).any(|kind| kind.kind.is_empty()) {
            return Err("one of its kinds has no name".to_owned());
        }
        Ok(kinds)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Kind {
    pub(super) kind: String,
    #[serde(default)]
    settings: Vec<Row>,
}

/// A row of a settings table, as [`Setting`] serialises.
#[derive(Debug, Deserialize)]
struct Row {
    key: String,
    kind: RowKind,
    #[serde(default)]
    default: Option<String>,
    #[serde(default)]
    doc: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RowKind {
    Text,
    Secret,
    SecretTable,
    Url,
    TextList,
    NumberList,
    Flag,
    Whole { min: i64, max: i64 },
    Usd,
    Choice(Vec<String>),
}

/// A text that is kept for ever.
pub(super) fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

impl Kind {
    /// Its settings table, kept for ever.
    pub(super) fn settings(self) -> &'static [Setting] {
        let rows = self.settings.into_iter().map(|row| Setting {
            key: kept(row.key),
            kind: match row.kind {
                RowKind::Text => SettingKind::Text,
                RowKind::Secret => SettingKind::Secret,
                RowKind::SecretTable => SettingKind::SecretTable,
                RowKind::Url => SettingKind::Url,
                RowKind::TextList => SettingKind::TextList,
                RowKind::NumberList => SettingKind::NumberList,
                RowKind::Flag => SettingKind::Flag,
                RowKind::Whole { min, max } => SettingKind::Whole { min, max },
                RowKind::Usd => SettingKind::Usd,
                RowKind::Choice(words) => {
                    let words: Vec<&'static str> = words.into_iter().map(kept).collect();
                    SettingKind::Choice(Box::leak(words.into_boxed_slice()))
                }
            },
            default: row.default.map(kept),
            doc: kept(row.doc),
        });
        Box::leak(rows.collect::<Vec<_>>().into_boxed_slice())
    }
}
