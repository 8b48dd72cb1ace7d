//! Commands and carrier words.

use super::parse::Command;
use super::{Reader, Verdict, read_as};
use crate::texts;
use cordboard_plugin::{MicroUsd, Timestamp};
use cordboard_store::{
    Change, Hold, LinkReason, MessageFilter, MessageState, StoreError, WaitReason, posts_key,
    spent_key,
};

impl Reader<'_> {
    pub(super) async fn command(&self, command: Command, hold: &Hold) -> Verdict {
        match command {
            Command::Help => self.help(false).await,
            Command::Stop => self.leave(false).await,
            Command::Status => self.status().await,
            Command::Undo => self.undo(hold).await,
            Command::Check => self.check(hold).await,
            Command::Retry => self.retry().await,
            Command::Yes => self.decide(true).await,
            Command::No => self.decide(false).await,
            Command::Quiet => self.set_quiet(true),
            Command::Loud => self.set_quiet(false),
            Command::Link => self.link(LinkReason::Asked).await,
        }
    }

    pub(super) fn answered(&self, outcome: &str) -> Change {
        read_as(self.message, MessageState::Answered, outcome)
    }

    pub(super) async fn status(&self) -> Verdict {
        let store = self.bridge.store();
        let sender = &self.message.sender;
        let accounts = store.accounts(sender).await?;
        let text = match accounts.first() {
            None => texts::status_unlinked(),
            Some(account) if account.relink => {
                let waiting = store.waiting_of(sender).await?.len();
                texts::status_relink(&self.bridge.provider_of(&account.sink), waiting)
            }
            Some(account) => {
                let waiting = store.waiting_of(sender).await?.len();
                let day = self.bridge.now().day();
                let posts = store.counter(&posts_key(sender), day).await?;
                let spent = store.counter(&spent_key(Some(sender)), day).await?;
                let posts = if posts == 1 { "1 post".to_owned() } else { format!("{posts} posts") };
                let spent = format!("{posts}, {}", MicroUsd(spent).in_cents());
                texts::status(&account.remote.handle, waiting, &spent)
            }
        };
        Ok(vec![self.answered("status"), self.answer("status", text)])
    }

    /// Takes back the newest post. What there was to take back is known only after the commit, and it
    /// must not be done twice: so the message is read in the same commit, and the answer follows.
    async fn undo(&self, hold: &Hold) -> Verdict {
        let sender = self.message.sender.clone();
        let changes = vec![self.answered("undo"), Change::UndoNewest { sender }];
        let applied = self.bridge.commit(Some(hold), changes).await?;
        Ok(match applied.undone {
            None => vec![self.answer("undo", texts::nothing_to("take back"))],
            // The retraction itself answers when it is done.
            Some(undone) if undone.asked > 0 => Vec::new(),
            Some(undone) => {
                vec![self.answer("undo", texts::dropped(&undone.text, self.bridge.segments_max()))]
            }
        })
    }

    async fn retry(&self) -> Verdict {
        let filter = MessageFilter {
            states: vec![MessageState::Failed, MessageState::Unclear],
            sender: Some(self.message.sender.clone()),
            before: None,
            rows_max: 1,
        };
        Ok(match self.bridge.store().messages(filter).await?.first() {
            None => {
                vec![self.answered("retry"), self.answer("retry", texts::nothing_to("try again"))]
            }
            Some(message) => vec![
                self.answered("retry"),
                Change::Retry { message_id: message.id },
                self.answer("retry", texts::retrying()),
            ],
        })
    }

    /// Whether a question of ours is open.
    pub(super) async fn question(&self) -> Result<bool, StoreError> {
        let waiting = self.bridge.store().waiting_of(&self.message.sender).await?;
        Ok(waiting
            .iter()
            .filter(|message| message.wait_until.is_none_or(|until| until > self.bridge.now()))
            .any(|message| matches!(message.wait, WaitReason::Approval | WaitReason::OtherAccount)))
    }

    pub(super) async fn decide(&self, yes: bool) -> Verdict {
        if !self.question().await? {
            let text = texts::nothing_to("decide");
            return Ok(vec![self.answered("no question"), self.answer("decide", text)]);
        }
        Ok(vec![
            self.answered(if yes { "yes" } else { "no" }),
            Change::Approve { sender: self.message.sender.clone(), yes },
            self.answer("decide", texts::decided(yes)),
        ])
    }

    /// Until when this message waits for its sender: for an answer, or for a relink.
    pub(super) fn kept_until(&self) -> Timestamp {
        let hours = i64::from(self.bridge.config().policy.keep_waiting_hours);
        self.message.received_at.plus_hours(hours).max(self.bridge.now())
    }

    /// The same as a short text says it.
    pub(super) fn until(&self) -> String {
        texts::moment(self.kept_until())
    }

    /// Keeps the message until the sender says YES.
    pub(super) async fn ask(&self, text: &str) -> Verdict {
        // Somebody without an account is invited, whatever they wrote.
        if self.bridge.store().accounts(&self.message.sender).await?.is_empty() {
            return self.invite(LinkReason::Invite).await;
        }
        let waiting = Change::Read {
            message_id: self.message.id,
            state: MessageState::Waiting,
            wait: WaitReason::Approval,
            wait_until: Some(self.kept_until()),
            outcome: "asked the sender".to_owned(),
        };
        Ok(vec![waiting, self.answer("ask", text.to_owned())])
    }

    fn set_quiet(&self, quiet: bool) -> Verdict {
        Ok(vec![
            self.answered(if quiet { "quiet" } else { "loud" }),
            Change::SetQuiet { sender: self.message.sender.clone(), quiet },
            self.answer("quiet", texts::quiet(quiet)),
        ])
    }

    /// `/LINK`: a fresh link for anybody who may have one.
    async fn link(&self, reason: LinkReason) -> Verdict {
        let mut changes = vec![self.opt_out(false)];
        changes.extend(self.invite(reason).await?);
        Ok(changes)
    }
}
