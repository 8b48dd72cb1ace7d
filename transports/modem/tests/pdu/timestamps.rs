//! Time stamps of centres (TS 23.040 9.2.3.11).

use crate::message;
use cordboard_modem::pdu::{Delivering, PduError, deliver};
use cordboard_plugin::Timestamp;

fn read(stamp: &str) -> Option<i64> {
    let hex = format!("00040B915155100021F30000{stamp}02C834");
    message(&hex).sent_at.map(Timestamp::unix_seconds)
}

#[test]
fn stamps_are_moments_in_any_zone() {
    for (stamp, seconds) in [
        // 2026-10-08 12:34:50 in UTC, and the same hour one hour east, 5:45 east, 6 hours west, 14 hours east.
        ("62018021430500", 1_791_462_890),
        ("62018021430540", 1_791_462_890 - 3600),
        ("62018021430532", 1_791_462_890 - 23 * 900),
        ("6201802143054A", 1_791_462_890 + 6 * 3600),
        ("62018021430565", 1_791_462_890 - 14 * 3600),
        // python-gsmmodem, test/test_pdu.py: 2013-03-08 15:02:16 +02:00 and 2007-04-12 23:25:42, 8 hours east and west.
        ("31308051206180", 1_362_747_736),
        ("70402132522423", 1_176_391_542),
        ("7040213252242B", 1_176_449_142),
        // A leap day, the first and last years, the end of 1999.
        ("42209200000000", 1_709_164_800),
        ("00102200000000", 948_499_200),
        ("00209200000000", 951_782_400),
        ("98211332959500", 3_786_911_999),
        ("09101000000000", 631_152_000),
        ("99211332959500", 946_684_799),
    ] {
        assert_eq!(read(stamp), Some(seconds), "{stamp}");
    }
}

#[test]
fn nonsense_is_no_time_and_the_message_is_read() {
    for stamp in [
        "FFFFFFFFFFFFFF",
        "00000000000000",
        // Month 0 and 13, day 0 and 32, 29 February of a common year, 31 April.
        "62008021430500",
        "62318021430500",
        "62010021430500",
        "62012321430500",
        "62209221430500",
        "62401321430500",
        // Hour 24, minute 60, second 60, digits above 9, a zone of 15 hours, a zone of no digits.
        "62018042430500",
        "62018021060500",
        "62018021430600",
        "6A018021430500",
        "62018021430506",
        "620180214305FF",
    ] {
        assert_eq!(read(stamp), None, "{stamp}");
    }
}

#[test]
fn a_moment_is_written_in_its_zone() {
    let stamp = |seconds, zone_quarters| {
        let at = Timestamp(0).plus_seconds(seconds);
        let delivering =
            Delivering { from: "+15550100123", at, zone_quarters, ..Delivering::default() };
        let parts = deliver(&delivering)?;
        Ok(cordboard_modem::pdu::to_hex(&parts[0][12..19]))
    };
    for (seconds, zone, octets) in [
        (1_791_462_890, 0, "62018021430500"),
        (1_791_462_890, -24, "6201806043054A"),
        (1_791_462_890, 23, "62018081910532"),
        (631_152_000, 0, "09101000000000"),
    ] {
        assert_eq!(stamp(seconds, zone), Ok(octets.to_owned()));
    }
    for (seconds, zone) in [
        (631_151_999, 0),
        (3_786_912_000, 0),
        (0, 57),
        (0, -57),
        (631_152_000, -1),
        (i64::MAX, 0),
        (i64::MIN, 0),
    ] {
        assert_eq!(stamp(seconds, zone), Err(PduError::Time), "{seconds} {zone}");
    }
}
