//! What the simulated Twilio knows: messages in the order of time, phones, opt-outs.
//!
//! Keys: `m/<milliseconds>-<sid>` a message, `sid/<sid>` its key, `p/<number>/<milliseconds>-<sid>` a
//! line on a phone, `out/<ours>/<theirs>` an opt-out, `line/<number>` a number of ours; pictures have
//! their own.

use super::pictures;
use cordboard_plugin::{
    Address, Blob, Commit, Delete, Expected, Host, PhoneLine, Put, StateError, TimelinePicture,
    Timer, Timestamp,
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
    pub(super) sid: String,
    pub(super) at: Timestamp,
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) body: String,
    pub(super) direction: Direction,
    pub(super) status: String,
    pub(super) error_code: Option<u32>,
    pub(super) segments: u16,
    /// Id and type of each picture, as the phone named it.
    pub(super) media: Vec<(String, String)>,
    /// The type of each picture by its bytes.
    #[serde(default)]
    pub(super) looks: Vec<String>,
    pub(super) callback: Option<String>,
    /// The code with which it will not be delivered.
    pub(super) fate: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Direction {
    Inbound,
    OutboundApi,
    OutboundReply,
}

impl Direction {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundReply => "outbound-reply",
        }
    }
}

impl Record {
    fn key(&self) -> String {
        format!("{}-{}", moment(self.at), self.sid)
    }

    /// As the phone at the other end shows it, if it gets there at all.
    fn line(&self) -> Option<(&Address, PhoneLine)> {
        let mine = self.direction == Direction::Inbound;
        let (phone, other) = if mine { (&self.from, &self.to) } else { (&self.to, &self.from) };
        let pictures = self.media.iter().zip(&self.looks).map(|((sid, _), look)| TimelinePicture {
            path: format!("{}{sid}", pictures::SHOWN_AT),
            media_type: look.clone(),
            alt: None,
        });
        let line = PhoneLine {
            at: self.at,
            mine,
            other: other.clone(),
            body: self.body.clone(),
            pictures: pictures.collect(),
        };
        self.fate.is_none().then_some((phone, line))
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
    more.puts.push(put(format!("sid/{}", record.sid), key.clone().into(), until));
    if let Some((phone, line)) = record.line() {
        more.puts.push(put(format!("p/{}/{key}", phone.reveal()), json(&line)?, until));
    }
    host.commit(more).await
}

/// The message with this id, and the version of its row.
pub(super) async fn find(host: &dyn Host, sid: &str) -> Result<Option<(Record, i64)>, StateError> {
    let Some(key) = host.get(&format!("sid/{sid}")).await? else { return Ok(None) };
    let key = String::from_utf8_lossy(&key.value.0).into_owned();
    let Some(row) = host.get(&format!("m/{key}")).await? else { return Ok(None) };
    Ok(Some((read(&row.value)?, row.version)))
}

/// Changes a message, together with a timer; `None` when there is no such message.
pub(super) async fn amend(
    host: &dyn Host,
    sid: &str,
    timer: Option<Timer>,
    change: impl Fn(&mut Record) + Send + Sync,
) -> Result<Option<Record>, StateError> {
    for _ in 0..TRIES_MAX {
        let Some((mut record, version)) = find(host, sid).await? else { return Ok(None) };
        change(&mut record);
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
