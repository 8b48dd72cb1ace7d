//! What holds for every octet string and every text. `PROPTEST_CASES` sets how many are tried.

use cordboard_modem::pdu::{
    Deliver, Delivering, Pdu, Sending, deliver, from_hex, join, mms_notice, read, read_submit,
    segments, submit, to_hex,
};
use cordboard_plugin::Timestamp;
use proptest::prelude::*;

fn octets() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..300)
}

/// Octets that look like a message for longer than chance allows.
fn almost_message() -> impl Strategy<Value = Vec<u8>> {
    let head = (any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(first, protocol, coding)| {
        let address = [0x0B, 0x91, 0x51, 0x55, 0x10, 0x00, 0x21, 0xF3];
        let stamp = [0x62, 0x01, 0x80, 0x21, 0x43, 0x05, 0x00];
        [&[0, first][..], &address, &[protocol, coding], &stamp].concat()
    });
    let data = proptest::collection::vec(prop_oneof![0u8..12, any::<u8>()], 0..180);
    (head, data).prop_map(|(head, data)| [head, data].concat())
}

fn deliveries(parts: &[Vec<u8>]) -> Vec<Deliver> {
    let read = |octets: &Vec<u8>| match read(octets) {
        Ok(Pdu::Deliver(deliver)) => Some(deliver),
        _ => None,
    };
    parts.iter().filter_map(read).collect()
}

fn all_entries(octets: &[u8]) {
    let _ = read_submit(octets).map(|submit| submit.text());
    match read(octets) {
        Ok(Pdu::Deliver(deliver)) => {
            let _ = (deliver.sort(), deliver.text(), deliver.write(), deliver.from.address());
        }
        Ok(Pdu::Report(report)) => {
            let _ = report.fate();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Characters of both default tables, and of everything else. U+0000 is the one that does not come back.
fn text() -> impl Strategy<Value = String> {
    let seven_bit = "[A-Za-z0-9 @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ^{}\\\\\\[~\\]|€\n]{0,900}";
    prop_oneof![seven_bit, any::<String>(), "\\PC{0,400}", "[a-z^€]{0,500}", "[😀a]{0,300}"]
}

proptest! {
    #[test]
    fn no_octets_stop_the_reader(octets in octets()) {
        all_entries(&octets);
    }

    #[test]
    fn no_almost_message_stops_the_reader(octets in almost_message()) {
        all_entries(&octets);
        // What was read can be written, unless it is too long, and reads the same. The alphabet of codings F8 to FB is
        // judged by lengths, which writing may change.
        if let Ok(Pdu::Deliver(deliver)) = read(&octets)
            && !matches!(deliver.coding.octet, 0xF8..=0xFB)
            && let Ok(written) = deliver.write()
            && let Ok(Pdu::Deliver(again)) = read(&written)
        {
            prop_assert_eq!(again.text(), deliver.text());
            prop_assert_eq!(again.header, deliver.header);
        }
    }

    #[test]
    fn no_parts_stop_joining(parts in proptest::collection::vec(almost_message(), 0..6)) {
        let parts = deliveries(&parts);
        join(&parts);
        mms_notice(&parts);
    }

    #[test]
    fn hex_comes_back(octets in octets()) {
        prop_assert_eq!(from_hex(&format!(" {}\r", to_hex(&octets))), Ok(octets));
    }

    #[test]
    fn no_line_stops_the_hex_reader(line in "\\PC{0,80}") {
        let _ = from_hex(&line);
    }

    #[test]
    fn a_text_comes_back_in_any_order_of_its_parts(
        text in text(),
        reference: u16,
        wide: bool,
        at in 631_152_000i64..3_786_912_000,
        zone_quarters in -56i8..=56,
        order in any::<prop::sample::Index>(),
    ) {
        let at = Timestamp(0).plus_seconds(at);
        let delivering = Delivering {
            from: "+15550100123", text: &text, at, zone_quarters, reference, wide, centre: "+15550100000",
        };
        // A zone may push the local time out of the years that can be written.
        prop_assume!(deliver(&delivering).is_ok());
        let mut parts = deliveries(&deliver(&delivering).unwrap());
        let middle = order.index(parts.len());
        parts.rotate_left(middle);
        if middle % 2 == 0 { parts.reverse(); }
        prop_assert_eq!(join(&parts), text.replace('\0', ""));
        for part in &parts {
            prop_assert_eq!(part.sent_at, Some(at));
            prop_assert_eq!(&part.from.text, "+15550100123");
            prop_assert_eq!(part.centre.as_deref(), Some("+15550100000"));
            prop_assert_eq!(part.header.concat.map(|concat| concat.wide), (parts.len() > 1).then_some(wide));
        }
    }

    #[test]
    fn parts_are_as_many_as_segments_say(
        text in text(), digits in "[1-9][0-9]{6,14}", reference: u8, wants_report: bool, validity: Option<u8>,
    ) {
        let to = format!("+{digits}");
        let sending = Sending { to: &to, text: &text, reference, wants_report, validity };
        let count = segments(&text);
        let Ok(parts) = submit(&sending) else {
            prop_assert!(count > 10);
            return Ok(());
        };
        prop_assert_eq!(parts.len(), count);
        let mut texts = String::new();
        for (number, part) in (1..).zip(&parts) {
            let octets = from_hex(&part.hex).unwrap();
            prop_assert_eq!(octets.len(), part.tpdu_octets + 1);
            let read = read_submit(&octets).unwrap();
            prop_assert_eq!(&read.to.text, &to);
            prop_assert_eq!((read.wants_report, read.validity), (wants_report, validity));
            let concat = read.header.concat.map(|concat| (concat.reference, usize::from(concat.total), concat.number));
            prop_assert_eq!(concat, (count > 1).then_some((reference.into(), count, number)));
            texts.push_str(&read.text());
        }
        // No character is cut in two: the parts' texts are the text.
        prop_assert_eq!(texts, text.replace('\0', ""));
    }
}
