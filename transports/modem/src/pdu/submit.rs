use super::{Body, Coding, Header, Party, PduError};

/// Most parts [`submit`] makes of one text.
pub const PARTS_MAX: usize = 10;

/// A message on its way out (SMS-SUBMIT, TS 23.040 9.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    /// TP-MR; 0 when the modem is to choose.
    pub reference: u8,
    /// Whom it is for.
    pub to: Party,
    /// TP-PID.
    pub protocol: u8,
    /// TP-DCS.
    pub coding: Coding,
    /// TP-VP when it is relative (TS 23.040 9.2.3.12.1); the other forms are skipped.
    pub validity: Option<u8>,
    /// The user data header; all defaults when there was none.
    pub header: Header,
    /// What it carries.
    pub body: Body,
    /// Whether a status report is asked for.
    pub wants_report: bool,
}

impl Submit {
    /// Its text, of this part alone.
    pub fn text(&self) -> String {
        String::new()
    }
}

/// A text to send: what [`submit`] takes.
#[derive(Clone, Debug)]
pub struct Sending<'a> {
    /// A number in E.164 form, with `+`.
    pub to: &'a str,
    /// The text.
    pub text: &'a str,
    /// Ties the parts together; take another one for each text to the same number.
    pub reference: u8,
    /// Whether a status report is wanted, one a part.
    pub wants_report: bool,
    /// How long the centre tries, as a relative TP-VP octet: 143 is 12 hours, 167 a day, 173 a week.
    pub validity: Option<u8>,
}

/// One part of a text, ready for `AT+CMGS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The PDU, with an SMSC part that leaves the centre to the modem (`00`).
    pub hex: String,
    /// The length for `+CMGS=`: octets without the SMSC part.
    pub tpdu_octets: usize,
}

/// The parts of a text, in the order to send them.
///
/// 7-bit when every character is in the default alphabet or its extension, else UTF-16. Never cuts an escape
/// pair or a surrogate pair in two. TP-MR is 0: modems choose it.
///
/// # Errors
/// [`PduError::Address`] if the number is not E.164, [`PduError::TooLong`] for more than [`PARTS_MAX`] parts.
pub fn submit(sending: &Sending<'_>) -> Result<Vec<Part>, PduError> {
    let _ = sending;
    Err(PduError::Short)
}

/// How many parts [`submit`] makes of a text; 1 for an empty one.
pub fn segments(text: &str) -> usize {
    let _ = text;
    1
}
