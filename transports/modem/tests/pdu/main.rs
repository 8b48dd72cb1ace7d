//! PDUs as tables: what octets mean, and which octets a text becomes.
//!
//! Vectors from elsewhere name their source; the numbers in them are replaced by ours. The others are made for the
//! clause they are named after.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod addresses;
mod any;
mod dcs;
mod headers;
mod joining;
mod report;
mod septets;
mod sort;
mod submit;
mod timestamps;
mod wap;

use cordboard_modem::pdu::{Deliver, Pdu, from_hex, read};

/// The message in a line as a modem lists it.
#[track_caller]
fn message(hex: &str) -> Deliver {
    match read(&from_hex(hex).unwrap()) {
        Ok(Pdu::Deliver(deliver)) => deliver,
        other => panic!("not a message: {other:?}"),
    }
}

/// A message from +15550100123 without an SMSC part. `user_data` begins with its length; spaces do not count.
#[track_caller]
fn carrying(first: u8, protocol: u8, coding: u8, user_data: &str) -> Deliver {
    let stamp = "62018021430500";
    let user_data: String = user_data.split_whitespace().collect();
    message(&format!("00{first:02X}0B915155100021F3{protocol:02X}{coding:02X}{stamp}{user_data}"))
}

/// The first octet of a message with a user data header.
const WITH_HEADER: u8 = 0x44;
