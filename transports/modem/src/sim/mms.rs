//! The notice that an MMS can be fetched: a WAP push with an M-Notification.ind (OMA MMS-ENC 6.2,
//! WAP-230 WSP 8.2.4), mostly in two parts.

use crate::pdu::{self, Body, Concat, Deliver, Delivering, Pdu, PduError, Ports};
use cordboard_plugin::Timestamp;

/// WAP push, connectionless (TS 23.040 and WAP-203).
const PORTS: Ports = Ports { destination: 2948, source: 9200 };
/// 8-bit data, class 1.
const CODING: u8 = 0xf5;
/// Octets beside a header with ports, and beside one with ports and a reference.
const ALONE_OCTETS: usize = 133;
const AMONG_OCTETS: usize = 128;
/// How long it can be fetched, in seconds: three days.
const EXPIRY: [u8; 3] = [0x03, 0xf4, 0x80];

/// What a notice tells.
pub(super) struct Notice<'a> {
    pub(super) from: &'a str,
    /// How long the message is.
    pub(super) bytes: usize,
    pub(super) at: Timestamp,
    pub(super) reference: u16,
    pub(super) centre: &'a str,
}

/// Its parts, as whole PDUs.
pub(super) fn notice(notice: &Notice<'_>) -> Result<Vec<Vec<u8>>, PduError> {
    let push = push(notice);
    let size = if push.len() <= ALONE_OCTETS { ALONE_OCTETS } else { AMONG_OCTETS };
    let pieces: Vec<&[u8]> = push.chunks(size).collect();
    let total = u8::try_from(pieces.len()).map_err(|_| PduError::TooLong)?;
    let template = template(notice)?;
    let parts = (1..=total).zip(pieces).map(|(number, piece)| {
        let mut part = template.clone();
        part.coding.octet = CODING;
        part.header.ports = Some(PORTS);
        part.header.concat = (total > 1).then_some(Concat {
            reference: notice.reference,
            wide: false,
            total,
            number,
        });
        part.body = Body::Octets(piece.to_vec());
        part.write()
    });
    parts.collect()
}

/// A text from the same sender, of which only the outside is used.
fn template(notice: &Notice<'_>) -> Result<Deliver, PduError> {
    let written = pdu::deliver(&Delivering {
        from: notice.from,
        at: notice.at,
        centre: notice.centre,
        ..Delivering::default()
    })?;
    match written.first().map(|octets| pdu::read(octets)) {
        Some(Ok(Pdu::Deliver(text))) => Ok(text),
        _ => Err(PduError::OtherType),
    }
}

fn push(notice: &Notice<'_>) -> Vec<u8> {
    let transaction = format!("{:x}", notice.at.0.unsigned_abs());
    // Transaction 1, PUSH, four octets of headers: the type, and for whom it is (4: the MMS user agent).
    let mut push = vec![0x01, 0x06, 0x03, 0xbe, 0xaf, 0x84];
    push.extend([0x8c, 0x82, 0x98]);
    push_text(&mut push, &transaction);
    push.extend([0x8d, 0x92, 0x89]);
    let from = format!("{}/TYPE=PLMN", notice.from);
    push.push(u8::try_from(from.len() + 2).unwrap_or(u8::MAX));
    push.push(0x80);
    push_text(&mut push, &from);
    push.extend([0x8a, 0x80, 0x8e]);
    let size = u32::try_from(notice.bytes).unwrap_or(u32::MAX).to_be_bytes();
    push.push(4);
    push.extend(size);
    push.extend([0x88, 0x05, 0x81, 0x03]);
    push.extend(EXPIRY);
    push.push(0x83);
    push_text(&mut push, &format!("http://mms.example/servlets/mms?message-id={transaction}"));
    push
}

fn push_text(push: &mut Vec<u8>, text: &str) {
    push.extend(text.bytes().filter(|byte| *byte != 0));
    push.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_reads_as_one() {
        let parts = notice(&Notice {
            from: "+15550100123",
            bytes: 66_000,
            at: Timestamp(1_790_000_000_000),
            reference: 7,
            centre: "+15550100000",
        })
        .unwrap();
        let read = parts.iter().map(|part| match pdu::read(part).unwrap() {
            Pdu::Deliver(part) => part,
            Pdu::Report(_) => panic!("a report"),
        });
        let read: Vec<Deliver> = read.collect();
        assert!(read.iter().all(|part| part.sort() == pdu::Sort::WapPush));
        let told = pdu::mms_notice(&read).unwrap();
        assert_eq!(told.from.as_deref(), Some("+15550100123"));
        assert_eq!(told.bytes, Some(66_000));
        assert_eq!(told.expires, Some(pdu::Expiry::In(259_200)));
        assert!(told.location.unwrap().starts_with("http://mms.example/"));
    }
}
