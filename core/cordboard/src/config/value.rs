//! One value: does it have the declared kind, and what is it as JSON?

use super::near;
use cordboard_plugin::{Address, SettingKind};
use serde_json::{Map, Value, json};
use std::path::Path;
use toml::de::{DeArray, DeValue};

/// Most dollars an amount may be: a slip of the decimal point should not cost a house.
const USD_MAX: f64 = 1_000_000.0;

/// What is wrong with a value; the key's name comes before `what`.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// The byte where it stands.
    pub(crate) at: usize,
    /// "must be …".
    pub(crate) what: String,
    /// The next step; `None`: how to keep a secret out of the file.
    pub(crate) hint: Option<String>,
}

impl Wrong {
    fn new(at: usize, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at, what: what.into(), hint: Some(hint.into()) }
    }
}

/// Reads a declared default. `None` when the declaration itself is wrong (a test looks at them all),
/// or when the default is empty and the kind has no empty value: then the key is just absent.
pub(crate) fn read_default(kind: SettingKind, default: &str) -> Option<Value> {
    let value = DeValue::parse(default).ok()?;
    if matches!(kind, SettingKind::Url | SettingKind::Secret | SettingKind::Usd)
        && value.get_ref().as_str() == Some("")
    {
        return None;
    }
    read(kind, 0, value.get_ref()).ok()
}

/// Reads one written value.
pub(crate) fn read(kind: SettingKind, at: usize, value: &DeValue<'_>) -> Result<Value, Wrong> {
    match kind {
        SettingKind::Text => text(at, value).map(Value::from),
        SettingKind::Secret => secret(at, value),
        SettingKind::SecretTable => secret_table(at, value),
        SettingKind::Url => url(at, value),
        SettingKind::TextList => list(at, value, text),
        SettingKind::NumberList => list(at, value, number),
        SettingKind::Flag => flag(at, value),
        SettingKind::Whole { min, max } => whole(at, value, min, max),
        SettingKind::Usd => usd(at, value),
        SettingKind::Choice(words) => choice(at, value, words),
    }
}

/// A kind of TOML value with its article.
pub(crate) fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn mistyped(at: usize, wanted: &str, value: &DeValue<'_>, hint: &str) -> Wrong {
    Wrong::new(at, format!("must be {wanted}, not {}", article(value)), hint)
}

fn text(at: usize, value: &DeValue<'_>) -> Result<String, Wrong> {
    let hint = "put it in double quotes";
    value.as_str().map(str::to_owned).ok_or_else(|| mistyped(at, "a string", value, hint))
}

fn secret(at: usize, value: &DeValue<'_>) -> Result<Value, Wrong> {
    let text = text(at, value)?;
    if super::secrets::SecretRef::parse(&text, Path::new("")).is_some() {
        return Ok(Value::from(text));
    }
    // The value is never repeated: it is likely to be the secret itself.
    let what = "is a secret and must be `env:NAME` or `file:PATH`";
    Err(Wrong { at, what: what.to_owned(), hint: None })
}

fn secret_table(at: usize, value: &DeValue<'_>) -> Result<Value, Wrong> {
    let hint = "write it as { id = \"env:NAME\" }";
    let table = value.as_table().ok_or_else(|| mistyped(at, "a table", value, hint))?;
    let mut entries = Map::new();
    for (key, value) in table {
        let entry = secret(value.span().start, value.get_ref())?;
        entries.insert(key.get_ref().to_string(), entry);
    }
    Ok(Value::Object(entries))
}

