//! What the simulated Flowroute knows: messages in the order of time, phones, opt-outs.
//!
//! Keys: `m/<milliseconds>-<id>` a message, `id/<id>` its key, `p/<number>/<milliseconds>-<id>` a line
//! on a phone, `out/<ours>/<theirs>` an opt-out, `line/<number>` a number of ours; pictures, faults,
//! rates and shapes have their own.

use super::pictures::{self, Picture};
use super::shapes::Shape;
use cordboard_plugin::{
    Address, Blob, Commit, Delete, Expected, Host, PhoneLine, Put, StateError, TimelinePicture,
    Timer, Timestamp, segments_in,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Messages are forgotten after this long.
pub(super) const KEPT_HOURS: i64 = 30 * 24;
const PHONE_LINES_MAX: usize = 200;
const SCAN_ROWS: u16 = 1000;
/// How often a change is tried again when somebody else was quicker.
pub(super) const TRIES_MAX: u32 = 50;

/// A message, either way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) body: String,
    pub(super) direction: Direction,
    pub(super) segments: u16,
    pub(super) pictures: Vec<Picture>,
    /// How its callback is written.
    pub(super) shape: Shape,
    pub(super) callback: Option<String>,
    /// Receipts given so far, the latest last.
    pub(super) receipts: Vec<Receipt>,
    pub(super) fate: Fate,
}

/// What a receipt says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Receipt {
    pub(super) level: u8,
    pub(super) status: String,
    pub(super) code: Option<u32>,
    pub(super) description: String,
    pub(super) at: Timestamp,
}

/// How a text we sent will end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    Delivered,
    /// Accepted by the carrier, and nothing more is heard.
    Buffered,
    /// Refused by the phone.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    Inbound,
    Outbound,
    /// An answer of Flowroute's own; no record shows it.
    Carrier,
}

impl Record {
    /// A message as it begins; its fields are filled in by who makes it.
    pub(super) fn new(
        host: &dyn Host,
        direction: Direction,
        from: &Address,
        to: &Address,
        body: &str,
    ) -> Self {
        Self {
            id: format!("mdr2-{}", super::hex(host)),
            at: host.now(),
            from: from.clone(),
            to: to.clone(),
            body: body.to_owned(),
            direction,
            segments: segments_in(body),
            pictures: Vec::new(),
            shape: Shape::V21,
            callback: None,
            receipts: Vec::new(),
            fate: Fate::Delivered,
        }
    }

    pub(super) fn is_mms(&self) -> bool {
        !self.pictures.is_empty()
    }

    fn key(&self) -> String {
        format!("{}-{}", moment(self.at), self.id)
    }

    /// As the phone at the other end shows it, if it gets there at all.
    fn line(&self) -> Option<(&Address, PhoneLine)> {
        let mine = self.direction == Direction::Inbound;
        let (phone, other) = if mine { (&self.from, &self.to) } else { (&self.to, &self.from) };
        let pictures = self.pictures.iter().map(|picture| TimelinePicture {
            path: format!("{}{}", pictures::SHOWN_AT, picture.key),
            media_type: picture.look.clone(),
            alt: None,
        });
        let line = PhoneLine {
            at: self.at,
            mine,
            other: other.clone(),
            body: self.body.clone(),
            pictures: pictures.collect(),
        };
        (self.fate != Fate::Refused).then_some((phone, line))
    }
}

/// Writes a message down, on the phone too, together with `more`.
pub(super) async fn add(
    host: &dyn Host,
    record: &Record,
    mut more: Commit,
) -> Result<(), StateError> {
    let (key, until) = (record.key(), Some(record.at.plus_hours(KEPT_HOURS)));
    more.puts.push(put(format!("m/{key}"), json(record)?, until));
    more.puts.push(put(format!("id/{}", record.id), key.clone().into(), until));
    if let Some((phone, line)) = record.line() {
        more.puts.push(put(format!("p/{}/{key}", phone.reveal()), json(&line)?, until));
    }
    host.commit(more).await
}

/// The message with this id, and the version of its row.
pub(super) async fn find(host: &dyn Host, id: &str) -> Result<Option<(Record, i64)>, StateError> {
    let Some(key) = host.get(&format!("id/{id}")).await? else { return Ok(None) };
    let key = String::from_utf8_lossy(&key.value.0).into_owned();
    let Some(row) = host.get(&format!("m/{key}")).await? else { return Ok(None) };
    Ok(Some((read(&row.value)?, row.version)))
}

/// Adds a receipt to a message, together with a timer; `None` when there is no such message.
pub(super) async fn report(
    host: &dyn Host,
    id: &str,
    timer: Option<Timer>,
    receipt: impl Fn(&Record) -> Receipt + Send + Sync,
) -> Result<Option<Record>, StateError> {
    for _ in 0..TRIES_MAX {
        let Some((mut record, version)) = find(host, id).await? else { return Ok(None) };
        record.receipts.push(receipt(&record));
        let until = Some(record.at.plus_hours(KEPT_HOURS));
        let mut row = put(format!("m/{}", record.key()), json(&record)?, until);
        row.expected = Expected::Version(version);
        let timers = timer.iter().cloned().collect();
        match host.commit(Commit { puts: vec![row], timers, ..Commit::default() }).await {
            Err(StateError::Conflict) => {}
            done => return done.map(|()| Some(record)),
        }
    }
    Err(StateError::Conflict)
}

