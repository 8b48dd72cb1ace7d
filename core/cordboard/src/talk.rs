//! What goes to the terminal: data to stdout, talk to stderr.

use crate::failure::Failure;
use cordboard_plugin::SetUpStep;
use serde_json::Value;
use std::io::{ErrorKind, Write as _};
use time::OffsetDateTime;
use time::macros::format_description;

/// Writes a line of data to stdout. A reader that went away (`| head`) is no failure.
///
/// # Errors
/// When stdout cannot be written.
pub fn data(line: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write to stdout: {error}"), ""))
        }
        _ => Ok(()),
    }
}

/// Writes JSON to stdout, indented.
///
/// # Errors
/// When stdout cannot be written.
pub fn json(value: &Value) -> Result<(), Failure> {
    data(&format!("{value:#}"))
}

/// Writes a line of talk to stderr.
pub fn say(line: &str) {
    // When stderr is gone there is nobody left to tell.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes a table with aligned columns to stdout, or `empty` to stderr when it has no rows.
///
/// # Errors
/// When stdout cannot be written.
pub fn table(columns: &[&str], rows: &[Vec<String>], empty: &str) -> Result<(), Failure> {
    if rows.is_empty() {
        say(empty);
        return Ok(());
    }
    let head: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
    let width = |at: usize| {
        let cells = lines.iter().filter_map(|line| line.get(at));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        data(cells.collect::<Vec<String>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// Columns that a note may take.
const NOTE_CHARS_MAX: usize = 96;

/// What to set up at a provider, numbered, each value on a line of its own so that it can be copied.
/// Begins with a line end.
pub fn steps(steps: &[SetUpStep]) -> String {
    let mut text = String::new();
    let mut nth = 0;
    for SetUpStep { place, value, note } in steps {
        if place.is_empty() && value.is_empty() {
            text += &wrapped("  - ", note);
            continue;
        }
        nth += 1;
        text += &format!("\n  {nth}. {place}\n       {value}");
        if !note.is_empty() {
            text += &wrapped("     ", note);
        }
    }
    text
}

/// Words broken into lines, the first behind `start`, the others as far to the right.
fn wrapped(start: &str, words: &str) -> String {
    let mut text = format!("\n{start}");
    let mut column = start.chars().count();
    let left = column;
    for word in words.split_whitespace() {
        let chars = word.chars().count();
        if column > left && column + 1 + chars > NOTE_CHARS_MAX {
            text += &format!("\n{:left$}", "");
            column = left;
        } else if column > left {
            text.push(' ');
            column += 1;
        }
        text += word;
        column += chars;
    }
    text
}

/// A moment in milliseconds, as UTC to the second; `-` when there is none.
pub fn moment(millis: Option<i64>) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    millis
        .and_then(|millis| OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)).ok())
        .and_then(|moment| moment.format(format).ok())
        .unwrap_or_else(|| "-".to_owned())
}

/// The first `chars_max` characters on one line, control characters shown as spaces.
pub fn short(text: &str, chars_max: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut kept: String = text.chars().take(chars_max).map(plain).collect();
    if text.chars().count() > chars_max {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_utc_to_the_second() {
        assert_eq!(moment(Some(1_767_225_600_999)), "2026-01-01 00:00:00Z");
        assert_eq!(moment(None), "-");
    }

    #[test]
    fn a_long_text_is_cut_and_its_control_characters_do_nothing() {
        assert_eq!(short("a\u{1b}[31mb", 20), "a [31mb");
        assert_eq!(short("abcdef", 3), "abc…");
    }
}
