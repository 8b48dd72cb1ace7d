use super::octets::Octets;
use super::{NO_MORE, Party, PduError, STATUS_REPORT, address, stamp};
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
    ///
    /// Reserved values above 7F are failures: the clause asks to take them as "service rejected".
    pub fn fate(&self) -> Fate {
        match self.status {
            0x00 => Fate::Delivered,
            0x01..=0x1F => Fate::Unconfirmed,
            0x20..=0x3F => Fate::Trying,
            _ => Fate::Failed,
        }
    }

    /// Reads what follows the first octet of the TPDU. What stands behind the status is not needed.
    pub(super) fn read(centre: Option<String>, mut octets: Octets<'_>) -> Result<Self, PduError> {
        let reference = octets.one()?;
        let to = unwrapped(&octets);
        let outer = Party::read(&mut octets)?;
        let sent_at = stamp::read(octets.seven()?);
        let done_at = stamp::read(octets.seven()?);
        let status = octets.one()?;
        Ok(Self { centre, reference, to: to.unwrap_or(outer), sent_at, done_at, status })
    }
}

/// A status report to write: what [`report`] takes.
#[derive(Clone, Default)]
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
    let mut out = Vec::new();
    address::write_centre(reporting.centre, &mut out)?;
    out.extend([STATUS_REPORT | NO_MORE, reporting.reference]);
    Party::new(reporting.to)?.write(&mut out)?;
    out.extend(stamp::write(reporting.sent_at, 0)?);
    out.extend(stamp::write(reporting.done_at, 0)?);
    out.push(reporting.status);
    Ok(out)
}

/// The number inside the number, as some ZTE sticks report it: length, type and digits once more as the value of an
/// address that is four semi-octets longer.
///
/// Told by the inner length: 10 to 15, which as the first digit would be `#`, a letter or a filler.
fn unwrapped(octets: &Octets<'_>) -> Option<Party> {
    // The inner type is nonsense; the outer one tells whether the number is international.
    let &[outer, type_octet, inner, _, ref value @ ..] = octets.0 else { return None };
    let is_wrapped = (10..=15).contains(&inner) && outer == inner + 4;
    let semi_octets = usize::from(inner);
    let value = value.get(..semi_octets.div_ceil(2)).filter(|_| is_wrapped)?;
    Some(Party::of(type_octet, value, semi_octets))
}
