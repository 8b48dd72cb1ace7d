//! Reading: one sender's messages, oldest first. Says what each is and what follows from it; never waits.

mod alt;
mod check;
mod code;
mod commands;
mod leaving;
mod loops;
mod parse;
mod pictures;
mod pin;
mod posting;
mod proof;

use crate::bridge::Bridge;
use crate::pump::report;
use crate::texts;
use cordboard_plugin::{Address, Keyword};
use cordboard_store::{
    Change, Hold, Identity, LaneKind, Message, MessageState, NewReply, Standing, StoreError,
    WaitReason,
};
use parse::{Command, Seen};
use proof::Gate;

/// What is known when a message is read.
pub(crate) struct Reader<'a> {
    pub(crate) bridge: &'a Bridge,
    pub(crate) message: &'a Message,
    pub(crate) identity: Option<Identity>,
}

/// What follows from a message. Everything in it becomes one transaction.
pub(crate) type Verdict = Result<Vec<Change>, StoreError>;

impl Bridge {
    /// Reads the oldest unread message of a lane and gives the lane back.
    pub(crate) async fn read_lane(&self, hold: Hold) {
        if let Err(error) = self.read_next(&hold).await {
            report(&error);
        }
    }

    async fn read_next(&self, hold: &Hold) -> Result<(), StoreError> {
        let sender = Address::new(&hold.key);
        // One that its provider has still to be asked about is read when that is done, and not overtaken.
        let unread = self.store().next_unread(&sender).await?;
        let Some(message) = unread.filter(|message| !message.unconfirmed) else {
            self.commit(Some(hold), vec![Change::ReleaseLane(hold.clone())]).await?;
            return Ok(());
        };
        let Some((message, identity)) = self.cut_pin(hold, message).await? else { return Ok(()) };
        let reader = Reader { bridge: self, message: &message, identity };
        let mut changes = reader.masked();
        changes.extend(reader.read(hold).await?);
        let code = changes.iter().any(|change| matches!(change, Change::StepLink(_)));
        let lanes = self.lanes_to_take(&message, &changes);
        changes.extend(lanes);
        changes.push(Change::ReleaseLane(hold.clone()));
        let applied = self.commit(Some(hold), changes).await?;
        if let Some(over) = applied.over {
            // Nothing behind the counter was written: not the answer, not the lane's release.
            let why = format!("no invitation: limit of {over} reached");
            let refused = read_as(&message, MessageState::Refused, &why);
            self.commit(Some(hold), vec![refused, Change::ReleaseLane(hold.clone())]).await?;
        }
        tracing::info!(message.id, "read");
        if code {
            self.spawn_code(message.sender.clone());
        }
        for taken in applied.holds {
            self.spawn_delivery(taken);
        }
        Ok(())
    }

    /// Posts of an idle lane are delivered at once, without waiting for the pump to find it.
    fn lanes_to_take(&self, message: &Message, changes: &[Change]) -> Vec<Change> {
        let mut sinks: Vec<&str> = changes
            .iter()
            .filter_map(|change| match change {
                Change::AddPosts { posts, .. } => Some(posts),
                _ => None,
            })
            .flatten()
            .map(|post| post.sink.as_str())
            .collect();
        sinks.dedup();
        let room = self.ready() && self.deliveries().available_permits() > sinks.len();
        sinks.retain(|_| room);
        sinks
            .into_iter()
            .map(|sink| Change::TakeLane {
                kind: LaneKind::Delivering,
                key: cordboard_store::delivering_key(&message.sender, sink),
                claim: self.claim(),
            })
            .collect()
    }
}