/// Changes the value under `key`, which begins as its default, and yields what `edit` says.
pub(super) async fn change<T, Y>(
    host: &dyn Host,
    key: &str,
    edit: impl Fn(&mut T) -> Y + Send + Sync,
) -> Result<Y, StateError>
where
    T: Default + Serialize + DeserializeOwned + Send,
    Y: Send,
{
    for _ in 0..TRIES_MAX {
        let (mut value, expected): (T, _) = match host.get(key).await? {
            Some(stored) => (read(&stored.value)?, Expected::Version(stored.version)),
            None => (T::default(), Expected::Absent),
        };
        let said = edit(&mut value);
        let value = json(&value)?;
        let puts = vec![Put { key: key.to_owned(), value, expected, expires_at: None }];
        match host.commit(Commit { puts, ..Commit::default() }).await {
            Err(StateError::Conflict) => {}
            done => return done.map(|()| said),
        }
    }
    Err(StateError::Conflict)
}

/// All messages since `since`, oldest first.
pub(super) async fn since(host: &dyn Host, since: Timestamp) -> Result<Vec<Record>, StateError> {
    // No key has this form; all keys of that moment and later stand behind it.
    let rows = rows(host, "m/", Some(format!("m/{}", moment(since)))).await?;
    rows.iter().map(|(_, value)| read(value)).collect()
}

/// The last lines of a phone, oldest first.
pub(super) async fn phone(host: &dyn Host, number: &Address) -> Result<Vec<PhoneLine>, StateError> {
    let rows = rows(host, &format!("p/{}/", number.reveal()), None).await?;
    let first = rows.len().saturating_sub(PHONE_LINES_MAX);
    rows[first..].iter().map(|(_, value)| read(value)).collect()
}

/// Whether `theirs` has opted out of texts from `ours`.
pub(super) async fn is_out(
    host: &dyn Host,
    ours: &Address,
    theirs: &Address,
) -> Result<bool, StateError> {
    Ok(host.get(&out_key(ours, theirs)).await?.is_some())
}

/// Notes an opt-out, or its end.
pub(super) async fn set_out(
    host: &dyn Host,
    ours: &Address,
    theirs: &Address,
    out: bool,
) -> Result<(), StateError> {
    let key = out_key(ours, theirs);
    let mut commit = Commit::default();
    if out {
        commit.puts.push(put(key, "1".into(), None));
    } else {
        commit.deletes.push(Delete { key, expected: Expected::Any });
    }
    host.commit(commit).await
}

/// Whether `number` is one of ours: it was texted before, or is of the range kept for examples.
pub(super) async fn is_ours(host: &dyn Host, number: &Address) -> Result<bool, StateError> {
    let example = number.reveal().starts_with("+1555010") && number.reveal().len() == 12;
    Ok(example || host.get(&line_key(number)).await?.is_some())
}

/// The row by which a number that was texted becomes one of ours.
pub(super) fn ours(number: &Address) -> Put {
    put(line_key(number), "1".into(), None)
}

/// A row that may replace any other.
pub(super) fn put(key: String, value: Blob, expires_at: Option<Timestamp>) -> Put {
    Put { key, value, expected: Expected::Any, expires_at }
}

fn out_key(ours: &Address, theirs: &Address) -> String {
    format!("out/{}/{}", ours.reveal(), theirs.reveal())
}

fn line_key(number: &Address) -> String {
    format!("line/{}", number.reveal())
}

fn moment(at: Timestamp) -> String {
    format!("{:013}", at.0.max(0))
}

/// The rows whose keys start with `prefix`, in order; with `after`, those behind that key.
pub(super) async fn rows(
    host: &dyn Host,
    prefix: &str,
    mut after: Option<String>,
) -> Result<Vec<(String, Blob)>, StateError> {
    let mut rows = Vec::new();
    loop {
        let page = host.scan(prefix, after.as_deref(), SCAN_ROWS).await?;
        let is_last = page.len() < usize::from(SCAN_ROWS);
        rows.extend(page.into_iter().map(|(key, stored)| (key, stored.value)));
        if is_last {
            return Ok(rows);
        }
        after = rows.last().map(|(key, _)| key.clone());
    }
}

pub(super) fn json(value: &impl Serialize) -> Result<Blob, StateError> {
    serde_json::to_vec(value).map(Blob).map_err(|error| StateError::Unavailable(error.to_string()))
}

pub(super) fn read<T: DeserializeOwned>(value: &Blob) -> Result<T, StateError> {
    serde_json::from_slice(&value.0).map_err(|error| StateError::Unavailable(error.to_string()))
}
