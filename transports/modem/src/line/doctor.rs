//! What the operator is shown: the desk's page and the doctor's findings.

use super::Line;
use super::desk::{Facts, State};
use super::start::{self, CardState, Session};
use crate::at::{AtError, Channel};
use crate::config::Place;
use cordboard_plugin::{Act, CallError, Finding, Form, Host, Level, Page, Trouble};

/// How long the doctor waits for the modem's first answer, in milliseconds.
const ANSWER_MS: i64 = 10_000;
/// Below this, texts get lost.
const WEAK_DBM: i16 = -103;
const TRY_PIN: &str = "try_pin";
const ADOPT: &str = "adopt";

impl Line {
    /// What the desk shows.
    pub(crate) async fn page(&self, host: &dyn Host) -> Page {
        let facts = self.desk.facts();
        let tables = match self.inbox.shown(host).await {
            Ok(tables) => tables,
            Err(error) => {
                host.log(Level::Warn, &format!("the page shows no messages: {error}"));
                Vec::new()
            }
        };
        let mut forms = Vec::new();
        if facts.state == State::Locked(CardState::PinTried) {
            forms.push(form(TRY_PIN, "Try the PIN once more"));
        }
        if matches!(facts.state, State::Away(_)) && self.config.imei.is_none() {
            forms.push(form(ADOPT, "Take whichever modem is there"));
        }
        Page { facts: shown(host, &facts), tables, forms }
    }

    /// A form of the page was sent.
    ///
    /// # Errors
    /// When the store does not answer, or there is no such form.
    pub(crate) async fn act(&self, host: &dyn Host, act: &Act) -> Result<String, CallError> {
        match act.form.as_str() {
            TRY_PIN => {
                let forgotten = start::forget_pin(host).await;
                forgotten.map_err(|error| CallError::retry_after(None, error.to_string()))?;
                Ok("The PIN is tried once more within a minute.".to_owned())
            }
            ADOPT => {
                self.desk.adopt();
                Ok("The modem that is there is taken within a minute.".to_owned())
            }
            _ => Err(CallError::unclear("there is no such form")),
        }
    }

    /// Whether this line is well: by what its task knows or, where there is none, by asking the modem.
    pub(crate) async fn diagnose(&self, host: &dyn Host) -> Vec<Finding> {
        let facts = self.desk.facts();
        let session = if self.door.is_open() {
            let mut findings = vec![state_finding(&facts)];
            match &facts.session {
                Some(session) if !matches!(facts.state, State::Away(_) | State::Dead) => {
                    session_findings(session, &mut findings);
                }
                _ => findings.extend(self.ports.findings()),
            }
            return findings;
        } else {
            self.ask_once(host).await
        };
        match session {
            Ok((path, session)) => {
                let mut findings = vec![good(format!("a modem answers at {path}"))];
                session_findings(&session, &mut findings);
                findings
            }
            Err(mut findings) => {
                findings.extend(self.ports.findings());
                findings
            }
        }
    }

    /// Asks the first modem that answers. The card's PIN is not given: the doctor changes nothing.
    async fn ask_once(&self, host: &dyn Host) -> Result<(String, Session), Vec<Finding>> {
        let paths = match &self.config.place {
            Place::Auto => self.ports.all().into_iter().map(|spot| spot.path).collect(),
            Place::Path(path) | Place::Simulated(path) => vec![path.clone()],
        };
        let mut findings = Vec::new();
        for path in paths {
            let told = |error| {
                let plain = || bad(format!("{path} does not answer"), "is it plugged in?");
                self.ports.advice(&path, error).unwrap_or_else(plain)
            };
            let mut channel = match self.ports.open(host, &path).await {
                Ok(port) => Channel::new(port, host),
                Err(error) => {
                    findings.push(told(Some(&error)));
                    continue;
                }
            };
            match start::start_up(&mut channel, host, ANSWER_MS, None).await {
                Ok(session) => return Ok((path, session)),
                Err(AtError::Port(error)) => findings.push(told(Some(&error))),
                Err(_) => findings.push(told(None)),
            }
        }
        Err(findings)
    }

    /// An instance that has no settings has no line.
    pub(crate) fn none() -> CallError {
        CallError::operator(Trouble::Setting, "this modem is not configured")
    }
}

