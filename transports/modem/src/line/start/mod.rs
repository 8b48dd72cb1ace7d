//! The start-up of a modem: from "something may be there" to "it announces what arrives".
//!
//! Nothing here knows what arrives or what is to be sent. Every step takes a refusal for an answer: what
//! was refused is remembered for the desk, and the next best way is tried. Only a modem that does not
//! answer at all ends it.
//!
//! - `identity`: who the modem is, and which card is in it.
//! - `card`: whether the card can be used; its PIN, once.
//! - `network`: registration, operator, signal.
//! - `memories`: where messages lie (`+CPMS`).
//! - `notices`: how they are announced (`+CNMI`).

mod card;
mod identity;
mod memories;
mod network;
pub(in crate::line) mod notices;

pub(crate) use card::{CardState, forget_pin};
pub(crate) use identity::Identity;
pub(crate) use memories::Memories;
pub(crate) use network::{Network, Registration};
pub(crate) use notices::Notices;

use crate::at::{AtError, Channel, Class, Fault, Shape, fields};
use cordboard_plugin::{Host, Secret};

/// How long a plain command may take, in milliseconds.
pub(in crate::line) const PLAIN_MS: i64 = 5_000;
/// How long a command about a store may take.
pub(in crate::line) const STORE_MS: i64 = 10_000;
/// How long a card may be busy after power-up.
const BUSY_MS_MAX: i64 = 60_000;
/// Pause between two tries meanwhile.
const BUSY_PAUSE_MS: i64 = 1_000;

/// A modem after its start-up. Copies of `identity` and the rest are for the desk and for `probe`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Session {
    /// Who it is.
    pub(crate) identity: Identity,
    /// Whether its card can be used. Unless it is [`CardState::Ready`], the start-up ended there.
    pub(crate) card_state: CardState,
    /// Its network.
    pub(crate) network: Network,
    /// Its stores.
    pub(crate) memories: Memories,
    /// How it announces what arrives.
    pub(crate) notices: Notices,
    /// The number of the message centre; `None` when it has none, and then nothing can be sent.
    pub(crate) centre: Option<String>,
    /// Commands that were refused, with the error.
    pub(crate) refused: Vec<String>,
}

impl Session {
    /// Whether it receives.
    pub(crate) fn receives(&self) -> bool {
        self.card_state == CardState::Ready
    }

    /// Whether it can send.
    pub(crate) fn sends(&self) -> bool {
        self.receives() && self.network.registration.is_good()
    }

    /// The name under which everything about its card is kept: the ICCID, else the IMSI, else the
    /// modem's own number. Letters and digits.
    pub(crate) fn card(&self) -> &str {
        self.identity.card()
    }
}

/// Brings a modem to order and asks who it is. Waits up to `answer_ms` for its first answer.
///
/// # Errors
/// [`AtError::Dead`] or [`AtError::Port`].
pub(crate) async fn meet(channel: &mut Channel<'_>, answer_ms: i64) -> Result<Session, AtError> {
    channel.sync(answer_ms).await?;
    let mut session = Session::default();
    let mut steps = Steps { channel, refused: &mut session.refused };
    steps.tell("ATE0").await?;
    steps.tell("AT+CMEE=1").await?;
    session.identity = identity::ask(&mut steps).await?;
    Ok(session)
}

/// The rest of the start-up. `pin` is the card's, if one is configured.
///
/// # Errors
/// As [`meet`].
pub(crate) async fn prepare(
    channel: &mut Channel<'_>,
    host: &dyn Host,
    session: &mut Session,
    pin: Option<&Secret>,
) -> Result<(), AtError> {
    let mut steps = Steps { channel, refused: &mut session.refused };
    session.card_state = card::unlock(&mut steps, host, &session.identity, pin).await?;
    if session.card_state != CardState::Ready {
        return Ok(());
    }
    // Many answer these only when the card is open.
    identity::ask_card(&mut steps, &mut session.identity).await?;
    session.network = network::ask(&mut steps).await?;
    steps.insist(host, "AT+CMGF=0").await?;
    session.memories = memories::choose(&mut steps, host).await?;
    steps.tell("AT+CSMS=0").await?;
    session.notices = notices::choose(&mut steps).await?;
    session.centre = centre(&mut steps).await?;
    Ok(())
}

