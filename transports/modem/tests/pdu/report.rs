//! Status reports (TS 23.040 9.2.2.3).

use cordboard_modem::pdu::{
    Fate, PartyKind, Pdu, PduError, Report, Reporting, from_hex, read, report, to_hex,
};
use cordboard_plugin::Timestamp;

#[track_caller]
fn read_report(hex: &str) -> Report {
    match read(&from_hex(hex).unwrap()) {
        Ok(Pdu::Report(report)) => report,
        other => panic!("not a report: {other:?}"),
    }
}

const TIMES: &str = "1110117195514011101171957140";

#[test]
fn reports_say_which_text_and_when() {
    // python-gsmmodem, test/test_pdu.py (a report of a text to a Dutch number).
    let report = read_report(&format!("0006D60B915155100021F3{TIMES}00"));
    assert_eq!((report.reference, report.status, report.fate()), (214, 0, Fate::Delivered));
    assert_eq!(
        (report.to.text.as_str(), report.to.kind),
        ("+15550100123", PartyKind::International)
    );
    let sent = 1_294_765_155;
    assert_eq!(report.sent_at, Some(Timestamp(0).plus_seconds(sent)));
    assert_eq!(report.done_at, Some(Timestamp(0).plus_seconds(sent + 2)));
    assert_eq!(report.centre, None);
}

#[test]
fn optional_fields_behind_the_status_do_not_matter() {
    // PI names PID, DCS and user data; PI with a further octet; a header bit; all of them cut off.
    for rest in ["", "00", "07000003C8340A", "8700", "07", "FF"] {
        for first in ["06", "02", "26", "46"] {
            let report =
                read_report(&format!("07915155100000F0{first}D60B915155100021F3{TIMES}30{rest}"));
            assert_eq!((report.reference, report.status), (214, 0x30), "{first} {rest}");
            assert_eq!(report.centre.as_deref(), Some("+15550100000"));
        }
    }
}

#[test]
fn recipients_come_in_other_kinds_too() {
    for (octets, text) in [
        ("0AA15505011032", "5550100123"),
        ("0A81550501 1032", "5550100123"),
        ("0C915155100021F3", "+15550100123"),
        ("0091", ""),
    ] {
        let report = read_report(&format!("00061C{}{TIMES}00", octets.replace(' ', "")));
        assert_eq!(report.to.text, text);
    }
}

/// A capture from a ZTE stick: python-gsmmodem, test/test_pdu.py ("semi-invalid status report").
#[test]
fn a_number_inside_the_number_is_taken_out() {
    let report = read_report("0297F1061C0F910B485155100021F3317062419272803170624192138000");
    assert_eq!(report.to.text, "+15550100123");
    assert_eq!(report.reference, 28);
    assert_eq!(report.sent_at, Some(Timestamp(0).plus_seconds(1_374_841_767)));
    assert_eq!(report.done_at, Some(Timestamp(0).plus_seconds(1_374_841_771)));
    assert_eq!(report.fate(), Fate::Delivered);
    // A number of 15 digits that is one.
    assert_eq!(
        read_report(&format!("00061C0F9151551000214365F7{TIMES}00")).to.text,
        "+155501001234567"
    );
}

#[test]
fn statuses_have_four_meanings() {
    for status in 0..=255 {
        let fate = match status {
            0 => Fate::Delivered,
            1..=31 => Fate::Unconfirmed,
            32..=63 => Fate::Trying,
            _ => Fate::Failed,
        };
        assert_eq!(
            read_report(&format!("00061C0B915155100021F3{TIMES}{status:02X}")).fate(),
            fate,
            "{status}"
        );
    }
}

#[test]
fn nonsense_for_times_is_no_reason_to_lose_a_report() {
    let report = read_report("00061C0B915155100021F3FFFFFFFFFFFFFF0000000000000046");
    assert_eq!((report.sent_at, report.done_at, report.status), (None, None, 0x46));
}

#[test]
fn a_report_without_a_status_is_none() {
    for hex in [
        "0006",
        "00061C",
        "00061C0B91",
        "00061C0B915155100021F311",
        "00061C0B915155100021F31110117195514011101171957140",
    ] {
        assert_eq!(read(&from_hex(hex).unwrap()), Err(PduError::Short), "{hex}");
    }
}

#[test]
fn what_is_written_is_what_a_network_writes() {
    let sent_at = Timestamp(0).plus_seconds(1_791_462_890);
    let reporting = Reporting {
        centre: "+15550100000",
        reference: 214,
        to: "+15550100123",
        sent_at,
        done_at: sent_at.plus_seconds(5),
        status: 0x30,
    };
    let octets = report(&reporting).unwrap();
    assert_eq!(
        to_hex(&octets),
        "07915155100000F006D60B915155100021F3620180214305006201802143550030"
    );
    assert_eq!(read_report(&to_hex(&octets)).done_at, Some(reporting.done_at));
    assert_eq!(report(&Reporting { to: "日", ..reporting.clone() }), Err(PduError::Address));
    assert_eq!(report(&Reporting { done_at: Timestamp(0), ..reporting }), Err(PduError::Time));
}
