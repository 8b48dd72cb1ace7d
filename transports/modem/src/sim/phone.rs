//! The phones around the modem: what they text, and what they show.
//!
//! Keys: `p/<number>/<milliseconds>-<random>` a line on a phone.

use super::cable::Cable;
use super::machine::Shown;
use super::{failure, mms};
use crate::pdu::{self, Alphabet, Body, Concat, Deliver, Delivering, Pdu};
use cordboard_plugin::{
    Address, Blob, Commit, Expected, Host, HttpAnswer, PhoneLine, PhoneText, Put, SimPlace,
    StateError, Timestamp,
};
use serde::Deserialize;

/// Lines are forgotten after this long.
const KEPT_HOURS: i64 = 30 * 24;
const LINES_MAX: usize = 200;
const SCAN_ROWS: u16 = 1000;
/// The centre that texts come through.
const CENTRE: &str = "+15550100000";

/// What a person's own bubble says of pictures, which it does not show.
const PICTURES: &str = "[picture message]";

/// Texts that came to phones, as rows.
pub(super) fn lines(host: &dyn Host, shown: &[Shown]) -> Result<Commit, StateError> {
    let mut commit = Commit::default();
    for text in shown {
        let line = PhoneLine {
            at: text.at,
            mine: false,
            // The modem has many names: any number that is texted is its own.
            other: Address::default(),
            body: text.text.clone(),
            pictures: Vec::new(),
        };
        commit.puts.push(row(host, &text.to, &line)?);
    }
    Ok(commit)
}

fn row(host: &dyn Host, phone: &Address, line: &PhoneLine) -> Result<Put, StateError> {
    let chance: String = host.random(4).iter().map(|byte| format!("{byte:02x}")).collect();
    let value =
        serde_json::to_vec(line).map_err(|error| StateError::Unavailable(error.to_string()))?;
    Ok(Put {
        key: format!("p/{}/{:013}-{chance}", phone.reveal(), line.at.0.max(0)),
        value: Blob(value),
        expected: Expected::Any,
        expires_at: Some(line.at.plus_hours(KEPT_HOURS)),
    })
}

/// The last lines of a phone, oldest first.
pub(super) async fn shown(host: &dyn Host, number: &Address) -> Result<Vec<PhoneLine>, StateError> {
    let prefix = format!("p/{}/", number.reveal());
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = host.scan(&prefix, after.as_deref(), SCAN_ROWS).await?;
        let is_last = page.len() < usize::from(SCAN_ROWS);
        after = page.last().map(|(key, _)| key.clone());
        found.extend(page.into_iter().map(|(_, stored)| stored.value));
        if is_last {
            break;
        }
    }
    let first = found.len().saturating_sub(LINES_MAX);
    let read = |value: &Blob| {
        serde_json::from_slice(&value.0).map_err(|error| StateError::Unavailable(error.to_string()))
    };
    found[first..].iter().map(read).collect()
}

/// A phone texts the modem. Pictures come as they do in life: as a notice that an MMS can be fetched.
pub(super) async fn text(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    text: &PhoneText,
) -> Result<(), String> {
    let reference = u16::from_be_bytes([0, host.random(1)[0]]);
    let pdus = if text.pictures.is_empty() {
        write(text.from.reveal(), &text.body, host.now(), reference)
    } else {
        let bytes = text.pictures.iter().map(|picture| picture.bytes.0.len()).sum();
        mms::notice(&mms::Notice {
            from: text.from.reveal(),
            bytes,
            at: host.now(),
            reference,
            centre: CENTRE,
        })
    };
    let pdus = pdus.map_err(|error| format!("the text cannot be sent: {error}"))?;
    let body = if text.pictures.is_empty() { text.body.clone() } else { PICTURES.to_owned() };
    let line = PhoneLine {
        at: host.now(),
        mine: true,
        other: text.to.clone(),
        body,
        pictures: Vec::new(),
    };
    let no_state = |error: StateError| format!("the simulated modem has no state: {error}");
    let puts = vec![row(host, &text.from, &line).map_err(no_state)?];
    host.commit(Commit { puts, ..Commit::default() }).await.map_err(no_state)?;
    cable.with(host, place, |machine, now| machine.deliver(now, pdus)).await.map_err(no_state)
}

fn write(
    from: &str,
    text: &str,
    at: Timestamp,
    reference: u16,
) -> Result<Vec<Vec<u8>>, pdu::PduError> {
    let delivering =
        Delivering { from, text, at, reference, centre: CENTRE, ..Delivering::default() };
    pdu::deliver(&delivering)
}

