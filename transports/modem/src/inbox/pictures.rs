//! Pictures that are announced and cannot be fetched: whoever sent one is told.
//!
//! Fetching an MMS takes a packet-data connection on the operator's own MMS network and its gateway's address; an AT
//! port alone has neither. Without a word the person would wait for a post that never comes.

use super::Rules;
use super::hand_on::Case;
use super::sender;
use super::shelf::NOTES;
use super::state;
use super::step::Step;
use crate::pdu::{self, Deliver, MmsNotice};
use cordboard_plugin::{Address, HostReply, Level, StateError};

/// One GSM-7 segment.
pub(super) const NOT_FETCHED: &str = "Not posted: this line cannot fetch pictures. Text the words alone, or send the picture to another number.";

/// A WAP push is whole. When its sender was told of it before, nothing more is said.
pub(super) async fn pushed(
    case: &Case<'_>,
    parts: &[Deliver],
    was_told: bool,
    step: &mut Step,
) -> Result<(), StateError> {
    let (counter, what) = match pdu::mms_notice(parts) {
        Some(notice) => {
            if !was_told {
                tell(case.rules, &notice, &case.kept.id, step);
            }
            ("modem_mms_notices_total", "the notice of a picture, which cannot be fetched here")
        }
        None => ("modem_service_pushes_total", "a message of a service"),
    };
    step.count(counter);
    step.log(Level::Info, format!("not handed on: {what}"));
    match parts.first() {
        Some(first) => NOTES.put(case.host, step, case.number, &case.note(first, what)).await,
        None => Ok(()),
    }
}

/// Tells the sender of a picture that it was not fetched, once for each notice and place; `key` is used
/// for a notice whose place is not known. Only a full number can be told anything.
pub(super) fn tell(rules: &Rules, notice: &MmsNotice, key: &str, step: &mut Step) {
    // MMS-ENC 7.2.9 writes `+15550100023/TYPE=PLMN`.
    let from = notice.from.as_deref().unwrap_or_default();
    let number = from.split('/').next().unwrap_or_default().trim();
    let to = sender::full(number, &rules.line).unwrap_or_else(|| Address::new(number));
    let place = notice.location.as_deref().unwrap_or(key);
    if !to.is_e164() {
        return;
    }
    step.count("modem_pictures_declined_total");
    step.commit.replies.push(HostReply {
        key: format!("mms/{}", state::hash(&[to.reveal().as_bytes(), place.as_bytes()])),
        transport: None,
        from: rules.line.clone(),
        to,
        text: NOT_FETCHED.to_owned(),
    });
}
