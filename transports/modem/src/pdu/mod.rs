//! SMS as a modem shows it: PDUs, the GSM 7-bit alphabet, joining and splitting. Pure: octets in, words out.
//!
//! ```text
//! in    line -> from_hex -> read -> Deliver -> sort -> join        a text, over all its parts
//!                              |                  +--> mms_notice  where a picture message waits
//!                              +-> Report -> fate                  what became of a text we sent
//! out   text -> submit -> Part, one for each AT+CMGS
//! ```
//!
//! The simulated modem goes the other way: `read_submit`, and `deliver`, `announce`, `report` for what a network sends.
//!
//! | module | what is in it | source |
//! |---|---|---|
//! | `address` | numbers and names, the service centre | TS 23.040 9.1.2.5, TS 24.011 8.2.5.1 |
//! | `stamp` | time stamps | TS 23.040 9.2.3.11 |
//! | `coding` | alphabet, class, waiting indication | TS 23.038 4 |
//! | `body`, `header` | user data: lengths, fill bits, elements of the header | TS 23.040 9.2.3.16, 9.2.3.24 |
//! | `septets`, `tables` | packing, the default alphabet and three national ones | TS 23.038 6, annex A |
//! | `deliver`, `report`, `submit` | the three PDUs | TS 23.040 9.2.2 |
//! | `split`, `join` | a text in parts, parts as a text | TS 23.040 9.2.3.24.1 |
//! | `wap` | the notice of an MMS | WAP-230-WSP 8, OMA MMS-ENC 6.2, 7 |
//!
//! Reading is lenient, because a message that is refused is lost: whatever can be made out is taken, and only octets
//! that end before the text begins are an error. Writing is strict. Nothing here panics, and the work is bounded by
//! the length of what comes in; `tests/pdu/any.rs` and `fuzz/` try it.

mod address;
mod body;
mod coding;
mod deliver;
mod error;
mod header;
mod hex;
mod join;
mod octets;
mod report;
mod septets;
mod split;
mod stamp;
mod submit;
mod tables;
mod wap;

use octets::Octets;

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
pub use wap::{Expiry, MmsNotice, announce, mms_notice};

/// Bits of a TPDU's first octet (TS 23.040 9.2.3): the type of message and its values, "no more messages to send", a
/// status report wanted, a user data header.
const TYPE: u8 = 0b11;
const DELIVER: u8 = 0b00;
const SUBMIT: u8 = 0b01;
const STATUS_REPORT: u8 = 0b10;
const NO_MORE: u8 = 0x04;
const WANTS_REPORT: u8 = 0x20;
const HAS_HEADER: u8 = 0x40;

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
    let mut octets = Octets(octets);
    let centre = address::read_centre(&mut octets)?;
    let first = octets.one()?;
    match first & TYPE {
        SUBMIT => Err(PduError::OtherType),
        STATUS_REPORT => Report::read(centre, octets).map(Pdu::Report),
        _ => Deliver::read(centre, first & HAS_HEADER != 0, octets).map(Pdu::Deliver),
    }
}

/// Reads an SMSC part and the SUBMIT after it: what a modem is given to send, or keeps of what was sent.
///
/// # Errors
/// [`PduError::Short`] if it ends before the text begins, [`PduError::OtherType`] for anything but a SUBMIT.
pub fn read_submit(octets: &[u8]) -> Result<Submit, PduError> {
    let mut octets = Octets(octets);
    address::read_centre(&mut octets)?;
    let first = octets.one()?;
    if first & TYPE != SUBMIT { Err(PduError::OtherType) } else { Submit::read(first, octets) }
}
