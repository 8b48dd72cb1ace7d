//! Who a message is from (TS 23.040 9.1.2.5), and the centre it came through (TS 24.011 8.2.5.1).

use crate::message;
use cordboard_modem::pdu::{
    Delivering, Party, PartyKind, PartyKind::*, Pdu, PduError, deliver, from_hex, read, to_hex,
};
use cordboard_plugin::Timestamp;

/// A message saying "Hi" with this SMSC part and originating address.
fn hex(centre: &str, from: &str) -> String {
    format!("{centre}04{from}00006201802143050002C834")
}

#[test]
fn every_kind_of_sender_is_taken() {
    for (octets, text, kind) in [
        ("0B915155100021F3", "+15550100123", International),
        ("0A915155100021", "+1555010012", International),
        ("0AA15505011032", "5550100123", National),
        ("0581214 3F5", "12345", Other),
        // An abbreviated number, one of the network, a reserved plan, a reserved type, no extension bit.
        ("03E121F3", "123", Other),
        ("05B2214 3F5", "12345", Other),
        ("0585214 3F5", "12345", Other),
        ("05F9214 3F5", "12345", Other),
        ("05212143F5", "12345", National),
        // Semi-octets A to E are * # a b c.
        ("0A811A2B3C4D5E", "*1#2a3b4c5", Other),
        // No address, with a type all the same.
        ("0080", "", Other),
        ("0091", "", International),
        ("00D0", "", Name),
        // The filler is counted as a digit; a filler stands where a digit belongs.
        ("0C915155100021F3", "+15550100123", International),
        ("06812F43F5", "2345", Other),
    ] {
        let from = message(&hex("00", &octets.replace(' ', ""))).from;
        assert_eq!((from.text.as_str(), from.kind), (text, kind), "{octets}");
        assert_eq!(from.address().reveal(), text);
    }
}

#[test]
fn names_are_cut_by_their_count_and_not_at_an_at_sign() {
    for (octets, text) in [
        // python-gsmmodem, test/test_pdu.py (TestSmsPduAddressFields).
        ("06D061F118", "abc"),
        ("14D0E10D6FE3DBA036A94D19", "a[]{}€"),
        // Made: an @ inside, an @ at the end of eight letters, seven letters in seven octets, eleven letters.
        ("06D0418010", "A@B"),
        ("0ED041E19058341E01", "ABCDEFG@"),
        ("0DD041E19058341E01", "ABCDEFG"),
        ("14D041E19058341E9149E592", "ABCDEFGHIJK"),
        // An odd type of number plan.
        ("06D561F118", "abc"),
    ] {
        let from = message(&hex("00", octets)).from;
        assert_eq!((from.text.as_str(), from.kind), (text, Name), "{octets}");
    }
}

#[test]
fn the_centre_is_read_whatever_its_type() {
    for (octets, centre) in [
        ("00", None),
        ("07915155100000F0", Some("+15550100000")),
        ("0381 21F3", Some("123")),
        ("0191", None),
        ("02A1 F5", Some("5")),
    ] {
        let octets = octets.replace(' ', "");
        assert_eq!(
            message(&hex(&octets, "0B915155100021F3")).centre.as_deref(),
            centre,
            "{octets}"
        );
    }
}

#[test]
fn what_ends_inside_an_address_is_no_message() {
    for octets in [
        "",
        "08",
        "0791",
        "07915155100000F0",
        "0004",
        "00040B",
        "00040B91515510",
        "00FF",
        "0004FF91",
    ] {
        assert_eq!(read(&from_hex(octets).unwrap()), Err(PduError::Short), "{octets}");
    }
}

#[test]
fn the_first_octet_tells_the_type() {
    let with = |first: u8| {
        read(
            &from_hex(&hex("00", "0B915155100021F3").replacen("04", &format!("{first:02X}"), 1))
                .unwrap(),
        )
    };
    // Type 3 is reserved and read as a message, as are all bits that do not matter.
    for first in [0x00, 0x03, 0x04, 0x07, 0x24, 0xA4, 0xBF] {
        assert!(
            matches!(with(first), Ok(Pdu::Deliver(deliver)) if deliver.text() == "Hi"),
            "{first:02X}"
        );
    }
    assert_eq!(with(0x01), Err(PduError::OtherType));
    assert_eq!(with(0x11), Err(PduError::OtherType));
}

#[test]
fn what_is_written_is_what_a_network_writes() {
    let written = |from, centre| {
        let delivering = Delivering {
            from,
            centre,
            text: "Hi",
            at: Timestamp(1_791_462_890_000),
            ..Delivering::default()
        };
        deliver(&delivering).map(|parts| to_hex(&parts[0]))
    };
    let rest = "00006201802143050002C834";
    for (from, centre, octets) in [
        ("+15550100123", "", "00040B915155100021F3"),
        ("12345", "+15550100000", "07915155100000F00405812143F5"),
        ("*100#", "123", "038121F304058 11A00FB"),
        ("abc", "", "000406D061F118"),
        ("a[]{}€", "", "000414D0E10D6FE3DBA036A94D19"),
        ("", "", "00040081"),
    ] {
        assert_eq!(written(from, centre).unwrap(), octets.replace(' ', "") + rest, "{from}");
    }
    for from in ["ABCDEFGHIJKL", "日本", "[[[[[[", "+123456789012345678901"] {
        assert_eq!(written(from, ""), Err(PduError::Address), "{from}");
    }
    assert_eq!(written("12345", "Bank"), Err(PduError::Address));
}

#[test]
fn a_party_shows_two_characters_at_most() {
    let party = Party::new("+15550100123").unwrap();
    assert_eq!(format!("{party:?}"), "International …23");
    assert_eq!(party.kind, PartyKind::International);
}
