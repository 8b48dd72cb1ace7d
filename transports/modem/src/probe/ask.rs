//! The questions of a probe. They read and set nothing, but for `+CMEE=1`, without which a modem does
//! not say why it refuses; it is forgotten when the modem restarts. No PIN is tried, nothing is sent,
//! listed or deleted: listing would mark messages as read.

use crate::at::{AtError, Channel, Event, Shape, fields};

/// How long a modem may take to answer its first `AT`, in milliseconds. Other ports of a stick are
/// silent, and there may be six of them.
pub(super) const SYNC_MS: i64 = 2_500;
/// How long it may take for any further answer.
const ANSWER_MS: i64 = 3_000;
/// So many silent answers in a row mean that the line is dead.
const SILENT_MAX: usize = 2;

/// What is asked, in this order: what the operator needs most comes first, since time is short.
const QUESTIONS: &[(&str, Shape)] = &[
    ("AT+CMEE=1", Shape::Nothing),
    ("AT+CGMI", Shape::Bare("+CGMI:")),
    ("AT+CGMM", Shape::Bare("+CGMM:")),
    ("AT+CGMR", Shape::Bare("+CGMR:")),
    ("AT+CPIN?", Shape::Prefixed("+CPIN:")),
    ("AT+CREG?", Shape::Prefixed("+CREG:")),
    ("AT+CEREG?", Shape::Prefixed("+CEREG:")),
    ("AT+CSQ", Shape::Prefixed("+CSQ:")),
    ("AT+COPS?", Shape::Prefixed("+COPS:")),
    ("AT+CPMS?", Shape::Prefixed("+CPMS:")),
    ("AT+CSCA?", Shape::Prefixed("+CSCA:")),
    ("AT+CGSMS?", Shape::Prefixed("+CGSMS:")),
    ("AT+CMGF=?", Shape::Prefixed("+CMGF:")),
    ("AT+CSMS?", Shape::Prefixed("+CSMS:")),
    ("AT+CPMS=?", Shape::Prefixed("+CPMS:")),
    ("AT+CNMI=?", Shape::Prefixed("+CNMI:")),
    ("AT+CNMI?", Shape::Prefixed("+CNMI:")),
    ("AT+CGSN", Shape::Bare("+CGSN:")),
    ("AT+CNUM", Shape::Prefixed("+CNUM:")),
];

/// What a modem said to the questions, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The commands and their answers, in the order of asking.
    pub(super) answers: Vec<(&'static str, Result<Vec<String>, AtError>)>,
    /// Why the asking ended early.
    pub(super) ended: Option<AtError>,
    /// Messages that were handed to us and not stored: nobody else will ever have them.
    pub(super) handed_over: usize,
}

/// Asks everything. What has been answered is in `said` also when this is dropped halfway.
pub(super) async fn ask(channel: &mut Channel<'_>, said: &mut Said) {
    if let Err(error) = channel.sync(SYNC_MS).await {
        said.ended = Some(error);
        return;
    }
    let mut silent = 0;
    for (command, shape) in QUESTIONS {
        let answer = channel.ask(command, *shape, ANSWER_MS).await;
        let heard = channel.heard();
        said.handed_over += heard.iter().filter(|event| matches!(event, Event::Routed(_))).count();
        silent = if matches!(answer, Err(AtError::Silent(_))) { silent + 1 } else { 0 };
        let dead = matches!(answer, Err(AtError::Port(_) | AtError::Dead)) || silent == SILENT_MAX;
        if dead {
            said.ended = answer.err();
            return;
        }
        said.answers.push((command, answer));
    }
}

impl Said {
    /// The lines of the answer to `command`; none when it was refused or never asked.
    pub(super) fn lines(&self, command: &str) -> &[String] {
        let answer = self.answers.iter().find(|(asked, _)| *asked == command);
        answer.and_then(|(_, answer)| answer.as_ref().ok()).map_or(&[], Vec::as_slice)
    }

    /// Why `command` was refused, if it was.
    pub(super) fn error(&self, command: &str) -> Option<&AtError> {
        let answer = self.answers.iter().find(|(asked, _)| *asked == command);
        answer.and_then(|(_, answer)| answer.as_ref().err())
    }

    /// The fields of the last line of an answer; none when there is no line.
    pub(super) fn fields(&self, command: &str) -> Vec<String> {
        self.lines(command).last().map(|line| fields(line)).unwrap_or_default()
    }

    /// An answer in bare lines, as one line, with or without the command's prefix.
    pub(super) fn bare(&self, command: &str) -> String {
        let prefix = command.trim_start_matches("AT");
        let line = |line: &String| {
            let rest = line.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(':'));
            rest.unwrap_or(line).trim().trim_matches('"').to_owned()
        };
        self.lines(command).iter().map(line).collect::<Vec<_>>().join(" ")
    }

    /// The commands that were not answered well, and what was said instead.
    pub(super) fn refused(&self) -> Vec<(&'static str, String)> {
        let refused = self.answers.iter().filter_map(|(command, answer)| match answer {
            Ok(_) => None,
            Err(AtError::Silent(_)) => Some((*command, "no answer".to_owned())),
            Err(error) => Some((*command, error.to_string())),
        });
        refused.collect()
    }

    /// Whether it answered at all.
    pub(super) fn is_modem(&self) -> bool {
        self.answers.iter().any(|(_, answer)| matches!(answer, Ok(_) | Err(AtError::Fault(_))))
    }
}
