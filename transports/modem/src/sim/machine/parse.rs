//! Command lines after `AT` (ITU-T V.250 5.2): basic commands glued together, extended ones with `;`.

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// In capital letters, with its first sign: `+CMGS`, `^CURC`, `E`, `&F`; empty for a bare `AT`.
    pub(super) name: String,
    pub(super) form: Form,
}

/// What is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `+CSQ`, or a basic command without a number.
    Run,
    /// `+CSQ?`
    Read,
    /// `+CSQ=?`
    Test,
    /// `+CSQ=…`, or a basic command with a number.
    Set(String),
}

impl Command {
    fn new(name: impl Into<String>, form: Form) -> Self {
        Self { name: name.into(), form }
    }

    /// The word by which faults name it: `cmgs`; `at` for basic commands.
    pub(super) fn word(&self) -> String {
        let word = self.name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        if self.is_extended() { word.to_ascii_lowercase() } else { "at".to_owned() }
    }

    fn is_extended(&self) -> bool {
        self.name.starts_with(is_prefix)
    }
}

impl Form {
    /// Its parameters, without quotes; empty unless it sets.
    pub(super) fn parameters(&self) -> Vec<String> {
        let Self::Set(text) = self else { return Vec::new() };
        split(text, ',').iter().map(|part| part.trim().trim_matches('"').to_owned()).collect()
    }

    /// The parameter at `at` as a number.
    pub(super) fn number<T: std::str::FromStr>(&self, at: usize) -> Option<T> {
        self.parameters().get(at)?.parse().ok()
    }
}

fn is_prefix(c: char) -> bool {
    "+^$%*#!".contains(c)
}

/// The commands of a line; `None` when it is none. A line without `AT` has none and is no error.
pub(super) fn parse(line: &str) -> Option<Vec<Command>> {
    let upper = line.to_ascii_uppercase();
    let Some(at) = upper.find("AT") else { return Some(Vec::new()) };
    let mut rest = &line[at + 2..];
    let mut commands = Vec::new();
    while let Some(first) = rest.trim_start().chars().next() {
        rest = rest.trim_start();
        if is_prefix(first) {
            let pieces = split(rest, ';');
            let piece = pieces.first()?;
            commands.push(extended(piece.trim())?);
            rest = rest.get(piece.len() + 1..).unwrap_or_default();
        } else if first == ';' {
            rest = &rest[1..];
        } else {
            let (command, after) = basic(rest)?;
            commands.push(command);
            rest = after;
        }
    }
    if commands.is_empty() {
        commands.push(Command::new("", Form::Run));
    }
    Some(commands)
}

fn extended(text: &str) -> Option<Command> {
    let end = text.find(['=', '?']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let form = match rest.trim() {
        "" => Form::Run,
        "?" => Form::Read,
        "=?" => Form::Test,
        rest => Form::Set(rest.strip_prefix('=')?.trim().to_owned()),
    };
    let name = name.trim();
    let is_name =
        name.len() > 1 && name[1..].chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| Command::new(name.to_ascii_uppercase(), form))
}

/// `E0`, `&F`, `S0=0`; what is behind it.
fn basic(text: &str) -> Option<(Command, &str)> {
    let letter = text.find(|c: char| c.is_ascii_alphabetic()).filter(|at| *at <= 1)?;
    if letter == 1 && !text.starts_with('&') {
        return None;
    }
    let (name, rest) = text.split_at(letter + 1);
    let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '=' && c != '?');
    let (value, after) = rest.split_at(digits.unwrap_or(rest.len()));
    let form = if value.is_empty() { Form::Run } else { Form::Set(value.to_owned()) };
    Some((Command::new(name.to_ascii_uppercase(), form), after))
}

/// The pieces of `text` between `mark`s that are not in quotes.
fn split(text: &str, mark: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        } else if c == mark && !quoted {
            pieces.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Option<Vec<String>> {
        let commands = parse(line)?;
        Some(
            commands.iter().map(|command| format!("{} {:?}", command.name, command.form)).collect(),
        )
    }

    #[test]
    fn a_line_is_taken_apart_into_its_commands() {
        for (line, expected) in [
            ("", Some(vec![])),
            ("hello", Some(vec![])),
            ("AT", Some(vec![" Run"])),
            ("at", Some(vec![" Run"])),
            ("\u{1b}AT", Some(vec![" Run"])),
            ("ATE0", Some(vec!["E Set(\"0\")"])),
            ("ATE0V1&F", Some(vec!["E Set(\"0\")", "V Set(\"1\")", "&F Run"])),
            ("AT+CMGF=0;+CNMI?", Some(vec!["+CMGF Set(\"0\")", "+CNMI Read"])),
            ("ATE0+CMEE=1", Some(vec!["E Set(\"0\")", "+CMEE Set(\"1\")"])),
            ("AT+CSCA=\"+1;2\",145", Some(vec!["+CSCA Set(\"\\\"+1;2\\\",145\")"])),
            ("AT+CPMS=?", Some(vec!["+CPMS Test"])),
            ("at^curc = 0", Some(vec!["^CURC Set(\"0\")"])),
            ("ATS0=0", Some(vec!["S Set(\"0=0\")"])),
            ("AT+", None),
            ("AT+C MGS=1", None),
            ("AT)", None),
            ("ATé", None),
        ] {
            let expected = expected.map(|all| all.into_iter().map(str::to_owned).collect());
            assert_eq!(names(line), expected, "{line}");
        }
    }

    #[test]
    fn parameters_lose_their_quotes() {
        let form = Form::Set("\"SM\",\"a,b\",,7".to_owned());
        assert_eq!(form.parameters(), ["SM", "a,b", "", "7"]);
        assert_eq!(form.number::<u8>(3), Some(7));
        assert_eq!(form.number::<u8>(1), None);
        assert_eq!(Form::Read.parameters(), Vec::<String>::new());
    }
}
