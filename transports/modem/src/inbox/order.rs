//! In which order the messages of a listing arrived.

use super::Found;
use super::state;
use crate::pdu::{self, Pdu};
use cordboard_plugin::Timestamp;

/// When this was written, 2026-01-01: no clock that goes right shows less.
const WRITTEN_AT: Timestamp = Timestamp(1_767_225_600_000);

/// A message of a listing, looked at.
pub(super) struct Arrived<'a> {
    pub(super) found: &'a Found,
    /// The line without space around it.
    pub(super) line: &'a str,
    /// The hash of its octets, whatever case the modem writes them in.
    pub(super) hash: String,
    /// When the centre took it (a report: when it came to its state).
    pub(super) sent_at: Option<Timestamp>,
}

/// The messages in the order in which they count as arrived: by the centre's time stamp, then by slot.
///
/// Slots tell nothing about order: a modem fills the lowest free one, so after a delete the newest message
/// stands before older ones. The stamp is the moment at which the centre took the text, in whole
/// seconds; one person's texts come through one centre, and only their order among each other
/// matters. Within a second slots decide, which is right as long as none was free below. A message
/// without a good stamp counts as arrived now, behind those that lay there with one.
pub(super) fn by_arrival(found: &[Found], now: Timestamp) -> Vec<Arrived<'_>> {
    let mut arrived: Vec<_> = found.iter().map(look).collect();
    arrived.sort_by(|one, other| place(one, now).cmp(&place(other, now)));
    arrived
}

/// The present, as far as can be told: our clock, unless it is evidently behind, as that of a board
/// without a battery before it has heard from the network. Then it is at least the newest stamp.
pub(super) fn at_least(arrived: &[Arrived<'_>], now: Timestamp) -> Timestamp {
    let newest = arrived.iter().filter_map(|arrived| arrived.sent_at).max();
    newest.filter(|newest| now < WRITTEN_AT && *newest > now).unwrap_or(now)
}

fn place<'a>(arrived: &'a Arrived<'_>, now: Timestamp) -> (Timestamp, Option<&'a super::Slot>) {
    (arrived.sent_at.unwrap_or(now), arrived.found.slot.as_ref())
}

fn look(found: &Found) -> Arrived<'_> {
    let line = found.line.trim();
    let hash = state::hash(&[line.to_ascii_uppercase().as_bytes()]);
    Arrived { found, line, hash, sent_at: stamp(line) }
}

fn stamp(line: &str) -> Option<Timestamp> {
    match pdu::read(&pdu::from_hex(line).ok()?).ok()? {
        Pdu::Deliver(deliver) => deliver.sent_at,
        Pdu::Report(report) => report.done_at,
    }
}