impl Reader<'_> {
    async fn read(&self, hold: &Hold) -> Verdict {
        let Message { sender, transport, line, .. } = self.message;
        if !sender.is_e164() {
            return self.silently("not a number that can be answered");
        }
        if self.bridge.registry().is_ours(sender) {
            return self.silently("sent by one of our own lines");
        }
        if self.identity.as_ref().is_some_and(|who| who.standing == Standing::Blocked) {
            return self.silently("blocked by the operator");
        }
        if self.message.approved {
            return self.approved_words().await;
        }
        let seen = parse::look(&self.message.text, self.message.keyword);
        let opted_out = self.bridge.store().opted_out(transport, line, sender).await?;
        if opted_out && !comes_back(&seen) {
            return self.after_stop(&seen).await;
        }
        if let Some(changes) = self.code().await? {
            return Ok(changes);
        }
        if let Some(machine) = self.machine(&seen).await? {
            return self.silently(machine.why());
        }
        match self.gate(&seen).await? {
            Gate::Open(mut changes) => {
                changes.extend(self.act(seen, hold).await?);
                Ok(changes)
            }
            Gate::Shut(changes) => Ok(changes),
        }
    }

    /// Whatever comes of a text with `/PIN` in it, its digits are not kept.
    fn masked(&self) -> Vec<Change> {
        match parse::look(&self.message.text, None) {
            Seen::Pin(_) => {
                let (message_id, text) = (self.message.id, pin::MASK.to_owned());
                vec![Change::SetText { message_id, text }]
            }
            _ => Vec::new(),
        }
    }

    /// The words of a message that the sender has said YES to.
    async fn approved_words(&self) -> Verdict {
        match parse::look(&self.message.text, None) {
            Seen::Words(text) => self.post(&text).await,
            // It waited for proof when its sender connected another account: their YES went for words.
            Seen::Command(_) | Seen::BareYes | Seen::Carrier(_) | Seen::Pin(_) | Seen::Alt(_) => {
                self.silently("a command from before another account was connected")
            }
            _ => self.post(self.message.text.trim()).await,
        }
    }

    async fn act(&self, seen: Seen, hold: &Hold) -> Verdict {
        match seen {
            Seen::Carrier(Keyword::Stop) => self.leave(self.carrier_answers(Keyword::Stop)).await,
            Seen::Command(Command::Stop) => self.leave(false).await,
            Seen::Carrier(Keyword::Start) => self.come_back().await,
            Seen::Carrier(Keyword::Help) => self.help(self.carrier_answers(Keyword::Help)).await,
            Seen::Command(Command::Help) => self.help(false).await,
            Seen::BareYes => match self.question().await? {
                true => self.decide(true).await,
                false => self.come_back().await,
            },
            Seen::BareNo => match self.question().await? {
                true => self.decide(false).await,
                false => self.post(self.message.text.trim()).await,
            },
            Seen::Command(command) => self.command(command, hold).await,
            Seen::Pin(given) => self.pin(&given).await,
            Seen::Alt(words) => self.alt(&words).await,
            Seen::CommandGoesOn(word) => {
                self.ask(&texts::command_goes_on(&word, &self.until())).await
            }
            Seen::NoCommand(word) => {
                let segments_max = self.bridge.segments_max();
                self.ask(&texts::no_command(&word, &self.until(), segments_max)).await
            }
            Seen::Words(text) => self.post(&text).await,
        }
    }

    /// Refused without an answer: answering would cost money, feed a loop, or break a promise.
    fn silently(&self, why: &str) -> Verdict {
        Ok(vec![read_as(self.message, MessageState::Refused, why)])
    }

    /// An answer to this message. `what` keeps it unique.
    pub(crate) fn answer(&self, what: &str, text: String) -> Change {
        Change::AddReply(self.reply(what, text))
    }

    pub(crate) fn reply(&self, what: &str, text: String) -> NewReply {
        let Message { id, transport, line, sender, .. } = self.message;
        NewReply::answer(format!("m{id}/{what}"), transport, line, sender, text).about(*id)
    }
}

/// Texts that are heeded even after STOP.
fn comes_back(seen: &Seen) -> bool {
    matches!(
        seen,
        Seen::Carrier(Keyword::Start) | Seen::BareYes | Seen::Command(Command::Link | Command::Yes)
    )
}

/// The message is read, and this is what became of it.
pub(crate) fn read_as(message: &Message, state: MessageState, outcome: &str) -> Change {
    Change::Read {
        message_id: message.id,
        state,
        wait: WaitReason::Nothing,
        wait_until: None,
        outcome: outcome.to_owned(),
    }
}
