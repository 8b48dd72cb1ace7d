//! Reads one table of the file by its declaration: unknown keys, types, limits, defaults.

use super::near;
use super::problem::Findings;
use super::value::{self, Wrong};
use cordboard_plugin::{Setting, SettingKind};
use serde_json::Value;
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// Whose keys are read; decides how a key is called in messages.
#[derive(Clone, Debug)]
pub(crate) enum Owner {
    /// One of the single tables: `bridge`.
    Table(&'static str),
    /// A `[[transport]]`, `[[sink]]` …, and what it is called: its name, or its position.
    Item(&'static str, String),
    /// The settings of an instance: family and name.
    Settings(&'static str, String),
    /// The prices of an instance: family and name.
    Prices(&'static str, String),
}

impl Owner {
    /// A known key, in backticks and with its owner.
    pub(crate) fn key(&self, key: &str) -> String {
        match self {
            Self::Table(table) => format!("`{table}.{key}`"),
            Self::Item(family, name) | Self::Settings(family, name) => {
                format!("`{key}` of {family} {name}")
            }
            Self::Prices(family, name) => format!("`prices.{key}` of {family} {name}"),
        }
    }

    fn unknown(&self, key: &str) -> String {
        match self {
            Self::Table(table) => format!("`{key}` is not a key of `[{table}]`"),
            Self::Item(family, _) => format!("`{key}` is not a key of `[[{family}]]`"),
            Self::Settings(family, name) => format!("`{key}` is not a setting of {family} {name}"),
            Self::Prices(family, name) => format!("`{key}` is not a price of {family} {name}"),
        }
    }
}

/// What is done about keys that are not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// Defaults are filled in; a key without one is a problem.
    Required,
    /// Defaults are filled in; a key without one may be missing (simulated instances).
    Filled,
    /// They stay absent (prices).
    Left,
}

/// A value and the byte where it stands; `None` for a default.
#[derive(Clone, Debug)]
struct Cell {
    value: Value,
    at: Option<usize>,
}

/// A table that has been read. Getters of a key that was wrong give an empty value: the problem is
/// among the findings already, and the configuration will not be used.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    at: usize,
    cells: BTreeMap<&'static str, Cell>,
}

impl Row {
    /// Reads `table`, which stands at byte `at`, by `settings`. Keys of `inner` tables are left to
    /// the caller. What is wrong goes into `findings`.
    pub(crate) fn read(
        table: Option<&DeTable<'_>>,
        at: usize,
        settings: &[Setting],
        inner: &[&str],
        owner: &Owner,
        absent: Absent,
        findings: &mut Findings,
    ) -> Self {
        let mut row = Self { at, cells: BTreeMap::new() };
        let empty = DeTable::new();
        let table = table.unwrap_or(&empty);
        let known: Vec<&str> =
            settings.iter().map(|s| s.key).chain(inner.iter().copied()).collect();
        let mut meant = Vec::new();
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                meant.extend(near::nearest(name, &known));
                let hint = near::hint(name, known.iter().copied());
                findings.wrong(key.span().start, owner.unknown(name), hint);
            }
        }
        for setting in settings {
            // A slip in a required key is told once, as the unknown key that it is.
            let absent = if meant.contains(&setting.key) { Absent::Filled } else { absent };
            let written = table.get(setting.key).map(|value| (value.span().start, value.get_ref()));
            if let Some(cell) = read_cell(setting, written, at, owner, absent, findings) {
                row.cells.insert(setting.key, cell);
            }
        }
        row
    }

    /// The byte of a key's value, or of the table when the key is not written.
    pub(crate) fn at(&self, key: &str) -> usize {
        self.cells.get(key).and_then(|cell| cell.at).unwrap_or(self.at)
    }

    /// Whether the key is written in the file.
    pub(crate) fn written(&self, key: &str) -> bool {
        self.cells.get(key).is_some_and(|cell| cell.at.is_some())
    }

