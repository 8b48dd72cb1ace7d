//! The network and the card: registration, signal, service centre, PIN and PUK.

use super::Machine;
use super::answer::{End, Reply};
use super::parse::{Command, Form};
use cordboard_plugin::Timestamp;

/// Where the modem is, as `+CREG=2` tells it.
const CELL: &str = "\"00C3\",\"0001A2B3\"";

impl Machine {
    pub(super) fn answer_radio(&mut self, now: Timestamp, command: &Command) -> Option<Reply> {
        let is_asked = matches!(command.form, Form::Run | Form::Read);
        match command.name.as_str() {
            "+CREG" => Some(self.answer_registration(now, command, self.kind.lte_only)),
            "+CEREG" => Some(self.answer_registration(now, command, false)),
            "+CSQ" if is_asked => {
                let strength = match self.registration(now) {
                    0 | 2 | 4 => 99,
                    _ => self.durable.network.signal,
                };
                Some(Reply::line(format!("+CSQ: {strength},99")))
            }
            "+CSQ" => Some(Reply::line("+CSQ: (0-31,99),(0-7,99)")),
            "+COPS" => Some(match command.form {
                Form::Read if matches!(self.registration(now), 1 | 5 | 6 | 7) => {
                    Reply::line("+COPS: 0,0,\"Test\",7")
                }
                Form::Read => Reply::line("+COPS: 0"),
                Form::Test => Reply::line("+COPS: (2,\"Test\",\"Test\",\"00101\",7),,(0-4),(0-2)"),
                _ => Reply::ok(),
            }),
            "+CSCA" => Some(self.answer_centre(now, command)),
            _ => None,
        }
    }

    /// 27.007 7.2: 0 idle, 1 at home, 2 searching, 5 roaming, 6 and 7 for texts only …
    pub(super) fn registration(&self, now: Timestamp) -> u8 {
        if !self.durable.card.is_open() {
            return 0;
        }
        if now < self.durable.network_at { 2 } else { self.durable.network.registration }
    }

    pub(super) fn is_registered(&self, now: Timestamp) -> bool {
        matches!(self.registration(now), 1 | 5 | 6 | 7)
    }

    fn answer_registration(&mut self, now: Timestamp, command: &Command, is_mute: bool) -> Reply {
        let name = command.name.clone();
        let status = if is_mute { 0 } else { self.registration(now) };
        let kept = &mut self.durable.settings.kept;
        match &command.form {
            Form::Test => Reply::line(format!("{name}: (0-2)")),
            Form::Set(value) if matches!(value.as_str(), "0" | "1" | "2") => {
                kept.insert(name, value.clone());
                Reply::ok()
            }
            Form::Read => {
                let mode = kept.get(&name).map_or("0", String::as_str);
                let cell = match (mode, status) {
                    ("2", 1 | 5 | 6 | 7) if name == "+CEREG" => format!(",{CELL},7"),
                    ("2", 1 | 5 | 6 | 7) => format!(",{CELL}"),
                    _ => String::new(),
                };
                Reply::line(format!("{name}: {mode},{status}{cell}"))
            }
            _ => Reply::end(End::Error),
        }
    }

    fn answer_centre(&mut self, now: Timestamp, command: &Command) -> Reply {
        if let Some(code) = self.texts_trouble(now) {
            return Reply::end(End::Cms(code));
        }
        match &command.form {
            Form::Read => {
                let centre = self.centre();
                let kind = if centre.starts_with('+') { 145 } else { 129 };
                Reply::line(format!("+CSCA: \"{centre}\",{kind}"))
            }
            Form::Set(_) => {
                let number = command.form.parameters().swap_remove(0);
                self.durable.settings.centre = Some(number.chars().take(20).collect());
                Reply::ok()
            }
            _ => Reply::ok(),
        }
    }

    /// The service centre's number; empty for none.
    pub(super) fn centre(&self) -> &str {
        let set = self.durable.settings.centre.as_ref();
        set.unwrap_or(&self.durable.card.centre)
    }

