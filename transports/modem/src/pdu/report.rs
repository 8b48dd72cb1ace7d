use super::{Party, PduError};
use cordboard_plugin::Timestamp;

/// What became of a text we sent (SMS-STATUS-REPORT, TS 23.040 9.2.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The service centre it came through, when the modem names one.
    pub centre: Option<String>,
    /// TP-MR: the number the modem answered with in `+CMGS`.
    pub reference: u8,
    /// Whom the text was for. Often written otherwise than we wrote it.
    pub to: Party,
    /// When the centre took the text; `None` when that is nonsense.
    pub sent_at: Option<Timestamp>,
    /// When it came to this state; `None` when that is nonsense.
    pub done_at: Option<Timestamp>,
    /// TP-ST as it came.
    pub status: u8,
}

/// What a status means for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on the phone.
    Delivered,
    /// The centre is done with it and does not know whether it arrived: forwarded or replaced.
    Unconfirmed,
    /// The centre still tries; another report will come.
    Trying,
    /// It did not arrive and will not.
    Failed,
}

impl Report {
    /// What the status means (TS 23.040 9.2.3.15).
    pub fn fate(&self) -> Fate {
        Fate::Failed
    }
}

/// A status report to write: what [`report`] takes.
#[derive(Clone, Debug, Default)]
pub struct Reporting<'a> {
    /// The service centre, `+15550100000`; empty for none.
    pub centre: &'a str,
    /// TP-MR of the text it is about.
    pub reference: u8,
    /// Whom the text was for.
    pub to: &'a str,
    /// When the centre took it, whole seconds.
    pub sent_at: Timestamp,
    /// When it came to this state, whole seconds.
    pub done_at: Timestamp,
    /// TP-ST: 0 delivered, 0x30 still trying, 0x46 validity over, 0x63 refused …
    pub status: u8,
}

/// A whole PDU with its SMSC part, as a modem would list it.
///
/// # Errors
/// [`PduError::Address`] or [`PduError::Time`].
pub fn report(reporting: &Reporting<'_>) -> Result<Vec<u8>, PduError> {
    let _ = reporting;
    Err(PduError::Short)
}