/// A text as `POST /_text` takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    #[serde(default)]
    from: String,
    #[serde(default)]
    #[expect(dead_code, reason = "a modem answers to any number")]
    to: String,
    #[serde(default)]
    body: String,
    /// The numbers of the parts in the order in which they come; all in order when empty.
    #[serde(default)]
    parts_order: Vec<usize>,
    /// Another coding than the one a phone would take.
    dcs: Option<u8>,
    /// Whole PDUs instead, with their SMSC part, in hexadecimal digits.
    #[serde(default)]
    pdus: Vec<String>,
}

/// `POST /_text`: 204, or 400 with the reason.
pub(super) async fn text_by_hand(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    body: &[u8],
) -> Result<HttpAnswer, StateError> {
    let Ok(text) = serde_json::from_slice::<ByHand>(body) else {
        return Ok(failure(400, "expected from, to and body; parts_order, dcs or pdus if wanted"));
    };
    match pdus_by_hand(host, &text) {
        Err(words) => Ok(failure(400, &words)),
        Ok(pdus) => {
            if !text.from.is_empty() {
                let line = PhoneLine {
                    at: host.now(),
                    mine: true,
                    other: Address::default(),
                    body: text.body.clone(),
                    pictures: Vec::new(),
                };
                let puts = vec![row(host, &Address::new(text.from.as_str()), &line)?];
                host.commit(Commit { puts, ..Commit::default() }).await?;
            }
            cable.with(host, place, |machine, now| machine.deliver(now, pdus)).await?;
            Ok(HttpAnswer::empty(204))
        }
    }
}

fn pdus_by_hand(host: &dyn Host, text: &ByHand) -> Result<Vec<Vec<u8>>, String> {
    let words = |error: pdu::PduError| format!("the text cannot be sent: {error}");
    let parts = if text.pdus.is_empty() {
        let reference = u16::from_be_bytes([0, host.random(1)[0]]);
        let parts = write(&text.from, &text.body, host.now(), reference).map_err(words)?;
        match text.dcs {
            None => parts,
            Some(dcs) => recode(&parts, &text.body, dcs).map_err(words)?,
        }
    } else {
        let pdus = text.pdus.iter().map(|hex| pdu::from_hex(hex));
        pdus.collect::<Result<_, _>>().map_err(words)?
    };
    if text.parts_order.is_empty() {
        return Ok(parts);
    }
    let ordered = text.parts_order.iter().map(|number| parts.get(number.wrapping_sub(1)).cloned());
    let ordered: Option<Vec<_>> = ordered.collect();
    ordered.ok_or_else(|| format!("there are {} parts, numbered from 1 on", parts.len()))
}

/// The same text under another coding octet: its septets, or its UTF-16 units, or its bytes.
fn recode(parts: &[Vec<u8>], text: &str, dcs: u8) -> Result<Vec<Vec<u8>>, pdu::PduError> {
    let read = |octets: &Vec<u8>| match pdu::read(octets)? {
        Pdu::Deliver(part) => Ok(part),
        Pdu::Report(_) => Err(pdu::PduError::OtherType),
    };
    let parts = parts.iter().map(read).collect::<Result<Vec<Deliver>, _>>()?;
    let Some(first) = parts.first().cloned() else { return Ok(Vec::new()) };
    let coding = pdu::Coding { octet: dcs, ..first.coding };
    let bodies: Vec<Body> = match alphabet(dcs) {
        Alphabet::Septets => parts.iter().map(|part| part.body.clone()).collect(),
        Alphabet::Octets => pieces(text.as_bytes(), 140, 134).map(Body::Octets).collect(),
        Alphabet::Units => {
            let units: Vec<u16> = text.encode_utf16().collect();
            pieces(&units, 70, 67).map(Body::Units).collect()
        }
    };
    let total = u8::try_from(bodies.len()).map_err(|_| pdu::PduError::TooLong)?;
    let reference = parts.iter().find_map(|part| part.header.concat).map_or(1, |it| it.reference);
    let numbered = (1..=total).zip(bodies).map(|(number, body)| {
        let mut part = Deliver { coding, body, ..first.clone() };
        part.header.concat =
            (total > 1).then_some(Concat { reference, wide: false, total, number });
        part.write()
    });
    numbered.collect()
}

/// TS 23.038 4, as far as it says which alphabet it is.
fn alphabet(dcs: u8) -> Alphabet {
    let bits = if dcs >> 4 == 0xf { (dcs >> 2) & 1 } else { (dcs >> 2) & 3 };
    match (dcs >> 4, bits) {
        (0xe, _) => Alphabet::Units,
        (0x0..=0x7 | 0xf, 1) => Alphabet::Octets,
        (0x0..=0x7, 2) => Alphabet::Units,
        _ => Alphabet::Septets,
    }
}

fn pieces<T: Clone>(all: &[T], alone: usize, among: usize) -> impl Iterator<Item = Vec<T>> {
    let size = if all.len() <= alone { alone } else { among };
    all.chunks(size).map(<[T]>::to_vec).collect::<Vec<_>>().into_iter()
}
