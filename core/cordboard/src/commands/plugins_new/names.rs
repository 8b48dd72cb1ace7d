//! The new name in all its spellings, and how it takes the place of the template's.

use super::templates::Template;

/// Longest name: as long as the name of an instance may be.
const NAME_CHARS_MAX: usize = 32;

/// Types that are everywhere without being named, so that one of ours would stand in their way.
const EVERYWHERE: &[&str] = &[
    "Box", "Clone", "Copy", "Debug", "Default", "Drop", "Eq", "Err", "Fn", "From", "Into",
    "Iterator", "None", "Ok", "Option", "Ord", "Pin", "Result", "Self", "Send", "Some", "String",
    "Sync", "Vec",
];

/// What is replaced, and by what.
pub(super) struct Names {
    word: &'static str,
    /// As the kind is written: `acme-sms`.
    pub(super) kebab: String,
    /// As a crate is written in code: `acme_sms`.
    pub(super) snake: String,
    /// As types are written: `AcmeSms`.
    camel: String,
}

impl Names {
    /// # Errors
    /// Why this cannot be the name.
    pub(super) fn new(name: &str, template: &Template) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let parts: Vec<&str> = name.split('-').collect();
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
        let whole = parts.iter().all(|part| !part.is_empty());
        if name.len() > NAME_CHARS_MAX || !begins || !whole || !name.chars().all(fits) {
            return Err(format!("`{name}` cannot be the name of a plugin"));
        }
        let camel: String = parts.iter().map(|part| capital(part)).collect();
        let used = |text: &str| words(text).any(|word| word == camel);
        let in_code = |path: &str| path.ends_with(".rs");
        let taken = name != template.word
            && template.files.iter().any(|(path, text)| in_code(path) && used(text));
        if taken || EVERYWHERE.contains(&camel.as_str()) {
            return Err(format!("`{name}` would be the type `{camel}`, which is another one"));
        }
        let snake = name.replace('-', "_");
        Ok(Self { word: template.word, kebab: name.to_owned(), snake, camel })
    }

    /// The text with the new name in place of the template's. In small letters it is replaced where it
    /// stands alone: it may be a part of other words.
    pub(super) fn put_into(&self, text: &str) -> String {
        let text =
            text.replace(&format!("cordboard_{}", self.word), &format!("cordboard_{}", self.snake));
        let text = text.replace(&capital(self.word), &self.camel);
        let text = text.replace(&self.word.to_uppercase(), &self.snake.to_uppercase());
        replace_word(&text, self.word, &self.kebab)
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words of code, without its comments.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split(|c| !is_part(c)))
}

fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        let part = before.ends_with(is_part)
            || after.starts_with(is_part)
            || (before.is_empty() && replaced.ends_with(is_part));
        replaced += before;
        replaced += if part { word } else { by };
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::super::templates::{SINK, TRANSPORT};
    use super::*;

    #[test]
    fn a_name_is_put_in_wherever_the_template_has_its_own() {
        let names = Names::new("acme-sms2", &TRANSPORT).unwrap();
        for (text, expected) in [
            ("name = \"cordboard-carrier\"", "name = \"cordboard-acme-sms2\""),
            ("use cordboard_carrier::Carrier;", "use cordboard_acme_sms2::AcmeSms2;"),
            ("sim::SimulatedCarrier", "sim::SimulatedAcmeSms2"),
            ("env:CARRIER_API_TOKEN", "env:ACME_SMS2_API_TOKEN"),
            ("x-carrier-signature", "x-acme-sms2-signature"),
            ("/hooks/carrier", "/hooks/acme-sms2"),
            ("carrier_words: a_carrier, carriers", "carrier_words: a_carrier, carriers"),
        ] {
            assert_eq!(names.put_into(text), expected);
        }
    }

    #[test]
    fn names_that_make_no_crate_are_refused() {
        let long = "a".repeat(33);
        for name in ["", "A", "1a", "-a", "a-", "a--b", "a_b", "a b", "é", "../a", &long] {
            assert!(Names::new(name, &TRANSPORT).is_err(), "{name:?}");
        }
        for name in ["a", "a1", "acme-sms", "carrier", &long[1..]] {
            assert!(Names::new(name, &TRANSPORT).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn names_that_are_types_already_are_refused() {
        for name in ["transport", "host", "self", "box", "string", "http-call", "ok"] {
            assert!(Names::new(name, &TRANSPORT).is_err(), "{name}");
        }
        for name in ["sink", "credential", "vec"] {
            assert!(Names::new(name, &SINK).is_err(), "{name}");
        }
    }
}
