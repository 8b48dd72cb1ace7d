//! SMS as a modem shows it: PDUs, the GSM 7-bit alphabet, joining and splitting. Pure: octets in, words out.

mod address;
mod body;
mod coding;
mod deliver;
mod error;
mod header;
mod hex;
mod join;
mod report;
mod submit;
mod wap;

pub use address::{Party, PartyKind};
pub use body::Body;
pub use coding::{Alphabet, Coding, Waiting};
pub use deliver::{Deliver, Delivering, Sort, deliver};
pub use error::PduError;
pub use header::{Concat, Header, Ports};
pub use hex::{from_hex, to_hex};
pub use join::join;
pub use report::{Fate, Report, Reporting, report};
pub use submit::{PARTS_MAX, Part, Sending, Submit, segments, submit};
pub use wap::{Expiry, MmsNotice, mms_notice};

/// What comes to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pdu {
    /// A message.
    Deliver(Deliver),
    /// What became of one we sent.
    Report(Report),
}

/// Reads an SMSC part and the TPDU after it, as a modem lists what came to us.
///
/// Takes what is there: a text longer or shorter than announced, unknown kinds of addresses and headers, nonsense for a
/// time are no errors. The reserved type 3 is read as a message, as TS 23.040 9.2.3.1 asks.
///
/// # Errors
/// [`PduError::Short`] if it ends before the text begins, [`PduError::OtherType`] for a SUBMIT: use [`read_submit`].
pub fn read(octets: &[u8]) -> Result<Pdu, PduError> {
    let _ = octets;
    Err(PduError::Short)
}

/// Reads an SMSC part and the SUBMIT after it: what a modem is given to send, or keeps of what was sent.
///
/// # Errors
/// [`PduError::Short`] if it ends before the text begins, [`PduError::OtherType`] for anything but a SUBMIT.
pub fn read_submit(octets: &[u8]) -> Result<Submit, PduError> {
    let _ = octets;
    Err(PduError::Short)
}
