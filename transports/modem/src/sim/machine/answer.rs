//! Answers: their lines, their end, and the shapes in which they go wrong.

use super::Machine;
use super::durable::Mode;
use cordboard_plugin::Timestamp;

/// How an answer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Ok,
    Error,
    /// `+CMS ERROR`: TS 27.005 3.2.5.
    Cms(u16),
    /// `+CME ERROR`: TS 27.007 9.2.
    Cme(u16),
    /// In words of the modem's own.
    Words(&'static str),
    /// `> `, and then a PDU.
    Prompt(Mode),
    /// Not at all: it starts anew.
    Reset,
}

/// What a command answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) lines: Vec<String>,
    pub(super) end: End,
}

impl Reply {
    pub(super) fn ok() -> Self {
        Self::end(End::Ok)
    }

    pub(super) fn end(end: End) -> Self {
        Self { lines: Vec::new(), end }
    }

    pub(super) fn line(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], end: End::Ok }
    }
}

/// How an answer is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    #[default]
    Plain,
    /// Nothing is said.
    Silent,
    /// The final line is lost.
    NoEnd,
    /// After so many seconds, in which it does nothing else.
    Late(u32),
    /// The final line comes twice.
    Twice,
    /// `ERROR`, and then the answer's own end.
    ErrorToo,
    /// Byte by byte.
    Split,
    /// Behind bytes 00 and FF.
    Garbage,
    /// With a line of noise before its end.
    Noise,
    /// With a line of noise between the two lines of its first block.
    Torn,
}

/// Between two bytes of a split answer.
const SPLIT_MS: i64 = 2;

impl Machine {
    /// `\r\n` line `\r\n`, as everything is said that is not echo or prompt.
    pub(super) fn say_line(&mut self, at: Timestamp, line: &str) {
        let text = self.framed(line);
        self.out.say(at, text.as_bytes());
    }

    fn framed(&self, line: &str) -> String {
        format!("\r\n{line}{}", self.kind.line_end)
    }

    /// Says an answer in its shape.
    pub(super) fn finish(&mut self, now: Timestamp, reply: Reply, shape: Shape) {
        if let End::Reset = reply.end {
            // The last it says before it goes.
            self.say_line(now, "OK");
            return self.reset(now, true);
        }
        if let End::Prompt(mode) = reply.end {
            self.durable.input.mode = mode;
        }
        let text = self.text_of(&reply, shape);
        match shape {
            Shape::Silent => {}
            Shape::Late(seconds) => {
                let at = now.plus_seconds(i64::from(seconds));
                self.busy_until = Some(at);
                self.out.say(at, text.as_bytes());
            }
            Shape::Split => {
                for (at, byte) in (0..).zip(text.bytes()) {
                    self.out.say_alone(now.plus_millis(at * SPLIT_MS), &[byte]);
                }
            }
            Shape::Garbage => {
                self.out.say(now, &[0, 0xff, 0, 0xff, 0xff]);
                self.out.say(now, text.as_bytes());
            }
            _ => self.out.say(now, text.as_bytes()),
        }
        self.say_waiting_lines(now);
    }

    fn text_of(&mut self, reply: &Reply, shape: Shape) -> String {
        let mut text = String::new();
        for (at, line) in reply.lines.iter().enumerate() {
            // Noise comes between the blocks of a list, never between the two lines of one.
            let is_noisy = self.kind.noise_in_lists && !self.durable.settings.hushed;
            if is_noisy && at > 0 && at % 2 == 0 {
                let noise = self.next_noise();
                text.push_str(&self.framed(noise));
            }
            if shape == Shape::Torn && at == 0 {
                let noise = self.framed(self.noise_or_ring());
                text.push_str(&self.framed(&line.replacen("\r\n", &format!("\r\n{noise}"), 1)));
            } else {
                text.push_str(&self.framed(line));
            }
        }
        if shape == Shape::Noise {
            let noise = self.noise_or_ring();
            text.push_str(&self.framed(noise));
        }
        let end = self.end_of(&reply.end);
        match shape {
            Shape::NoEnd => {}
            Shape::Twice => text.push_str(&end.repeat(2)),
            Shape::ErrorToo => {
                text.push_str(&self.framed("ERROR"));
                text.push_str(&end);
            }
            _ => text.push_str(&end),
        }
        text
    }

    /// What comes when nobody asked, from a quiet modem too.
    pub(super) fn noise_or_ring(&self) -> &'static str {
        self.kind.noise.first().copied().unwrap_or("RING")
    }

    fn end_of(&self, end: &End) -> String {
        let numbered = |kind: &str, code: u16| match self.durable.settings.cmee {
            0 => "ERROR".to_owned(),
            2 => format!("+{kind} ERROR: {}", in_words(kind, code)),
            _ => format!("+{kind} ERROR: {code}"),
        };
        let (digit, line) = match end {
            End::Ok => ("0", "OK".to_owned()),
            End::Error | End::Reset => ("4", "ERROR".to_owned()),
            End::Cms(code) => ("", numbered("CMS", *code)),
            End::Cme(code) => ("", numbered("CME", *code)),
            End::Words(words) => ("", (*words).to_owned()),
            End::Prompt(_) => return "\r\n> ".to_owned(),
        };
        if self.durable.settings.words || digit.is_empty() {
            self.framed(&line)
        } else {
            format!("{digit}\r")
        }
    }

    pub(super) fn say_waiting_lines(&mut self, now: Timestamp) {
        if matches!(self.durable.input.mode, Mode::Command) {
            for line in std::mem::take(&mut self.waiting_lines) {
                self.say_line(now, &line);
            }
        }
    }
}

/// The words of `+CMEE=2`, for the commonest ones.
fn in_words(kind: &str, code: u16) -> String {
    let words = match (kind, code) {
        ("CME", 10) => "SIM not inserted",
        ("CME", 11) => "SIM PIN required",
        ("CME", 12) => "SIM PUK required",
        ("CME", 14) => "SIM busy",
        ("CME", 16) => "incorrect password",
        ("CMS", 321) => "invalid memory index",
        ("CMS", 322) => "memory full",
        ("CMS", 331) => "no network service",
        ("CMS", 500) => "unknown error",
        _ => return format!("unknown error {code}"),
    };
    words.to_owned()
}
