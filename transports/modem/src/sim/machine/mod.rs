//! A modem as a state machine: bytes in, bytes out, the time passed in. It knows no port and no clock.

mod answer;
mod commands;
mod control;
mod durable;
mod faults;
mod identity;
mod input;
mod network;
mod notify;
mod out;
mod parse;
mod phones;
mod radio;
mod sending;
mod show;
mod storage;

pub use durable::{Bill, Card, Durable, Shown};
pub use faults::Fault;

use super::personality::{self, Personality};
use cordboard_plugin::Timestamp;
use durable::Mode;
use out::Out;

/// A simulated modem with its SIM, and the network that it is in.
///
/// Whoever holds it writes what the host writes ([`Machine::write`]), reads what it says
/// ([`Machine::read`]) and comes back at [`Machine::next_at`], when it may have something to say by
/// itself. What a power cut or a restart of the process must not take away is [`Machine::durable`].
#[derive(Debug)]
pub struct Machine {
    kind: &'static Personality,
    durable: Durable,
    out: Out,
    /// Lines after a reset, with the moments at which they are said.
    booting: Vec<(Timestamp, &'static str)>,
    /// Answers to nothing before this moment; what is written until then waits.
    busy_until: Option<Timestamp>,
    /// When what the network holds was last looked at.
    looked_at: Timestamp,
    noise_at: Option<Timestamp>,
    noise_turn: usize,
    /// Announcements that wait for the end of a prompt.
    waiting_lines: Vec<String>,
}

/// Most announcements that wait for the end of a prompt.
const WAITING_LINES_MAX: usize = 200;

impl Machine {
    /// The names of all personalities; the README says what each does in its own way.
    pub fn personalities() -> impl Iterator<Item = &'static str> {
        personality::ALL.iter().map(|kind| kind.name)
    }

    /// A modem that has long been on, with this card in it. `None` when there is no such personality.
    pub fn new(personality: &str, card: Card) -> Option<Self> {
        let kind = personality::named(personality)?;
        Some(Self::of(kind, Durable::new(kind, card)))
    }

    /// The modem that had this memory. `None` when it is of an unknown personality.
    pub fn restore(durable: Durable) -> Option<Self> {
        Some(Self::of(personality::named(&durable.personality)?, durable))
    }

    /// A plain modem with a card of its own.
    pub fn plain(card: Card) -> Self {
        let kind = personality::ALL[0];
        Self::of(kind, Durable::new(kind, card))
    }

    fn of(kind: &'static Personality, durable: Durable) -> Self {
        Self {
            kind,
            durable,
            out: Out::default(),
            booting: Vec::new(),
            busy_until: None,
            looked_at: Timestamp(0),
            noise_at: None,
            noise_turn: 0,
            waiting_lines: Vec::new(),
        }
    }

    /// The host writes. What is written while it starts, hangs or is unplugged is lost.
    pub fn write(&mut self, now: Timestamp, bytes: &[u8]) {
        self.advance(now);
        if self.is_deaf(now) {
            return;
        }
        self.durable.input.append(bytes);
        self.run_input(now);
    }

    /// What it has said until `now` and nobody has read.
    pub fn read(&mut self, now: Timestamp) -> Vec<u8> {
        self.advance(now);
        self.out.take(now)
    }

    /// What it has said until `now` and nobody has read, in the pieces in which it was said.
    pub fn read_piece(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        self.advance(now);
        self.out.take_piece(now)
    }

    /// When it may have something to say by itself; `None` when it only waits.
    pub fn next_at(&self) -> Option<Timestamp> {
        let booting = self.booting.iter().map(|(at, _)| *at);
        let said = self.out.next_at().into_iter().chain(booting);
        if self.durable.hung {
            return said.min();
        }
        let moments = [self.busy_until, self.noise_at, self.network_next_at()];
        said.chain(moments.into_iter().flatten()).min()
    }

    /// All that outlasts the process.
    pub fn durable(&self) -> &Durable {
        &self.durable
    }

    /// Whether it is plugged in.
    pub fn is_plugged(&self) -> bool {
        self.durable.plugged
    }

    /// Pulls it out, or plugs it in again, which is a power-up: settings are gone, and so is what it
    /// has said.
    pub fn plug(&mut self, now: Timestamp, plugged: bool) {
        if self.durable.plugged == plugged {
            return;
        }
        self.durable.plugged = plugged;
        self.out.clear();
        self.booting.clear();
        self.busy_until = None;
        self.noise_at = None;
        self.waiting_lines.clear();
        if plugged {
            for memory in self.kind.forgets {
                self.durable.stores.remove(*memory);
            }
            self.reset(now, true);
        }
    }

    /// Starts anew. Announced: it is away for a while, says so when it is back, and wants its PIN
    /// again. Otherwise nobody notices but for the settings that are gone.
    fn reset(&mut self, now: Timestamp, announced: bool) {
        self.durable.hung = false;
        self.durable.settings = durable::Settings::new(self.kind);
        self.durable.input = durable::Input::default();
        self.durable.network.lose_ack();
        self.busy_until = None;
        self.noise_at = None;
        self.waiting_lines.clear();
        if announced {
            let boot = self.kind.boot.iter();
            self.booting = boot.map(|(after, line)| (now.plus_millis(*after), *line)).collect();
            self.durable.awake_at = now.plus_millis(self.kind.awake_ms);
            self.durable.sim_at = now.plus_millis(self.kind.sim_ms);
            self.durable.network_at = now.plus_millis(self.kind.network_ms);
            self.durable.card.lock();
        }
    }

    fn is_deaf(&self, now: Timestamp) -> bool {
        !self.durable.plugged || self.durable.hung || now < self.durable.awake_at
    }

    /// Everything that happens by itself until `now`.
    fn advance(&mut self, now: Timestamp) {
        if !self.durable.plugged {
            return;
        }
        while let Some((at, line)) = self.booting.first().copied()
            && at <= now
        {
            self.booting.remove(0);
            self.announce(now, line.to_owned());
        }
        if self.is_deaf(now) {
            return;
        }
        if self.busy_until.is_some_and(|until| until <= now) {
            self.busy_until = None;
            self.run_input(now);
        }
        self.run_network(now);
        self.make_noise(now);
    }

    /// A line that nobody asked for. In a prompt it waits, as everything it says would spoil it.
    fn announce(&mut self, now: Timestamp, line: String) {
        if matches!(self.durable.input.mode, Mode::Command) {
            self.say_line(now, &line);
        } else if self.waiting_lines.len() < WAITING_LINES_MAX {
            self.waiting_lines.push(line);
        }
    }

    /// One line of noise when its time has come, and never more than one, however long nobody looked.
    fn make_noise(&mut self, now: Timestamp) {
        if self.kind.noise.is_empty() || self.durable.settings.hushed {
            self.noise_at = None;
            return;
        }
        let due = self.noise_at.get_or_insert_with(|| now.plus_millis(self.kind.noise_every_ms));
        if now < *due {
            return;
        }
        self.noise_at = Some(now.plus_millis(self.kind.noise_every_ms));
        if self.busy_until.is_none() && matches!(self.durable.input.mode, Mode::Command) {
            let line = self.next_noise();
            self.say_line(now, line);
        }
    }

    /// The next line of noise in turn; empty for a quiet modem.
    fn next_noise(&mut self) -> &'static str {
        let noise = self.kind.noise;
        let line = noise.get(self.noise_turn % noise.len().max(1)).copied().unwrap_or_default();
        self.noise_turn = self.noise_turn.wrapping_add(1);
        line
    }
}
