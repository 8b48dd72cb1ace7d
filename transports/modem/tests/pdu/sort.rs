//! What is to be done with a message.

use crate::{WITH_HEADER, carrying};
use cordboard_modem::pdu::Sort::{self, *};

#[track_caller]
fn check(first: u8, protocol: u8, coding: u8, user_data: &str, sort: Sort) {
    let message = carrying(first, protocol, coding, user_data);
    assert_eq!(message.sort(), sort, "{first:02X} {protocol:02X} {coding:02X} {user_data}");
}

#[test]
fn texts_are_texts_whatever_their_protocol() {
    // None, telematic interworking, replace type 1, mail: a person may have written it.
    for protocol in [0x00, 0x20, 0x32, 0x41, 0x3F, 0x5E, 0x80, 0xFF] {
        check(0x04, protocol, 0x00, "02C834", Text);
    }
    check(0x04, 0, 0x00, "00", Text);
    check(0x04, 0, 0x08, "0400480069", Text);
    check(WITH_HEADER, 0, 0, "090500030702019069", Text);
    for class in [0x11, 0x12, 0x13, 0xF1, 0xF2, 0xF3] {
        check(0x04, 0, class, "02C834", Text);
    }
}

#[test]
fn class_0_is_flash() {
    for coding in [0x10, 0x50, 0xF0] {
        check(0x04, 0, coding, "02C834", Flash);
    }
    check(0x04, 0, 0x18, "0400480069", Flash);
    check(0x04, 0, 0xF4, "024869", Flash);
}

#[test]
fn type_0_and_orders_for_the_sim_are_never_texts() {
    check(0x04, 0x40, 0x00, "02C834", Silent);
    check(0x04, 0x40, 0xC8, "02C834", Silent);
    check(0x04, 0x7F, 0xF6, "02C834", SimData);
    check(0x04, 0x7F, 0x16, "02C834", SimData);
    for protocol in [0x7C, 0x7D, 0x7E] {
        check(0x04, protocol, 0x04, "02C834", SimData);
    }
}

#[test]
fn waiting_indications_are_signals_unless_their_text_is_to_be_kept() {
    check(0x04, 0, 0xC8, "02C834", Waiting);
    check(0x04, 0, 0xC0, "00", Waiting);
    check(0x04, 0, 0xD8, "00", Waiting);
    // Only spaces.
    check(0x04, 0, 0xD8, "022010", Waiting);
    check(0x04, 0, 0xD8, "02C834", Text);
    check(0x04, 0, 0xE8, "0400480069", Text);
    check(0x04, 0, 0xE8, "00", Waiting);
    // The same by a header: to be discarded, to be kept with and without a text.
    check(WITH_HEADER, 0, 0, "080401020001 20D3", Waiting);
    check(WITH_HEADER, 0, 0, "080401028001 20D3", Text);
    check(WITH_HEADER, 0, 0, "060401028001", Waiting);
    // "Return call" (PID 5F).
    check(0x04, 0x5F, 0, "00", Waiting);
    check(0x04, 0x5F, 0, "02C834", Text);
}

#[test]
fn ports_tell_pushes_from_other_applications() {
    for (port, sort) in [
        ("0B84", WapPush),
        ("0B85", WapPush),
        ("23F0", WapPush),
        ("23F1", WapPush),
        ("23F2", WapPush),
        ("23F3", WapPush),
        ("23F4", Ports),
        ("1581", Ports),
        ("C34F", Ports),
        ("0000", Ports),
    ] {
        for coding in [0x04, 0xF5, 0x00, 0x08] {
            check(WITH_HEADER, 0, coding, &format!("09060504{port}00004869"), sort);
        }
    }
    // 8-bit ports.
    check(WITH_HEADER, 0, 0x04, "07040402F0F04869", Ports);
}

#[test]
fn data_without_ports_is_text_only_if_it_reads_as_such() {
    check(0x04, 0, 0x04, "0548656C6C6F", Text);
    check(0x04, 0, 0xF5, "0548650D0A09", Text);
    // UTF-8, whole, and cut inside a character at either end.
    check(0x04, 0, 0x04, "04C3A9C3A9", Text);
    check(0x04, 0, 0x04, "03C3A9C3", Text);
    check(0x04, 0, 0x04, "03A9C3A9", Text);
    check(0x04, 0, 0x04, "00", Text);
    // Latin-1, control characters, chance.
    check(0x04, 0, 0x04, "0348E969", Ports);
    check(0x04, 0, 0x04, "03480069", Ports);
    check(0x04, 0, 0x04, "03FFFEFD", Ports);
    check(0x04, 0, 0x04, "0480808080", Ports);
}

#[test]
fn compressed_texts_cannot_be_read() {
    for coding in [0x20, 0x28, 0x30, 0x60] {
        check(0x04, 0, coding, "02C834", Compressed);
        assert_eq!(carrying(0x04, 0, coding, "02C834").text(), "");
    }
}
