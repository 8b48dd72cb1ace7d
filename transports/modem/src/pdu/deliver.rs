use super::{Body, Coding, Header, Party, PduError};
use cordboard_plugin::Timestamp;

/// A message that came to us (SMS-DELIVER, TS 23.040 9.2.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// The service centre it came through, when the modem names one.
    pub centre: Option<String>,
    /// Who sent it.
    pub from: Party,
    /// TP-PID (TS 23.040 9.2.3.9).
    pub protocol: u8,
    /// TP-DCS.
    pub coding: Coding,
    /// When the centre took it, by the centre's clock; `None` when that is nonsense.
    pub sent_at: Option<Timestamp>,
    /// The user data header; all defaults when there was none.
    pub header: Header,
    /// What it carries.
    pub body: Body,
}

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A text of a person.
    Text,
    /// A text to be shown at once and not kept (class 0): still a text of a person.
    Flash,
    /// "Type 0": must be taken and thrown away unseen.
    Silent,
    /// Only says that a voice mail or something like it waits, or no longer does.
    Waiting,
    /// An order for the SIM or the phone itself.
    SimData,
    /// A WAP push, usually the notice of an MMS: see [`mms_notice`](super::mms_notice).
    WapPush,
    /// For some other application, or data that is no text.
    Ports,
    /// Compressed: cannot be read.
    Compressed,
}

impl Deliver {
    /// What is to be done with it. All parts of a long message have the same sort as a rule.
    pub fn sort(&self) -> Sort {
        Sort::Text
    }

    /// Its text alone; for a part of a long message use [`join`](super::join).
    pub fn text(&self) -> String {
        super::join(std::slice::from_ref(self))
    }

    /// The whole PDU with its SMSC part, as a modem would list it: the inverse of [`read`](super::read).
    ///
    /// Header elements we do not understand are not kept, so they are not written either.
    ///
    /// # Errors
    /// [`PduError::Address`], [`PduError::Time`], or [`PduError::TooLong`] if it exceeds one message.
    pub fn write(&self) -> Result<Vec<u8>, PduError> {
        Err(PduError::Short)
    }
}

/// A text on its way to us: what [`deliver`] writes. `Default` gives an empty one to fill.
#[derive(Clone, Debug, Default)]
pub struct Delivering<'a> {
    /// `+15550100123` (international), `12345` (digits alone) or `Bank` (a name, 11 characters at most).
    pub from: &'a str,
    /// The text; it is cut into parts as a phone does.
    pub text: &'a str,
    /// When the centre took it, whole seconds.
    pub at: Timestamp,
    /// The zone the time is written in, quarter hours east of Greenwich.
    pub zone_quarters: i8,
    /// Ties several parts together.
    pub reference: u16,
    /// Whether the reference is written as 16 bits instead of 8.
    pub wide: bool,
    /// The service centre, `+15550100000`; empty for none.
    pub centre: &'a str,
}

/// Whole PDUs with their SMSC part, one a part, as a modem would list them.
///
/// # Errors
/// [`PduError::Address`], [`PduError::Time`], or [`PduError::TooLong`] for more than 255 parts.
pub fn deliver(delivering: &Delivering<'_>) -> Result<Vec<Vec<u8>>, PduError> {
    let _ = delivering;
    Err(PduError::Short)
}
