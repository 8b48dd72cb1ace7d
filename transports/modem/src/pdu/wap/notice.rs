use super::value::{self, Value, value};
use crate::pdu::deliver::enveloped;
use crate::pdu::join::{in_order, number};
use crate::pdu::octets::Octets;
use crate::pdu::{Body, Deliver, Delivering, Header, PduError, Ports, Sort, split};
use cordboard_plugin::Timestamp;
use std::fmt;

/// Types of PDU (WSP table 34), and the content that is a notice: by number, and spelled out.
const PUSH: u8 = 0x06;
const CONFIRMED_PUSH: u8 = 0x07;
const MMS_TOKEN: u8 = 0xBE;
const MMS_TYPE: &[u8] = b"application/vnd.wap.mms-message";

/// Fields (MMS-ENC 7.3, table 12), and what the type of message says here.
const MESSAGE_TYPE: u8 = 0x8C;
const NOTIFICATION: u8 = 0x82;
const CONTENT_LOCATION: u8 = 0x83;
const EXPIRY: u8 = 0x88;
const FROM: u8 = 0x89;
const MESSAGE_SIZE: u8 = 0x8E;
const SUBJECT: u8 = 0x96;
/// An address follows; an absolute time follows, a relative one.
const ADDRESS_PRESENT: u8 = 0x80;
const ABSOLUTE: u8 = 0x80;
const RELATIVE: u8 = 0x81;

/// The port of WAP pushes.
const PUSH_PORT: u16 = 2948;

/// The notice of an MMS (M-Notification.ind, MMS-ENC 6.2): it says where the message can be fetched.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MmsNotice {
    /// Who sent it: a number or a mail address; `None` when hidden.
    pub from: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// How long the message is.
    pub bytes: Option<u64>,
    /// Until when it can be fetched.
    pub expires: Option<Expiry>,
    /// Where it can be fetched; `None` when that part is missing.
    pub location: Option<String>,
}

/// Until when an MMS can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// At a moment.
    At(Timestamp),
    /// So many seconds after the notice.
    In(u64),
}

impl fmt::Debug for MmsNotice {
    /// Sender, subject and address are personal data: they are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MmsNotice")
            .field("bytes", &self.bytes)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// The notice in the parts of one WAP push, in any order; `None` when it is something else.
///
/// A missing part ends what can be read, and without the first there is nothing.
pub fn mms_notice(parts: &[Deliver]) -> Option<MmsNotice> {
    let mut push = Vec::new();
    let mut next = None;
    for part in in_order(parts) {
        let Body::Octets(octets) = &part.body else { break };
        let number = number(&part.header);
        if part.sort() != Sort::WapPush || next.is_some_and(|next| next != number) {
            break;
        }
        if next.is_none() && number > 1 {
            return None;
        }
        push.extend(octets);
        next = Some(number.saturating_add(1));
    }
    let mut push = Octets(&push);
    let (_transaction, kind) = (push.one().ok()?, push.one().ok()?);
    let length = value::number(&mut push)?;
    let mut head = Octets(push.take(length).ok()?);
    let is_notice = matches!(kind, PUSH | CONFIRMED_PUSH) && is_mms(value(&mut head)?);
    if is_notice { fields(push) } else { None }
}

fn is_mms(content_type: Value<'_>) -> bool {
    match content_type {
        Value::Token(token) => token == MMS_TOKEN,
        Value::Text(text) => text.eq_ignore_ascii_case(MMS_TYPE),
        // The type inside the general form, with parameters behind it.
        Value::Data(data) => match value(&mut Octets(data)) {
            Some(Value::Data(_)) | None => false,
            Some(inner) => is_mms(inner),
        },
    }
}

/// Reads the fields of a message as far as they go; `None` if it is no notification.
fn fields(mut octets: Octets<'_>) -> Option<MmsNotice> {
    let mut notice = MmsNotice::default();
    let mut is_notice = false;
    while let Some(()) = field(&mut octets, &mut notice, &mut is_notice) {}
    is_notice.then_some(notice)
}

/// Reads a field; `None` at the end, at a field that is cut off, and at another type of message.
fn field(octets: &mut Octets<'_>, notice: &mut MmsNotice, is_notice: &mut bool) -> Option<()> {
    if *octets.0.first()? < 0x80 {
        // A field with a name spelled out; its value is text.
        value::text(octets)?;
        return value::text(octets).map(|_| ());
    }
    match octets.one().ok()? {
        MESSAGE_TYPE => {
            *is_notice = value(octets)? == Value::Token(NOTIFICATION);
            return is_notice.then_some(());
        }
        CONTENT_LOCATION => {
            let location = value::text(octets)?;
            notice.location = some(String::from_utf8_lossy(location).into_owned());
        }
        SUBJECT => notice.subject = value::encoded(octets).and_then(some),
        MESSAGE_SIZE => notice.bytes = value::integer(value(octets)?),
        FROM => {
            if let Value::Data(&[ADDRESS_PRESENT, ref address @ ..]) = value(octets)? {
                notice.from = value::encoded(&mut Octets(address)).and_then(bare);
            }
        }
        EXPIRY => {
            if let Value::Data(&[token, ref time @ ..]) = value(octets)? {
                notice.expires = expiry(token, value(&mut Octets(time)).and_then(value::integer));
            }
        }
        _ => {
            value(octets)?;
        }
    }
    Some(())
}

/// An address without its type: `+15550100123/TYPE=PLMN` is a number.
fn bare(mut address: String) -> Option<String> {
    if let Some(end) = address.find("/TYPE=") {
        address.truncate(end);
    }
    some(address)
}

/// Nothing written is nothing said.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn expiry(token: u8, seconds: Option<u64>) -> Option<Expiry> {
    let seconds = seconds?;
    match token {
        ABSOLUTE => i64::try_from(seconds)
            .ok()
            .map(|seconds| Expiry::At(Timestamp(0).plus_seconds(seconds))),
        RELATIVE => Some(Expiry::In(seconds)),
        _ => None,
    }
}

