//! User data headers (TS 23.040 9.2.3.24).

use crate::{WITH_HEADER, carrying};
use cordboard_modem::pdu::{Body, Concat, Header, Ports, Waiting};

fn narrow(reference: u16, total: u8, number: u8) -> Option<Concat> {
    Some(Concat { reference, wide: false, total, number })
}

/// The header of 8-bit data with these elements, and what follows them.
fn header(elements: &str) -> Header {
    let length = elements.len() / 2;
    let message =
        carrying(WITH_HEADER, 0, 0x04, &format!("{:02X}{length:02X}{elements}4869", length + 3));
    assert_eq!(message.body, Body::Octets(b"Hi".to_vec()), "{elements}");
    message.header
}

#[test]
fn elements_are_read_and_unknown_ones_skipped() {
    let none = Header::default();
    let ports = |destination, source| Some(Ports { destination, source });
    let waiting = |keep, active| Some(Waiting { keep, active });
    for (elements, expected) in [
        ("", none),
        // python-gsmmodem, test/test_pdu.py (TestUdhConcatenation, TestUdhPortAddress).
        ("0003170301", Header { concat: narrow(0x17, 3, 1), ..none }),
        (
            "080401800402",
            Header {
                concat: Some(Concat { reference: 384, wide: true, total: 4, number: 2 }),
                ..none
            },
        ),
        ("04026432", Header { ports: ports(100, 50), ..none }),
        ("050404D21466", Header { ports: ports(1234, 5222), ..none }),
        (
            "05040B8423F00003050201",
            Header { concat: narrow(5, 2, 1), ports: ports(2948, 9200), ..none },
        ),
        ("240101", Header { single_shift: 1, ..none }),
        ("250103240103", Header { single_shift: 3, locking_shift: 3, ..none }),
        // Text formatting, a reply address and an unknown element stand around the known one.
        ("0A03000510000307020122027001C0021234", Header { concat: narrow(7, 2, 1), ..none }),
        // The later element wins, whatever its width.
        ("00030103010003020201", Header { concat: narrow(2, 2, 1), ..none }),
        ("08040001030100030203 02", Header { concat: narrow(2, 3, 2), ..none }),
        // Number 0, total 0, a number above the total: no part of anything, and no reason to forget a good one.
        ("0003170300", none),
        ("0003170000", none),
        ("0003170001", none),
        ("0003170304", none),
        ("00031703020003170300", Header { concat: narrow(0x17, 3, 2), ..none }),
        // Lengths that the element does not have.
        ("00021703", none),
        ("000417030100", none),
        ("0803018004", none),
        ("2402 0101", none),
        // Special messages: a voice mail to be kept and one to be discarded, none waiting, an enhanced one.
        ("01028001", Header { waiting: waiting(true, true), ..none }),
        ("01020002", Header { waiting: waiting(false, true), ..none }),
        ("01020000", Header { waiting: waiting(false, false), ..none }),
        ("2303010203", Header { waiting: waiting(true, true), ..none }),
    ] {
        assert_eq!(header(&elements.replace(' ', "")), expected, "{elements}");
    }
}

#[test]
fn if_the_last_element_is_cut_off_all_are_ignored() {
    for elements in ["000317030105", "0003170301050401", "00FF", "00", "2401010003"] {
        assert_eq!(header(elements), Header::default(), "{elements}");
    }
}

#[test]
fn text_begins_at_the_septet_after_the_header() {
    for (user_data, text) in [
        // UDHL 5: seven septets with one fill bit; UDHL 6: eight, none; UDHL 11 (ports and reference): 14, two.
        ("090500030702019069", "Hi"),
        ("0A06080400070201C834", "Hi"),
        ("100B05040B8423F0000307020120D3", "Hi"),
        // UDHL 0 is a header too: two septets, six fill bits.
        ("040000320D", "Hi"),
    ] {
        assert_eq!(carrying(WITH_HEADER, 0, 0, user_data).text(), text, "{user_data}");
    }
}

/// oFono, unit/test-sms.c (ems_udh_test_1), its user data in a message to us.
#[test]
fn formatted_text_is_read_without_its_formats() {
    let message = carrying(
        WITH_HEADER,
        0,
        0,
        "631A0A031906200A032104100A032705040A032E05080A043807002B8ACD29A85D9ECFC3E7F21C340EBB41E3B79B1E4EBB41697A98\
         9D1EB340E2379BCC02B1C3F27399059AB7C36C3628EC2683C66FF65B5E2683E8653C1D",
    );
    assert_eq!(
        message.text(),
        "EMS messages can contain italic, bold, large, small and colored text"
    );
    assert_eq!(message.header, Header::default());
}

#[test]
fn a_header_longer_than_the_data_is_text() {
    // The bit is set and there is no header: "Hello World!" begins with C8, far more than there is.
    let message = carrying(WITH_HEADER, 0, 0, "0CC8329BFD065DDF72363904");
    assert_eq!(message.text(), "Hello World!");
    assert_eq!(message.header, Header::default());
    assert_eq!(carrying(WITH_HEADER, 0, 0x08, "0430423044").text(), "あい");
    assert_eq!(carrying(WITH_HEADER, 0, 0, "00").text(), "");
    assert_eq!(carrying(WITH_HEADER, 0, 0, "").text(), "");
}

#[test]
fn a_length_shorter_than_the_header_leaves_no_text() {
    for coding in [0x00, 0x04, 0x08] {
        let message = carrying(WITH_HEADER, 0, coding, "04050003070201C834");
        assert_eq!(message.text(), "", "{coding:02X}");
        assert_eq!(message.header.concat, narrow(7, 2, 1));
    }
}

#[test]
fn a_header_without_the_bit_is_text() {
    let message = carrying(0x04, 0, 0x04, "08050003070201C834");
    assert_eq!(message.header, Header::default());
    assert_eq!(message.body, Body::Octets(vec![5, 0, 3, 7, 2, 1, 0xC8, 0x34]));
}

#[test]
fn what_is_written_reads_the_same() {
    let mut message = carrying(0x04, 0, 0, "02C834");
    message.header = Header {
        concat: Some(Concat { reference: 384, wide: true, total: 4, number: 2 }),
        ports: Some(Ports { destination: 1234, source: 5222 }),
        single_shift: 3,
        locking_shift: 1,
        waiting: Some(Waiting { keep: true, active: false }),
    };
    let written = message.write().unwrap();
    assert_eq!(crate::message(&cordboard_modem::pdu::to_hex(&written)), message);
}
