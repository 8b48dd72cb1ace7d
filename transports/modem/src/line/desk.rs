//! Where the modem's task leaves what others want to know: the operator's page, `send`, the log.

use super::start::{CardState, Registration, Session};
use cordboard_plugin::{CallError, Host, Level, Timestamp, Trouble};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long the core waits at least before it hands a text in again, in milliseconds.
const WAIT_MS: i64 = 30_000;
/// How long at most. It grows with how long the modem has been away, so that few tries last long.
const WAIT_MS_MAX: i64 = 30 * 60_000;
/// A line that is not ready for so long is for a person to see to, in milliseconds.
const TROUBLE_MS: i64 = 10 * 60_000;

/// In which state the line is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// The bridge has just begun to look for it.
    #[default]
    Seeking,
    /// There is no modem; why.
    Away(String),
    /// It is being started up.
    Starting,
    /// It does not answer.
    Dead,
    /// Its card cannot be used.
    Locked(CardState),
    /// It receives, but no network takes it.
    Unregistered(Registration),
    /// It receives and sends.
    Ready,
}

impl State {
    /// In words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Seeking => "looking for the modem".to_owned(),
            Self::Away(why) => format!("no modem: {why}"),
            Self::Starting => "the modem is being started up".to_owned(),
            Self::Dead => "the modem does not answer".to_owned(),
            Self::Locked(card) => {
                let (words, hint) = card.words();
                format!("the SIM card {words} (hint: {hint})")
            }
            Self::Unregistered(registration) => format!("no network: {}", registration.words()),
            Self::Ready => "ready".to_owned(),
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::Seeking | Self::Starting => Level::Debug,
            Self::Ready => Level::Info,
            Self::Away(_) | Self::Dead | Self::Unregistered(_) => Level::Warn,
            Self::Locked(_) => Level::Error,
        }
    }
}

/// What is known of the line.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) state: State,
    /// Since when it is not ready; `None` while it is.
    pub(super) away_since: Option<Timestamp>,
    pub(super) port: String,
    pub(super) session: Option<Session>,
    pub(super) trouble: Option<(Timestamp, String)>,
    /// The last state that was logged.
    logged: Option<State>,
}

impl Facts {
    /// A line that stays away is for a person to see to; so is a card that wants something, at once. A stick
    /// that is pulled out and put back is nobody's trouble.
    fn tell(&self, host: &dyn Host, state: &State) {
        let away_ms = self.away_since.map(|since| host.now().millis_since(since));
        match (state, away_ms) {
            (State::Ready, _) | (_, None) => host.trouble(None),
            (State::Locked(_), _) => host.trouble(Some(&state.words())),
            (_, Some(away_ms)) if away_ms >= TROUBLE_MS => {
                host.trouble(Some(
                    "the modem is not ready, for minutes already; its page says why",
                ));
            }
            _ => {}
        }
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Desk {
    facts: Mutex<Facts>,
    adopt: AtomicBool,
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Facts> {
        // Facts are only ever replaced as a whole, so a panic of another holder does no harm.
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that is known.
    pub(super) fn facts(&self) -> Facts {
        self.lock().clone()
    }

    /// The line is in this state now. A change is logged once, whatever comes in between.
    pub(super) fn is(&self, host: &dyn Host, state: State) {
        let mut facts = self.lock();
        let ready = state == State::Ready;
        facts.away_since = (!ready).then(|| facts.away_since.unwrap_or_else(|| host.now()));
        facts.tell(host, &state);
        if facts.state == state && facts.logged.is_some() {
            return;
        }
        // Seeking and starting are steps on a way; a trouble told before them is not news after them.
        let passing = matches!(state, State::Seeking | State::Starting);
        let news = facts.logged.as_ref() != Some(&state);
        if passing || news {
            host.log(if news { state.level() } else { Level::Debug }, &state.words());
        }
        if !passing {
            if !ready && news {
                facts.trouble = Some((host.now(), state.words()));
            }
            facts.logged = Some(state.clone());
        }
        host.gauge("modem_ready", i64::from(ready));
        if matches!(state, State::Away(_) | State::Dead) {
            host.gauge("modem_registered", 0);
        }
        facts.state = state;
    }

    /// The port that is open now.
    pub(super) fn port(&self, path: &str) {
        path.clone_into(&mut self.lock().port);
    }

    /// What the modem says of itself now; the state follows from it.
    pub(super) fn session(&self, host: &dyn Host, session: &Session) {
        self.lock().session = Some(session.clone());
        let registration = session.network.registration;
        host.gauge("modem_registered", i64::from(session.sends()));
        if let Some(dbm) = session.network.signal_dbm {
            host.gauge("modem_signal_dbm", i64::from(dbm));
        }
        host.gauge("modem_store_used", i64::from(session.memories.used));
        host.gauge("modem_store_total", i64::from(session.memories.total));
        let state = match &session.card_state {
            CardState::Ready if registration.is_good() => State::Ready,
            CardState::Ready => State::Unregistered(registration),
            card => State::Locked(card.clone()),
        };
        self.is(host, state);
    }

    /// Something went wrong that changes no state.
    pub(super) fn trouble(&self, host: &dyn Host, level: Level, words: String) {
        let mut facts = self.lock();
        let known = facts.trouble.as_ref().is_some_and(|(_, before)| *before == words);
        host.log(if known { Level::Debug } else { level }, &words);
        facts.trouble = Some((host.now(), words));
    }

    /// Whether a modem has served since the bridge began.
    pub(super) fn has_served(&self) -> bool {
        self.lock().session.is_some()
    }

    /// The operator wants whichever modem is there.
    pub(super) fn adopt(&self) {
        self.adopt.store(true, Ordering::SeqCst);
    }

    /// Whether the operator wants so; asked once.
    pub(super) fn may_adopt(&self) -> bool {
        self.adopt.swap(false, Ordering::SeqCst)
    }

    /// Whether a text may be handed in now.
    pub(super) fn may_send(&self, now: Timestamp) -> Result<(), CallError> {
        let facts = self.lock();
        let away_ms = facts.away_since.map_or(0, |since| now.millis_since(since));
        let wait_ms = away_ms.clamp(WAIT_MS, WAIT_MS_MAX);
        match &facts.state {
            State::Ready => Ok(()),
            State::Locked(card) => {
                let (words, hint) = card.words();
                let detail = format!("the SIM card {words}; {hint}");
                Err(CallError::operator(Trouble::Setting, detail))
            }
            State::Unregistered(Registration::Denied) => {
                let detail = "the network refuses the SIM card; ask its operator";
                Err(CallError::operator(Trouble::Plan, detail))
            }
            state => Err(CallError::retry_after(Some(wait_ms), state.words())),
        }
    }
}
