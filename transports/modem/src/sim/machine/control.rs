//! Basic commands, and those that set how it answers.

use super::Machine;
use super::answer::{End, Reply};
use super::durable::Settings;
use super::parse::{Command, Form};
use cordboard_plugin::Timestamp;

impl Machine {
    pub(super) fn answer_control(&mut self, _now: Timestamp, command: &Command) -> Option<Reply> {
        let is_on = !matches!(&command.form, Form::Set(value) if value == "0");
        match command.name.as_str() {
            "" | "D" | "&D" | "&C" | "&K" | "&W" | "S" | "X" | "H" | "M" | "L" | "Q" => {
                Some(Reply::ok())
            }
            "E" => {
                // A bare ATE is ATE0 (V.250 6.2.4 leaves it to us; most take it for 0).
                self.durable.settings.echo = is_on && command.form != Form::Run;
                Some(Reply::ok())
            }
            "V" => {
                self.durable.settings.words = is_on;
                Some(Reply::ok())
            }
            "Z" | "&F" => {
                self.durable.settings = Settings::new(self.kind);
                Some(Reply::ok())
            }
            "I" => Some(Reply {
                lines: vec![
                    format!("Manufacturer: {}", self.kind.maker),
                    format!("Model: {}", self.kind.model),
                    format!("Revision: {}", self.kind.revision),
                    format!("IMEI: {}", self.durable.card.imei),
                ],
                end: End::Ok,
            }),
            "+CMEE" => Some(self.answer_number(command, 2, |settings| &mut settings.cmee)),
            "+CFUN" => Some(answer_function(command)),
            "+CPAS" => Some(match command.form {
                Form::Test => Reply::line("+CPAS: (0,2,3,4,5)"),
                _ => Reply::line("+CPAS: 0"),
            }),
            "+GCAP" => Some(Reply::line("+GCAP: +CGSM,+DS,+ES")),
            _ => None,
        }
    }

    /// A setting that is a number from 0 to `last`.
    fn answer_number(
        &mut self,
        command: &Command,
        last: u8,
        place: fn(&mut Settings) -> &mut u8,
    ) -> Reply {
        let name = &command.name;
        let value = place(&mut self.durable.settings);
        match &command.form {
            Form::Test => Reply::line(format!("{name}: (0-{last})")),
            Form::Read => Reply::line(format!("{name}: {value}")),
            Form::Run => Reply::end(End::Error),
            Form::Set(_) => match command.form.number(0).filter(|number| *number <= last) {
                Some(number) => {
                    *value = number;
                    Reply::ok()
                }
                None => Reply::end(End::Error),
            },
        }
    }
}

/// `+CFUN=1,1` and its relatives start the modem anew.
fn answer_function(command: &Command) -> Reply {
    match &command.form {
        Form::Test => Reply::line("+CFUN: (0,1,4,6,7),(0,1)"),
        Form::Read => Reply::line("+CFUN: 1"),
        Form::Run => Reply::end(End::Error),
        Form::Set(_) => {
            let is_reset = command.form.number::<u8>(1) == Some(1);
            Reply::end(if is_reset || command.form.number::<u8>(0) == Some(6) {
                End::Reset
            } else {
                End::Ok
            })
        }
    }
}