fn url(at: usize, value: &DeValue<'_>) -> Result<Value, Wrong> {
    let text = text(at, value)?;
    let wrong = |what: &str| {
        Wrong::new(at, what, "write it as \"https://host\" or \"https://host:port/path\"")
    };
    let parsed = url::Url::parse(&text).map_err(|_| wrong("must be a web address"))?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err(wrong("must be a web address (http or https)"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(wrong("must be a web address without `?` and `#`"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(wrong("must be a web address without a user and password"));
    }
    Ok(Value::from(text.trim_end_matches('/')))
}

fn list(
    at: usize,
    value: &DeValue<'_>,
    entry: fn(usize, &DeValue<'_>) -> Result<String, Wrong>,
) -> Result<Value, Wrong> {
    let hint = "write it as [\"…\", \"…\"]";
    let entries: &DeArray<'_> =
        value.as_array().ok_or_else(|| mistyped(at, "a list", value, hint))?;
    let read = entries.iter().map(|value| entry(value.span().start, value.get_ref()));
    read.collect::<Result<Vec<String>, Wrong>>().map(Value::from)
}

fn number(at: usize, value: &DeValue<'_>) -> Result<String, Wrong> {
    let hint = "write it as \"+15550100001\": plus, country code, number, no spaces";
    let text = value.as_str().ok_or_else(|| mistyped(at, "a list of strings", value, hint))?;
    let address = Address::new(text);
    if !address.is_e164() {
        return Err(Wrong::new(at, format!("holds `{text}`, which is not a full number"), hint));
    }
    Ok(address.reveal().to_owned())
}

fn flag(at: usize, value: &DeValue<'_>) -> Result<Value, Wrong> {
    let hint = if value.is_str() { "leave out the quotes" } else { "" };
    let wrong = || mistyped(at, "`true` or `false`", value, hint);
    value.as_bool().map(Value::from).ok_or_else(wrong)
}

fn whole(at: usize, value: &DeValue<'_>, min: i64, max: i64) -> Result<Value, Wrong> {
    let wanted =
        if max == i64::MAX { format!("{min} or more") } else { format!("from {min} to {max}") };
    let hint = if value.is_str() { "leave out the quotes" } else { "" };
    let number = value
        .as_integer()
        .ok_or_else(|| mistyped(at, &format!("a whole number {wanted}"), value, hint))?;
    match i64::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) if (min..=max).contains(&number) => Ok(Value::from(number)),
        _ => {
            let what = format!("must be a whole number {wanted}, not {number}");
            Err(Wrong::new(at, what, ""))
        }
    }
}

fn usd(at: usize, value: &DeValue<'_>) -> Result<Value, Wrong> {
    let hint = "write it as 0.015, without a currency sign and quotes";
    let digits = match value {
        DeValue::Integer(number) => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        other => return Err(mistyped(at, "a number of dollars", other, hint)),
    };
    match digits.parse::<f64>() {
        Ok(usd) if (0.0..=USD_MAX).contains(&usd) => Ok(json!(usd)),
        _ => Err(Wrong::new(at, "must be a number of dollars from 0 to 1000000", hint)),
    }
}

fn choice(at: usize, value: &DeValue<'_>, words: &[&'static str]) -> Result<Value, Wrong> {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let wanted = format!("one of {}", quoted.join(", "));
    let text =
        value.as_str().ok_or_else(|| mistyped(at, &wanted, value, "put it in double quotes"))?;
    if words.contains(&text) {
        return Ok(Value::from(text));
    }
    let hint = near::nearest(text, words).map(|word| format!("did you mean `{word}`?"));
    Err(Wrong::new(at, format!("must be {wanted}, not `{text}`"), hint.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: SettingKind, toml: &str) -> String {
        let value = DeValue::parse(toml).unwrap();
        match read(kind, 0, value.get_ref()) {
            Ok(value) => value.to_string(),
            Err(wrong) => wrong.what,
        }
    }

    #[test]
    fn values_are_taken_or_told_what_they_must_be() {
        let whole = SettingKind::Whole { min: 1, max: 2_000 };
        for (kind, toml, expected) in [
            (SettingKind::Text, "\"a\"", "\"a\""),
            (SettingKind::Text, "1", "must be a string, not a whole number"),
            (SettingKind::Secret, "\"env:A\"", "\"env:A\""),
            (SettingKind::Secret, "\"hush\"", "is a secret and must be `env:NAME` or `file:PATH`"),
            (SettingKind::SecretTable, "{ a = \"env:A\" }", "{\"a\":\"env:A\"}"),
            (
                SettingKind::SecretTable,
                "{ a = \"x\" }",
                "is a secret and must be `env:NAME` or `file:PATH`",
            ),
            (SettingKind::SecretTable, "\"env:A\"", "must be a table, not a string"),
            (SettingKind::Url, "\"https://a.example/b/\"", "\"https://a.example/b\""),
            (SettingKind::Url, "\"a.example\"", "must be a web address"),
            (SettingKind::Url, "\"ftp://a.example\"", "must be a web address (http or https)"),
            (
                SettingKind::Url,
                "\"https://a.example?x=1\"",
                "must be a web address without `?` and `#`",
            ),
            (
                SettingKind::Url,
                "\"https://me:pw@a.example\"",
                "must be a web address without a user and password",
            ),
            (SettingKind::TextList, "[\"a\", \"b\"]", "[\"a\",\"b\"]"),
            (SettingKind::TextList, "\"a\"", "must be a list, not a string"),
            (SettingKind::NumberList, "[\"+15550100001\"]", "[\"+15550100001\"]"),
            (
                SettingKind::NumberList,
                "[\"5550100001\"]",
                "holds `5550100001`, which is not a full number",
            ),
            (
                SettingKind::NumberList,
                "[15550100001]",
                "must be a list of strings, not a whole number",
            ),
            (SettingKind::Flag, "true", "true"),
            (SettingKind::Flag, "\"true\"", "must be `true` or `false`, not a string"),
            (whole, "1_000", "1000"),
            (whole, "0x10", "16"),
            (whole, "0", "must be a whole number from 1 to 2000, not 0"),
            (
                whole,
                "99999999999999999999",
                "must be a whole number from 1 to 2000, not 99999999999999999999",
            ),
            (whole, "1.0", "must be a whole number from 1 to 2000, not a fraction"),
            (SettingKind::Usd, "1", "1.0"),
            (SettingKind::Usd, "0.015", "0.015"),
            (SettingKind::Usd, "-0.1", "must be a number of dollars from 0 to 1000000"),
            (SettingKind::Usd, "nan", "must be a number of dollars from 0 to 1000000"),
            (SettingKind::Usd, "\"1\"", "must be a number of dollars, not a string"),
            (SettingKind::Choice(&["open", "closed"]), "\"open\"", "\"open\""),
            (
                SettingKind::Choice(&["open", "closed"]),
                "\"opne\"",
                "must be one of `open`, `closed`, not `opne`",
            ),
        ] {
            assert_eq!(told(kind, toml), expected, "{toml}");
        }
    }
}
