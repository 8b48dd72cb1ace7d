//! The network: it keeps texts until the modem takes them, tells what became of ours, and has phones.

use super::durable::Bill;
use super::phones::Phones;
use super::{Fault, Machine};
use crate::pdu;
use cordboard_plugin::{Address, Blob, Timestamp};
use serde::{Deserialize, Serialize};

/// Texts that wait for the modem; more are lost, as a centre loses them.
const HELD_MAX: usize = 1000;
const REPORTS_MAX: usize = 500;
/// How long a report takes.
const REPORT_MS: i64 = 1_000;
/// How much later a late one is, unless the fault says otherwise.
const LATE_SECONDS: u32 = 60;

/// What the network knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Network {
    /// As `+CREG` tells it, once the modem has had time to look.
    pub(super) registration: u8,
    /// As `+CSQ` tells it.
    pub(super) signal: u8,
    /// What waits for the modem, oldest first.
    pub(super) held: Vec<Held>,
    /// Passed on directly, and not yet acknowledged; back to the network at that moment.
    pub(super) unacknowledged: Option<(Timestamp, Held)>,
    /// Whether the modem has said that its memory is full, since it last was not.
    pub(super) full_told: bool,
    reports: Vec<Due>,
    pub(super) phones: Phones,
    pub(super) bill: Bill,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            registration: 1,
            signal: 18,
            held: Vec::new(),
            unacknowledged: None,
            full_told: false,
            reports: Vec::new(),
            phones: Phones::default(),
            bill: Bill::default(),
        }
    }
}

impl Network {
    /// The modem has forgotten that it owes an acknowledgement: the network tries again.
    pub(super) fn lose_ack(&mut self) {
        if let Some((_, held)) = self.unacknowledged.take() {
            self.held.insert(0, held);
        }
    }
}

/// Something on its way to the modem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// With its SMSC part.
    pub(super) pdu: Blob,
    pub(super) is_report: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Due {
    at: Timestamp,
    pdu: Blob,
}

impl Machine {
    /// Texts for the modem, as whole PDUs with their SMSC part, in the order in which they come. They
    /// wait at the network while it is full, away, or without one.
    pub fn deliver(&mut self, now: Timestamp, pdus: impl IntoIterator<Item = Vec<u8>>) {
        for pdu in pdus {
            let fault = self.take_fault("deliver").map(|fault| fault.kind);
            self.durable.network.bill.segments_in += 1;
            let copies = match fault.as_deref() {
                Some("lost") => 0,
                Some("repeated") => 2,
                _ => 1,
            };
            for _ in 0..copies {
                self.hold(Held { pdu: Blob(pdu.clone()), is_report: false });
            }
        }
        self.advance(now);
    }

    fn hold(&mut self, held: Held) {
        if self.durable.network.held.len() < HELD_MAX {
            self.durable.network.held.push(held);
        }
    }

    /// How many texts and reports wait at the network.
    pub fn held(&self) -> usize {
        self.durable.network.held.len()
    }

    /// Sets what `+CREG` and `+CSQ` tell: 1 at home, 2 searching, 3 denied, 5 roaming, 6 and 7 for texts
    /// only; 0 to 31, or 99.
    pub fn set_network(&mut self, now: Timestamp, registration: u8, signal: u8) {
        self.durable.network.registration = registration;
        self.durable.network.signal = signal;
        self.advance(now);
    }

    /// Tells the card its own number.
    pub fn set_number(&mut self, number: &Address) {
        number.reveal().clone_into(&mut self.durable.card.number);
    }

    /// Segments that came and went.
    pub fn bill(&self) -> Bill {
        self.durable.network.bill
    }

    pub(super) fn network_next_at(&self) -> Option<Timestamp> {
        if !self.durable.plugged {
            return None;
        }
        let network = &self.durable.network;
        let reports = network.reports.iter().map(|due| due.at);
        let ack = network.unacknowledged.iter().map(|(at, _)| *at);
        let start = self.durable.network_at.max(self.durable.sim_at);
        let held = (!network.held.is_empty() && self.is_starting(start)).then_some(start);
        let next = reports.chain(ack).chain(held).min();
        next.map(|next| next.max(self.durable.awake_at))
    }

    /// Whether `start` has not come when it was last looked at: held texts are taken at once then.
    fn is_starting(&self, start: Timestamp) -> bool {
        self.looked_at < start
    }

    /// What is due, and whatever the modem can take now.
    pub(super) fn run_network(&mut self, now: Timestamp) {
        self.looked_at = now;
        let network = &mut self.durable.network;
        let (due, later) = network.reports.drain(..).partition(|due: &Due| due.at <= now);
        network.reports = later;
        for due in due as Vec<Due> {
            self.hold(Held { pdu: due.pdu, is_report: true });
        }
        if self.durable.network.unacknowledged.as_ref().is_some_and(|(at, _)| *at <= now) {
            // TS 27.005 3.4.1: it goes deaf by itself.
            self.durable.settings.cnmi[1] = 0;
            self.durable.settings.cnmi[3] = 0;
            self.durable.network.lose_ack();
        }
        while self.can_receive(now) && !self.durable.network.held.is_empty() {
            let held = self.durable.network.held.remove(0);
            if !self.receive(now, &held) {
                self.durable.network.held.insert(0, held);
                break;
            }
        }
    }

    fn can_receive(&self, now: Timestamp) -> bool {
        self.is_registered(now)
            && now >= self.durable.sim_at
            && !self.is_deaf(now)
            && self.durable.network.unacknowledged.is_none()
    }

    /// A delete has made room: the modem says so to the network (RP-SMMA, TS 24.011 7.3.2).
    pub(super) fn tell_memory_free(&mut self, now: Timestamp) {
        self.durable.network.full_told = false;
        self.run_network(now);
    }

    /// The network takes a text from the modem: to its phone, and a report when one is wanted.
    pub(super) fn take_text(&mut self, now: Timestamp, pdu: &[u8], text: &pdu::Submit) {
        self.durable.network.bill.segments_out += 1;
        if self.take_fault("sent").is_some() {
            return;
        }
        self.bring(now, pdu, text);
        if !text.wants_report {
            return;
        }
        let fault = self.take_fault("report");
        let kind = fault.as_ref().map_or("", |fault| fault.kind.as_str());
        let late = fault.as_ref().and_then(|fault: &Fault| fault.seconds).unwrap_or(LATE_SECONDS);
        let late_ms = i64::from(late) * 1000;
        let steps: &[(i64, u8)] = match kind {
            "lost" => &[],
            // 0x46: validity period expired.
            "failed" => &[(REPORT_MS, 0x46)],
            // 0x30: the centre still tries.
            "trying" => &[(REPORT_MS, 0x30), (late_ms, 0)],
            "late" => &[(late_ms, 0)],
            _ => &[(REPORT_MS, 0)],
        };
        for (after, status) in steps {
            let done_at = now.plus_millis(*after);
            let written = pdu::report(&pdu::Reporting {
                centre: self.centre(),
                reference: self.durable.reference,
                to: &text.to.text,
                sent_at: now,
                done_at,
                status: *status,
            });
            if let Ok(pdu) = written
                && self.durable.network.reports.len() < REPORTS_MAX
            {
                self.durable.network.reports.push(Due { at: done_at, pdu: Blob(pdu) });
            }
        }
    }
}
