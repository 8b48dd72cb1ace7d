//! Whether the card can be used. Its PIN is tried once and, if it was wrong, never again: three wrong
//! PINs lock a card, ten wrong PUKs kill it.

use super::{BUSY_MS_MAX, BUSY_PAUSE_MS, Identity, Steps};
use crate::at::{AtError, Class, Fault, Shape};
use cordboard_plugin::{Commit, Delete, Expected, Host, Put, Secret, StateError};
use sha2::{Digest as _, Sha256};

/// How long an answer about the card may take: some modems answer 2 s late, some need 20 s to unlock.
const CARD_MS: i64 = 30_000;

/// Whether the card can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum CardState {
    /// Nobody has asked yet, or the modem does not say.
    #[default]
    Unknown,
    /// It can be used.
    Ready,
    /// It asks for its PIN, and none is configured.
    WantsPin,
    /// It asks for its PIN, and the configured one was tried before, in vain or with an unknown end.
    PinTried,
    /// It asks for its PUK.
    WantsPuk,
    /// There is none.
    Missing,
    /// It or the modem is locked in another way, or fails; in the modem's words.
    Locked(String),
    /// The note that the PIN is being tried could not be written, so it was not tried.
    Unwritten,
}

impl CardState {
    /// What it is, in words, and what to do about it.
    pub(crate) fn words(&self) -> (String, &'static str) {
        let plain = |words: &str, hint| (words.to_owned(), hint);
        match self {
            Self::Unknown => plain("not known", "look whether the card sits well in the modem"),
            Self::Ready => plain("ready", ""),
            Self::WantsPin => plain(
                "asks for its PIN",
                "set `sim_pin`, or switch the PIN off with the card in a phone",
            ),
            Self::PinTried => plain(
                "refused the PIN in `sim_pin`",
                "set the right one: this one is not tried again; the form on this page tries it once more",
            ),
            Self::WantsPuk => plain("asks for its PUK", "unlock it with the card in a phone"),
            Self::Missing => plain("there is no card", "put the SIM card into the modem"),
            Self::Locked(words) => (
                format!("cannot be used: {words}"),
                "put the card into a phone; if it works there, the modem may be bound to one operator",
            ),
            Self::Unwritten => {
                plain("asks for its PIN", "the store does not answer; it is tried later")
            }
        }
    }
}

/// Waits until the card is ready, and gives the PIN if it asks for it.
pub(super) async fn unlock(
    steps: &mut Steps<'_, '_>,
    host: &dyn Host,
    identity: &Identity,
    pin: Option<&Secret>,
) -> Result<CardState, AtError> {
    let state = look(steps, host, false).await?;
    let note = pin.map(|pin| Note::of(identity, pin));
    match (state, pin, note) {
        (CardState::WantsPin, Some(pin), Some(note)) => give(steps, host, pin, &note).await,
        (state, ..) => Ok(state),
    }
}

/// Asks for the card's state until it is one to go by, a minute at most. After a PIN was given, one that
/// is still asked for may just not have been taken in yet.
async fn look(
    steps: &mut Steps<'_, '_>,
    host: &dyn Host,
    given: bool,
) -> Result<CardState, AtError> {
    let until = host.now().plus_millis(if given { CARD_MS } else { BUSY_MS_MAX });
    loop {
        let answer = steps.try_to("AT+CPIN?", Shape::Prefixed("+CPIN:"), CARD_MS).await?;
        let state = match &answer {
            Ok(lines) => lines.first().map_or(CardState::Unknown, |line| read(line)),
            Err(fault) => read_fault(fault),
        };
        let waits = state == CardState::Unknown || (given && state == CardState::WantsPin);
        if !waits || host.now() >= until {
            return Ok(state);
        }
        steps.channel.linger(BUSY_PAUSE_MS).await?;
    }
}

fn read(line: &str) -> CardState {
    let words = line.trim_start_matches("+CPIN:").trim().trim_matches('"').to_uppercase();
    match words.as_str() {
        // The second PIN guards nothing that we use.
        "READY" | "SIM PIN2" | "SIM PUK2" => CardState::Ready,
        "SIM PIN" => CardState::WantsPin,
        "SIM PUK" => CardState::WantsPuk,
        "NOT READY" | "" => CardState::Unknown,
        "NOT INSERTED" | "SIM REMOVED" => CardState::Missing,
        _ => CardState::Locked(words.chars().take(40).collect()),
    }
}

