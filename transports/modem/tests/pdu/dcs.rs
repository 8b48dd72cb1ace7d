//! Data coding schemes (TS 23.038 4).

use crate::carrying;
use cordboard_modem::pdu::{Alphabet, Alphabet::*, Body, Coding, Waiting};

#[track_caller]
fn check(
    octet: u8,
    alphabet: Alphabet,
    class: Option<u8>,
    compressed: bool,
    waiting: Option<(bool, bool)>,
) {
    let waiting = waiting.map(|(keep, active)| Waiting { keep, active });
    assert_eq!(
        Coding::new(octet),
        Coding { octet, alphabet, class, compressed, waiting },
        "{octet:02X}"
    );
}

#[test]
fn the_general_groups_name_alphabet_class_and_compression() {
    for (octet, alphabet, class) in [
        (0x00, Septets, None),
        (0x04, Octets, None),
        (0x08, Units, None),
        (0x0C, Septets, None),
        (0x03, Septets, None),
        (0x10, Septets, Some(0)),
        (0x11, Septets, Some(1)),
        (0x15, Octets, Some(1)),
        (0x16, Octets, Some(2)),
        (0x18, Units, Some(0)),
        (0x1B, Units, Some(3)),
        (0x1F, Septets, Some(3)),
    ] {
        check(octet, alphabet, class, false, None);
        check(octet | 0x20, alphabet, class, true, None);
        // To be deleted after reading: otherwise the same.
        check(octet | 0x40, alphabet, class, false, None);
        check(octet | 0x60, alphabet, class, true, None);
    }
}

#[test]
fn reserved_groups_are_septets() {
    for octet in 0x80..=0xBF {
        check(octet, Septets, None, false, None);
    }
}

#[test]
fn waiting_groups_say_whether_to_keep_the_text() {
    check(0xC0, Septets, None, false, Some((false, false)));
    check(0xC8, Septets, None, false, Some((false, true)));
    check(0xD0, Septets, None, false, Some((true, false)));
    check(0xD9, Septets, None, false, Some((true, true)));
    check(0xE0, Units, None, false, Some((true, false)));
    check(0xEB, Units, None, false, Some((true, true)));
}

#[test]
fn group_f_has_two_alphabets_and_a_class() {
    for class in 0..4 {
        check(0xF0 | class, Septets, Some(class), false, None);
        check(0xF4 | class, Octets, Some(class), false, None);
        check(0xF8 | class, Septets, Some(class), false, None);
        check(0xFC | class, Octets, Some(class), false, None);
    }
}

#[test]
fn ucs2_under_the_reserved_bit_of_group_f_is_seen_by_its_length() {
    for (coding, user_data, text) in [
        // UCS2: as many octets as announced.
        (0xF9, "0C4F60597DFF0C4E16754CFF01", "你好，世界！"),
        (0xF9, "0A00480065006C006C006F", "Hello"),
        (0xF8, "04004F004B", "OK"),
        // Septets: packed into fewer octets, or too short to tell and beginning with a letter.
        (0xF9, "0CC8329BFD065DDF72363904", "Hello World!"),
        (0xF9, "04D4F29C0E", "Test"),
        (0xF9, "05C8329BFD06", "Hello"),
        // The other codes of the group mean what they say.
        (0xF1, "04D4F29C0E", "Test"),
    ] {
        let message = carrying(0x04, 0, coding, user_data);
        assert_eq!(message.text(), text, "{coding:02X} {user_data}");
        assert_eq!(message.coding.class, Some(coding & 3));
        let units = matches!(message.body, Body::Units(_));
        assert_eq!(message.coding.alphabet == Units, units);
    }
}
