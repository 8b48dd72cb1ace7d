//! `POST Messages.json`: Twilio's checks in Twilio's codes, then a message on its way.

use super::deliver;
use super::ledger::{self, Direction, Record};
use super::{failure, faults, lists, new_sid};
use crate::form::{self, Parameters};
use cordboard_plugin::{Address, Commit, Host, HttpAnswer, SIM_RESET, StateError, segments_in};

const CHARS_MAX: usize = 1600;
/// "US A2P 10DLC: message from an unregistered number".
const UNREGISTERED: u32 = 30034;
/// With Advanced Opt-Out a text to somebody who has left is taken first and fails afterwards.
const OPTED_OUT: u32 = 21610;

/// Takes a text to send, or says in a code why not.
pub(super) async fn take(host: &dyn Host, body: &[u8]) -> Result<HttpAnswer, StateError> {
    let fault = faults::take(host, "send").await?;
    if let Some(answer) = fault.as_deref().and_then(faults::answer) {
        return Ok(answer);
    }
    let Ok(fields) = form::decode(body).and_then(Parameters::read) else {
        return Ok(failure(400, 20001, "Invalid parameter"));
    };
    let (from, to, text) = match check(host, &fields).await? {
        Ok(checked) => checked,
        Err(refusal) => return Ok(refusal),
    };
    let record = Record {
        sid: new_sid(host, "SM"),
        at: host.now(),
        from,
        to,
        segments: segments_in(&text),
        body: text,
        direction: Direction::OutboundApi,
        status: "queued".to_owned(),
        error_code: None,
        media: Vec::new(),
        looks: Vec::new(),
        callback: fields.filled("StatusCallback").map(str::to_owned),
        fate: match fault.as_deref() {
            Some("registration") => Some(UNREGISTERED),
            Some("opted_out") => Some(OPTED_OUT),
            _ => None,
        },
    };
    let timers = vec![deliver::first_report(&record)];
    ledger::add(host, &record, Commit { timers, ..Commit::default() }).await?;
    if fault.as_deref() == Some("reset_after_accept") {
        return Ok(HttpAnswer::empty(SIM_RESET));
    }
    Ok(HttpAnswer::json(201, &lists::resource(&record)))
}

type Checked = Result<(Address, Address, String), HttpAnswer>;

async fn check(host: &dyn Host, fields: &Parameters) -> Result<Checked, StateError> {
    let refusal = |code: u32, message: &str| Ok(Err(failure(400, code, message)));
    let Some(to) = fields.filled("To").map(Address::new) else {
        return refusal(21604, "A 'To' phone number is required.");
    };
    let Some(from) = fields.filled("From").map(Address::new) else {
        return refusal(21603, "A 'From' phone number is required.");
    };
    let Some(text) = fields.filled("Body") else {
        return refusal(21602, "Message body is required.");
    };
    if !to.is_e164() {
        return refusal(21211, "The 'To' number is not a valid phone number.");
    }
    if to == from {
        return refusal(21266, "'To' and 'From' number cannot be the same.");
    }
    if !ledger::is_ours(host, &from).await? {
        return refusal(21606, "The 'From' phone number is not a valid, SMS-capable number.");
    }
    if text.chars().count() > CHARS_MAX {
        return refusal(21617, "The concatenated message body exceeds the 1600 character limit.");
    }
    if ledger::is_out(host, &from, &to).await? {
        return refusal(21610, "Attempt to send to unsubscribed recipient");
    }
    Ok(Ok((from, to, text.to_owned())))
}
