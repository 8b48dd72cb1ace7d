//! Long messages (TS 23.040 9.2.3.24.1 and .8).

use crate::{WITH_HEADER, carrying, message};
use cordboard_modem::pdu::{Deliver, Delivering, deliver, join, to_hex};

/// Part `number` of three, in a coding; `codes` behind the header.
fn part(number: u8, coding: u8, data: &str) -> Deliver {
    let octets = data.len() / 2 + 6;
    let announced = if coding == 0 { (octets * 8) / 7 } else { octets };
    carrying(WITH_HEADER, 0, coding, &format!("{announced:02X}0500030703{number:02X}{data}"))
}

fn delivered(text: &str) -> Vec<Deliver> {
    let delivering = Delivering {
        from: "+15550100123",
        text,
        reference: 7,
        at: cordboard_plugin::Timestamp(1_791_462_890_000),
        ..Delivering::default()
    };
    deliver(&delivering).unwrap().iter().map(|part| message(&to_hex(part))).collect()
}

#[test]
fn parts_are_joined_in_the_order_of_their_numbers() {
    let text = "0123456789".repeat(40);
    let mut parts = delivered(&text);
    assert_eq!(parts.len(), 3);
    parts.swap(0, 2);
    assert_eq!(join(&parts), text);
    parts.swap(0, 1);
    assert_eq!(join(&parts), text);
}

#[test]
fn a_part_that_came_twice_counts_once() {
    let parts =
        [part(1, 0x00, "90"), part(2, 0x00, "D2"), part(1, 0x00, "92"), part(2, 0x00, "D2")];
    assert_eq!(join(&parts), "Hi");
}

#[test]
fn missing_parts_leave_no_mark() {
    let text = "0123456789".repeat(40);
    let parts = delivered(&text);
    assert_eq!(join(&parts[1..]), text[153..]);
    assert_eq!(join(&[parts[0].clone(), parts[2].clone()]), [&text[..153], &text[306..]].concat());
    assert_eq!(join(&[]), "");
}

#[test]
fn a_character_cut_in_two_is_whole_again() {
    // U+1F600 is D83D DE00.
    let (first, second) = (part(1, 0x08, "0041D83D"), part(2, 0x08, "DE000042"));
    assert_eq!(join(&[second.clone(), first.clone()]), "A😀B");
    // Each alone, and over a gap, shows that a half is missing.
    assert_eq!(first.text(), "A\u{FFFD}");
    assert_eq!(second.text(), "\u{FFFD}B");
    assert_eq!(join(&[first.clone(), part(3, 0x08, "DE000042")]), "A\u{FFFD}\u{FFFD}B");
    // A low half before a high one.
    assert_eq!(part(1, 0x08, "DE00D83D0043").text(), "\u{FFFD}\u{FFFD}C");
    // 8-bit data: an é cut in two.
    assert_eq!(join(&[part(1, 0x04, "41C3"), part(2, 0x04, "A942")]), "AéB");
    // An escape pair cut in two: the clause forbids it, some do it. 1B at the end, then 65.
    assert_eq!(join(&[part(1, 0x00, "36"), part(2, 0x00, "CA")]), "€");
    assert_eq!(join(&[part(1, 0x00, "36"), part(3, 0x00, "CA")]), "e");
}

#[test]
fn parts_in_several_alphabets_are_joined_text_by_text() {
    let parts = [part(1, 0x08, "0041D83D"), part(2, 0x00, "9069"), part(3, 0x08, "DE000042")];
    assert_eq!(join(&parts), "A\u{FFFD}Hi\u{FFFD}B");
    let parts = [part(1, 0x04, "48C3"), part(2, 0x08, "0069"), part(3, 0x00, "90")];
    assert_eq!(join(&parts), "H\u{FFFD}iH");
}

#[test]
fn each_part_has_its_own_national_tables() {
    let mut parts = [part(1, 0x00, "C0"), part(2, 0x00, "C0"), part(3, 0x00, "C0")];
    parts[0].header.locking_shift = 1;
    parts[2].header.locking_shift = 3;
    assert_eq!(join(&parts), "ç¿~");
}

#[test]
fn wholes_joined_with_each_other_stand_one_behind_the_other() {
    let whole = carrying(0x04, 0, 0x08, "02D83D");
    let other = carrying(0x04, 0, 0x08, "02DE00");
    assert_eq!(join(&[whole, other]), "\u{FFFD}\u{FFFD}");
}

/// oFono, unit/test-sms.c (test_assembly): the third part of three.
#[test]
fn a_part_of_a_russian_message_is_read() {
    let part = carrying(
        WITH_HEADER,
        0,
        0x08,
        "4A0500031E0303043C043D043004420443002C0020043F043E043704300431044B0432000A0434043004360435002C0020044704\
         42043E002000200431044B043B0020043D04300433002E",
    );
    assert_eq!(part.text(), "мнату, позабыв\nдаже, что  был наг.");
}

/// python-gsmmodem, test/test_pdu.py: the first part of a long message, sent as one of one.
#[test]
fn one_of_one_is_whole() {
    let message = carrying(
        WITH_HEADER,
        0,
        0,
        "59050003C30101916536FB1DCABEEB2074D85E064941B19CAB060319A5C522289C96D3D3ED32286C0FA7D96131BBEC024941B19CAB\
         0603DDD36C36A88C87A7E565D0DB0D82C55EB0DB4B068BCD5C20",
    );
    assert_eq!(
        message.text(),
        "Hello!You have R 19.50 FREE airtime available. R 19.50 will expire on 01/07/2013. "
    );
    assert_eq!(message.header.concat.map(|concat| (concat.total, concat.number)), Some((1, 1)));
}
