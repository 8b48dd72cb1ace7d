//! Which command is answered where.

use super::Machine;
use super::answer::{End, Reply};
use super::parse::{Command, Form};
use cordboard_plugin::Timestamp;

/// The commands that faults can be ordered for.
pub(super) const WORDS: &[&str] = &[
    "ccid",
    "cereg",
    "cfun",
    "cgmi",
    "cgmm",
    "cgmr",
    "cgreg",
    "cgsms",
    "cgsn",
    "ciccid",
    "cimi",
    "clck",
    "cmee",
    "cmgd",
    "cmgf",
    "cmgl",
    "cmgr",
    "cmgs",
    "cmgw",
    "cmms",
    "cmss",
    "cnma",
    "cnmi",
    "cnum",
    "cops",
    "cpas",
    "cpin",
    "cpinr",
    "cpms",
    "creg",
    "csca",
    "cscs",
    "csms",
    "csq",
    "curc",
    "iccid",
    "qccid",
    "zgeticcid",
    "zoprt",
];

/// Commands that are taken and mean nothing here, with what they allow and where they stand at first.
const KEPT: &[(&str, &str, &str)] = &[
    ("+CMMS", "(0-2)", "0"),
    ("+CGSMS", "(0-3)", "1"),
    ("+CSCS", "(\"GSM\",\"IRA\",\"UCS2\")", "\"GSM\""),
    ("+CLIP", "(0,1)", "0,2"),
    ("+CRC", "(0,1)", "0"),
    ("+CMER", "(0-3),(0),(0),(0-2),(0,1)", "0,0,0,0,0"),
    ("+CGREG", "(0-2)", "0,1"),
    ("+CUSD", "(0-2)", "0"),
    ("+CSSN", "(0,1),(0,1)", "0,0"),
    ("+CTZU", "(0,1)", "0"),
    ("+IPR", "(),(0,9600,115200)", "115200"),
    ("+CSAS", "(0)", "0"),
];

impl Machine {
    /// What a command does and answers.
    pub(super) fn answer(&mut self, now: Timestamp, command: &Command) -> Reply {
        let groups = [
            Self::answer_control,
            Self::answer_identity,
            Self::answer_radio,
            Self::answer_card,
            Self::answer_storage,
            Self::answer_notify,
            Self::answer_sending,
            Self::answer_kept,
        ];
        let found = groups.iter().find_map(|group| group(self, now, command));
        found.unwrap_or_else(|| Reply::end(self.unknown()))
    }

    fn unknown(&self) -> End {
        match self.kind.unknown {
            "ERROR" => End::Error,
            words => End::Words(words),
        }
    }

    /// What is only kept, and what belongs to one make alone.
    fn answer_kept(&mut self, _now: Timestamp, command: &Command) -> Option<Reply> {
        let name = command.name.as_str();
        if let Some(hush) = self.kind.hush.filter(|hush| hush.command == name) {
            if let Form::Set(value) = &command.form {
                self.durable.settings.hushed = value == hush.value;
            }
            return Some(Reply::ok());
        }
        if self.kind.takes.contains(&name) {
            return Some(Reply::ok());
        }
        let (_, allowed, first) = KEPT.iter().find(|(known, ..)| *known == name)?;
        if name == "+CMMS" && !self.kind.keeps_link {
            return None;
        }
        let kept = &mut self.durable.settings.kept;
        Some(match &command.form {
            Form::Test => Reply::line(format!("{name}: {allowed}")),
            Form::Read => {
                let value = kept.get(name).map_or(*first, String::as_str);
                Reply::line(format!("{name}: {value}"))
            }
            Form::Set(value) if value.len() <= 40 => {
                kept.insert(name.to_owned(), value.clone());
                Reply::ok()
            }
            Form::Set(_) => Reply::end(End::Error),
            Form::Run => Reply::ok(),
        })
    }
}
