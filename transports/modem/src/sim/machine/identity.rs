//! Who it is: maker, model, numbers.

use super::Machine;
use super::answer::{End, Reply};
use super::parse::{Command, Form};
use cordboard_plugin::Timestamp;

impl Machine {
    pub(super) fn answer_identity(&mut self, now: Timestamp, command: &Command) -> Option<Reply> {
        let name = command.name.as_str();
        let value = match name {
            "+CGMI" | "+GMI" => self.kind.maker.to_owned(),
            "+CGMM" | "+GMM" => self.kind.model.to_owned(),
            "+CGMR" | "+GMR" => self.kind.revision.to_owned(),
            "+CGSN" | "+GSN" => self.durable.card.imei.clone(),
            "+CIMI" => return Some(self.of_card(now, command, "", |machine| &machine.imsi)),
            "+CNUM" => return Some(self.tell_number(command)),
            _ => return self.answer_iccid(now, command),
        };
        Some(match command.form {
            Form::Test => Reply::ok(),
            _ if self.kind.names_answers => Reply::line(format!("{name}: {value}")),
            _ => Reply::line(value),
        })
    }

    fn tell_number(&self, command: &Command) -> Reply {
        match self.durable.card.number.as_str() {
            number if command.form == Form::Run && !number.is_empty() => {
                let kind = if number.starts_with('+') { 145 } else { 129 };
                Reply::line(format!("+CNUM: ,\"{number}\",{kind}"))
            }
            _ => Reply::ok(),
        }
    }

    fn answer_iccid(&mut self, now: Timestamp, command: &Command) -> Option<Reply> {
        let names = self.kind.iccid.iter();
        let (_, prefix) = names.copied().find(|(name, _)| *name == command.name)?;
        Some(self.of_card(now, command, prefix, |card| &card.iccid))
    }

    fn of_card(
        &self,
        now: Timestamp,
        command: &Command,
        prefix: &str,
        value: fn(&super::Card) -> &String,
    ) -> Reply {
        if command.form == Form::Test {
            return Reply::ok();
        }
        match self.card_trouble(now) {
            Some(code) => Reply::end(End::Cme(code)),
            None => Reply::line(format!("{prefix}{}", value(&self.durable.card))),
        }
    }
}
