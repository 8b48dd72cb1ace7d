//! Texts that no callback brought: Flowroute keeps them, and we ask.
//!
//! A callback that finds us down is repeated four times within two minutes (Flowroute docs, "Receive
//! an inbound message"); after that, looking at its records is the only way to lose no text.

use crate::config::Config;
use crate::inbound::OLD_IDS_UNTIL;
use crate::media;
use crate::message::Message;
use crate::records::{self, Listing, Record};
use cordboard_plugin::{
    CallError, Commit, Expected, Host, Incoming, Level, Put, StateError, Timestamp,
};
use std::collections::BTreeMap;

const FIRST_START: &str = "first_start";
const SEEN: &str = "seen";
/// Between two looks.
const WAIT_MS: i64 = 15 * 60 * 1000;
/// The first pause after a failure; it doubles up to [`WAIT_MS`].
const BACK_OFF_MS: i64 = 30_000;
/// Younger texts are left to their callbacks, which may still be repeated.
const SETTLED_MS: i64 = 150_000;
/// A text may be listed a little after later ones, so each look reaches back behind the last.
const OVERLAP_MS: i64 = 10 * 60 * 1000;
/// How far Flowroute's clock may be ahead of ours.
const CLOCKS_MS: i64 = 5000;
/// Messages in one commit.
const CHUNK: usize = 100;

/// What earlier looks have dealt with.
#[derive(Default)]
struct Known {
    /// Emitted, by id, as long as it may be listed again.
    emitted: BTreeMap<String, Timestamp>,
    /// How many unreadable rows the list had, so that more of them are said once.
    unreadable: usize,
}

/// Looks for missed texts, for ever. Failures are logged once per streak and waited out.
pub(crate) async fn run(config: &Config, host: &dyn Host) -> Result<(), CallError> {
    // Times of records may have whole seconds: a text of this very second counts as after the start.
    let started = Timestamp(host.now().unix_seconds() * 1000);
    let mut known = Known::default();
    let mut failures: u32 = 0;
    loop {
        let pause = match look(config, host, started, &mut known).await {
            Ok(()) => {
                if failures > 0 {
                    host.log(Level::Info, "looking for missed texts works again");
                }
                failures = 0;
                WAIT_MS
            }
            Err(error) => {
                if failures == 0 {
                    report(host, &error);
                }
                failures = failures.saturating_add(1);
                back_off_ms(failures, &error)
            }
        };
        host.sleep_until(host.now().plus_millis(pause)).await;
    }
}

fn report(host: &dyn Host, error: &CallError) {
    let level = match error {
        CallError::Operator { .. } => Level::Error,
        _ => Level::Warn,
    };
    host.log(level, &format!("could not look for missed texts, and goes on trying: {error}"));
}

fn back_off_ms(failures: u32, error: &CallError) -> i64 {
    let doubled = BACK_OFF_MS.saturating_mul(1 << (failures - 1).min(10)).min(WAIT_MS);
    match error {
        CallError::RetryAfter { wait_ms: Some(wish), .. } => doubled.max(*wish),
        _ => doubled,
    }
}

/// One look at the account's list.
async fn look(
    config: &Config,
    host: &dyn Host,
    started: Timestamp,
    known: &mut Known,
) -> Result<(), CallError> {
    let floor = floor(config, host, started).await?;
    let until = host.now().plus_millis(-SETTLED_MS);
    let mark = read_moment(host, SEEN).await?;
    let since = mark.map_or(floor, |mark| floor.max(mark.plus_millis(-OVERLAP_MS)));
    if since > until {
        return Ok(());
    }
    let Listing { mut messages, unreadable } =
        records::received(config, host, since, until).await?;
    if unreadable > known.unreadable {
        let line = format!("{unreadable} of Flowroute's records could not be read; passed over");
        host.log(Level::Warn, &line);
    }
    known.unreadable = unreadable;
    messages.retain(|(_, message)| {
        config.numbers.contains(&message.to) && !known.emitted.contains_key(&message.id)
    });
    // People's texts are read in the order in which they were sent.
    messages.sort_by_key(|(at, _)| *at);
    for chunk in messages.chunks(CHUNK) {
        let mut emitted = Vec::with_capacity(chunk.len());
        for (_, message) in chunk {
            emitted.push(incoming(config, host, message).await?);
        }
        let commit = Commit { messages: emitted, ..Commit::default() };
        host.commit(commit).await.map_err(unavailable)?;
        known.emitted.extend(chunk.iter().map(|(at, message)| (message.id.clone(), *at)));
    }
    known.emitted.retain(|_, at| *at >= since);
    let puts = vec![moment(SEEN, until, Expected::Any)];
    host.commit(Commit { puts, ..Commit::default() }).await.map_err(unavailable)
}

/// The earliest moment from which a text is taken: not before the first start, not over
/// `catch_up_hours` ago, and not before the last callback that named a text by an id of the first
/// generation, since the list has those under others.
async fn floor(
    config: &Config,
    host: &dyn Host,
    started: Timestamp,
) -> Result<Timestamp, CallError> {
    let first_start = first_start(host, started).await?;
    let reach = host.now().plus_millis(i64::from(config.catch_up_hours) * -3_600_000);
    let old_ids = read_moment(host, OLD_IDS_UNTIL).await?;
    let behind = old_ids.map_or(first_start, |at| at.plus_millis(CLOCKS_MS));
    Ok(first_start.max(reach).max(behind))
}

/// A record as the message that its callback would have brought. A row of the list that says less
/// than the record does is looked up.
async fn incoming(config: &Config, host: &dyn Host, row: &Message) -> Result<Incoming, CallError> {
    let is_whole = row.body.is_some() && (row.is_mms != Some(true) || row.media_ids.is_some());
    let mut message = row.clone();
    if !is_whole {
        // Gone or unreadable meanwhile: what the row says must not wait for ever.
        if let Record::Found(record) = records::one(config, host, &row.id).await? {
            message = record;
        }
    }
    let media = media::of_record(config, &message);
    Ok(message.into_incoming(media))
}

/// When this instance first ran: `started`, if never before. Nothing from before is ever taken: it was not meant for us.
async fn first_start(host: &dyn Host, started: Timestamp) -> Result<Timestamp, CallError> {
    if let Some(at) = read_moment(host, FIRST_START).await? {
        return Ok(at);
    }
    let put = moment(FIRST_START, started, Expected::Absent);
    match host.commit(Commit { puts: vec![put], ..Commit::default() }).await {
        Ok(()) => Ok(started),
        // Another process of the same bridge was quicker.
        Err(StateError::Conflict) => Ok(read_moment(host, FIRST_START).await?.unwrap_or(started)),
        Err(error) => Err(unavailable(error)),
    }
}

async fn read_moment(host: &dyn Host, key: &str) -> Result<Option<Timestamp>, CallError> {
    let stored = host.get(key).await.map_err(unavailable)?;
    Ok(stored
        .and_then(|stored| String::from_utf8(stored.value.0).ok()?.parse().ok())
        .map(Timestamp))
}

fn moment(key: &str, at: Timestamp, expected: Expected) -> Put {
    Put { key: key.to_owned(), value: at.0.to_string().into(), expected, expires_at: None }
}

fn unavailable(error: StateError) -> CallError {
    CallError::retry_after(None, error.to_string())
}
