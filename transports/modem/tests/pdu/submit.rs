//! Texts as parts to send (TS 23.040 9.2.2.2), and submits as modems keep them.

use cordboard_modem::pdu::{
    Body, PARTS_MAX, PartyKind, PduError, Sending, from_hex, read_submit, segments, submit,
};

fn sending(text: &str) -> Sending<'_> {
    Sending { to: "+15550100123", text, reference: 7, wants_report: false, validity: None }
}

#[test]
fn a_short_text_is_one_part() {
    for (text, hex, tpdu_octets) in [
        ("How are you?", "0001000B915155100021F300000CC8F71D14969741F977FD07", 24),
        ("", "0001000B915155100021F3000000", 13),
        // python-gsmmodem, test/test_pdu.py (TestUcs2, test_encodeSmsSubmit).
        ("あ叶葉", "0001000B915155100021F3000806304253F68449", 19),
        ("世界您好！", "0001000B915155100021F300080A4E16754C60A8597DFF01", 23),
        ("😀", "0001000B915155100021F3000804D83DDE00", 17),
    ] {
        let parts = submit(&sending(text)).unwrap();
        assert_eq!(parts.len(), 1, "{text}");
        assert_eq!((parts[0].hex.as_str(), parts[0].tpdu_octets), (hex, tpdu_octets), "{text}");
    }
}

#[test]
fn a_report_and_a_validity_are_asked_for_in_the_first_octet() {
    let hex = |wants_report, validity| {
        submit(&Sending { wants_report, validity, ..sending("Hi") }).unwrap()[0].hex.clone()
    };
    assert_eq!(hex(true, None), "0021000B915155100021F3000002C834");
    assert_eq!(hex(false, Some(0xAA)), "0011000B915155100021F30000AA02C834");
    assert_eq!(hex(true, Some(0)), "0031000B915155100021F300000002C834");
}

/// python-gsmmodem, test/test_pdu.py (test_encodeSmsSubmit_concatenated), its first part with our number and TP-RD off.
#[test]
fn a_long_text_begins_with_a_header_and_a_fill_bit() {
    let text = "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut labore \
        et dolore magna aliqua.Ut enim ad minim veniam, quinostrud exercitation";
    let parts = submit(&Sending { reference: 0, ..sending(text) }).unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(
        parts[0].hex,
        "0041000B915155100021F30000A0050003000201986F79B90D4AC3E7F53688FC66BFE5A0799A0E0AB7CB741668FC76CFCB637A995E\
         9783C2E4343C3D4F8FD3EE33A8CC4ED359A079990C22BF41E5747DDE7E9341F4721BFE9683D2EE719A9C26D7DD74509D0E6287C56F\
         791954A683C86FF65B5E06B5C36777181466A7E3F5B0AB4A0795DDE936284C06B5D3EE741B642FBBD3E1360B14AFA7DD"
            .replace(' ', "")
    );
}

#[test]
fn texts_are_cut_at_the_limits_and_never_inside_a_pair() {
    let units = |parts: usize, last: usize| "я".repeat(67 * (parts - 1) + last);
    for (text, parts) in [
        ("a".repeat(160), 1),
        ("a".repeat(161), 2),
        ("a".repeat(306), 2),
        ("a".repeat(307), 3),
        ("€".repeat(80), 1),
        // 76 pairs a part: the 153rd septet would be an escape.
        ("€".repeat(81), 2),
        ("€".repeat(152), 2),
        ("€".repeat(153), 3),
        ("a".to_owned() + &"€".repeat(80), 2),
        ("a".repeat(152) + "€" + &"a".repeat(151), 2),
        ("a".repeat(152) + "€" + &"a".repeat(152), 3),
        ("я".repeat(70), 1),
        (units(2, 4), 2),
        (units(2, 67), 2),
        (units(3, 1), 3),
        ("😀".repeat(35), 1),
        // 33 of them a part: the 67th unit would be half of one.
        ("😀".repeat(36), 2),
        ("😀".repeat(66), 2),
        ("😀".repeat(67), 3),
        ("я".to_owned() + &"😀".repeat(66), 2),
        // One character outside the alphabet makes all of it UTF-16.
        ("a".repeat(70) + "я", 2),
        ("`".to_owned(), 1),
        ("a".repeat(1530), 10),
        (units(10, 67), 10),
    ] {
        let made = submit(&sending(&text)).unwrap();
        assert_eq!(
            (segments(&text), made.len()),
            (parts, parts),
            "{} characters",
            text.chars().count()
        );
        let read =
            |part: &cordboard_modem::pdu::Part| read_submit(&from_hex(&part.hex).unwrap()).unwrap();
        assert_eq!(made.iter().map(|part| read(part).text()).collect::<String>(), text);
        // TP-UD is at most 140 octets, whatever is in it.
        assert!(made.iter().all(|part| part.tpdu_octets <= 13 + 140));
    }
}

