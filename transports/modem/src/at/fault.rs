//! What an error of a modem means for whoever gave the command.
//!
//! Codes: TS 27.005 3.2.5 (CMS), TS 27.007 9.2 (CME), TS 24.011 annex E and TS 23.040 9.2.3.22 (the
//! network's own causes, which come as CMS codes below 256). From 512 on they are the vendor's.

use std::fmt;

/// An error as the modem said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `+CMS ERROR`: about a message.
    Cms(u16),
    /// `+CME ERROR`: about the modem or its card.
    Cme(u16),
    /// Plain `ERROR`, or a vendor's words for a command it does not know.
    Plain,
    /// An error in words that no table knows.
    Words(String),
}

/// What to do about a [`Fault`]. Each is a different action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The PDU or the command is wrong: never again as it is.
    Ours,
    /// The recipient or the subscription: a final no for this text.
    Final,
    /// Usually final, but confused modems say it too: once more after a new start-up.
    Doubtful,
    /// The network refuses (often no credit, or a filter): once more later, then a final no.
    Rejected,
    /// The network is busy: later.
    NetworkBusy,
    /// No network that takes us: much later.
    NotRegistered,
    /// It may have left.
    Unknown,
    /// The centre has it already.
    Duplicate,
    /// The centre knows no validity period: again without.
    NoValidity,
    /// The card or the modem is busy: in a few seconds.
    Busy,
    /// The card is missing, locked or broken: a person must look.
    Card,
    /// The modem itself failed: start it up again when it goes on.
    Hardware,
    /// No room in a store.
    Full,
    /// There is nothing in this slot.
    NothingThere,
    /// No address of a message centre is known.
    NoCentre,
    /// Not known, not permitted or not supported: the next best way.
    NotSupported,
    /// Says nothing: plain errors and codes of which nobody knows the meaning.
    Vague,
}

impl Fault {
    /// What to do about it.
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Cms(code) => class_of_cms(*code),
            Self::Cme(code) => class_of_cme(*code),
            Self::Plain | Self::Words(_) => Class::Vague,
        }
    }

    /// The fault that a final result line names; `None` when the line is none of these.
    pub(crate) fn read(line: &str) -> Option<Self> {
        match line {
            "ERROR" | "COMMAND NOT SUPPORT" | "TOO MANY PARAMETERS" => return Some(Self::Plain),
            _ => {}
        }
        let (make, cause): (fn(u16) -> Self, &str) =
            if let Some(cause) = line.strip_prefix("+CMS ERROR:") {
                (Self::Cms, cause)
            } else {
                (Self::Cme, line.strip_prefix("+CME ERROR:")?)
            };
        let cause = cause.trim();
        if let Ok(code) = cause.parse() {
            return Some(make(code));
        }
        Some(in_words(cause).unwrap_or_else(|| Self::Words(cause.chars().take(60).collect())))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cms(code) => write!(f, "CMS {code}"),
            Self::Cme(code) => write!(f, "CME {code}"),
            Self::Plain => f.write_str("ERROR"),
            Self::Words(words) => write!(f, "\"{words}\""),
        }
    }
}

fn class_of_cms(code: u16) -> Class {
    match code {
        1 | 69 => Class::Doubtful,
        8 | 10 | 28 | 30 | 50 | 193 | 195 | 196 => Class::Final,
        21 | 29 | 127 => Class::Rejected,
        27 | 38 | 41 | 42 | 47 | 192 | 194 | 514 => Class::NetworkBusy,
        331 | 513 => Class::NotRegistered,
        332 => Class::Unknown,
        197 => Class::Duplicate,
        198 | 199 | 143..=145 => Class::NoValidity,
        301 | 314 | 512 | 515 => Class::Busy,
        310..=312 | 316..=318 => Class::Card,
        300 | 313 | 315 | 320 => Class::Hardware,
        322 | 208 | 211 => Class::Full,
        321 => Class::NothingThere,
        330 => Class::NoCentre,
        302 | 303 => Class::NotSupported,
        95..=99 | 111 | 128..=159 | 304 | 305 => Class::Ours,
        _ => Class::Vague,
    }
}

fn class_of_cme(code: u16) -> Class {
    match code {
        24 | 25 => Class::Ours,
        257 => Class::Final,
        126 | 256 => Class::NetworkBusy,
        30 | 32 => Class::NotRegistered,
        31 => Class::Unknown,
        14 | 515 => Class::Busy,
        5 | 10 | 11 | 12 | 16 | 17 | 18 => Class::Card,
        0 | 13 | 15 | 23 | 772 => Class::Hardware,
        20 => Class::Full,
        21 | 22 => Class::NothingThere,
        3 | 4 => Class::NotSupported,
        _ => Class::Vague,
    }
}

