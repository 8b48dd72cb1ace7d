//! `POST /_text`: texts as no phone sends them, for tests.

use super::cable::Cable;
use super::{failure, phone};
use crate::pdu::{self, Alphabet, Body, Concat, Deliver, Pdu};
use cordboard_plugin::{Address, Host, HttpAnswer, SimPlace, StateError, Timestamp};
use serde::Deserialize;

/// A text as `POST /_text` takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    #[serde(default)]
    from: Address,
    #[serde(default)]
    to: Address,
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
pub(super) async fn text(
    cable: &Cable,
    host: &dyn Host,
    place: &SimPlace,
    body: &[u8],
) -> Result<HttpAnswer, StateError> {
    let Ok(text) = serde_json::from_slice::<ByHand>(body) else {
        return Ok(failure(400, "expected from, to and body; parts_order, dcs or pdus if wanted"));
    };
    let from = text.from.reveal();
    let (at, reference) = cable.with(host, place, |machine, now| machine.stamp(now, from)).await?;
    let pdus = match pdus_of(&text, at, reference) {
        Ok(pdus) => pdus,
        Err(words) => return Ok(failure(400, &words)),
    };
    let row = match from {
        "" => None,
        _ => Some(phone::own_row(host, &text.from, &text.to, &text.body)?),
    };
    let delivered = cable.with_row(host, place, row, |machine, now| {
        if !text.to.reveal().is_empty() {
            machine.set_number(&text.to);
        }
        machine.deliver(now, pdus);
    });
    delivered.await?;
    Ok(HttpAnswer::empty(204))
}

fn pdus_of(text: &ByHand, at: Timestamp, reference: u16) -> Result<Vec<Vec<u8>>, String> {
    let words = |error: pdu::PduError| format!("the text cannot be sent: {error}");
    let parts = if text.pdus.is_empty() {
        let parts = phone::write(text.from.reveal(), &text.body, at, reference).map_err(words)?;
        match text.dcs {
            None => parts,
            Some(dcs) => recode(&parts, &text.body, dcs, reference).map_err(words)?,
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
fn recode(
    parts: &[Vec<u8>],
    text: &str,
    dcs: u8,
    reference: u16,
) -> Result<Vec<Vec<u8>>, pdu::PduError> {
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
