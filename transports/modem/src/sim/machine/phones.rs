//! The phones behind the network: what comes to them, and the centre's stamp on what they text.

use super::Machine;
use super::durable::Shown;
use crate::pdu;
use cordboard_plugin::{Address, Blob, Timestamp};
use serde::{Deserialize, Serialize};

/// Parts that wait for the others of their text.
const PARTS_MAX: usize = 300;
/// Other texts of the same reference after this long.
const PARTS_HOURS: i64 = 24;

/// What the phones and their centre know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Phones {
    parts: Vec<Part>,
    shown: Vec<Shown>,
    /// The reference of the last long text.
    reference: u8,
    /// The last stamp of whoever texted within this second.
    stamps: Vec<(String, Timestamp)>,
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
    /// What the centre writes on the next text of this phone: a moment, and a reference for its parts.
    ///
    /// Nobody texts twice within a second, so no two texts of a phone are stamped alike; tests are
    /// faster than that.
    pub fn stamp(&mut self, now: Timestamp, from: &str) -> (Timestamp, u16) {
        let phones = &mut self.durable.network.phones;
        phones.reference = phones.reference.wrapping_add(1);
        let reference = u16::from(phones.reference);
        phones.stamps.retain(|(_, at)| at.plus_seconds(1) > now);
        let known = phones.stamps.iter_mut().find(|(number, _)| number == from);
        let at = match known {
            Some((_, at)) => {
                *at = at.plus_seconds(1);
                *at
            }
            None => {
                let at = Timestamp(now.unix_seconds() * 1000);
                phones.stamps.push((from.to_owned(), at));
                at
            }
        };
        (at, reference)
    }

    /// Texts that have come to their phones since this was last asked.
    pub fn take_shown(&mut self) -> Vec<Shown> {
        std::mem::take(&mut self.durable.network.phones.shown)
    }

    /// A text comes to its phone when its last part does.
    pub(super) fn bring(&mut self, now: Timestamp, pdu: &[u8], text: &pdu::Submit) {
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
        let parts = &mut self.durable.network.phones.parts;
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
        let (id, from) =
            (self.durable.network.bill.segments_out, self.durable.card.number.as_str());
        let shown = Shown { id, at: now, from: Address::new(from), to: to.address(), text };
        self.durable.network.phones.shown.push(shown);
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
