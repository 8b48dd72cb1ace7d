use super::octets::Octets;
use super::{
    Body, Coding, HAS_HEADER, Header, Party, PduError, SUBMIT, WANTS_REPORT, body, join, split,
    to_hex,
};
use cordboard_plugin::Address;

/// The form of the validity period, in the first octet (TS 23.040 9.2.3.3).
const VALIDITY: u8 = 0x18;
const RELATIVE: u8 = 0x10;

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
        join::text([(&self.header, &self.coding, &self.body)])
    }

    /// Reads what follows the first octet of the TPDU.
    pub(super) fn read(first: u8, mut octets: Octets<'_>) -> Result<Self, PduError> {
        let reference = octets.one()?;
        let to = Party::read(&mut octets)?;
        let protocol = octets.one()?;
        let coding = Coding::new(octets.one()?);
        let validity = match first & VALIDITY {
            0 => None,
            RELATIVE => Some(octets.one()?),
            _ => octets.seven().map(|_| None)?,
        };
        let (coding, header, body) = body::read(coding, first & HAS_HEADER != 0, octets);
        let wants_report = first & WANTS_REPORT != 0;
        Ok(Self { reference, to, protocol, coding, validity, header, body, wants_report })
    }
}

/// A text to send: what [`submit`] takes.
#[derive(Clone)]
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
#[derive(Clone, PartialEq, Eq)]
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
    let to = Address::new(sending.to);
    if !to.is_e164() {
        return Err(PduError::Address);
    }
    let to = Party::new(to.reveal())?;
    let bodies = split::bodies(sending.text, false);
    if bodies.len() > PARTS_MAX {
        return Err(PduError::TooLong);
    }
    let parts = split::tied(bodies, sending.reference.into(), false, Header::default())?;
    parts.iter().map(|(header, body)| part(sending, &to, header, body)).collect()
}

fn part(sending: &Sending<'_>, to: &Party, header: &Header, body: &Body) -> Result<Part, PduError> {
    let bits = [
        (WANTS_REPORT, sending.wants_report),
        (HAS_HEADER, header.concat.is_some()),
        (RELATIVE, sending.validity.is_some()),
    ];
    let first = bits.iter().filter(|(_, set)| *set).fold(SUBMIT, |first, (bit, _)| first | bit);
    let mut tpdu = vec![first, 0];
    to.write(&mut tpdu)?;
    tpdu.extend([0, split::coding_octet(body)]);
    tpdu.extend(sending.validity);
    tpdu.extend(body::write(header, body)?);
    let tpdu_octets = tpdu.len();
    // No SMSC part: the modem takes the centre it has stored.
    tpdu.insert(0, 0);
    Ok(Part { hex: to_hex(&tpdu), tpdu_octets })
}

/// How many parts [`submit`] makes of a text; 1 for an empty one.
pub fn segments(text: &str) -> usize {
    split::bodies(text, false).len()
}