/// The parts of a notice, as [`deliver`](crate::pdu::deliver) makes those of a text; the text is not used.
///
/// # Errors
/// [`PduError::Address`], [`PduError::Time`], or [`PduError::TooLong`] for more than 255 parts.
pub fn announce(notice: &MmsNotice, delivering: &Delivering<'_>) -> Result<Vec<Vec<u8>>, PduError> {
    // A transaction, the type of push, and a head of three octets: the type of content, and that it is for MMS.
    let mut push = vec![1, PUSH, 3, MMS_TOKEN, 0xAF, 0x84];
    // The type of message, a transaction of its own, the version.
    push.extend([MESSAGE_TYPE, NOTIFICATION, 0x98, b'1', 0, 0x8D, 0x90]);
    push_fields(notice, &mut push);
    let ports = Some(Ports { destination: PUSH_PORT, source: PUSH_PORT });
    let bodies = split::data_bodies(&push, delivering.wide);
    enveloped(delivering, bodies, Header { ports, ..Header::default() })
}

fn push_fields(notice: &MmsNotice, out: &mut Vec<u8>) {
    const UTF_8: u8 = 0x80 | 106;
    let text = |text: &str| [text.as_bytes(), &[0]].concat();
    if let Some(from) = &notice.from {
        out.push(FROM);
        value::write(&[&[ADDRESS_PRESENT][..], &text(from)].concat(), out);
    }
    if let Some(subject) = &notice.subject {
        out.push(SUBJECT);
        value::write(&[&[UTF_8][..], &text(subject)].concat(), out);
    }
    if let Some(bytes) = notice.bytes {
        out.push(MESSAGE_SIZE);
        value::write(&bytes.to_be_bytes(), out);
    }
    if let Some(expires) = notice.expires {
        let (token, seconds) = match expires {
            Expiry::At(at) => (ABSOLUTE, at.unix_seconds().unsigned_abs()),
            Expiry::In(seconds) => (RELATIVE, seconds),
        };
        let mut time = vec![token];
        value::write(&seconds.to_be_bytes(), &mut time);
        out.push(EXPIRY);
        value::write(&time, out);
    }
    if let Some(location) = &notice.location {
        out.push(CONTENT_LOCATION);
        out.extend(text(location));
    }
}