    /// The error that stands between a command and the card (27.007 9.2).
    pub(super) fn card_trouble(&self, now: Timestamp) -> Option<u16> {
        let card = &self.durable.card;
        if !card.inserted {
            Some(10)
        } else if now < self.durable.sim_at {
            Some(14)
        } else if card.puk_tries == 0 {
            Some(13)
        } else if card.pin_tries == 0 {
            Some(12)
        } else {
            (!card.is_open()).then_some(11)
        }
    }

    /// The same for commands about texts (27.005 3.2.5).
    pub(super) fn texts_trouble(&self, now: Timestamp) -> Option<u16> {
        self.card_trouble(now).map(|code| match code {
            10 => 310,
            11 => 311,
            12 => 316,
            14 => 314,
            _ => 313,
        })
    }

    pub(super) fn answer_card(&mut self, now: Timestamp, command: &Command) -> Option<Reply> {
        match command.name.as_str() {
            "+CPIN" => Some(match &command.form {
                Form::Read => self.tell_lock(now),
                Form::Set(_) => self.take_pin(now, &command.form.parameters()),
                _ => Reply::ok(),
            }),
            "+CPINR" | "^CPIN" | "+SPIC" | "+QPINC" => {
                let card = &self.durable.card;
                let (pin, puk) = (card.pin_tries, card.puk_tries);
                Some(match command.name.as_str() {
                    "^CPIN" => {
                        let state = self.lock_words();
                        Reply::line(format!("^CPIN: {state},,{puk},{pin},10,3"))
                    }
                    "+SPIC" => Reply::line(format!("+SPIC: {pin},{puk},0,0")),
                    "+QPINC" => Reply::line(format!("+QPINC: \"SC\",{pin},{puk}")),
                    _ => Reply {
                        lines: vec![
                            format!("+CPINR: SIM PIN,{pin},3"),
                            format!("+CPINR: SIM PUK,{puk},10"),
                        ],
                        end: End::Ok,
                    },
                })
            }
            "+CLCK" => Some(match command.form.number::<u8>(1) {
                Some(2) => {
                    let locked = u8::from(self.durable.card.pin.is_some());
                    Reply::line(format!("+CLCK: {locked}"))
                }
                _ if command.form == Form::Test => Reply::line("+CLCK: (\"SC\")"),
                _ => Reply::end(End::Cme(3)),
            }),
            _ => None,
        }
    }

    fn tell_lock(&self, now: Timestamp) -> Reply {
        match self.card_trouble(now) {
            Some(code @ (10 | 13 | 14)) => Reply::end(End::Cme(code)),
            _ => Reply::line(format!("+CPIN: {}", self.lock_words())),
        }
    }

    fn lock_words(&self) -> &'static str {
        let card = &self.durable.card;
        match (card.pin_tries, card.is_open()) {
            (0, _) => "SIM PUK",
            (_, true) => "READY",
            _ => "SIM PIN",
        }
    }

    fn take_pin(&mut self, now: Timestamp, words: &[String]) -> Reply {
        const WRONG: u16 = 16;
        let trouble = self.card_trouble(now);
        let card = &mut self.durable.card;
        match (trouble, words) {
            (Some(11), [pin]) if card.pin.as_ref() == Some(pin) => {
                card.pin_tries = 3;
                card.unlocked = true;
                Reply::ok()
            }
            (Some(11), _) => {
                card.pin_tries = card.pin_tries.saturating_sub(1);
                Reply::end(End::Cme(if card.pin_tries == 0 { 12 } else { WRONG }))
            }
            (Some(12), [puk, pin]) if *puk == card.puk => {
                (card.pin_tries, card.puk_tries) = (3, 10);
                card.pin = Some(pin.chars().take(8).collect());
                card.unlocked = true;
                Reply::ok()
            }
            (Some(12), _) => {
                card.puk_tries = card.puk_tries.saturating_sub(1);
                Reply::end(End::Cme(if card.puk_tries == 0 { 13 } else { WRONG }))
            }
            (Some(code), _) => Reply::end(End::Cme(code)),
            // Nothing is asked for.
            (None, _) => Reply::end(End::Cme(3)),
        }
    }
}