fn read_fault(fault: &Fault) -> CardState {
    match fault {
        Fault::Cme(10) | Fault::Cms(310) => CardState::Missing,
        Fault::Cme(11) | Fault::Cms(311) => CardState::WantsPin,
        Fault::Cme(12) | Fault::Cms(316) => CardState::WantsPuk,
        fault => match fault.class() {
            Class::Card | Class::Hardware => CardState::Locked(fault.to_string()),
            _ => CardState::Unknown,
        },
    }
}

/// Gives the PIN, unless it was given before and was not right.
async fn give(
    steps: &mut Steps<'_, '_>,
    host: &dyn Host,
    pin: &Secret,
    note: &Note,
) -> Result<CardState, AtError> {
    match note.begin(host).await {
        Ok(true) => {}
        Ok(false) => return Ok(CardState::PinTried),
        Err(_) => return Ok(CardState::Unwritten),
    }
    let given = steps.channel.tell(&format!("AT+CPIN=\"{}\"", pin.reveal()), CARD_MS).await;
    let state = match given {
        Err(AtError::Fault(fault)) if fault.class() == Class::Busy => {
            // It was not looked at, so it was not tried.
            let _ = note.forget(host).await;
            return Ok(CardState::Unknown);
        }
        Err(AtError::Fault(_)) => match look(steps, host, false).await? {
            CardState::WantsPin => CardState::PinTried,
            state => state,
        },
        // Whether it was taken shows in what the card asks for next.
        Ok(()) | Err(AtError::Silent(_)) => match look(steps, host, true).await? {
            CardState::WantsPin => CardState::PinTried,
            state => state,
        },
        Err(error) => return Err(error),
    };
    if state == CardState::Ready {
        // Without this note the PIN is not tried after the next restart, which is safe.
        let _ = note.right(host).await;
    }
    Ok(state)
}

/// The note that a PIN was tried on a card: `pin/<card>/<two hexadecimal digits>`.
///
/// The digits tell another PIN from this one. They are few, since a whole hash of four digits would be
/// the PIN itself to whoever reads the store; that one PIN in 256 looks like the one before is settled
/// by the form on the page.
struct Note {
    key: String,
}

/// The PIN was given, and nothing is known of its end.
const TRYING: &[u8] = b"trying";
/// The PIN opened the card.
const RIGHT: &[u8] = b"right";
const NOTES: &str = "pin/";

impl Note {
    fn of(identity: &Identity, pin: &Secret) -> Self {
        // Before the card is open, its subscriber's number is not told.
        let named = identity.iccid.as_ref().or(identity.imei.as_ref());
        let card = named.map_or("unknown", String::as_str);
        let hash = Sha256::digest(format!("{card}/{}", pin.reveal()));
        Self { key: format!("{NOTES}{card}/{:02x}", hash[0]) }
    }

    /// Notes that the PIN is being tried. `false`: it must not be.
    async fn begin(&self, host: &dyn Host) -> Result<bool, StateError> {
        let expected = match host.get(&self.key).await? {
            None => Expected::Absent,
            Some(stored) if stored.value.0 == RIGHT => Expected::Version(stored.version),
            Some(_) => return Ok(false),
        };
        self.put(host, TRYING, expected).await?;
        Ok(true)
    }

    async fn right(&self, host: &dyn Host) -> Result<(), StateError> {
        self.put(host, RIGHT, Expected::Any).await
    }

    async fn forget(&self, host: &dyn Host) -> Result<(), StateError> {
        forget(host, vec![self.key.clone()]).await
    }

    async fn put(
        &self,
        host: &dyn Host,
        value: &[u8],
        expected: Expected,
    ) -> Result<(), StateError> {
        let value = value.to_vec().into();
        let put = Put { key: self.key.clone(), value, expected, expires_at: None };
        host.commit(Commit { puts: vec![put], ..Commit::default() }).await
    }
}

async fn forget(host: &dyn Host, keys: Vec<String>) -> Result<(), StateError> {
    let delete = |key| Delete { key, expected: Expected::Any };
    let deletes = keys.into_iter().map(delete).collect();
    host.commit(Commit { deletes, ..Commit::default() }).await
}

/// Forgets which PINs were tried: the operator wants the configured one tried once more.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn forget_pin(host: &dyn Host) -> Result<(), StateError> {
    let notes = host.scan(NOTES, None, 100).await?;
    forget(host, notes.into_iter().map(|(key, _)| key).collect()).await
}
