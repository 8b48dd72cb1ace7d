//! Long texts: their parts are kept until all are there.

use super::asking;
use super::hand_on::{self, Case, Told};
use super::pictures;
use super::sender;
use super::state::{self, Row};
use super::step::Step;
use crate::pdu::{self, Body, Concat, Deliver, Pdu};
use cordboard_plugin::{Address, Delete, Expected, Host, StateError, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Parts of one text are sent within this time of each other; a person who has to wait for coverage sends
/// them later, but then rarely. References are used again, by some senders for every text, so that
/// parts further apart belong to different ones.
const JOIN_MS: i64 = 3_600_000;
/// A stamp that is further behind our clock than a centre keeps a text, or ahead of it, says nothing.
const BEHIND_MS: i64 = 8 * 24 * 3_600_000;
const AHEAD_MS: i64 = 24 * 3_600_000;
/// Parts kept of one card.
const PARTS_MAX: usize = 500;
/// Texts of one sender that are not whole.
const OPEN_MAX: usize = 20;

/// A long text that is not whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Open {
    /// Who sent it.
    pub(super) from: Address,
    /// How many parts it has.
    pub(super) total: u8,
    /// What ties them together.
    reference: u16,
    /// Whether that has 16 bits.
    #[serde(default)]
    wide: bool,
    /// Whether it is a WAP push instead of a text.
    #[serde(default)]
    pub(super) push: bool,
    /// The parts that are there, each with the hash of what it carries.
    pub(super) parts: BTreeMap<u8, String>,
    /// When its first part came.
    pub(super) first_at: Timestamp,
    /// When its last part came.
    pub(super) last_at: Timestamp,
    /// The moments between which its parts were sent.
    low: Timestamp,
    high: Timestamp,
    /// When its sender was asked about it.
    #[serde(default)]
    pub(super) asked_at: Option<Timestamp>,
}

/// A part of one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PartRow {
    /// The PDU line.
    line: String,
    /// The id it was kept under.
    id: String,
}

/// An open text as it stands in the state.
#[derive(Clone)]
pub(super) struct OpenRow {
    pub(super) key: String,
    pub(super) version: i64,
    pub(super) open: Open,
}

/// A part under work.
struct Arriving<'a> {
    deliver: &'a Deliver,
    concat: Concat,
    push: bool,
    from: Address,
    /// The hash of what it carries.
    mark: String,
    /// When it was sent, or came if that is not known.
    moment: Timestamp,
}

/// Takes a part to those of its text; the last one makes it whole.
pub(super) async fn take(
    case: &Case<'_>,
    deliver: &Deliver,
    concat: Concat,
    push: bool,
    step: &mut Step,
) -> Result<(), StateError> {
    let part = Arriving {
        deliver,
        concat,
        push,
        from: sender::address(&deliver.from, &case.rules.line),
        mark: mark(deliver),
        moment: moment(deliver.sent_at, case.kept.at),
    };
    let rows = open_texts(case.host, &case.kept.card).await?;
    let number = concat.number;
    let mut candidates: Vec<_> = rows.iter().filter(|row| part.may_belong_to(&row.open)).collect();
    if candidates.iter().any(|row| row.open.parts.get(&number) == Some(&part.mark)) {
        step.count("modem_part_repeats_total");
        return Ok(());
    }
    // A different part of this number: its reference was used again, for another text.
    candidates.retain(|row| !row.open.parts.contains_key(&number));
    // The nearest in time, and of those the newest.
    let nearest = candidates.iter().rev().min_by_key(|row| part.distance(&row.open));
    let nearest = nearest.map(|row| (*row).clone());
    step.count("modem_parts_total");
    match nearest {
        Some(row) if row.open.parts.len() + 1 >= usize::from(row.open.total) => {
            complete(case, &part, row, step).await
        }
        row => {
            make_room(case, &part, &rows, row.as_ref(), step)?;
            part.add(case, row, step)
        }
    }
}

