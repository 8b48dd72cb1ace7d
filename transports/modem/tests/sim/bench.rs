//! A modem on the bench: written to and read at moments that the test names.

use cordboard_modem::pdu;
use cordboard_modem::sim::machine::{Card, Fault, Machine};
use cordboard_plugin::Timestamp;

pub(crate) const OURS: &str = "+15550100142";
pub(crate) const THEIRS: &str = "+15550100123";
pub(crate) const START: Timestamp = Timestamp(1_790_000_000_000);

pub(crate) struct Bench {
    pub(crate) machine: Machine,
    pub(crate) now: Timestamp,
}

impl Bench {
    /// A modem whose echo is off and whose errors are numbers.
    pub(crate) fn new(personality: &str) -> Self {
        Self::with_card(personality, Card::default())
    }

    pub(crate) fn with_card(personality: &str, card: Card) -> Self {
        let machine = Machine::new(personality, card).expect("a personality");
        let mut bench = Self { machine, now: START };
        bench.ask("ATE0");
        bench.ask("AT+CMEE=1");
        bench
    }

    /// What a command answers, without CR, lines joined by `|`.
    pub(crate) fn ask(&mut self, command: &str) -> String {
        self.write(format!("{command}\r").as_bytes())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> String {
        self.machine.write(self.now, bytes);
        self.hear()
    }

    /// What it says now.
    pub(crate) fn hear(&mut self) -> String {
        let bytes = self.machine.read(self.now);
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let lines: Vec<&str> = text.split(['\r', '\n']).filter(|line| !line.is_empty()).collect();
        lines.join("|")
    }

    /// What it says within the next milliseconds.
    pub(crate) fn pass(&mut self, millis: i64) -> String {
        let end = self.now.plus_millis(millis);
        let mut said = Vec::new();
        let mut turns = 0;
        while let Some(next) = self.machine.next_at().filter(|next| *next <= end) {
            turns += 1;
            assert!(turns < 1_000_000, "it has something to say, and never says it");
            self.now = self.now.max(next);
            said.push(self.hear());
        }
        self.now = end;
        said.push(self.hear());
        said.retain(|said| !said.is_empty());
        said.join("|")
    }

    pub(crate) fn deliver(&mut self, text: &str) -> String {
        self.machine.deliver(self.now, pdus(text));
        self.hear()
    }

    pub(crate) fn order(&mut self, on: &str, kind: &str) {
        assert!(self.machine.order(self.now, Fault::new(on, kind)), "{on} {kind}");
    }

    /// Sends a text in as many parts as it takes; what the last one answered.
    pub(crate) fn send(&mut self, text: &str) -> String {
        let sending =
            pdu::Sending { to: THEIRS, text, reference: 9, wants_report: true, validity: None };
        let mut answer = String::new();
        for part in pdu::submit(&sending).expect("a text") {
            let prompt = self.ask(&format!("AT+CMGS={}", part.tpdu_octets));
            if prompt != "> " {
                return prompt;
            }
            answer = self.write(format!("{}\u{1a}", part.hex).as_bytes());
        }
        answer
    }

    /// What came to phones.
    pub(crate) fn phones(&mut self) -> Vec<String> {
        self.machine.take_shown().into_iter().map(|shown| shown.text).collect()
    }
}

pub(crate) fn pdus(text: &str) -> Vec<Vec<u8>> {
    let delivering = pdu::Delivering {
        from: THEIRS,
        text,
        at: START,
        reference: 3,
        centre: "+15550100000",
        ..pdu::Delivering::default()
    };
    pdu::deliver(&delivering).expect("a text")
}

pub(crate) fn hex(text: &str) -> String {
    pdu::to_hex(&pdus(text)[0])
}
