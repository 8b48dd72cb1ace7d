//! What comes in: stored and announced, or passed on directly (TS 27.005 3.4.1).

use super::Machine;
use super::answer::{End, Reply};
use super::network::Held;
use super::parse::{Command, Form};
use super::storage::octets;
use crate::pdu::{self, Pdu, Sort};
use crate::sim::personality::Announcing;
use cordboard_plugin::Timestamp;

/// How long the modem waits for `+CNMA` (TS 24.011, TR2M is 12 to 20 s).
const ACK_MS: i64 = 15_000;

impl Machine {
    pub(super) fn answer_notify(&mut self, now: Timestamp, command: &Command) -> Option<Reply> {
        match command.name.as_str() {
            "+CNMI" => Some(self.answer_notification(command)),
            "+CSMS" => Some(self.answer_service(command)),
            "+CNMA" => Some(match command.form {
                Form::Test => Reply::line("+CNMA: (0-2)"),
                _ => self.acknowledge(now, command.form.number(0).unwrap_or(0)),
            }),
            _ => None,
        }
    }

    fn answer_notification(&mut self, command: &Command) -> Reply {
        let offered = self.kind.notify;
        match &command.form {
            Form::Test => {
                let lists = offered.map(|values| {
                    let values: Vec<String> = values.iter().map(u8::to_string).collect();
                    format!("({})", values.join(","))
                });
                Reply::line(format!("+CNMI: {}", lists.join(",")))
            }
            Form::Read => {
                let values = self.durable.settings.cnmi.map(|value| value.to_string());
                Reply::line(format!("+CNMI: {}", values.join(",")))
            }
            Form::Set(_) => {
                let parameters = command.form.parameters();
                if parameters.len() > 5 {
                    return Reply::end(match self.kind.too_many {
                        "ERROR" => End::Error,
                        words => End::Words(words),
                    });
                }
                let mut wanted = self.durable.settings.cnmi;
                for (at, value) in parameters.iter().enumerate().filter(|(_, v)| !v.is_empty()) {
                    match value.parse() {
                        Ok(value) if offered[at].contains(&value) => wanted[at] = value,
                        _ => return Reply::end(End::Cms(302)),
                    }
                }
                if (self.kind.refuses_notify)(&wanted) {
                    return Reply::end(End::Cms(303));
                }
                self.durable.settings.cnmi = wanted;
                Reply::ok()
            }
            Form::Run => Reply::ok(),
        }
    }

    fn answer_service(&mut self, command: &Command) -> Reply {
        match &command.form {
            Form::Test => {
                let services: Vec<_> = self.kind.services.iter().map(u8::to_string).collect();
                Reply::line(format!("+CSMS: ({})", services.join(",")))
            }
            Form::Read => Reply::line(format!("+CSMS: {},1,1,1", self.durable.settings.csms)),
            Form::Set(_) => match command.form.number(0) {
                Some(service) if self.kind.services.contains(&service) => {
                    self.durable.settings.csms = service;
                    Reply::line("+CSMS: 1,1,1")
                }
                _ => Reply::end(End::Cms(302)),
            },
            Form::Run => Reply::end(End::Error),
        }
    }

    /// `+CNMA`: 0 and 1 take what was passed on directly, 2 refuses it.
    fn acknowledge(&mut self, now: Timestamp, how: u8) -> Reply {
        if self.durable.settings.csms == 0 || self.durable.network.unacknowledged.is_none() {
            return Reply::end(End::Cms(340));
        }
        match how {
            // 2 refuses it for good: the centre does not try again.
            0..=2 => self.durable.network.unacknowledged = None,
            _ => return Reply::end(End::Cms(302)),
        }
        self.run_network(now);
        Reply::ok()
    }

    /// Takes something from the network; `false` when it has to stay there.
    pub(super) fn receive(&mut self, now: Timestamp, held: &Held) -> bool {
        if held.is_report {
            return self.receive_report(now, held);
        }
        let [_, how, ..] = self.durable.settings.cnmi;
        let (class, is_push) = look(&held.pdu.0);
        let is_direct = match class {
            Some(0) if self.kind.routes_flash => how >= 1,
            // Class 2 is for the SIM (TS 23.038 4).
            Some(2) => false,
            _ => how >= 2,
        };
        if is_direct {
            self.pass_on(now, "+CMT: ,", held);
            return true;
        }
        let memory = self
            .kind
            .lands_in
            .map_or_else(|| self.durable.settings.memories[2].clone(), str::to_owned);
        match self.store(&memory, 0, held.pdu.0.clone()) {
            Some((memory, slot)) => {
                self.announce_stored(now, memory, slot, is_push);
                true
            }
            None => {
                if let Some(line) = self.kind.full.filter(|_| !self.durable.network.full_told) {
                    self.announce(now, line.replace('%', &memory));
                }
                self.durable.network.full_told = true;
                false
            }
        }
    }

    fn announce_stored(&mut self, now: Timestamp, memory: &str, slot: u16, is_push: bool) {
        let [mode, how, ..] = self.durable.settings.cnmi;
        let is_hushed = self.durable.settings.hushed
            && self.kind.hush.is_some_and(|hush| hush.announcements_too);
        if mode == 0 || how != 1 || is_hushed || self.take_fault("cmti").is_some() {
            return;
        }
        let line = match self.kind.announces {
            Announcing::Never => return,
            Announcing::Nameless => "+CMTI: \"\",-1".to_owned(),
            Announcing::WithPush if is_push => {
                format!("+CMTI: \"{memory}\",{slot},\"MMS PUSH\",0,0")
            }
            Announcing::Plain | Announcing::WithPush => format!("+CMTI: \"{memory}\",{slot}"),
        };
        self.announce(now, line);
    }

    fn receive_report(&mut self, now: Timestamp, held: &Held) -> bool {
        let [mode, _, _, how, _] = self.durable.settings.cnmi;
        match how {
            0 => {}
            1 => {
                let comma = if self.kind.comma_in_report { "," } else { "" };
                self.pass_on(now, &format!("+CDS: {comma}"), held);
            }
            _ => {
                if self.used("SR") >= self.capacity("SR")
                    && let Some(slots) = self.durable.stores.get_mut("SR")
                {
                    slots.pop_first();
                }
                let Some((memory, slot)) = self.store("SR", 0, held.pdu.0.clone()) else {
                    return true;
                };
                let place = format!("\"{memory}\",{slot}");
                let place = self.kind.report_place.map_or(place, str::to_owned);
                if mode > 0 {
                    self.announce(now, format!("+CDSI: {place}"));
                }
            }
        }
        true
    }

    /// Says it in two lines, without keeping it; with `+CSMS=1` it has to be acknowledged.
    fn pass_on(&mut self, now: Timestamp, head: &str, held: &Held) {
        if self.durable.settings.cnmi[0] > 0 {
            let pdu = pdu::to_hex(&held.pdu.0);
            self.announce(now, format!("{head}{}\r\n{pdu}", octets(&held.pdu.0)));
        }
        if self.durable.settings.csms == 1 {
            let until = now.plus_millis(ACK_MS);
            self.durable.network.unacknowledged = Some((until, held.clone()));
        }
    }
}

/// The class of a text, and whether it is a push; nothing of what cannot be read.
fn look(octets: &[u8]) -> (Option<u8>, bool) {
    match pdu::read(octets) {
        Ok(Pdu::Deliver(text)) => (text.coding.class, text.sort() == Sort::WapPush),
        _ => (None, false),
    }
}
