//! What is wrong with a configuration file, and where.

use super::secrets::Unresolved;
use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong, at a byte of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    at: usize,
    message: String,
    hint: String,
    /// A secret is not where the file says: the file itself is in order.
    secret: bool,
}

/// All that was found while a file was read.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl Findings {
    /// Something is wrong at byte `at`; `hint` is the next step, or empty.
    pub(crate) fn wrong(&mut self, at: usize, message: impl Into<String>, hint: impl Into<String>) {
        let (message, hint) = (message.into(), hint.into());
        self.problems.push(Problem { at, message, hint, secret: false });
    }

    /// A secret named at byte `at` is not where the file says.
    pub(crate) fn unresolved(&mut self, at: usize, unresolved: Unresolved) {
        let Unresolved { message, hint } = unresolved;
        self.problems.push(Problem { at, message, hint, secret: true });
    }

    /// Whether nothing is wrong with the file itself.
    pub(crate) fn file_is_clean(&self) -> bool {
        self.problems.iter().all(|problem| problem.secret)
    }

    /// Something works but is worth a line at start.
    pub(crate) fn warn(&mut self, line: impl Into<String>) {
        self.warnings.push(line.into());
    }

    /// Takes over what was found elsewhere.
    pub(crate) fn append(&mut self, other: Self) {
        self.problems.extend(other.problems);
        self.warnings.extend(other.warnings);
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// The warnings, and the first problem in the order of the file.
    pub(crate) fn finish(mut self, file: &Path, text: &str) -> (Vec<String>, Option<ConfigError>) {
        self.problems.sort_by_key(|problem| problem.at);
        let more = self.problems.len().saturating_sub(1);
        let first = self.problems.into_iter().next().map(|first| ConfigError {
            file: file.to_owned(),
            place: Some(line_and_column(text, first.at)),
            message: first.message,
            hint: first.hint,
            more,
        });
        (self.warnings, first)
    }
}

/// Why a configuration cannot be used: one message for people, with its place and the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Line and column, both from 1; `None` when the file could not be read at all.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// How many further problems the file has.
    pub more: usize,
}

impl ConfigError {
    /// The file as a whole cannot be used.
    pub fn whole(file: &Path, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            place: None,
            message: message.into(),
            hint: hint.into(),
            more: 0,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some((line, column)) = self.place {
            write!(f, " ({}:{line}:{column})", self.file.display())?;
        }
        if !self.hint.is_empty() {
            write!(f, "\nhint: {}", self.hint)?;
        }
        match self.more {
            0 => Ok(()),
            1 => f.write_str("\nand 1 more problem in this file"),
            more => write!(f, "\nand {more} more problems in this file"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// Line and column of a byte, both from 1; columns count characters.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let text = "a\nä = 1\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, text.find('=').unwrap()), (2, 3));
        assert_eq!(line_and_column(text, 3), (2, 1), "inside a character");
        assert_eq!(line_and_column(text, 9999), (3, 1));
    }

    #[test]
    fn the_first_problem_in_the_file_is_told_and_the_others_are_counted() {
        let mut findings = Findings::default();
        findings.wrong(3, "second", "");
        findings.wrong(0, "first", "do this");
        findings.wrong(4, "third", "");
        let error = findings.finish(Path::new("plugins.toml"), "a\nbcd").1.unwrap();
        assert_eq!(
            error.to_string(),
            "first (plugins.toml:1:1)\nhint: do this\nand 2 more problems in this file"
        );
    }
}