    /// The value of a key.
    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.cells.get(key).map(|cell| &cell.value)
    }

    /// A string.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.value(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// A list of strings.
    pub(crate) fn texts(&self, key: &str) -> Vec<&str> {
        let list = self.value(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A whole number; the declaration's limits hold.
    pub(crate) fn whole(&self, key: &str) -> i64 {
        self.value(key).and_then(Value::as_i64).unwrap_or_default()
    }

    /// A number of dollars.
    pub(crate) fn usd(&self, key: &str) -> f64 {
        self.value(key).and_then(Value::as_f64).unwrap_or_default()
    }

    /// Puts another value in the place of a key's, or removes it.
    pub(crate) fn replace(&mut self, key: &'static str, value: Option<Value>) {
        match (value, self.cells.get_mut(key)) {
            (Some(value), Some(cell)) => cell.value = value,
            (Some(value), None) => {
                self.cells.insert(key, Cell { value, at: None });
            }
            (None, _) => {
                self.cells.remove(key);
            }
        }
    }

    /// All keys as a JSON object.
    pub(crate) fn into_json(self) -> Value {
        let entries = self.cells.into_iter().map(|(key, cell)| (key.to_owned(), cell.value));
        Value::Object(entries.collect())
    }
}

/// Reads one key, or its default.
fn read_cell(
    setting: &Setting,
    written: Option<(usize, &DeValue<'_>)>,
    table_at: usize,
    owner: &Owner,
    absent: Absent,
    findings: &mut Findings,
) -> Option<Cell> {
    if let Some((at, value)) = written {
        return match value::read(setting.kind, at, value) {
            Ok(value) => Some(Cell { value, at: Some(at) }),
            Err(Wrong { at, what, hint }) => {
                let hint = hint.unwrap_or_else(|| secret_hint(setting, owner));
                findings.wrong(at, format!("{} {what}", owner.key(setting.key)), hint);
                None
            }
        };
    }
    match (absent, setting.default) {
        (Absent::Left, _) | (Absent::Filled, None) => None,
        (Absent::Required, None) => {
            let hint = format!("add `{} = {}`", setting.key, example(setting, owner));
            findings.wrong(table_at, format!("{} is missing", owner.key(setting.key)), hint);
            None
        }
        (_, Some(default)) => {
            let value = value::read_default(setting.kind, default)?;
            Some(Cell { value, at: None })
        }
    }
}

/// What a missing key could look like.
fn example(setting: &Setting, owner: &Owner) -> String {
    match setting.kind {
        SettingKind::Secret => format!("\"env:{}\"", variable_name(setting, owner)),
        SettingKind::SecretTable => "{ id = \"env:NAME\" }".to_owned(),
        SettingKind::Text => "\"…\"".to_owned(),
        SettingKind::Url => "\"https://…\"".to_owned(),
        SettingKind::TextList => "[\"…\"]".to_owned(),
        SettingKind::NumberList => "[\"+15550100001\"]".to_owned(),
        SettingKind::Flag => "true".to_owned(),
        SettingKind::Whole { min, .. } => min.to_string(),
        SettingKind::Usd => "0.00".to_owned(),
        SettingKind::Choice(words) => format!("\"{}\"", words.first().unwrap_or(&"")),
    }
}

fn secret_hint(setting: &Setting, owner: &Owner) -> String {
    format!(
        "put it into an environment variable and write \"env:{}\", or into a file and write \"file:PATH\"",
        variable_name(setting, owner)
    )
}

/// The variable a secret would naturally be in: `CARRIER_AUTH_TOKEN`.
fn variable_name(setting: &Setting, owner: &Owner) -> String {
    let (Owner::Table(name) | Owner::Item(name, _)) = owner else {
        let (Owner::Settings(_, name) | Owner::Prices(_, name)) = owner else {
            return String::new();
        };
        return upper(&format!("{}_{}", name.trim_matches('`'), setting.key));
    };
    upper(&format!("cordboard_{name}_{}", setting.key))
}

fn upper(text: &str) -> String {
    text.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}