/// The whole start-up.
///
/// # Errors
/// As [`meet`].
pub(crate) async fn start_up(
    channel: &mut Channel<'_>,
    host: &dyn Host,
    answer_ms: i64,
    pin: Option<&Secret>,
) -> Result<Session, AtError> {
    let mut session = meet(channel, answer_ms).await?;
    prepare(channel, host, &mut session, pin).await?;
    Ok(session)
}

/// The number of the message centre.
async fn centre(steps: &mut Steps<'_, '_>) -> Result<Option<String>, AtError> {
    let lines = steps.ask("AT+CSCA?", Shape::Prefixed("+CSCA:"), PLAIN_MS).await?;
    let number = lines.first().and_then(|line| fields(line).into_iter().next());
    Ok(number.filter(|number| !number.is_empty()))
}

/// Commands of which each may be refused.
pub(in crate::line) struct Steps<'s, 'h> {
    pub(super) channel: &'s mut Channel<'h>,
    pub(super) refused: &'s mut Vec<String>,
}

/// Refusals that are remembered.
const REFUSED_MAX: usize = 30;

impl Steps<'_, '_> {
    /// Gives a command that may be refused or left unanswered; then there are no lines.
    ///
    /// # Errors
    /// When the modem answers nothing any more, or is gone.
    pub(super) async fn ask(
        &mut self,
        command: &str,
        shape: Shape,
        wait_ms: i64,
    ) -> Result<Vec<String>, AtError> {
        Ok(self.try_to(command, shape, wait_ms).await?.unwrap_or_default())
    }

    /// The same for a command without information. Yields whether it was accepted.
    ///
    /// # Errors
    /// As [`Steps::ask`].
    pub(super) async fn tell(&mut self, command: &str) -> Result<bool, AtError> {
        Ok(self.try_to(command, Shape::Nothing, STORE_MS).await?.is_ok())
    }

    /// Gives a command, again and again while the modem or its card is busy after power-up.
    /// Yields whether it was accepted.
    ///
    /// # Errors
    /// As [`Steps::ask`].
    pub(super) async fn insist(&mut self, host: &dyn Host, command: &str) -> Result<bool, AtError> {
        let until = host.now().plus_millis(BUSY_MS_MAX);
        loop {
            match self.channel.tell(command, STORE_MS).await {
                Ok(()) => return Ok(true),
                Err(AtError::Fault(fault)) if may_pass(&fault) && host.now() < until => {
                    self.channel.linger(BUSY_PAUSE_MS).await?;
                }
                Err(error) => return self.refusal(command, error).map(|_| false),
            }
        }
    }

    /// Gives a command; a refusal is an answer, and remembered.
    ///
    /// # Errors
    /// As [`Steps::ask`].
    pub(super) async fn try_to(
        &mut self,
        command: &str,
        shape: Shape,
        wait_ms: i64,
    ) -> Result<Result<Vec<String>, Fault>, AtError> {
        match self.channel.ask(command, shape, wait_ms).await {
            Ok(lines) => Ok(Ok(lines)),
            Err(error) => self.refusal(command, error).map(Err),
        }
    }

    fn refusal(&mut self, command: &str, error: AtError) -> Result<Fault, AtError> {
        let (line, fault) = match error {
            AtError::Fault(fault) => (format!("{command}: {fault}"), fault),
            AtError::Silent(_) => (format!("{command}: no answer"), Fault::Plain),
            error => return Err(error),
        };
        if self.refused.len() < REFUSED_MAX && !self.refused.contains(&line) {
            self.refused.push(line);
        }
        Ok(fault)
    }
}

/// Whether a command that was refused so right after power-up may be accepted a little later.
fn may_pass(fault: &Fault) -> bool {
    matches!(fault.class(), Class::Busy | Class::Vague | Class::NotSupported | Class::Card)
        && *fault != Fault::Plain
}
