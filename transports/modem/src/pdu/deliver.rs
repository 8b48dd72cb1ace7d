use super::octets::Octets;
use super::{
    Body, Coding, DELIVER, HAS_HEADER, Header, NO_MORE, Party, PduError, address, body, split,
    stamp,
};
use cordboard_plugin::Timestamp;

/// Protocol identifiers (TS 23.040 9.2.3.9) of which the text, if any, is not a person's.
const TYPE_0: u8 = 0x40;
const RETURN_CALL: u8 = 0x5F;
const ANSI_136: u8 = 0x7C;
const SIM_DATA: u8 = 0x7F;

/// WAP push plain and secure, and the connection-less and connected WAP services.
const WAP_PORTS: [u16; 6] = [2948, 2949, 9200, 9201, 9202, 9203];

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
    /// Reads what follows the first octet of the TPDU.
    pub(super) fn read(
        centre: Option<String>,
        has_header: bool,
        mut octets: Octets<'_>,
    ) -> Result<Self, PduError> {
        let from = Party::read(&mut octets)?;
        let protocol = octets.one()?;
        let coding = Coding::new(octets.one()?);
        let sent_at = stamp::read(octets.seven()?);
        let (coding, header, body) = body::read(coding, has_header, octets);
        Ok(Self { centre, from, protocol, coding, sent_at, header, body })
    }

    /// What is to be done with it. All parts of a long message have the same sort as a rule.
    ///
    /// Waiting indications whose text is to be kept are texts when there is one. 8-bit data without ports is text when
    /// it is UTF-8 without control characters: some gateways send ASCII so.
    pub fn sort(&self) -> Sort {
        match (self.protocol, self.header.ports) {
            (TYPE_0, _) => return Sort::Silent,
            (ANSI_136..=SIM_DATA, _) => return Sort::SimData,
            _ if self.coding.compressed => return Sort::Compressed,
            (_, Some(ports)) if WAP_PORTS.contains(&ports.destination) => return Sort::WapPush,
            (_, Some(_)) => return Sort::Ports,
            _ => {}
        }
        let waiting = self.coding.waiting.or(self.header.waiting);
        let only_signal = match waiting {
            Some(waiting) => !waiting.keep || self.text().trim().is_empty(),
            None => self.protocol == RETURN_CALL && self.text().trim().is_empty(),
        };
        match &self.body {
            _ if only_signal => Sort::Waiting,
            Body::Octets(octets) if !is_text(octets) => Sort::Ports,
            _ if self.coding.class == Some(0) => Sort::Flash,
            _ => Sort::Text,
        }
    }

    /// Its text alone; for a part of a long message use [`join`](super::join).
    pub fn text(&self) -> String {
        super::join(std::slice::from_ref(self))
    }

    /// The whole PDU with its SMSC part, as a modem would list it: the inverse of [`read`](super::read).
    ///
    /// The time is written in UTC; `None` as octets of F. Header elements we do not understand are not kept, so they
    /// are not written either.
    ///
    /// # Errors
    /// [`PduError::Address`], [`PduError::Time`], or [`PduError::TooLong`] if it exceeds one message.
    pub fn write(&self) -> Result<Vec<u8>, PduError> {
        let stamp = self.sent_at.map_or(Ok([0xFF; 7]), |at| stamp::write(at, 0))?;
        self.write_stamped(stamp)
    }

    fn write_stamped(&self, stamp: [u8; 7]) -> Result<Vec<u8>, PduError> {
        let mut out = Vec::new();
        address::write_centre(self.centre.as_deref().unwrap_or_default(), &mut out)?;
        let has_header = self.header != Header::default();
        out.push(DELIVER | NO_MORE | if has_header { HAS_HEADER } else { 0 });
        self.from.write(&mut out)?;
        out.extend([self.protocol, self.coding.octet]);
        out.extend(stamp);
        out.extend(body::write(&self.header, &self.body)?);
        Ok(out)
    }
}

/// Whether 8-bit data is a text: UTF-8, perhaps cut inside a character at either end, without control characters.
fn is_text(octets: &[u8]) -> bool {
    let begins = octets.iter().take(3).take_while(|octet| **octet & 0xC0 == 0x80).count();
    let text = match str::from_utf8(&octets[begins..]) {
        Ok(text) => text,
        Err(error) if error.error_len().is_some() => return false,
        Err(error) => str::from_utf8(&octets[begins..][..error.valid_up_to()]).unwrap_or_default(),
    };
    text.chars().all(|character| !character.is_control() || character.is_ascii_whitespace())
}

/// A text on its way to us: what [`deliver`] writes. `Default` gives an empty one to fill.
#[derive(Clone, Default)]
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
    enveloped(delivering, split::bodies(delivering.text, delivering.wide), Header::default())
}

/// [`deliver`] with other bodies than those of its text, and with `header` beside what ties them together.
pub(super) fn enveloped(
    delivering: &Delivering<'_>,
    bodies: Vec<Body>,
    header: Header,
) -> Result<Vec<Vec<u8>>, PduError> {
    let stamp = stamp::write(delivering.at, delivering.zone_quarters)?;
    let from = Party::new(delivering.from)?;
    let centre = Some(delivering.centre.to_owned());
    let write = |(header, body)| {
        let deliver = Deliver {
            centre: centre.clone(),
            from: from.clone(),
            protocol: 0,
            coding: Coding::new(split::coding_octet(&body)),
            sent_at: None,
            header,
            body,
        };
        deliver.write_stamped(stamp)
    };
    split::tied(bodies, delivering.reference, delivering.wide, header)?
        .into_iter()
        .map(write)
        .collect()
}
