//! Settling: looking whether an unclear attempt took effect. Never repeats blindly.

use super::decide::asked_for;
use super::lane::{Lane, Step};
use crate::bridge::guarded_about;
use crate::credentials::Usable;
use crate::texts;
use cordboard_plugin::{Attempt, CallError, Published, Settled, Timestamp};
use cordboard_store::{
    Account, Change, CloseAttempt, Message, Post, PostState, ReplyClass, StoreError, WaitReason,
};

/// How long a look may take.
const LOOK_MS_MAX: i64 = 20_000;
/// Looks that bring nothing before a person is asked.
const LOOKS_MAX: i32 = 5;
/// A post that waits for a person's `/RETRY` is not looked at by itself.
const PARKED: Timestamp = Timestamp(i64::MAX);

impl Lane<'_> {
    pub(super) async fn settle(&mut self, post: Post) -> Result<Step, StoreError> {
        let store = self.bridge.store();
        let Some(message) = store.message(post.message_id).await? else { return Ok(Step::Rest) };
        let account = store.account(&self.sender, &self.sink_name).await?;
        // Looking has told nothing for long. The destination itself can tell by refusing words it holds.
        if post.looks >= LOOKS_MAX
            && post.wait != WaitReason::Check
            && account.is_some()
            && self.refusal_tells(&post).await?
        {
            return self.attempt(post).await;
        }
        let settled = match &account {
            Some(account) => match self.look(&post, account).await? {
                Some(settled) => settled,
                None => {
                    self.settle_tomorrow(&post).await?;
                    return Ok(Step::Rest);
                }
            },
            None => Settled::Unknown,
        };
        match (settled, account) {
            (Settled::Yes(published), Some(account)) => {
                self.posted(&post, &message, &account, published, true).await?;
                Ok(Step::Next)
            }
            (Settled::No, _) if post.undo_asked => {
                self.close_rest(&post, PostState::Refused, "taken back", "not there").await?;
                let text = texts::taken_back(&message.text, self.bridge.segments_max());
                let what = format!("undone-{}", self.sink_name);
                self.commit(vec![self.text_to(&message, &what, text, ReplyClass::Answer)]).await?;
                Ok(Step::Next)
            }
            (Settled::No, _) => {
                // Looked for and not there: this is no blind repeat. The wait keeps a provider that
                // loses every answer from being asked without pause.
                let due = self.backoff(post.tries);
                let told = asked_for(&post).then(|| {
                    let text = texts::not_there(
                        &self.sink.can.provider,
                        &message.text,
                        self.bridge.segments_max(),
                    );
                    self.after_look(&post, &message, text)
                });
                self.looked(&post, PostState::Waiting, due, "not there", told).await?;
                Ok(Step::Rest)
            }
            _ => self.unknown(&post, &message).await,
        }
    }

    /// Looks once; once more with a renewed credential when the first look finds it dead. `None` when
    /// there is no money left for it today.
    async fn look(
        &mut self,
        post: &Post,
        account: &Account,
    ) -> Result<Option<Settled>, StoreError> {
        // Pictures tell posts apart. Without knowing which were uploaded, nobody could say "not there".
        let Some(handles) = self.handles_uploaded(post).await? else {
            return Ok(Some(Settled::Unknown));
        };
        let attempt = Attempt {
            part: cordboard_plugin::Part { handles, ..post.part.clone() },
            previous: self.previous(post).await?,
            started_at: post.attempt_started_at.unwrap_or(post.due_at),
        };
        for _ in 0..2 {
            let Usable::Fresh(credential) =
                self.bridge.usable(self.sink, account, self.renewed).await?
            else {
                break;
            };
            let price = self.sink.can.price_settle;
            if !self.bridge.pay_for_call(&self.sink_name, &self.sender, price).await? {
                return Ok(None);
            }
            let host = self.bridge.host(&self.sink_name);
            let call = self.sink.plugin.settle(&host, &credential.credential, &attempt);
            match guarded_about(self.bridge, post.message_id, LOOK_MS_MAX, call).await {
                Ok(Ok(settled)) => return Ok(Some(settled)),
                Ok(Err(CallError::Relink { .. })) => self.renewed = Some(credential.version + 1),
                Ok(Err(error)) => {
                    tracing::info!(post.id, "looked in vain: {error}");
                    break;
                }
                Err(problem) => {
                    tracing::warn!(post.id, "looked in vain: {problem}");
                    break;
                }
            }
        }
        Ok(Some(Settled::Unknown))
    }

    async fn unknown(&self, post: &Post, message: &Message) -> Result<Step, StoreError> {
        let (provider, segments_max) = (&self.sink.can.provider, self.bridge.segments_max());
        let (due, detail) = if post.looks + 1 < LOOKS_MAX {
            (self.backoff(post.looks + 3), "cannot be told yet")
        } else if self.refusal_tells(post).await? {
            (self.backoff(post.tries), "the destination will tell")
        } else {
            let text = texts::unclear(provider, &message.text, segments_max);
            let told = Some(self.after_look(post, message, text));
            self.looked(post, PostState::Unclear, PARKED, "cannot be told", told).await?;
            return Ok(Step::Next);
        };
        let told = asked_for(post).then(|| {
            self.after_look(
                post,
                message,
                texts::still_unclear(provider, &message.text, segments_max),
            )
        });
        self.looked(post, PostState::Unclear, due, detail, told).await?;
        Ok(Step::Rest)
    }

    /// What a look brought, for its sender: looks of the same post at other times are told apart.
    fn after_look(&self, post: &Post, message: &Message, text: String) -> Change {
        let what = format!("look-{}-{}-{}", self.sink_name, post.part_index, self.now().0);
        self.text_to(message, &what, text, ReplyClass::Answer)
    }

    /// Whether a refusal of these words would mean that they are this post's own: no other post of the
    /// account has them, and no picture makes them another post. A text that was asked to be taken back is
    /// not sent again to find out.
    pub(super) async fn refusal_tells(&self, post: &Post) -> Result<bool, StoreError> {
        if post.undo_asked || !self.sink.can.refuses_duplicates || !post.part.media.is_empty() {
            return Ok(false);
        }
        let store = self.bridge.store();
        Ok(!store.same_hash_posted(&self.sender, &self.sink_name, &post.text_hash, post.id).await?)
    }

    async fn looked(
        &self,
        post: &Post,
        state: PostState,
        due_at: Timestamp,
        detail: &str,
        told: Option<Change>,
    ) -> Result<(), StoreError> {
        let close = CloseAttempt {
            post_id: post.id,
            state,
            wait: if state == PostState::Waiting { WaitReason::Time } else { WaitReason::Nothing },
            due_at: Some(due_at),
            published: None::<Published>,
            look: true,
            outcome: "being checked".to_owned(),
            detail: detail.to_owned(),
        };
        self.commit(std::iter::once(Change::CloseAttempt(close)).chain(told).collect()).await
    }
}
