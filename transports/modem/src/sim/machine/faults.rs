//! Faults on order: each is used up by the next thing of its sort.

use super::Machine;
use super::answer::{End, Shape};
use super::commands::WORDS;
use cordboard_plugin::Timestamp;
use serde::{Deserialize, Serialize};

const FAULTS_MAX: usize = 500;
/// How long a late answer takes, unless the fault says otherwise.
const LATE_SECONDS: u32 = 10;

/// A fault that waits for its turn. The README has the table of what there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A command (`cmgs`, `cmgd` …; `at` for basic ones; `any`), or `prompt`, `sent`, `cmti`, `report`,
    /// `deliver`; `now` strikes at once.
    pub on: String,
    /// What goes wrong: `silent`, `cms 500` …
    pub kind: String,
    /// How late, where that has a meaning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
}

impl Fault {
    /// A fault without a number of seconds.
    pub fn new(on: &str, kind: &str) -> Self {
        Self { on: on.to_owned(), kind: kind.to_owned(), seconds: None }
    }

    /// Whether there is such a fault.
    pub fn is_known(&self) -> bool {
        let among = |kinds: &[&str]| kinds.contains(&self.kind.as_str());
        match self.on.as_str() {
            "sent" | "cmti" => among(&["lost"]),
            "deliver" => among(&["lost", "repeated"]),
            "report" => among(&["lost", "failed", "trying", "late"]),
            "now" => event(&self.kind).is_some(),
            "at" | "any" | "prompt" => self.turn().is_some(),
            word => WORDS.contains(&word) && self.turn().is_some(),
        }
    }

    fn turn(&self) -> Option<Turn> {
        let seconds = self.seconds.unwrap_or(LATE_SECONDS);
        let done = |shape| Some(Turn::Done { shape, after: None });
        let kind = self.kind.as_str();
        if let Some(code) = kind.strip_prefix("cms ") {
            return Some(Turn::Refused(End::Cms(code.parse().ok()?)));
        }
        if let Some(code) = kind.strip_prefix("cme ") {
            return Some(Turn::Refused(End::Cme(code.parse().ok()?)));
        }
        if let Some(event) = kind.strip_suffix("_done").and_then(event) {
            return Some(Turn::Done { shape: Shape::Silent, after: Some(event) });
        }
        match kind {
            "silent" => Some(Turn::Nothing),
            "silent_done" => done(Shape::Silent),
            "error" => Some(Turn::Refused(End::Error)),
            "lost_ok" => done(Shape::NoEnd),
            "late" => done(Shape::Late(seconds)),
            "double" => done(Shape::Twice),
            "error_and_ok" => done(Shape::ErrorToo),
            "split" => done(Shape::Split),
            "garbage" => done(Shape::Garbage),
            "noise" => done(Shape::Noise),
            "torn" => done(Shape::Torn),
            "echo" => Some(Turn::Done { shape: Shape::Plain, after: Some(Event::Echo) }),
            _ => event(kind).map(Turn::Left),
        }
    }
}

/// What happens to a command.
#[derive(Debug)]
pub(super) enum Turn {
    /// Nothing, and nothing is said.
    Nothing,
    /// It is not done, and ends so.
    Refused(End),
    /// It is not done, because this happens.
    Left(Event),
    /// It is done, answered in this shape, and then this happens.
    Done { shape: Shape, after: Option<Event> },
}

/// What can happen to a modem at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Hang,
    ResetSilent,
    ResetAnnounced,
    Unplug,
    Echo,
    Garbage,
    Noise,
}

fn event(kind: &str) -> Option<Event> {
    Some(match kind {
        "hang" => Event::Hang,
        "reset_silent" => Event::ResetSilent,
        "reset_announced" => Event::ResetAnnounced,
        "unplug" => Event::Unplug,
        "echo" => Event::Echo,
        "garbage" => Event::Garbage,
        "noise" => Event::Noise,
        _ => return None,
    })
}

impl Machine {
    /// Orders a fault. Those `on` `now` strike at once. Unknown ones, and those beyond the 500th, are
    /// not taken: `false`.
    pub fn order(&mut self, now: Timestamp, fault: Fault) -> bool {
        if !fault.is_known() || self.durable.faults.len() >= FAULTS_MAX {
            return false;
        }
        self.advance(now);
        if fault.on != "now" {
            self.durable.faults.push(fault);
        } else if let Some(event) = event(&fault.kind) {
            self.happen(now, event);
        }
        true
    }

    /// Faults that still wait.
    pub fn ordered(&self) -> &[Fault] {
        &self.durable.faults
    }

    /// The oldest fault that waits for this.
    pub(super) fn take_fault(&mut self, on: &str) -> Option<Fault> {
        let at = self.durable.faults.iter().position(|fault| fault.on == on)?;
        Some(self.durable.faults.remove(at))
    }

    /// What becomes of a command.
    pub(super) fn turn(&mut self, word: &str) -> Turn {
        let fault = self.take_fault(word).or_else(|| self.take_fault("any"));
        fault
            .and_then(|fault| fault.turn())
            .unwrap_or(Turn::Done { shape: Shape::Plain, after: None })
    }

    pub(super) fn happen(&mut self, now: Timestamp, event: Event) {
        match event {
            Event::Hang => self.durable.hung = true,
            Event::ResetSilent => self.reset(now, false),
            Event::ResetAnnounced => self.reset(now, true),
            Event::Unplug => self.plug(now, false),
            Event::Echo => self.durable.settings.echo = true,
            Event::Garbage => self.out.say(now, &[0, 0xff, 0, 0xff, 0xff]),
            Event::Noise => {
                let line = self.noise_or_ring();
                self.say_line(now, line);
            }
        }
    }
}