impl Arriving<'_> {
    fn may_belong_to(&self, open: &Open) -> bool {
        let Concat { reference, wide, total, .. } = self.concat;
        open.from == self.from
            && (open.reference, open.wide, open.total) == (reference, wide, total)
            && open.push == self.push
            && self.distance(open) <= JOIN_MS
    }

    /// How far from the moments of the others it was sent.
    fn distance(&self, open: &Open) -> i64 {
        let before = open.low.millis_since(self.moment);
        let after = self.moment.millis_since(open.high);
        before.max(after).max(0)
    }

    /// Keeps it beside the others, or as the first of its text.
    fn add(
        &self,
        case: &Case<'_>,
        row: Option<OpenRow>,
        step: &mut Step,
    ) -> Result<(), StateError> {
        let at = case.kept.at;
        let (key, expected, mut open) = match row {
            Some(row) => (row.key, Expected::Version(row.version), row.open),
            None => {
                let sender = state::hash(&[self.from.reveal().as_bytes()]);
                let card = state::card_name(&case.kept.card);
                let key = format!("open/{card}/{sender}/{}", case.number);
                (key, Expected::Absent, self.begin(at))
            }
        };
        open.parts.insert(self.concat.number, self.mark.clone());
        open.last_at = open.last_at.max(at);
        open.low = open.low.min(self.moment);
        open.high = open.high.max(self.moment);
        let row = PartRow { line: case.kept.line.clone(), id: case.kept.id.clone() };
        let part_key = part_key(&key, self.concat.number);
        step.commit.puts.push(state::put(part_key, &row, Expected::Any, None)?);
        step.commit.puts.push(state::put(key, &open, expected, None)?);
        Ok(())
    }

    fn begin(&self, at: Timestamp) -> Open {
        let Concat { reference, wide, total, .. } = self.concat;
        Open {
            from: self.from.clone(),
            total,
            reference,
            wide,
            push: self.push,
            parts: BTreeMap::new(),
            first_at: at,
            last_at: at,
            low: self.moment,
            high: self.moment,
            asked_at: None,
        }
    }
}

/// The last part is there: the text is handed on, and its parts are no longer kept.
async fn complete(
    case: &Case<'_>,
    part: &Arriving<'_>,
    mut row: OpenRow,
    step: &mut Step,
) -> Result<(), StateError> {
    let mut parts = BTreeMap::new();
    let mut spoilt = Vec::new();
    for (key, stored) in state::rows(case.host, &parts_prefix(&row.key)).await? {
        let number = key.rsplit('/').next().and_then(|number| number.parse::<u8>().ok());
        match number.zip(state::read::<PartRow>(&stored).and_then(read)) {
            Some((number, found)) => drop(parts.insert(number, found)),
            None => spoilt.push(state::delete(key)),
        }
    }
    if row.open.parts.keys().any(|number| !parts.contains_key(number)) {
        // What cannot be read any more has not come: it is waited for, and then asked about.
        row.open.parts.retain(|number, _| parts.contains_key(number));
        step.commit.deletes.extend(spoilt);
        return part.add(case, Some(row), step);
    }
    parts.insert(part.concat.number, (part.deliver.clone(), case.kept.id.clone()));
    step.commit.deletes.extend(deletes(&row));
    let (delivers, ids): (Vec<_>, Vec<_>) = parts.into_values().unzip();
    if part.push {
        return pictures::pushed(case, &delivers, row.open.asked_at.is_some(), step).await;
    }
    let text = pdu::join(&delivers);
    if came_again(case, &row, &text).await? {
        step.count("modem_late_texts_dropped_total");
        return Ok(());
    }
    let ids: Vec<&[u8]> = ids.iter().map(|id| id.as_bytes()).collect();
    case.text(part.from.clone(), state::hash(&ids), text, delivers.len(), step).await
}

/// Whether the sender of a text that we asked about has sent these words again meanwhile.
async fn came_again(case: &Case<'_>, row: &OpenRow, text: &str) -> Result<bool, StateError> {
    if row.open.asked_at.is_none() {
        return Ok(false);
    }
    let key = hand_on::told_key(&case.kept.card, row.sender(), text);
    let told: Option<Row<Told>> = state::get(case.host, &key).await?;
    Ok(told.is_some_and(|told| told.value.at >= row.open.first_at))
}

