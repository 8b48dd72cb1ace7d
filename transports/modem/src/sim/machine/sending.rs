//! Texts that leave (TS 27.005 4.3, 4.4, 3.5.2).

use super::Machine;
use super::answer::{End, Reply};
use super::durable::Mode;
use super::parse::{Command, Form};
use super::storage::sized;
use crate::pdu;
use cordboard_plugin::Timestamp;

/// Longest TPDU of a SUBMIT: 164 octets with the longest address and validity, and room to be wrong in.
const OCTETS_MAX: usize = 176;

impl Machine {
    pub(super) fn answer_sending(&mut self, now: Timestamp, command: &Command) -> Option<Reply> {
        if !matches!(command.name.as_str(), "+CMGS" | "+CMGW" | "+CMSS") {
            return None;
        }
        let trouble = self.texts_trouble(now);
        Some(match (&command.form, trouble) {
            (_, Some(code)) => Reply::end(End::Cms(code)),
            (Form::Test, None) => Reply::ok(),
            (Form::Set(_), None) => match command.name.as_str() {
                "+CMSS" => self.send_kept(now, command.form.number(0)),
                name => open_prompt(name, &command.form),
            },
            _ => Reply::end(End::Error),
        })
    }

    /// The PDU of a text to send is complete.
    pub(super) fn send_body(&mut self, now: Timestamp, mode: Mode, body: &str) -> Reply {
        let Mode::Sending { octets } = mode else { return Reply::end(End::Error) };
        match sized(body, octets) {
            Some(pdu) => self.send(now, &pdu, "+CMGS"),
            None => Reply::end(End::Cms(304)),
        }
    }

    fn send_kept(&mut self, now: Timestamp, index: Option<u16>) -> Reply {
        let place = index.and_then(|index| self.locate(index));
        let kept = place.and_then(|(memory, slot)| self.slot_mut(&memory, slot));
        match kept.map(|kept| kept.pdu.0.clone()) {
            Some(pdu) => self.send(now, &pdu, "+CMSS"),
            None => Reply::end(End::Cms(321)),
        }
    }

    fn send(&mut self, now: Timestamp, pdu: &[u8], name: &str) -> Reply {
        let Ok(text) = pdu::read_submit(pdu) else { return Reply::end(End::Cms(304)) };
        if !self.is_registered(now) {
            return Reply::end(End::Cms(331));
        }
        if self.centre().is_empty() && pdu.first() == Some(&0) {
            return Reply::end(End::Cms(330));
        }
        self.durable.reference = self.durable.reference.wrapping_add(1);
        self.take_text(now, pdu, &text);
        Reply::line(format!("{name}: {}", self.durable.reference))
    }
}

fn open_prompt(name: &str, form: &Form) -> Reply {
    let status: u8 = form.number(1).unwrap_or(2);
    match form.number(0).filter(|octets| (1..=OCTETS_MAX).contains(octets)) {
        Some(octets) if name == "+CMGS" => Reply::end(End::Prompt(Mode::Sending { octets })),
        Some(octets) if status <= 3 => Reply::end(End::Prompt(Mode::Keeping { octets, status })),
        _ => Reply::end(End::Cms(304)),
    }
}