fn form(name: &str, button: &str) -> Form {
    Form { name: name.to_owned(), button: button.to_owned(), fields: Vec::new() }
}

fn good(line: String) -> Finding {
    Finding { ok: true, line, hint: String::new() }
}

fn bad(line: String, hint: &str) -> Finding {
    Finding { ok: false, line, hint: hint.to_owned() }
}

fn state_finding(facts: &Facts) -> Finding {
    match &facts.state {
        State::Ready => good(format!("the modem at {} is ready", facts.port)),
        State::Locked(card) => {
            let (words, hint) = card.words();
            bad(format!("the SIM card {words}"), hint)
        }
        state => bad(state.words(), "the log and the page of this transport say more"),
    }
}

fn session_findings(session: &Session, findings: &mut Vec<Finding>) {
    let (words, hint) = session.card_state.words();
    if session.card_state != CardState::Ready {
        findings.push(bad(format!("the SIM card {words}"), hint));
        return;
    }
    findings.push(good("the SIM card is ready".to_owned()));
    let registration = session.network.registration;
    findings.push(if registration.is_good() {
        good(format!("{} ({})", registration.words(), session.network.operator))
    } else {
        bad(registration.words().to_owned(), "is the antenna on, and is the card's plan active?")
    });
    findings.extend(match session.network.signal_dbm {
        Some(dbm) if dbm < WEAK_DBM => {
            Some(bad(format!("the signal is weak ({dbm} dBm)"), "move the modem or its antenna"))
        }
        Some(dbm) => Some(good(format!("the signal is {dbm} dBm"))),
        None => None,
    });
    let memories = &session.memories;
    let store = format!("{} of {} slots in use", memories.used, memories.total);
    findings.push(if memories.is_nearly_full() {
        bad(store, "a full store takes no more texts; they are fetched while the bridge runs")
    } else {
        good(store)
    });
    if session.centre.is_none() {
        let hint = "set the message centre's number with the card in a phone";
        findings
            .push(bad("the card names no message centre: nothing can be sent".to_owned(), hint));
    }
    if !session.notices.messages {
        let line = "the modem announces no messages; they are looked for every 30 seconds";
        findings.push(good(line.to_owned()));
    }
    if !session.notices.reports {
        let line = "the modem passes on no delivery reports: a text stays at \"sent\"";
        findings.push(good(line.to_owned()));
    }
}

/// The end of a long number; the whole is nobody's business on a screen.
fn ending(number: Option<&String>) -> String {
    let Some(number) = number else { return "not told".to_owned() };
    let start = number.len().saturating_sub(4);
    format!("…{}", number.get(start..).unwrap_or_default())
}

fn shown(host: &dyn Host, facts: &Facts) -> Vec<(String, String)> {
    let mut rows = vec![("state".to_owned(), facts.state.words())];
    let mut row = |label: &str, value: String| {
        if !value.is_empty() {
            rows.push((label.to_owned(), value));
        }
    };
    row("port", facts.port.clone());
    if let Some(session) = &facts.session {
        let Session { identity, network, memories, .. } = session;
        row("vendor", identity.vendor.clone());
        row("model", identity.model.clone());
        row("firmware", identity.firmware.clone());
        row("modem number (IMEI)", ending(identity.imei.as_ref()));
        row("card number (ICCID)", ending(identity.iccid.as_ref()));
        row("SIM card", session.card_state.words().0);
        row("operator", network.operator.clone());
        row("registration", network.registration.words().to_owned());
        row(
            "signal",
            network.signal_dbm.map_or("not known".to_owned(), |dbm| format!("{dbm} dBm")),
        );
        row("store", format!("{} of {} in {}", memories.used, memories.total, memories.home));
        row("message centre", session.centre.clone().unwrap_or_else(|| "none".to_owned()));
        row("announces messages", yes(session.notices.messages));
        row("passes reports on", yes(session.notices.reports));
        row("refused commands", session.refused.join("; "));
    }
    if let Some((at, words)) = &facts.trouble {
        let minutes = host.now().millis_since(*at) / 60_000;
        row("last trouble", format!("{words} ({minutes} minutes ago)"));
    }
    rows
}

fn yes(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}
