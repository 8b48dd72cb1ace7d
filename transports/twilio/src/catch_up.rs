//! Texts that no webhook brought: Twilio keeps them, and we ask. With `receive = "poll"` this is
//! how all texts come.
//!
//! A webhook that finds us down is lost after one more try within 15 seconds (Twilio docs,
//! "Connection Overrides"), so that looking is the only way to lose no text.

use crate::config::{Config, Receive, is_sid};
use crate::inbound::{self, MEDIA_MAX};
use crate::listing::{self, Listed};
use crate::outbound;
use cordboard_plugin::{
    Address, CallError, Commit, Expected, Host, Incoming, Level, MediaRef, Put, StateError,
    Timestamp,
};
use std::collections::BTreeMap;

const FIRST_START: &str = "first_start";
/// Between two looks beside webhooks.
const WEBHOOK_WAIT_MS: i64 = 15 * 60 * 1000;
/// Longest pause after failures.
const BACK_OFF_MS_MAX: i64 = 15 * 60 * 1000;
/// Twilio may list a text a little after later ones, so each look reaches back behind the last.
const OVERLAP_MS: i64 = 10 * 60 * 1000;
/// Messages in one commit.
const CHUNK: usize = 100;

/// What earlier looks have dealt with.
#[derive(Default)]
struct Known {
    /// Emitted, by id, as long as it may be listed again.
    emitted: BTreeMap<String, Timestamp>,
    /// How many unreadable rows the list of a number had, so that more of them are said once.
    unreadable: BTreeMap<Address, usize>,
}

/// Looks for missed texts, for ever. Failures are logged once per streak and waited out.
pub(crate) async fn run(config: &Config, host: &dyn Host) -> Result<(), CallError> {
    let wait_ms = wait_ms(config);
    // Twilio's times have whole seconds: a text of this very second counts as after the start.
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
                wait_ms
            }
            Err(error) => {
                if failures == 0 {
                    report(host, &error);
                }
                failures = failures.saturating_add(1);
                back_off_ms(wait_ms, failures, &error)
            }
        };
        host.sleep_until(host.now().plus_millis(pause)).await;
    }
}

fn wait_ms(config: &Config) -> i64 {
    match config.receive {
        Receive::Webhook => WEBHOOK_WAIT_MS,
        Receive::Poll => i64::from(config.poll_seconds) * 1000,
    }
}

/// How far back a look may reach. When polling, always over the time between two looks, or
/// `catch_up_hours = 0` would lose every text.
fn reach_ms(config: &Config) -> i64 {
    let allowed = i64::from(config.catch_up_hours) * 3_600_000;
    match config.receive {
        Receive::Webhook => allowed,
        Receive::Poll => allowed.max(2 * wait_ms(config) + OVERLAP_MS),
    }
}

fn report(host: &dyn Host, error: &CallError) {
    let level = match error {
        CallError::Operator { .. } => Level::Error,
        _ => Level::Warn,
    };
    host.log(level, &format!("could not look for missed texts, and goes on trying: {error}"));
}

fn back_off_ms(wait_ms: i64, failures: u32, error: &CallError) -> i64 {
    let doubled = wait_ms.min(60_000).saturating_mul(1 << failures.min(10)).min(BACK_OFF_MS_MAX);
    match error {
        CallError::RetryAfter { wait_ms: Some(wish), .. } => doubled.max(*wish),
        _ => doubled,
    }
}

/// One look at every number.
async fn look(
    config: &Config,
    host: &dyn Host,
    started: Timestamp,
    known: &mut Known,
) -> Result<(), CallError> {
    let first_start = first_start(host, started).await?;
    let reach = host.now().plus_millis(-reach_ms(config));
    let floor = first_start.max(reach);
    let mut outcome = Ok(());
    for number in &config.numbers {
        // One number's trouble keeps no other from being looked at.
        if let Err(error) = look_at(config, host, number, floor, known).await {
            outcome = Err(error);
        }
    }
    known.emitted.retain(|_, at| *at >= reach);
    outcome
}

async fn look_at(
    config: &Config,
    host: &dyn Host,
    number: &Address,
    floor: Timestamp,
    known: &mut Known,
) -> Result<(), CallError> {
    let mark_key = format!("seen/{}", number.reveal());
    let mark = read_moment(host, &mark_key).await?;
    let since = mark.map_or(floor, |mark| floor.max(mark.plus_millis(-OVERLAP_MS)));
    let listing::Listing { texts: mut listed, unreadable } =
        listing::received(config, host, number, since).await?;
    let before = known.unreadable.insert(number.clone(), unreadable).unwrap_or(0);
    if unreadable > before {
        let line = format!("{unreadable} rows in Twilio's list could not be read; passed over");
        host.log(Level::Warn, &line);
    }
    listed.retain(|text| !known.emitted.contains_key(&text.sid));
    // Oldest first, so that a crash between two commits leaves nothing behind the mark.
    listed.sort_by_key(|text| text.at);
    let mut mark = mark.unwrap_or(floor);
    // A date ahead of us must not put the mark where no later text is ever behind it.
    let now = host.now();
    for chunk in listed.chunks(CHUNK) {
        let mut messages = Vec::with_capacity(chunk.len());
        for text in chunk {
            messages.push(incoming(config, host, text).await?);
            mark = mark.max(text.at.min(now));
        }
        let commit = Commit {
            puts: vec![moment(&mark_key, mark, Expected::Any)],
            messages,
            ..Commit::default()
        };
        host.commit(commit).await.map_err(unavailable)?;
        known.emitted.extend(chunk.iter().map(|text| (text.sid.clone(), text.at)));
    }
    Ok(())
}

async fn incoming(config: &Config, host: &dyn Host, text: &Listed) -> Result<Incoming, CallError> {
    let media = if text.has_media { pictures(config, host, &text.sid).await? } else { Vec::new() };
    Ok(Incoming {
        key: inbound::key(config, &text.sid),
        from: text.from.clone(),
        to: text.to.clone(),
        text: text.body.clone(),
        media,
        keyword: None,
        segments: text.segments,
    })
}

/// The list of a message's pictures, as the places that a webhook would have named.
async fn pictures(
    config: &Config,
    host: &dyn Host,
    message: &str,
) -> Result<Vec<MediaRef>, CallError> {
    let folder = config.path(&format!("/Messages/{message}/Media"));
    let answer = host.http(outbound::api_call(config, "GET", format!("{folder}.json"))).await?;
    // Deleted at Twilio meanwhile: its words must not wait for ever.
    if answer.status == 404 {
        host.log(Level::Warn, "the pictures of a missed text are no longer at Twilio");
        return Ok(Vec::new());
    }
    let body = listing::page(&answer)?;
    let rows = body["media_list"].as_array().into_iter().flatten();
    let base = config.api_base.as_str().trim_end_matches('/');
    let refs = rows.filter_map(|row| {
        let sid = row["sid"].as_str().filter(|sid| is_sid(sid, "ME"))?;
        let claimed_type = row["content_type"].as_str().unwrap_or_default().to_owned();
        Some(MediaRef { place: format!("{base}{folder}/{sid}"), claimed_type })
    });
    Ok(refs.take(MEDIA_MAX).collect())
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
