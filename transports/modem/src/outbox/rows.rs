//! What is remembered of texts that leave.

use crate::inbox::state::{self, Row};
use crate::inbox::step::Step;
use cordboard_plugin::{DeliveryState, Host, StateError, StatusUpdate, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a report is waited for; centres try for a week at most as a rule.
pub(super) const KEEP_MS: i64 = 7 * 24 * 3_600_000;
/// The longest call of `send`: what began longer ago is no longer on its way.
pub(super) const CALL_MS_MAX: i64 = 600_000;
/// How long a report waits that came before the answer it is about.
const EARLY_MS: i64 = CALL_MS_MAX;
/// Parts remembered for one number; the modem's own numbers come round after 256.
const PARTS_MAX: usize = 100;
/// Reports remembered for one number that came early.
const EARLY_MAX: usize = 8;
/// Digits by which a number is known: reports write numbers with or without country and area.
const DIGITS: usize = 8;

/// A text and where its parts are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Out {
    /// The core's key.
    pub(super) key: String,
    /// The card it leaves by.
    pub(super) card: String,
    /// The number it is for, as in keys.
    pub(super) digits: String,
    /// The hash of its words.
    pub(super) words: String,
    /// What ties its parts together.
    pub(super) reference: u8,
    /// Its parts, in order.
    pub(super) parts: Vec<OutPart>,
    /// When it was first tried.
    pub(super) began_at: Timestamp,
    /// Whether it was ever unclear whether a part had left.
    #[serde(default)]
    pub(super) was_unclear: bool,
    /// What the core was told last, other than by a receipt.
    #[serde(default)]
    pub(super) told: Option<DeliveryState>,
}

/// A part of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct OutPart {
    /// Where it is.
    #[serde(default)]
    pub(super) whereabouts: Whereabouts,
    /// The modem's number for it (TP-MR).
    #[serde(default)]
    pub(super) mr: Option<u8>,
}

/// Where a part is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Whereabouts {
    /// Here.
    #[default]
    Here,
    /// It may have left.
    Unclear,
    /// On its way.
    Left,
    /// On the phone.
    Delivered,
    /// The centre is done with it and cannot say more.
    Ended,
    /// It will not arrive, for this reason (TP-ST, TS 23.040 9.2.3.15).
    Failed(u8),
}

/// Parts for a number that a report may come for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Sent {
    /// Oldest first.
    #[serde(default)]
    pub(super) parts: Vec<SentPart>,
    /// Reports that came before the answer they are about.
    #[serde(default)]
    pub(super) early: Vec<Early>,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SentPart {
    /// The id of its text.
    pub(super) out: String,
    /// Which part of it, from 0 on.
    pub(super) part: usize,
    /// The modem's number for it; none while it is on its way or unclear.
    #[serde(default)]
    pub(super) mr: Option<u8>,
    /// Whether nobody knows if it has left.
    #[serde(default)]
    pub(super) unclear: bool,
    /// When it last came to this.
    pub(super) at: Timestamp,
}

/// A report that came early.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Early {
    pub(super) mr: u8,
    /// The end it tells of.
    pub(super) end: Whereabouts,
    pub(super) at: Timestamp,
}

/// The last digits of a number.
pub(super) fn last_digits(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(DIGITS)..].iter().collect()
}

/// Both rows of a text.
pub(super) struct Rows {
    pub(super) id: String,
    pub(super) out: Row<Out>,
    pub(super) sent: Option<Row<Sent>>,
}

pub(super) fn out_key(id: &str) -> String {
    format!("out/{id}")
}

pub(super) fn sent_key(card: &str, digits: &str) -> String {
    format!("sent/{}/{digits}", state::card_name(card))
}

impl Rows {
    /// The rows of a text; `None` when it is forgotten.
    pub(super) async fn read(host: &dyn Host, id: &str) -> Result<Option<Self>, StateError> {
        let Some(out) = state::get::<Out>(host, &out_key(id)).await? else { return Ok(None) };
        let sent = state::get(host, &sent_key(&out.value.card, &out.value.digits)).await?;
        Ok(Some(Self { id: id.to_owned(), out, sent }))
    }

    /// The parts for the number, without what is too old.
    pub(super) fn sent(&self, now: Timestamp) -> Sent {
        let mut sent = self.sent.as_ref().map(|row| row.value.clone()).unwrap_or_default();
        sent.tidy(now);
        sent
    }

    /// Writes both.
    pub(super) fn write(
        self,
        out: &Out,
        mut sent: Sent,
        now: Timestamp,
        step: &mut Step,
    ) -> Result<(), StateError> {
        let expected = state::expected(Some(&self.out));
        let until = Some(out.began_at.plus_millis(KEEP_MS));
        step.commit.puts.push(state::put(out_key(&self.id), out, expected, until)?);
        sent.tidy(now);
        let key = sent_key(&out.card, &out.digits);
        let expected = state::expected(self.sent.as_ref());
        step.commit.puts.push(state::put(key, &sent, expected, Some(now.plus_millis(KEEP_MS)))?);
        Ok(())
    }
}

impl Sent {
    /// Leaves out what is too old or too much.
    pub(super) fn tidy(&mut self, now: Timestamp) {
        self.parts.retain(|part| now.millis_since(part.at) < KEEP_MS);
        self.early.retain(|early| now.millis_since(early.at) < EARLY_MS);
        self.parts.drain(..self.parts.len().saturating_sub(PARTS_MAX));
        self.early.drain(..self.early.len().saturating_sub(EARLY_MAX));
    }

    /// A part is at another place now: it becomes the newest of the list.
    pub(super) fn place(&mut self, part: SentPart) {
        self.remove(&part.out, part.part);
        self.parts.push(part);
    }

    pub(super) fn remove(&mut self, out: &str, part: usize) {
        self.parts.retain(|known| known.out != out || known.part != part);
    }
}

impl Out {
    /// What the core is to be told now, if anything; remembers that it was.
    pub(super) fn news(&mut self, id: &str) -> Option<StatusUpdate> {
        use Whereabouts::{Delivered, Ended, Failed, Left};
        if matches!(self.told, Some(DeliveryState::Delivered | DeliveryState::Undelivered)) {
            return None;
        }
        let at = |part: &OutPart| part.whereabouts;
        let failed = self.parts.iter().find_map(|part| match at(part) {
            Failed(status) => Some(status),
            _ => None,
        });
        let all = |places: &[Whereabouts]| self.parts.iter().all(|part| places.contains(&at(part)));
        let state = if failed.is_some() {
            DeliveryState::Undelivered
        } else if all(&[Delivered]) {
            DeliveryState::Delivered
        } else if self.was_unclear && self.told.is_none() && all(&[Left, Ended, Delivered]) {
            DeliveryState::Sent
        } else {
            return None;
        };
        self.told = Some(state);
        Some(StatusUpdate {
            id: id.to_owned(),
            reply_key: Some(self.key.clone()),
            state,
            code: failed.map(|status| format!("ST {status}")),
            error: None,
        })
    }
}
