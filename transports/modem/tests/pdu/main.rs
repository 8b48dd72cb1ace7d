//! PDUs as tables: what octets mean, and which octets a text becomes.
//!
//! Vectors name their source. In those from public test suites and captures the numbers are replaced by ours.

mod any;
mod submit;

use cordboard_modem::pdu::{Deliver, Pdu, from_hex, read};

/// The message in a line as a modem lists it.
#[track_caller]
fn message(hex: &str) -> Deliver {
    match read(&from_hex(hex).unwrap()) {
        Ok(Pdu::Deliver(deliver)) => deliver,
        other => panic!("not a message: {other:?}"),
    }
}

/// A message from +15550100123 with no SMSC part: first octet, protocol and coding, user data with its length.
#[track_caller]
fn carrying(first: u8, protocol: u8, coding: u8, user_data: &str) -> Deliver {
    let stamp = "62018021430500";
    message(&format!("00{first:02X}0B915155100021F3{protocol:02X}{coding:02X}{stamp}{user_data}"))
}
