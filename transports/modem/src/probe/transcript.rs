//! A session with a modem, as a text that people can read and tests can replay.
//!
//! ```text
//! cordboard modem transcript 1
//! # Comments.
//! 0.000 > AT\r
//! 0.021 < AT\r\r\n
//! 0.022 < OK\r\n
//! 9.400 ! the port hung up
//! ```
//!
//! Each line is a time in seconds, a direction (`>` to the modem, `<` from it, `!` the end of the line)
//! and the bytes: printable ASCII as it is, `\r`, `\n`, `\e` for ESC, `\\`, and `\xHH` for the rest.
//! What a modem says is cut after each line end, with the time at which that end arrived.

use std::fmt;

/// The first line of the format; the number goes up when it changes.
const HEAD: &str = "cordboard modem transcript 1";
/// Longest transcript that is read, in lines.
const LINES_MAX: usize = 100_000;

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Transcript {
    /// What is said about it, without the `# `.
    pub(crate) comments: Vec<String>,
    /// What was said, in order.
    pub(crate) lines: Vec<Line>,
}

/// One line of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Milliseconds since the beginning.
    pub(crate) at_ms: u64,
    /// What happened.
    pub(crate) what: What,
}

/// What happened on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// We wrote this.
    Wrote(Vec<u8>),
    /// The modem said this.
    Said(Vec<u8>),
    /// The line ended, for this reason.
    Ended(String),
}

impl Transcript {
    /// Reads the text form.
    ///
    /// # Errors
    /// The number of the first line that is wrong, and what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut read = Self::default();
        let mut lines = text.lines().enumerate();
        if lines.next().map(|(_, line)| line) != Some(HEAD) {
            return Err(format!("line 1: not `{HEAD}`"));
        }
        for (at, line) in lines.filter(|(_, line)| !line.is_empty()) {
            if at > LINES_MAX {
                return Err(format!("line {}: more than {LINES_MAX} lines", at + 1));
            }
            if let Some(comment) = line.strip_prefix('#') {
                read.comments.push(comment.trim_start().to_owned());
            } else {
                let line = parse_line(line).ok_or_else(|| {
                    format!("line {}: not a time, one of > < ! and escaped bytes", at + 1)
                })?;
                read.lines.push(line);
            }
        }
        Ok(read)
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        for comment in &self.comments {
            writeln!(f, "{}", format!("# {comment}").trim_end())?;
        }
        for Line { at_ms, what } in &self.lines {
            let (mark, bytes) = match what {
                What::Wrote(bytes) => ('>', escape(bytes)),
                What::Said(bytes) => ('<', escape(bytes)),
                What::Ended(why) => ('!', escape(why.as_bytes())),
            };
            writeln!(f, "{}.{:03} {mark} {bytes}", at_ms / 1000, at_ms % 1000)?;
        }
        Ok(())
    }
}

fn parse_line(line: &str) -> Option<Line> {
    let (time, rest) = line.split_once(' ')?;
    let (seconds, millis) = time.split_once('.').filter(|(_, millis)| millis.len() == 3)?;
    let at_ms = seconds.parse::<u64>().ok()?.checked_mul(1000)?;
    let at_ms = at_ms.checked_add(millis.parse().ok()?)?;
    let (mark, escaped) = rest.split_once(' ')?;
    let bytes = unescape(escaped)?;
    let what = match mark {
        ">" => What::Wrote(bytes),
        "<" => What::Said(bytes),
        "!" => What::Ended(String::from_utf8(bytes).ok()?),
        _ => return None,
    };
    Some(Line { at_ms, what })
}

fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            0x1b => text.push_str("\\e"),
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\x{byte:02X}")),
        }
    }
    text
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => bytes.push(match rest.next()? {
                b'r' => b'\r',
                b'n' => b'\n',
                b'e' => 0x1b,
                b'\\' => b'\\',
                b'x' => (hex(rest.next()?)? << 4) | hex(rest.next()?)?,
                _ => return None,
            }),
            b' '..=b'~' => bytes.push(byte),
            _ => return None,
        }
    }
    Some(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_read_as_it_was_written() {
        let text = "cordboard modem transcript 1\n# one\n#\n0.000 > \\e\n0.300 > AT\\r\n\
                    61.007 < a\\\\b \\x00\\xFF\\r\\n\n62.000 ! gone\n";
        let read = Transcript::parse(text).unwrap();
        assert_eq!(read.comments, ["one", ""]);
        assert_eq!(read.lines[2].at_ms, 61_007);
        assert_eq!(read.lines[2].what, What::Said(b"a\\b \x00\xff\r\n".to_vec()));
        assert_eq!(read.lines[3].what, What::Ended("gone".to_owned()));
        assert_eq!(read.to_string(), text);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let head = format!("{HEAD}\n0.000 > AT\\r\n");
        for bad in [
            "0.1 > AT\\r",
            "x > AT",
            "0.000 AT",
            "0.000 ? AT",
            "0.000 > \\q",
            "0.000 > \\x1",
            "0.000 > ä",
            "99999999999999999999.000 > AT",
        ] {
            let error = Transcript::parse(&format!("{head}{bad}\n")).unwrap_err();
            assert!(error.starts_with("line 3:"), "{bad}: {error}");
        }
        assert!(Transcript::parse("0.000 > AT\\r\n").unwrap_err().starts_with("line 1:"));
        assert!(Transcript::parse("").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_survive(bytes: Vec<u8>, at_ms in 0u64..u64::MAX / 2) {
            let lines = vec![
                Line { at_ms, what: What::Wrote(bytes.clone()) },
                Line { at_ms, what: What::Said(bytes) },
            ];
            let transcript = Transcript { comments: Vec::new(), lines };
            proptest::prop_assert_eq!(Transcript::parse(&transcript.to_string()), Ok(transcript));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = Transcript::parse(&format!("{HEAD}\n{text}"));
        }
    }
}
