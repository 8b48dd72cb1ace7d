//! The network: it keeps texts until the modem takes them, tells what became of ours, and has phones.

use super::durable::{Bill, Shown};
use super::{Fault, Machine};
use crate::pdu;
use cordboard_plugin::{Blob, Timestamp};
use serde::{Deserialize, Serialize};

/// Texts that wait for the modem; more are lost, as a centre loses them.
const HELD_MAX: usize = 1000;
const REPORTS_MAX: usize = 500;
/// Parts that wait for the others of their text.
const PARTS_MAX: usize = 300;
/// Other texts of the same reference after this long.
const PARTS_HOURS: i64 = 24;
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
    parts: Vec<Part>,
    shown: Vec<Shown>,
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
            parts: Vec::new(),
            shown: Vec::new(),
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

/// A part of a text of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    at: Timestamp,
    to: String,
    reference: u16,
    wide: bool,
    total: u8,
    number: u8,
    pdu: Blob,
}

impl Part {
    fn is_sibling(&self, other: &Self) -> bool {
        let key = |part: &Self| (part.reference, part.wide, part.total);
        self.to == other.to && key(self) == key(other)
    }
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

    /// Segments that came and went.
    pub fn bill(&self) -> Bill {
        self.durable.network.bill
    }

    /// Texts that have come to their phones since this was last asked.
    pub fn take_shown(&mut self) -> Vec<Shown> {
        std::mem::take(&mut self.durable.network.shown)
    }

    pub(super) fn network_next_at(&self) -> Option<Timestamp> {
        if !self.durable.plugged || self.durable.hung {
            return None;
        }
        let network = &self.durable.network;
        let reports = network.reports.iter().map(|due| due.at);
        let ack = network.unacknowledged.iter().map(|(at, _)| *at);
        let start = self.durable.network_at.max(self.durable.sim_at);
        let held = (!network.held.is_empty() && self.is_starting(start)).then_some(start);
        reports.chain(ack).chain(held).min()
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

    /// A text comes to its phone when its last part does.
    fn bring(&mut self, now: Timestamp, pdu: &[u8], text: &pdu::Submit) {
        let Some(concat) = text.header.concat else {
            return self.put_on_phone(now, &text.to, &[pdu.to_vec()]);
        };
        let part = Part {
            at: now,
            to: text.to.text.clone(),
            reference: concat.reference,
            wide: concat.wide,
            total: concat.total,
            number: concat.number,
            pdu: Blob(pdu.to_vec()),
        };
        let parts = &mut self.durable.network.parts;
        parts.retain(|old| old.at.plus_hours(PARTS_HOURS) > now);
        let known = parts.iter().find(|old| old.is_sibling(&part) && old.number == part.number);
        match known.map(|known| known.pdu == part.pdu) {
            // A phone shows a repeated part once.
            Some(true) => return,
            // The reference is used again.
            Some(false) => parts.retain(|old| !old.is_sibling(&part)),
            None => {}
        }
        parts.push(part.clone());
        let siblings: Vec<Vec<u8>> =
            parts.iter().filter(|old| old.is_sibling(&part)).map(|old| old.pdu.0.clone()).collect();
        if siblings.len() >= usize::from(part.total) {
            parts.retain(|old| !old.is_sibling(&part));
            self.put_on_phone(now, &text.to, &siblings);
        } else if parts.len() > PARTS_MAX {
            parts.remove(0);
        }
    }

    fn put_on_phone(&mut self, now: Timestamp, to: &pdu::Party, parts: &[Vec<u8>]) {
        let read = parts.iter().filter_map(|pdu| pdu::read_submit(pdu).ok());
        let text = pdu::join(&read.map(as_deliver).collect::<Vec<_>>());
        self.durable.network.shown.push(Shown { at: now, to: to.address(), text });
    }
}

/// A part on its way out, as its phone gets it.
fn as_deliver(part: pdu::Submit) -> pdu::Deliver {
    pdu::Deliver {
        centre: None,
        from: part.to,
        protocol: part.protocol,
        coding: part.coding,
        sent_at: None,
        header: part.header,
        body: part.body,
    }
}