#[test]
fn more_than_ten_parts_are_not_sent() {
    for text in ["a".repeat(1531), "я".repeat(671)] {
        assert_eq!(segments(&text), PARTS_MAX + 1);
        assert_eq!(submit(&sending(&text)).err(), Some(PduError::TooLong));
    }
    let endless = "a".repeat(153 * 300);
    assert_eq!(segments(&endless), 300);
    assert_eq!(submit(&sending(&endless)).err(), Some(PduError::TooLong));
}

#[test]
fn only_full_numbers_are_sent_to() {
    for to in [
        "",
        "+",
        "5550100123",
        "12345",
        "Bank",
        "+05550100123",
        "+1555010012x",
        "+1234567890123456",
    ] {
        assert_eq!(submit(&Sending { to, ..sending("Hi") }).err(), Some(PduError::Address), "{to}");
    }
}

#[test]
fn kept_submits_are_read() {
    // python-gsmmodem, test/test_pdu.py: a relative validity, an absolute one, 8-bit data, a length that is too long.
    for (hex, text, validity) in [
        (
            "07915155100000F0310D0B915155100021F30000A90FF7FBDD454E87CDE1B0DB357EB701",
            "www.diafaan.com",
            Some(0xA9),
        ),
        (
            "0019000B915155100021F300003170013193008017D474BB3CA787DB70903DCC4E93D3F43C885E9ED301",
            "Timestamp validity test",
            None,
        ),
        ("00 01000B915155100021F300040C48656C6C6F20776F726C6421", "Hello world!", None),
        ("0041010B915155100021F30008A0050003000301306F3044", "はい", None),
        // An enhanced validity.
        ("0009000B915155100021F300000100000000000002C834", "Hi", None),
    ] {
        let submit = read_submit(&from_hex(&hex.replace(' ', "")).unwrap()).unwrap();
        assert_eq!((submit.text().as_str(), submit.validity), (text, validity), "{hex}");
        assert_eq!(
            (submit.to.text.as_str(), submit.to.kind),
            ("+15550100123", PartyKind::International)
        );
    }
    let kept = read_submit(&from_hex("003105048121430000AA00").unwrap()).unwrap();
    assert_eq!(
        (kept.reference, kept.wants_report, kept.protocol, kept.coding.octet),
        (5, true, 0, 0)
    );
    assert_eq!((kept.to.text.as_str(), kept.body), ("1234", Body::Septets(Vec::new())));
}

#[test]
fn other_types_are_no_submits() {
    for first in ["00", "02", "03", "04"] {
        let hex = format!("00{first}000B915155100021F3000002C834");
        assert_eq!(read_submit(&from_hex(&hex).unwrap()), Err(PduError::OtherType));
    }
    for hex in [
        "",
        "00",
        "0001",
        "000100",
        "0001000B91",
        "0011000B915155100021F30000",
        "0019000B915155100021F3000031",
    ] {
        assert_eq!(read_submit(&from_hex(hex).unwrap()), Err(PduError::Short), "{hex}");
    }
}

#[test]
fn hex_is_hex() {
    assert_eq!(from_hex(" 00fFaB\r\n"), Ok(vec![0x00, 0xFF, 0xAB]));
    for line in ["0", "0G", "00 00", "é", "日本", "+CMGL: 1", "0x00"] {
        assert_eq!(from_hex(line), Err(PduError::NotHex), "{line}");
    }
}
