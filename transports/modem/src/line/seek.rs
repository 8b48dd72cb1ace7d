//! Finds our modem and opens it: at the configured port, or wherever it is plugged in now.
//!
//! Port names move when a stick resets, so a modem is known by its own number and, when that is new, by
//! its card. Once one has served, no other is taken in its place while the bridge runs: its card would
//! be of another number.

use super::Line;
use super::desk::State;
use super::ports::Spot;
use super::start::{Identity, Session, meet};
use crate::at::{AtError, Channel};
use crate::config::Place;
use crate::port::PortError;
use cordboard_plugin::{Commit, Expected, Host, Put, StateError, Timestamp};
use serde::{Deserialize, Serialize};

/// How long the configured port may need for its first answer: a modem boots for up to a minute.
const EXPECTED_MS: i64 = 60_000;
/// How long any other port may need: most of them are no modem.
const OTHER_MS: i64 = 3_000;
/// Pauses between two rounds, in seconds.
const PAUSES: &[i64] = &[5, 10, 20, 40, 60];
/// How long after the start of the bridge the modem of before is waited for, before another is taken.
const STRANGER_MS: i64 = 60_000;
const KEY: &str = "modem";

/// A modem that is ours, open, and asked who it is.
pub(super) struct Sought<'h> {
    pub(super) path: String,
    pub(super) channel: Channel<'h>,
    pub(super) session: Session,
}

/// The modem that served before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    imei: Option<String>,
    iccid: Option<String>,
}

/// How well a modem fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Ours,
    Stranger,
    /// Another one than the settings name.
    Wrong,
}

/// Looks for our modem until it is there. `strangers_from`: when another one than that of before may be
/// taken; `None`: never.
pub(super) async fn seek<'h>(
    line: &Line,
    host: &'h dyn Host,
    strangers_from: Option<Timestamp>,
) -> Sought<'h> {
    let mut pauses = PAUSES.iter().copied();
    let mut pause = 0;
    loop {
        let adopt = line.desk.may_adopt();
        let strangers = adopt || strangers_from.is_some_and(|from| host.now() >= from);
        match look_round(line, host, strangers).await {
            Ok(found) => return found,
            Err(trouble) => line.desk.is(host, State::Away(trouble)),
        }
        pause = pauses.next().unwrap_or(pause);
        host.sleep_until(host.now().plus_seconds(pause)).await;
    }
}

/// When strangers may be taken, at the start of the bridge.
pub(super) fn strangers_at_start(host: &dyn Host) -> Timestamp {
    host.now().plus_millis(STRANGER_MS)
}

/// Asks every port that comes into question, once.
async fn look_round<'h>(
    line: &Line,
    host: &'h dyn Host,
    strangers: bool,
) -> Result<Sought<'h>, String> {
    let known = known(host).await;
    let mut troubles = Vec::new();
    let mut stranger: Option<Sought<'h>> = None;
    let mut held = Vec::new();
    for (Spot { path, place }, answer_ms) in candidates(line, known.is_some()) {
        // Whoever holds one port of a stick uses the modem; its other ports lead to the same one.
        if held.contains(&place) {
            continue;
        }
        match ask(line, host, &path, answer_ms).await {
            Err((trouble, is_held)) => {
                troubles.push(trouble);
                held.extend(is_held.then_some(place));
            }
            Ok(found) => match fit(line, known.as_ref(), &found.session.identity) {
                Fit::Ours => return Ok(found),
                Fit::Stranger if stranger.is_none() => stranger = Some(found),
                Fit::Stranger | Fit::Wrong => {
                    troubles.push(format!("{path} is another modem"));
                }
            },
        }
    }
    match stranger {
        Some(found) if strangers => {
            host.log(
                cordboard_plugin::Level::Warn,
                &format!("{} is another modem than the one before; it is taken", found.path),
            );
            Ok(found)
        }
        Some(found) => Err(format!(
            "{} is another modem than the one before; the page has a form to take it",
            found.path
        )),
        None if troubles.is_empty() => Err("no serial port was found".to_owned()),
        None => {
            troubles.truncate(4);
            Err(troubles.join("; "))
        }
    }
}

/// The ports to ask, and how long each may take.
fn candidates(line: &Line, known: bool) -> Vec<(Spot, i64)> {
    let named = |path: &str| Spot { path: path.to_owned(), place: path.to_owned() };
    let configured = match &line.config.place {
        Place::Simulated(url) => return vec![(named(url), EXPECTED_MS)],
        Place::Path(path) => Some(path.clone()),
        Place::Auto => None,
    };
    let mut found: Vec<(Spot, i64)> =
        configured.iter().map(|path| (named(path), EXPECTED_MS)).collect();
    // Without a modem to know again, a configured port is the only one there is to go by.
    if configured.is_none() || known || line.config.imei.is_some() {
        let real = configured.map(|path| line.ports.real_name(&path));
        let others = line.ports.all().into_iter();
        let others = others.filter(|spot| Some(line.ports.real_name(&spot.path)) != real);
        found.extend(others.map(|spot| (spot, OTHER_MS)));
    }
    found
}

/// Opens a port and asks who is there. An error says what is the matter, and whether somebody holds it.
async fn ask<'h>(
    line: &Line,
    host: &'h dyn Host,
    path: &str,
    answer_ms: i64,
) -> Result<Sought<'h>, (String, bool)> {
    let told = |line: &Line, error| match line.ports.advice(path, error) {
        Some(finding) => format!("{} (hint: {})", finding.line, finding.hint),
        None => error.map_or_else(|| format!("{path} does not answer"), ToString::to_string),
    };
    let port = match line.ports.open(host, path).await {
        Ok(port) => port,
        Err(error) => {
            return Err((told(line, Some(&error)), matches!(error, PortError::Busy(_))));
        }
    };
    let mut channel = Channel::new(port, host);
    match meet(&mut channel, answer_ms).await {
        Ok(session) => Ok(Sought { path: path.to_owned(), channel, session }),
        Err(AtError::Port(error)) => Err((format!("{path}: {error}"), false)),
        Err(_) => Err((told(line, None), false)),
    }
}

fn fit(line: &Line, known: Option<&Known>, identity: &Identity) -> Fit {
    if matches!(line.config.place, Place::Simulated(_)) {
        return Fit::Ours;
    }
    if let Some(wanted) = &line.config.imei {
        return match &identity.imei {
            Some(imei) if imei.starts_with(wanted.as_str()) => Fit::Ours,
            _ => Fit::Wrong,
        };
    }
    let Some(known) = known else { return Fit::Ours };
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    if same(&known.imei, &identity.imei) || same(&known.iccid, &identity.iccid) {
        Fit::Ours
    } else {
        Fit::Stranger
    }
}

async fn known(host: &dyn Host) -> Option<Known> {
    // While the store does not answer, nobody is known; nothing can be kept then either.
    let stored = host.get(KEY).await.ok()??;
    let known: Known = serde_json::from_slice(&stored.value.0).ok()?;
    (known != Known::default()).then_some(known)
}

/// Remembers the modem that serves now.
pub(super) async fn remember(host: &dyn Host, identity: &Identity) -> Result<(), StateError> {
    let now = Known { imei: identity.imei.clone(), iccid: identity.iccid.clone() };
    if known(host).await.as_ref() == Some(&now) {
        return Ok(());
    }
    let value = serde_json::to_vec(&now).unwrap_or_default().into();
    let put = Put { key: KEY.to_owned(), value, expected: Expected::Any, expires_at: None };
    host.commit(Commit { puts: vec![put], ..Commit::default() }).await
}
