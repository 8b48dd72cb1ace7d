//! A number is no proof of a person: the PIN is cut off, and what lacks proof waits or is refused.

use super::parse::{Command, Seen};
use super::pin::digits_first;
use super::{Reader, Verdict, read_as};
use crate::bridge::Bridge;
use crate::config::PinPolicy;
use crate::texts::{self, proof as words};
use cordboard_plugin::Timestamp;
use cordboard_store::{
    Account, Change, Counter, Hold, Identity, LinkReason, Message, MessageState, NewReply, Proof,
    Proves, StoreError, WaitReason,
};
use subtle::ConstantTimeEq as _;

/// Wrong PINs in a row that lock.
const TRIES_MAX: i32 = 5;
/// For how long.
const LOCK_HOURS: i64 = 24;
const DAY_MS: i64 = 86_400_000;

/// Whether a text may go on.
pub(super) enum Gate {
    /// It may; this is to be written with whatever comes of it.
    Open(Vec<Change>),
    /// It may not; this comes of it.
    Shut(Vec<Change>),
}

/// What a text lacks to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    Nothing,
    /// The PIN.
    Pin,
    /// A PIN, where they must have one.
    PinOfTheirOwn,
    /// A relink, for want of a PIN.
    Relink,
}

impl Bridge {
    /// Cuts a PIN off a text before anything else sees it, and believes its sender. Brings the text as it
    /// is to be read and who sent it, or `None` when it is done with for this turn: then the lane is given back.
    ///
    /// This happens whether proof was asked for or not, so that nobody's habit is ever posted.
    pub(super) async fn cut_pin(
        &self,
        hold: &Hold,
        message: Message,
    ) -> Result<Option<(Message, Option<Identity>)>, StoreError> {
        let identity = self.store().identity(&message.sender).await?;
        let Some(who) = &identity else { return Ok(Some((message, None))) };
        // What is approved or proven was cut when it was first read.
        let first =
            digits_first(&message.text).filter(|_| who.pin && !message.approved && !message.proven);
        let Some((word, rest)) = first else { return Ok(Some((message, identity))) };
        if !self.is_pin_of(who, word).await? {
            return Ok(Some((message, identity)));
        }
        let text = rest.to_owned();
        let message = Message { text: text.clone(), ..message };
        let reader = Reader { bridge: self, message: &message, identity };
        let mut changes = vec![Change::SetText { message_id: message.id, text }];
        if message.text.is_empty() && message.media.is_empty() {
            changes.extend(reader.pin_alone().await?);
            changes.push(Change::ReleaseLane(hold.clone()));
            self.commit(Some(hold), changes).await?;
            return Ok(None);
        }
        if reader.pin_counts() {
            changes.extend(reader.pin_before_words().await?);
        }
        self.commit(Some(hold), changes).await?;
        // Now it may be proven, and its sender known on this line.
        let identity = self.store().identity(&message.sender).await?;
        Ok(self.store().message(message.id).await?.map(|message| (message, identity)))
    }

    /// Compares in a time that does not depend on where the digits differ.
    pub(super) async fn is_pin_of(&self, who: &Identity, word: &str) -> Result<bool, StoreError> {
        let pin = self.store().pin(who.id).await?;
        Ok(pin.is_some_and(|pin| pin.reveal().as_bytes().ct_eq(word.as_bytes()).into()))
    }
}

