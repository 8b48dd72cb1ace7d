//! Every entry of `cordboard_modem::pdu` with the same octets: as one PDU, as several parts, as a line, as a text.
//!
//! Beside panics it looks for what must hold: what was written reads the same, and parts are as many as announced.

#![no_main]

use cordboard_modem::pdu::{
    Deliver, Delivering, Expiry, MmsNotice, PARTS_MAX, Pdu, Sending, announce, deliver, from_hex,
    join, mms_notice, read, read_submit, segments, submit, to_hex,
};
use cordboard_plugin::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    as_pdu(octets);
    as_parts(octets);
    if let Ok(text) = std::str::from_utf8(octets) {
        let _ = from_hex(text);
        as_text(text);
    }
    assert_eq!(from_hex(&to_hex(octets)).as_deref(), Ok(octets));
});

fn message(octets: &[u8]) -> Option<Deliver> {
    match read(octets) {
        Ok(Pdu::Deliver(deliver)) => Some(deliver),
        _ => None,
    }
}

fn as_pdu(octets: &[u8]) {
    if let Ok(submit) = read_submit(octets) {
        submit.text();
    }
    if let Ok(Pdu::Report(report)) = read(octets) {
        report.fate();
        report.to.address();
    }
    let Some(deliver) = message(octets) else { return };
    deliver.sort();
    mms_notice(std::slice::from_ref(&deliver));
    // The alphabet of codings F8 to FB is judged by lengths, which writing may change.
    let is_judged = matches!(deliver.coding.octet, 0xF8..=0xFB);
    if let Ok(written) = deliver.write()
        && !is_judged
    {
        let again = message(&written).expect("what was written is a message");
        assert_eq!(again.header, deliver.header);
        assert_eq!(again.from, deliver.from);
        assert_eq!(again.text(), deliver.text());
    }
}

/// Each part behind an octet with its length.
fn as_parts(mut octets: &[u8]) {
    let mut parts = Vec::new();
    while let Some((length, rest)) = octets.split_first() {
        let (part, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        parts.extend(message(part));
        octets = rest;
    }
    join(&parts);
    if let Some(notice) = mms_notice(&parts) {
        announced(&notice);
    }
}

fn delivering(text: &str) -> Delivering<'_> {
    let at = Timestamp(1_791_462_890_000);
    Delivering { from: "+15550100123", text, at, reference: 300, ..Delivering::default() }
}

/// A notice that was read is announced and read the same, if nothing in it needs another form.
fn announced(notice: &MmsNotice) {
    let texts = [&notice.from, &notice.subject, &notice.location];
    let plain = texts.iter().filter_map(|text| text.as_deref());
    let is_plain = plain.clone().all(|text| text.chars().all(|c| c.is_ascii_graphic()))
        && plain.clone().all(|text| !text.contains("/TYPE="));
    let before_1970 = matches!(notice.expires, Some(Expiry::At(at)) if at.0 < 0);
    let Ok(parts) = announce(notice, &delivering("")) else { return };
    let parts: Vec<Deliver> = parts.iter().filter_map(|part| message(part)).collect();
    let again = mms_notice(&parts).expect("an announced notice is one");
    assert!(!is_plain || before_1970 || again == *notice);
}

fn as_text(text: &str) {
    let sending =
        Sending { to: "+15550100123", text, reference: 7, wants_report: true, validity: None };
    let count = segments(text);
    match submit(&sending) {
        Ok(parts) => {
            assert_eq!(parts.len(), count);
            let part = |hex: &str| {
                let octets = from_hex(hex).expect("a part is hex");
                read_submit(&octets).expect("a part is a submit").text()
            };
            let read: String = parts.iter().map(|made| part(&made.hex)).collect();
            assert_eq!(read, text.replace('\0', ""));
        }
        Err(_) => assert!(count > PARTS_MAX),
    }
    let Ok(parts) = deliver(&delivering(text)) else { return };
    let parts: Vec<Deliver> = parts.iter().rev().filter_map(|part| message(part)).collect();
    assert_eq!(join(&parts), text.replace('\0', ""));
}
