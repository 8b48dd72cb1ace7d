//! STOP, START and HELP, as carriers and law expect them.

use super::parse::{Command, Seen};
use super::{Reader, Verdict};
use crate::texts;
use cordboard_plugin::Keyword;
use cordboard_store::{Change, Counter, LinkReason, MessageState, Standing, StoreError};

/// Answers that go out whatever else is limited, per number and UTC day. They are limited by themselves: a
/// machine that says HELP to everything must not cost us a text each time.
const HELP_PER_DAY: i64 = 5;
const LEFT_PER_DAY: i64 = 3;
/// The same to somebody who has left. Carriers want HELP answered even then (CTIA Messaging Principles).
const HELP_AFTER_STOP_PER_DAY: i64 = 1;

impl Reader<'_> {
    /// Accounts erased, everything not yet attempted cancelled, silence from here on.
    pub(super) async fn leave(&self, carrier_confirms: bool) -> Verdict {
        let message = self.message;
        let mut changes = vec![
            self.answered("left"),
            Change::Leave { sender: message.sender.clone(), standing: Standing::Left },
            self.opt_out(true),
        ];
        if !carrier_confirms {
            let text = texts::left(self.bridge.name());
            changes.extend(self.whatever_happens("left", text, LEFT_PER_DAY).await?);
        }
        Ok(changes)
    }

    pub(super) fn opt_out(&self, on: bool) -> Change {
        Change::OptOut {
            transport: self.message.transport.clone(),
            line: self.message.line.clone(),
            sender: self.message.sender.clone(),
            on,
        }
    }

    /// START, or a YES that answers nothing: texts may be sent again, and an unlinked person gets a link.
    pub(super) async fn come_back(&self) -> Verdict {
        let accounts = self.bridge.store().accounts(&self.message.sender).await?;
        let mut changes = vec![self.opt_out(false)];
        if accounts.is_empty() {
            changes.extend(self.invite(LinkReason::Invite).await?);
        } else {
            changes.extend(self.status().await?);
        }
        Ok(changes)
    }

    pub(super) async fn help(&self, carrier_answers: bool) -> Verdict {
        let mut changes = vec![self.answered("help")];
        if !carrier_answers {
            changes.extend(self.help_text(HELP_PER_DAY).await?);
        }
        Ok(changes)
    }

    /// A text of somebody who has left. It is not answered; only HELP is, once a day, and only where the
    /// carrier does not hold our texts back anyway.
    pub(super) async fn after_stop(&self, seen: &Seen) -> Verdict {
        match seen {
            Seen::Carrier(Keyword::Stop) | Seen::Command(Command::Stop) => {
                self.silently("left before")
            }
            Seen::Carrier(Keyword::Help) | Seen::Command(Command::Help)
                if !self.carrier_words().iter().any(|word| word == "STOP") =>
            {
                let read =
                    super::read_as(self.message, MessageState::Refused, "the sender has left");
                let help = self.help_text(HELP_AFTER_STOP_PER_DAY).await?;
                Ok(std::iter::once(read).chain(help).collect())
            }
            _ => self.silently("the sender has left"),
        }
    }

    /// Whether the carrier itself has answered this word, so that we must not. It heeds the word alone;
    /// `Stop.` is heeded by us only, and so it is for us to answer.
    pub(super) fn carrier_answers(&self, keyword: Keyword) -> bool {
        let said = self.message.text.trim().to_uppercase();
        // What the provider itself has called a keyword it has answered, whatever the word is.
        self.carrier_words().contains(&said) || self.message.keyword == Some(keyword)
    }

    fn carrier_words(&self) -> &[String] {
        let transports = &self.bridge.registry().transports;
        transports.get(&self.message.transport).map_or(&[], |found| &found.can.carrier_words)
    }

    async fn help_text(&self, per_day: i64) -> Verdict {
        let contact = &self.bridge.config().bridge.help_contact;
        let text = texts::help(self.bridge.name(), contact, self.bridge.segments_max());
        self.whatever_happens("help", text, per_day).await
    }

    /// An answer that is sent even after STOP and over the daily limit, but so many times a day at most.
    /// One sender is read by one lane, so nobody else counts meanwhile.
    async fn whatever_happens(&self, what: &str, text: String, per_day: i64) -> Verdict {
        let day = self.bridge.now().day();
        let key = format!("always/{what}/{}", self.message.sender.reveal());
        if self.told(&key, day).await? >= per_day {
            return Ok(Vec::new());
        }
        let counter = Counter { key, window: day, by: 1, max: per_day };
        let reply = self.reply(what, text).always();
        Ok(vec![Change::Count(vec![counter]), Change::AddReply(reply)])
    }

    async fn told(&self, key: &str, day: i64) -> Result<i64, StoreError> {
        self.bridge.store().counter(key, day).await
    }
}
