//! Calls from fixtures: files in `.http` form, with places to fill in.
//!
//! `{{id}}`, `{{text}}` and `{{state}}` are filled in, written as the place demands: in the address as
//! part of a query, in the body by its `content-type`. `{{unix}}` is the time, in seconds.

use super::not_asked;
use crate::START;
use crate::webhook::parse;
use cordboard_plugin::{HttpCall, header};
use std::path::{Path, PathBuf};

/// A fixture that is there, as text.
#[derive(Clone)]
pub(super) struct Fixture {
    path: PathBuf,
    text: String,
}

/// How a word is written where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Query,
    Json,
    Xml,
    Plain,
}

impl Fixture {
    /// Reads the fixture, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or is not in the form of one.
    pub(super) fn find(path: PathBuf) -> Result<Option<Self>, String> {
        if !path.exists() {
            return Ok(None);
        }
        let wrong = |problem: &dyn std::fmt::Display| format!("{}: {problem}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| wrong(&error))?;
        parse(&text).map_err(|problem| wrong(&problem))?;
        Ok(Some(Self { text, path }))
    }

    /// All fixtures in `folder` whose names begin with `start`, by name.
    ///
    /// # Errors
    /// As [`Fixture::find`].
    pub(super) fn all(folder: &Path, start: &str) -> Result<Vec<Self>, String> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let named = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            name.is_some_and(|name| name.starts_with(start) && name.ends_with(".http"))
        };
        let found = paths.into_iter().filter(named).map(Self::find);
        Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// Whether the place `{{name}}` is in it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.text.contains(&place(name))
    }

    /// The call, with these words in their places.
    pub(super) fn call(&self, words: &[(&str, &str)]) -> HttpCall {
        let unix = START.unix_seconds().to_string();
        let (head, body) = halves(&self.text);
        let body_spelling = spelling(head);
        let (mut head, mut body) = (head.to_owned(), body.to_owned());
        for (name, word) in words.iter().chain(&[("unix", unix.as_str())]) {
            head = head.replace(&place(name), &spelt(word, Spelling::Query));
            body = body.replace(&place(name), &spelt(word, body_spelling));
        }
        match parse(&format!("{head}{body}")) {
            Ok(call) => call,
            Err(problem) => not_asked(format!("{}: {problem}", self.path.display())),
        }
    }
}

fn place(name: &str) -> String {
    format!("{{{{{name}}}}}")
}

/// The head with its empty line, and the body.
fn halves(text: &str) -> (&str, &str) {
    let ends = ["\n\n", "\n\r\n"].iter().filter_map(|end| Some(text.find(end)? + end.len()));
    text.split_at(ends.min().unwrap_or(text.len()))
}

/// How words are written in the body of a call with this head.
fn spelling(head: &str) -> Spelling {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let headers: Vec<_> =
        lines.map(|(name, value)| (name.to_owned(), value.trim().to_lowercase())).collect();
    match header(&headers, "content-type").unwrap_or_default() {
        form if form.contains("urlencoded") => Spelling::Query,
        json if json.contains("json") => Spelling::Json,
        xml if xml.contains("xml") => Spelling::Xml,
        _ => Spelling::Plain,
    }
}

fn spelt(word: &str, spelling: Spelling) -> String {
    match spelling {
        Spelling::Query => word.bytes().map(query_byte).collect(),
        Spelling::Json => {
            let quoted = serde_json::Value::from(word).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
        Spelling::Xml => word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        Spelling::Plain => word.to_owned(),
    }
}

/// A byte as a browser writes it into a form.
fn query_byte(byte: u8) -> String {
    match byte {
        b' ' => "+".to_owned(),
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'*' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

/// The same call with `count` more parameters that nobody knows.
pub(super) fn with_parameters(mut call: HttpCall, count: usize) -> HttpCall {
    let kind = call.header("content-type").unwrap_or_default().to_lowercase();
    if kind.contains("urlencoded") {
        for nth in 0..count {
            call.body.0.extend(format!("&new_{nth}=x").into_bytes());
        }
        return call;
    }
    let body = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&call.body.0);
    let Ok(mut body) = body else {
        not_asked("the body of the fixture is no form and no JSON table")
    };
    body.extend((0..count).map(|nth| (format!("new_{nth}"), "x".into())));
    call.body = serde_json::Value::Object(body).to_string().into();
    call
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(text: &str) -> Fixture {
        Fixture { path: PathBuf::from("genuine.http"), text: text.to_owned() }
    }

    #[test]
    fn words_are_written_as_the_place_demands() {
        let words = "é & \"a\" <b>\n%+";
        for (kind, written) in [
            ("application/json; charset=utf-8", r#"é & \"a\" <b>\n%+"#),
            ("application/x-www-form-urlencoded", "%C3%A9+%26+%22a%22+%3Cb%3E%0A%25%2B"),
            ("text/xml", "é &amp; \"a\" &lt;b&gt;\n%+"),
            ("text/plain", words),
        ] {
            let text = format!(
                "POST https://b.example.com/hooks/c?t={{{{text}}}}\nContent-Type: {kind}\n\n[{{{{text}}}}]"
            );
            let call = fixture(&text).call(&[("text", words)]);
            assert_eq!(call.body.0, format!("[{written}]").as_bytes(), "{kind}");
            assert_eq!(call.query, "t=%C3%A9+%26+%22a%22+%3Cb%3E%0A%25%2B", "{kind}");
        }
    }

    #[test]
    fn the_time_and_the_id_are_put_in() {
        let head = "POST https://b.example.com/hooks/c\ncontent-type: text/plain\r\n\r\n";
        let call = fixture(&format!("{head}{{{{id}}}} {{{{unix}}}}")).call(&[("id", "7")]);
        assert_eq!(call.body.0, b"7 1790000000");
    }

    #[test]
    fn parameters_are_added_to_forms_and_tables() {
        let head = "POST https://b.example.com/hooks/c\ncontent-type: ";
        let form = fixture(&format!("{head}application/x-www-form-urlencoded\n\na=1")).call(&[]);
        assert_eq!(with_parameters(form, 2).body.0, b"a=1&new_0=x&new_1=x");
        let json = fixture(&format!("{head}application/json\n\n{{\"a\":1}}")).call(&[]);
        assert_eq!(with_parameters(json, 1).body.0, br#"{"a":1,"new_0":"x"}"#);
    }
}