/// The words of `+CMEE=2` (TS 27.007 9.2, TS 27.005 3.2.5), lower case, as codes.
const WORDS: &[(&str, Fault)] = &[
    ("operation not allowed", Fault::Cme(3)),
    ("operation not supported", Fault::Cme(4)),
    ("ph-sim pin required", Fault::Cme(5)),
    ("sim not inserted", Fault::Cme(10)),
    ("sim pin required", Fault::Cme(11)),
    ("sim pin necessary", Fault::Cms(311)),
    ("sim puk required", Fault::Cme(12)),
    ("sim failure", Fault::Cme(13)),
    ("sim busy", Fault::Cme(14)),
    ("sim wrong", Fault::Cme(15)),
    ("incorrect password", Fault::Cme(16)),
    ("sim pin2 required", Fault::Cme(17)),
    ("sim puk2 required", Fault::Cme(18)),
    ("memory full", Fault::Cme(20)),
    ("invalid index", Fault::Cme(21)),
    ("not found", Fault::Cme(22)),
    ("memory failure", Fault::Cme(23)),
    ("text string too long", Fault::Cme(24)),
    ("invalid characters in text string", Fault::Cme(25)),
    ("no network service", Fault::Cme(30)),
    ("network timeout", Fault::Cme(31)),
    ("network not allowed - emergency calls only", Fault::Cme(32)),
    ("me failure", Fault::Cms(300)),
    ("sms service of me reserved", Fault::Cms(301)),
    ("sms me reserved", Fault::Cms(301)),
    ("invalid pdu mode parameter", Fault::Cms(304)),
    ("invalid text mode parameter", Fault::Cms(305)),
    ("ph-sim pin necessary", Fault::Cms(312)),
    ("invalid memory index", Fault::Cms(321)),
    ("smsc address unknown", Fault::Cms(330)),
    ("no network", Fault::Cms(331)),
    ("unknown error", Fault::Cms(500)),
    ("unknown", Fault::Cme(100)),
];

fn in_words(cause: &str) -> Option<Fault> {
    let cause = cause.to_lowercase();
    WORDS.iter().find(|(words, _)| *words == cause).map(|(_, fault)| fault.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_action() {
        for (codes, class) in [
            (&[95, 99, 111, 128, 142, 146, 159, 304, 305][..], Class::Ours),
            (&[8, 10, 28, 30, 50, 193, 195, 196], Class::Final),
            (&[1, 69], Class::Doubtful),
            (&[21, 29, 127], Class::Rejected),
            (&[27, 38, 41, 42, 47, 192, 194, 514], Class::NetworkBusy),
            (&[331, 513], Class::NotRegistered),
            (&[332], Class::Unknown),
            (&[197], Class::Duplicate),
            (&[143, 144, 145, 198, 199], Class::NoValidity),
            (&[301, 314, 512, 515], Class::Busy),
            (&[310, 311, 312, 316, 317, 318], Class::Card),
            (&[300, 313, 315, 320], Class::Hardware),
            (&[322, 208, 211], Class::Full),
            (&[321], Class::NothingThere),
            (&[330], Class::NoCentre),
            (&[302, 303], Class::NotSupported),
            (&[500, 340, 516, 999], Class::Vague),
        ] {
            for code in codes {
                assert_eq!(Fault::Cms(*code).class(), class, "CMS {code}");
            }
        }
        for (codes, class) in [
            (&[24, 25][..], Class::Ours),
            (&[257], Class::Final),
            (&[126, 256], Class::NetworkBusy),
            (&[30, 32], Class::NotRegistered),
            (&[31], Class::Unknown),
            (&[14, 515], Class::Busy),
            (&[5, 10, 11, 12, 16, 17, 18], Class::Card),
            (&[0, 13, 15, 23, 772], Class::Hardware),
            (&[20], Class::Full),
            (&[21, 22], Class::NothingThere),
            (&[3, 4], Class::NotSupported),
            (&[100, 50, 999], Class::Vague),
        ] {
            for code in codes {
                assert_eq!(Fault::Cme(*code).class(), class, "CME {code}");
            }
        }
    }

    #[test]
    fn errors_are_read_as_numbers_and_in_words() {
        for (line, fault) in [
            ("ERROR", Some(Fault::Plain)),
            ("COMMAND NOT SUPPORT", Some(Fault::Plain)),
            ("+CMS ERROR: 500", Some(Fault::Cms(500))),
            ("+CMS ERROR:38", Some(Fault::Cms(38))),
            ("+CME ERROR: 14", Some(Fault::Cme(14))),
            ("+CME ERROR: SIM busy", Some(Fault::Cme(14))),
            ("+CMS ERROR: Invalid memory index", Some(Fault::Cms(321))),
            ("+CMS ERROR: SMSC address unknown", Some(Fault::Cms(330))),
            ("+CMS ERROR: 99999999", Some(Fault::Words("99999999".to_owned()))),
            ("+CMS ERROR: what is that", Some(Fault::Words("what is that".to_owned()))),
            ("ERROR: 3", None),
            ("NO ERROR", None),
            ("OK", None),
        ] {
            assert_eq!(Fault::read(line), fault, "{line}");
        }
    }
}