/// Gives up what is too much: of this sender's open texts, and of the parts on this card. Those that
/// were asked about go first, then the oldest.
fn make_room(
    case: &Case<'_>,
    part: &Arriving<'_>,
    rows: &[OpenRow],
    joined: Option<&OpenRow>,
    step: &mut Step,
) -> Result<(), StateError> {
    let mut others: Vec<_> =
        rows.iter().filter(|row| joined.is_none_or(|joined| joined.key != row.key)).collect();
    others.sort_by_key(|row| (row.open.asked_at.is_none(), row.open.first_at, row.key.clone()));
    let mut of_sender = others.iter().filter(|row| row.open.from == part.from).count();
    let mut parts: usize = rows.iter().map(|row| row.open.parts.len()).sum();
    for row in others {
        let too_many = joined.is_none() && of_sender >= OPEN_MAX && row.open.from == part.from;
        if !too_many && parts < PARTS_MAX {
            continue;
        }
        of_sender -= usize::from(row.open.from == part.from);
        parts -= row.open.parts.len();
        asking::give_up(case.rules, row, step);
    }
    Ok(())
}

/// The open texts of a card, in the order of their senders and of their first parts.
async fn open_texts(host: &dyn Host, card: &str) -> Result<Vec<OpenRow>, StateError> {
    let prefix = format!("open/{}/", state::card_name(card));
    let rows = state::rows(host, &prefix).await?;
    Ok(rows.into_iter().filter_map(|(key, stored)| open_row(key, &stored)).collect())
}

pub(super) fn open_row(key: String, stored: &cordboard_plugin::Stored) -> Option<OpenRow> {
    let Row { value: open, version } = state::read(stored)?;
    Some(OpenRow { key, version, open })
}

impl OpenRow {
    /// The card as keys name it.
    pub(super) fn card(&self) -> &str {
        self.key.split('/').nth(1).unwrap_or_default()
    }

    fn sender(&self) -> &str {
        self.key.split('/').nth(2).unwrap_or_default()
    }

    /// What is there of it.
    pub(super) async fn read_parts(&self, host: &dyn Host) -> Result<Vec<Deliver>, StateError> {
        let rows = state::rows(host, &parts_prefix(&self.key)).await?;
        let read = |(_, stored)| state::read(&stored).and_then(read).map(|(deliver, _)| deliver);
        Ok(rows.into_iter().filter_map(read).collect())
    }
}

/// Deletes an open text and its parts.
pub(super) fn deletes(row: &OpenRow) -> Vec<Delete> {
    let parts = row.open.parts.keys().map(|number| state::delete(part_key(&row.key, *number)));
    let open = state::delete_version(row.key.clone(), row.version);
    std::iter::once(open).chain(parts).collect()
}

/// `part/<card>/<number>/` for `open/<card>/<sender>/<number>`.
fn parts_prefix(open_key: &str) -> String {
    let card = open_key.split('/').nth(1).unwrap_or_default();
    let number = open_key.rsplit('/').next().unwrap_or_default();
    format!("part/{card}/{number}/")
}

fn part_key(open_key: &str, number: u8) -> String {
    format!("{}{number:03}", parts_prefix(open_key))
}

fn read(row: Row<PartRow>) -> Option<(Deliver, String)> {
    match pdu::read(&pdu::from_hex(&row.value.line).ok()?).ok()? {
        Pdu::Deliver(deliver) => Some((deliver, row.value.id)),
        Pdu::Report(_) => None,
    }
}

/// What a part carries; two of one number are the same part if this is equal.
fn mark(deliver: &Deliver) -> String {
    let coding = [deliver.coding.octet, deliver.header.single_shift, deliver.header.locking_shift];
    match &deliver.body {
        Body::Septets(bytes) | Body::Octets(bytes) => state::hash(&[&coding, bytes]),
        Body::Units(units) => {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            state::hash(&[&coding, &bytes])
        }
    }
}

/// When a part was sent, if its stamp can be believed, else when it came.
fn moment(sent_at: Option<Timestamp>, came_at: Timestamp) -> Timestamp {
    let believed =
        |sent_at: &Timestamp| (-AHEAD_MS..=BEHIND_MS).contains(&came_at.millis_since(*sent_at));
    sent_at.filter(believed).unwrap_or(came_at)
}
