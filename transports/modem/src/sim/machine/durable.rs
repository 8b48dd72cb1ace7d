//! What a modem, its SIM and its network remember when the power or the process goes.

use super::faults::Fault;
use super::network::Network;
use crate::sim::personality::Personality;
use cordboard_plugin::{Address, Blob, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest command line and longest body; what is longer is cut.
const LINE_BYTES_MAX: usize = 1024;
/// Most bytes that wait while the modem is busy.
const WAITING_BYTES_MAX: usize = 16 * 1024;

/// All that outlasts the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    pub(crate) personality: String,
    pub(crate) card: Card,
    pub(super) settings: Settings,
    pub(super) input: Input,
    /// Slots by memory and number.
    pub(crate) stores: BTreeMap<String, BTreeMap<u16, Slot>>,
    pub(super) network: Network,
    pub(super) faults: Vec<Fault>,
    pub(super) plugged: bool,
    pub(super) hung: bool,
    /// The reference of the last text that left.
    pub(super) reference: u8,
    /// Answers from then on.
    pub(super) awake_at: Timestamp,
    /// The SIM answers from then on.
    pub(super) sim_at: Timestamp,
    /// It is in its network from then on.
    pub(super) network_at: Timestamp,
}

impl Durable {
    pub(super) fn new(kind: &Personality, card: Card) -> Self {
        Self {
            personality: kind.name.to_owned(),
            card,
            settings: Settings::new(kind),
            input: Input::default(),
            stores: BTreeMap::new(),
            network: Network::default(),
            faults: Vec::new(),
            plugged: true,
            hung: false,
            reference: 0,
            awake_at: Timestamp(0),
            sim_at: Timestamp(0),
            network_at: Timestamp(0),
        }
    }
}

/// The SIM, and the number of the modem it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Card {
    /// Whether there is one.
    pub inserted: bool,
    /// The modem's own number, 15 digits; the default one is of the range for tests.
    pub imei: String,
    /// The subscriber, 15 digits; network 001-01 is the one for tests.
    pub imsi: String,
    /// The card's number.
    pub iccid: String,
    /// Its own number: the one that was texted last, since any is its own; empty before that.
    pub number: String,
    /// How many texts it holds.
    pub slots: u16,
    /// The PIN it asks for after a power-up; none when `None`.
    pub pin: Option<String>,
    /// The PUK that makes a new PIN.
    pub puk: String,
    /// How often the PIN may still be wrong.
    pub pin_tries: u8,
    /// How often the PUK may still be wrong.
    pub puk_tries: u8,
    /// Whether the PIN has been given since the power-up.
    pub unlocked: bool,
    /// The service centre; empty for none.
    pub centre: String,
}

impl Default for Card {
    fn default() -> Self {
        Self {
            inserted: true,
            imei: "001010123456780".to_owned(),
            imsi: "001010123456789".to_owned(),
            iccid: "89882110000000000015".to_owned(),
            number: String::new(),
            slots: 20,
            pin: None,
            puk: "12345678".to_owned(),
            pin_tries: 3,
            puk_tries: 10,
            unlocked: false,
            centre: "+15550100000".to_owned(),
        }
    }
}

impl Card {
    pub(super) fn is_open(&self) -> bool {
        self.inserted && self.pin_tries > 0 && (self.pin.is_none() || self.unlocked)
    }

    /// A power-up: the PIN has to be given again.
    pub(super) fn lock(&mut self) {
        self.unlocked = false;
    }
}

/// What commands can set and a reset takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) echo: bool,
    pub(super) words: bool,
    pub(super) cmee: u8,
    pub(super) csms: u8,
    pub(super) cnmi: [u8; 5],
    /// What is read, what is written, what new texts land in.
    pub(super) memories: [String; 3],
    /// The service centre, when a command has set one.
    pub(super) centre: Option<String>,
    pub(super) hushed: bool,
    /// Numbers that are kept and mean nothing here: `+CREG`, `+CMMS`, `+CGSMS` …
    pub(super) kept: BTreeMap<String, String>,
}

impl Settings {
    pub(super) fn new(kind: &Personality) -> Self {
        let memory = kind.first_memory.to_owned();
        Self {
            echo: true,
            words: true,
            cmee: 0,
            csms: 0,
            cnmi: kind.first_notify,
            memories: [memory.clone(), memory.clone(), memory],
            centre: None,
            hushed: false,
            kept: BTreeMap::new(),
        }
    }
}

/// What has been written and not yet acted on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Input {
    pub(super) mode: Mode,
    line: Blob,
    waiting: Blob,
}

impl Input {
    pub(super) fn append(&mut self, bytes: &[u8]) {
        let room = WAITING_BYTES_MAX.saturating_sub(self.waiting.0.len());
        self.waiting.0.extend(bytes.iter().take(room));
    }

    pub(super) fn take_waiting(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting.0)
    }

    pub(super) fn push(&mut self, byte: u8) {
        if self.line.0.len() < LINE_BYTES_MAX {
            self.line.0.push(byte);
        }
    }

    pub(super) fn pop(&mut self) {
        self.line.0.pop();
    }

    /// The line so far, which is empty then.
    pub(super) fn take_line(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.line.0)).into_owned()
    }
}

/// What the bytes that come are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Mode {
    /// Command lines.
    #[default]
    Command,
    /// The PDU of a text to send, so many octets long without its SMSC part.
    Sending { octets: usize },
    /// The PDU of a text to keep.
    Keeping { octets: usize, status: u8 },
}

/// A text in a memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slot {
    /// As `+CMGL` numbers it: 0 unread, 1 read, 2 kept, 3 kept and sent.
    pub(crate) status: u8,
    /// With its SMSC part.
    pub(crate) pdu: Blob,
}

/// A text that has come to a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Grows with every text of a modem.
    pub id: u64,
    /// When its last part left.
    pub at: Timestamp,
    /// The modem's own number, as far as it is known.
    pub from: Address,
    /// Whose phone.
    pub to: Address,
    /// The words of all its parts.
    pub text: String,
}

/// How many segments came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Parts that came to the modem; one that the network repeats counts once.
    pub segments_in: u64,
    /// Parts that the network took from it.
    pub segments_out: u64,
}