impl Reader<'_> {
    /// Whether this text may do what it would, and what follows if it may not.
    pub(super) async fn gate(&self, seen: &Seen) -> Result<Gate, StoreError> {
        let Some(who) = self.identity.as_ref() else { return Ok(Gate::Open(Vec::new())) };
        if !self.acts_in_their_name(seen).await? {
            return Ok(Gate::Open(Vec::new()));
        }
        let accounts = self.bridge.store().accounts(&self.message.sender).await?;
        if accounts.is_empty() {
            return Ok(Gate::Open(Vec::new()));
        }
        let digits = digits_first(&self.message.text);
        let shut = match self.lack(who) {
            Lack::Nothing => {
                let slip = matches!(digits, Some((_, ""))) && self.message.media.is_empty();
                if !(slip && who.pin && self.policy() != PinPolicy::Off) {
                    return Ok(Gate::Open(vec![self.believed(Proves::Nothing)]));
                }
                self.ask(&texts::ask(&words::looks_like_pin(), &self.until())).await
            }
            Lack::Pin if who.locked(self.bridge.now()) => {
                Ok(self.without(digits).into_iter().chain(self.refuse_locked(who)).collect())
            }
            Lack::Pin if digits.is_some() => {
                let refused = read_as(self.message, MessageState::Refused, "wrong PIN");
                let counted = self.count_wrong_pin(who);
                Ok(self.without(digits).into_iter().chain([refused]).chain(counted).collect())
            }
            lack => self.wait_for_proof(lack, &accounts).await,
        };
        shut.map(Gate::Shut)
    }

    /// Whether a text would post something, or take something back.
    async fn acts_in_their_name(&self, seen: &Seen) -> Result<bool, StoreError> {
        Ok(match seen {
            Seen::Words(_)
            | Seen::Alt(_)
            | Seen::Command(Command::Undo | Command::Retry | Command::Yes) => true,
            Seen::BareYes => self.question().await?,
            // Alone it is a word like any other.
            Seen::BareNo => !self.question().await?,
            _ => false,
        })
    }

    pub(super) fn policy(&self) -> PinPolicy {
        self.bridge.config().policy.pin
    }

    /// What the text lacks to be believed.
    pub(super) fn lack(&self, who: &Identity) -> Lack {
        let Message { transport, line, received_at, proven, .. } = self.message;
        let with_pin = who.pin && self.policy() != PinPolicy::Off;
        let quiet_ms = i64::from(self.bridge.config().policy.quiet_days).saturating_mul(DAY_MS);
        let quiet = quiet_ms > 0 && received_at.millis_since(who.believed_at) > quiet_ms;
        match self.policy() {
            _ if *proven => Lack::Nothing,
            PinPolicy::Required if who.pin => Lack::Pin,
            PinPolicy::Required => Lack::PinOfTheirOwn,
            _ if quiet && !with_pin => Lack::Relink,
            _ if with_pin && (quiet || !who.known_on(transport, line)) => Lack::Pin,
            _ => Lack::Nothing,
        }
    }

    /// Notes that this text was its sender's, and what it proves.
    pub(super) fn believed(&self, proves: Proves) -> Change {
        let Message { sender, transport, line, received_at, .. } = self.message;
        Change::Believe(Proof {
            sender: sender.clone(),
            at: *received_at,
            transport: transport.clone(),
            line: line.clone(),
            proves,
        })
    }

    /// Whether a right PIN proves anything now.
    fn pin_counts(&self) -> bool {
        let locked = self.identity.as_ref().is_some_and(|who| who.locked(self.bridge.now()));
        self.policy() != PinPolicy::Off && !locked
    }

    /// The PIN and nothing else: proof of what came before it. It is never posted.
    async fn pin_alone(&self) -> Verdict {
        let Some(who) = self.identity.as_ref() else { return Ok(Vec::new()) };
        if who.locked(self.bridge.now()) && self.policy() != PinPolicy::Off {
            return Ok(self.refuse_locked(who));
        }
        let read = read_as(self.message, MessageState::Answered, "a PIN");
        if !self.pin_counts() {
            return Ok(vec![read, self.answer("pin", words::pins_are_off())]);
        }
        let held = self.held().await?.len();
        Ok(vec![self.believed(Proves::Waiting), read, self.answer("pin", words::right_pin(held))])
    }

    /// The PIN before a text proves that text and no other: whoever begins each text with it would let
    /// go of what somebody else has texted under their number. They are told once a day what waits.
    async fn pin_before_words(&self) -> Verdict {
        let mut changes = vec![self.believed(Proves::Message(self.message.id))];
        let held = self.held().await?.len();
        let now = self.bridge.now();
        let key = format!("told/held/{}", self.message.sender.reveal());
        if held > 0 && self.bridge.store().counter(&key, now.day()).await? == 0 {
            changes.push(counted(key, now));
            changes.push(self.answer("held", words::still_held(held)));
        }
        Ok(changes)
    }

    /// Their texts that wait for proof and whose time is not over.
    async fn held(&self) -> Result<Vec<Message>, StoreError> {
        let now = self.bridge.now();
        let mut waiting = self.bridge.store().waiting_of(&self.message.sender).await?;
        waiting.retain(|message| {
            message.wait == WaitReason::Proof && message.wait_until.is_none_or(|until| until > now)
        });
        Ok(waiting)
    }

    /// Refused, and told once for the whole lock.
    pub(super) fn refuse_locked(&self, who: &Identity) -> Vec<Change> {
        let until = who.locked_until.unwrap_or_else(|| self.bridge.now());
        let refused = read_as(self.message, MessageState::Refused, "too many wrong PINs");
        vec![refused, self.tell_locked(who, until)]
    }

    fn tell_locked(&self, who: &Identity, until: Timestamp) -> Change {
        let text = words::locked(&texts::moment(until));
        let key = format!("lock/{}/{}", who.id, until.0);
        Change::AddReply(NewReply { key, ..self.reply("lock", text) })
    }

    /// Digits that are not the PIN are not kept either: they may be nearly right.
    fn without(&self, digits: Option<(&str, &str)>) -> Option<Change> {
        let text = digits?.1.to_owned();
        Some(Change::SetText { message_id: self.message.id, text })
    }

    /// Counts a wrong PIN and says so.
    pub(super) fn count_wrong_pin(&self, who: &Identity) -> Vec<Change> {
        let sender = self.message.sender.clone();
        let locked_until = self.bridge.now().plus_hours(LOCK_HOURS);
        let left = TRIES_MAX - who.pin_wrong - 1;
        let told = if left > 0 {
            self.answer("pin", words::wrong_pin(left))
        } else {
            tracing::warn!(identity.id = who.id, "too many wrong PINs: locked");
            self.tell_locked(who, locked_until)
        };
        vec![Change::WrongPin { sender, tries_max: TRIES_MAX, locked_until }, told]
    }

    /// Keeps the text until its sender has proved that it is them. They are told once for all texts that
    /// wait on this line, and reminded once a day.
    async fn wait_for_proof(&self, lack: Lack, accounts: &[Account]) -> Verdict {
        let Message { id, transport, line, sender, received_at, .. } = self.message;
        let now = self.bridge.now();
        let hours = i64::from(self.bridge.config().policy.keep_waiting_hours);
        let until = received_at.plus_hours(hours).max(now);
        let mut changes = vec![Change::Read {
            message_id: *id,
            state: MessageState::Waiting,
            wait: WaitReason::Proof,
            wait_until: Some(until),
            outcome: "waits for proof that it is them".to_owned(),
        }];
        let key = format!("told/proof/{}", sender.reveal());
        let today = self.bridge.store().counter(&key, now.day()).await?;
        let held = self.held().await?;
        let told = held.iter().any(|held| held.transport == *transport && held.line == *line);
        if !told || today == 0 {
            changes.push(counted(key, now));
            changes.extend(self.challenge(lack, accounts, &texts::moment(until)).await?);
        }
        Ok(changes)
    }

    /// What they are to do.
    async fn challenge(&self, lack: Lack, accounts: &[Account], until: &str) -> Verdict {
        let text = match lack {
            Lack::Nothing => return Ok(Vec::new()),
            Lack::Pin if self.policy() == PinPolicy::Required => words::ask_pin_each(until),
            Lack::Pin => words::ask_pin(until),
            Lack::PinOfTheirOwn if self.connected_lately(accounts) => words::set_pin_first(until),
            Lack::PinOfTheirOwn => {
                let text = |provider: &str, url: &str, segments_max: u32| {
                    words::connect_then_pin(provider, url, until, segments_max)
                };
                return self.link_again(accounts, text).await;
            }
            Lack::Relink => {
                let open = self.bridge.store().open_link(&self.message.sender, self.bridge.now());
                if open.await?.is_none() {
                    let text = |provider: &str, url: &str, segments_max: u32| {
                        words::ask_relink(provider, url, until, segments_max)
                    };
                    return self.link_again(accounts, text).await;
                }
                words::ask_relink_again(until)
            }
        };
        Ok(vec![self.answer("proof", text)])
    }

    /// A link to the accounts that they have, for somebody who is known: no invitation.
    pub(super) async fn link_again(
        &self,
        accounts: &[Account],
        text: impl Fn(&str, &str, u32) -> String,
    ) -> Verdict {
        let Message { sender, transport, line, .. } = self.message;
        let offer = self.bridge.offer(sender, transport, line, LinkReason::Relink).await?;
        let mut link = offer.link;
        let known = |sink: &String| self.bridge.registry().sinks.contains_key(sink);
        // On another line's route there might be none of theirs, and linking would prove nothing.
        let mut sinks: Vec<String> =
            accounts.iter().map(|account| account.sink.clone()).filter(known).collect();
        sinks.sort_by_key(|sink| link.sinks.iter().position(|routed| routed == sink).is_none());
        if !sinks.is_empty() {
            link.sinks = sinks;
        }
        let first = link.sinks.first();
        let provider = first.map(|sink| self.bridge.provider_of(sink)).unwrap_or_default();
        let text = text(&provider, &offer.url, self.bridge.segments_max());
        let reply = Change::AddReply(self.reply("proof", text).secret());
        let told = offer.texted.then_some(reply);
        Ok(std::iter::once(Change::AddLink(link)).chain(told).collect())
    }

    /// Whether they connected so recently that nothing more is needed to set a PIN.
    pub(super) fn connected_lately(&self, accounts: &[Account]) -> bool {
        let minutes = i64::from(self.bridge.config().policy.link_minutes);
        let linked_at = accounts.iter().map(|account| account.linked_at).max();
        linked_at.is_some_and(|at| self.message.received_at <= at.plus_seconds(minutes * 60))
    }
}

/// Notes that something has been told today.
fn counted(key: String, now: Timestamp) -> Change {
    Change::Count(vec![Counter { key, window: now.day(), by: 1, max: i64::MAX }])
}
