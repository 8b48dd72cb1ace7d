//! The round of states: seek, start, serve; and the ladder of recovery when it does not answer.

use super::desk::State;
use super::seek::{self, Sought};
use super::serve::{End, Serving};
use super::start::{CardState, meet, prepare};
use super::{Line, door::Job};
use crate::at::{AtError, Event};
use cordboard_plugin::{CallError, Host, Level, StateError};
use futures_channel::mpsc;

/// How long a modem may need for its first answer after it stopped answering.
const ANSWER_MS: i64 = 60_000;
/// How long a modem that was reset may need before it is asked again.
const RESET_MS: i64 = 30_000;
/// After so long in service its earlier silences are forgiven.
const FORGIVEN_MS: i64 = 120_000;
/// Pause before a new start-up: what it still has to say of its own start should be said.
const SETTLE_MS: i64 = 2_000;
/// How often that pause is doubled while one start follows the other.
const SETTLE_DOUBLED_MAX: u32 = 5;
/// Pause before the store is asked again.
const STORE_PAUSE_MS: i64 = 5_000;

/// Lives with the modem until the bridge stops.
pub(super) async fn live(line: &Line, host: &dyn Host) -> Result<(), CallError> {
    let mut jobs = line.door.open();
    // What was kept before a restart goes on whether there is a modem or not.
    if let Err(error) = line.inbox.work(host, &line.outbox).await {
        line.desk.trouble(host, Level::Warn, format!("the store does not answer: {error}"));
    }
    let mut strangers_from = Some(seek::strangers_at_start(host));
    loop {
        line.desk.is(host, State::Seeking);
        let mut sought = seek::seek(line, host, strangers_from).await;
        line.desk.port(&sought.path);
        let why = with_one_port(line, host, &mut sought, &mut jobs).await;
        if line.desk.has_served() {
            strangers_from = None;
        }
        // The handle is closed before anything else: a device that went away keeps its name until then.
        drop(sought);
        line.desk.is(host, State::Away(why));
    }
}

/// Goes on with an open port until it must be closed; says why.
async fn with_one_port(
    line: &Line,
    host: &dyn Host,
    sought: &mut Sought<'_>,
    jobs: &mut mpsc::Receiver<Job>,
) -> String {
    let (mut silences, mut agains) = (0, 0u32);
    let mut met = true;
    loop {
        let began = host.now();
        match one_start(line, host, sought, jobs, std::mem::take(&mut met)).await {
            End::Again(why) => {
                host.log(Level::Info, &format!("the modem is started up again: {why}"));
                host.metric("modem_restarts_total", 1);
                silences = 0;
                if host.now().millis_since(began) > FORGIVEN_MS {
                    agains = 0;
                }
                // A modem without enough power starts again and again.
                let settle_ms = SETTLE_MS << agains.min(SETTLE_DOUBLED_MAX);
                agains += 1;
                if let Err(error) = sought.channel.linger(settle_ms).await {
                    return error.to_string();
                }
                continue;
            }
            End::LookAgain => {
                silences = 0;
                continue;
            }
            End::Gone(error) => return error.to_string(),
            End::Dead => {}
        }
        if host.now().millis_since(began) > FORGIVEN_MS {
            silences = 0;
        }
        silences += 1;
        line.desk.is(host, State::Dead);
        match silences {
            1 => {}
            2 => {
                line.desk.trouble(host, Level::Warn, "it does not answer and is reset".to_owned());
                host.metric("modem_resets_total", 1);
                let reset = sought.channel.shout("AT+CFUN=1,1").await;
                if let Err(AtError::Port(error)) = reset {
                    return error.to_string();
                }
                if let Err(error) = sought.channel.linger(RESET_MS).await {
                    return error.to_string();
                }
            }
            _ => return "the modem does not answer, not even after a reset".to_owned(),
        }
    }
}

/// One start-up and the service after it. `met`: it was asked who it is a moment ago.
async fn one_start(
    line: &Line,
    host: &dyn Host,
    sought: &mut Sought<'_>,
    jobs: &mut mpsc::Receiver<Job>,
    met: bool,
) -> End {
    line.desk.is(host, State::Starting);
    // What it said of a start before this one calls for no other.
    for event in sought.channel.heard() {
        if !matches!(event, Event::Restarted(_)) {
            sought.channel.hear_again(event);
        }
    }
    let started = async {
        if !met {
            sought.session = meet(&mut sought.channel, ANSWER_MS).await?;
        }
        let pin = line.config.sim_pin.as_ref();
        prepare(&mut sought.channel, host, &mut sought.session, pin).await
    };
    match started.await {
        Ok(()) => {}
        Err(AtError::Port(error)) => return End::Gone(error),
        Err(_) => return End::Dead,
    }
    let session = sought.session.clone();
    line.desk.session(host, &session);
    if session.card_state == CardState::Ready {
        while let Err(error) = first_words(line, host, &sought.session).await {
            let words = format!("the store does not answer: {error}");
            line.desk.trouble(host, Level::Warn, words);
            host.sleep_until(host.now().plus_millis(STORE_PAUSE_MS)).await;
        }
    }
    Serving::new(line, host, &mut sought.channel, session).serve(jobs).await
}

/// What is written down before a card's messages are.
async fn first_words(
    line: &Line,
    host: &dyn Host,
    session: &super::Session,
) -> Result<(), StateError> {
    seek::remember(host, &session.identity).await?;
    line.inbox.meet(host, session.card()).await
}
