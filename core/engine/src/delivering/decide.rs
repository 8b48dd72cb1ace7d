//! From the outcome of a call to what follows. The one place where an error of a sink becomes a decision.

use super::lane::{Attempted, Lane, Step, closing};
use crate::config::Receipts;
use crate::texts;
use cordboard_plugin::{CallError, Published, Reason, Refusal, Timestamp, Trouble};
use cordboard_store::{
    Account, Change, CloseAttempt, Message, Post, PostState, ReplyClass, SETTLE_AFTER_MS,
    StoreError, WaitReason,
};

/// After so many unclear tries of one post the provider is taken to be down for long.
const UNCLEAR_TRIES_MAX: i32 = 6;
/// A provider's wish to wait longer than this is told to the sender, who would text it again.
const WAIT_TOLD_MS: i64 = 16 * 60_000;
/// What is left to do when a text was given up.
const RETRY: &str = "/RETRY tries again.";
/// The same when its account was not connected again.
const LINK_AND_RETRY: &str = "/LINK connects you, then /RETRY.";

impl Lane<'_> {
    pub(super) async fn decide(
        &mut self,
        attempted: Attempted,
        outcome: Result<Published, CallError>,
    ) -> Result<Step, StoreError> {
        let Attempted { post, message, account, credential, deadline_at, probe } = attempted;
        match outcome {
            Ok(published) => {
                self.posted(&post, &message, &account, published, false).await?;
                if probe {
                    self.resume().await?;
                }
                Ok(Step::Next)
            }
            Err(CallError::RetryAfter { wait_ms, detail }) => {
                let wish = self.now().plus_millis(wait_ms.unwrap_or(0).max(0));
                let due = wish.max(self.backoff(post.tries));
                self.close_waiting(&post, WaitReason::Time, due, &detail).await?;
                if due.millis_since(self.now()) > WAIT_TOLD_MS {
                    self.tell_kept(&message).await?;
                }
                Ok(Step::Rest)
            }
            Err(CallError::Unreachable { detail }) => {
                let due = self.backoff(post.tries);
                self.close_waiting(&post, WaitReason::Time, due, &detail).await?;
                Ok(Step::Rest)
            }
            Err(CallError::Relink { detail }) => {
                self.credential_refused(&post, &account, credential, &detail).await
            }
            Err(CallError::Refused(refusal)) => {
                self.refused(&post, &message, &account, refusal).await
            }
            Err(error @ CallError::Operator { .. }) => {
                self.pause(&post, &error).await?;
                Ok(Step::Rest)
            }
            // Anything else, an error of a newer plugin too, may have taken effect.
            Err(error) => {
                let settle_at = deadline_at.plus_millis(SETTLE_AFTER_MS);
                let detail = error.to_string();
                self.close(&post, PostState::Unclear, Some(settle_at), "being checked", &detail)
                    .await?;
                if post.tries + 1 >= UNCLEAR_TRIES_MAX {
                    let down = CallError::operator(Trouble::Provider, detail);
                    self.pause_sink(&down).await?;
                }
                Ok(Step::Rest)
            }
        }
    }

    /// A part is out. When it was the last, the sender gets a receipt.
    pub(super) async fn posted(
        &self,
        post: &Post,
        message: &Message,
        account: &Account,
        published: Published,
        look: bool,
    ) -> Result<(), StoreError> {
        let url = published.url.clone();
        let close = CloseAttempt {
            post_id: post.id,
            state: PostState::Posted,
            wait: WaitReason::Nothing,
            due_at: None,
            published: Some(published),
            look,
            outcome: String::new(),
            detail: if look { "found there" } else { "" }.to_owned(),
        };
        let mut changes = vec![Change::CloseAttempt(close)];
        let asked = asked_for(post);
        if post.part_index + 1 < post.part_count {
            if asked {
                let text = texts::found_part(
                    &self.sink.can.provider,
                    &message.text,
                    self.bridge.segments_max(),
                );
                let what = format!("found-{}-{}", self.sink_name, self.now().0);
                changes.push(self.text_to(message, &what, text, ReplyClass::Answer));
            }
        } else if asked || self.wants_receipt(message).await? {
            let first_url = if post.part_index == 0 { url } else { self.first_url(post).await? };
            let text = texts::posted(
                &account.remote.handle,
                &message.text,
                first_url.as_deref(),
                self.bridge.segments_max(),
            );
            let what = format!("posted-{}", self.sink_name);
            let class = if asked { ReplyClass::Answer } else { ReplyClass::Receipt };
            changes.push(self.text_to(message, &what, text, class));
        }
        self.commit(changes).await?;
        tracing::info!(message.id, sink = %self.sink_name, part = post.part_index, "posted");
        Ok(())
    }

    async fn wants_receipt(&self, message: &Message) -> Result<bool, StoreError> {
        if self.bridge.config().policy.receipts != Receipts::Always {
            return Ok(false);
        }
        let identity = self.bridge.store().identity(&self.sender).await?;
        Ok(identity.is_none_or(|identity| !identity.quiet)
            && !self.bridge.holds_receipt(message).await?)
    }

    async fn first_url(&self, post: &Post) -> Result<Option<String>, StoreError> {
        let posts = self.bridge.store().posts_of(post.message_id).await?;
        let first =
            posts.into_iter().find(|other| other.sink == post.sink && other.part_index == 0);
        Ok(first.and_then(|first| first.published).and_then(|published| published.url))
    }

    /// The call found the credential dead: it is renewed once; a renewed one that is refused too is dead.
    async fn credential_refused(
        &mut self,
        post: &Post,
        account: &Account,
        credential: cordboard_store::HeldCredential,
        detail: &str,
    ) -> Result<Step, StoreError> {
        if credential.refresh_at.is_some() && self.renewed != Some(credential.version) {
            self.close(post, PostState::Queued, Some(self.now()), "", detail).await?;
            // `usable` takes this version for stale and refreshes it.
            self.renewed = Some(credential.version + 1);
            return Ok(Step::Next);
        }
        self.bridge.credential_is_dead(self.sink, account, &credential, detail).await?;
        self.wait_for_relink(post, account).await?;
        Ok(Step::Next)
    }

    async fn refused(
        &mut self,
        post: &Post,
        message: &Message,
        account: &Account,
        refusal: Refusal,
    ) -> Result<Step, StoreError> {
        if refusal.reason == Reason::Duplicate && post.doubt && self.refusal_tells(post).await? {
            // The provider holds these words, and nobody but our own unclear attempt can have put
            // them there. Under which id, it does not say.
            let published = Published { id: String::new(), url: None };
            self.posted(post, message, account, published, true).await?;
            return Ok(Step::Next);
        }
        if refusal.reason == Reason::Media && !post.part.media.is_empty() && !self.reencode {
            self.upload_afresh(post).await?;
            return Ok(Step::Next);
        }
        self.refused_for_good(post, message, &refusal).await?;
        Ok(Step::Next)
    }

    pub(super) async fn refused_for_good(
        &self,
        post: &Post,
        message: &Message,
        refusal: &Refusal,
    ) -> Result<(), StoreError> {
        tracing::info!(message.id, sink = %self.sink_name, code = %refusal.code, "refused");
        self.close_rest(post, PostState::Refused, &refusal.words, &refusal.to_string()).await?;
        self.tell_not_posted(post, message, &refusal.words, texts::way_out(refusal.reason)).await
    }

    pub(super) async fn refuse(&self, post: &Post, words: &str) -> Result<(), StoreError> {
        self.close_rest(post, PostState::Refused, words, words).await
    }

    /// Gives a post up for good; its sender may still `/RETRY`.
    pub(super) async fn give_up(&self, post: &Post) -> Result<Step, StoreError> {
        let (words, way_out) = match post.wait {
            WaitReason::Relink => ("it was not connected again in time", LINK_AND_RETRY),
            WaitReason::OtherAccount | WaitReason::Approval => {
                ("it was not answered in time", RETRY)
            }
            _ => ("it could not be delivered in time", RETRY),
        };
        self.close_rest(post, PostState::Failed, words, words).await?;
        if let Some(message) = self.bridge.store().message(post.message_id).await? {
            self.tell_not_posted(post, &message, words, way_out).await?;
        }
        Ok(Step::Next)
    }

    /// Closes a part and those behind it, which cannot stand without it. Parts that are out stay.
    pub(super) async fn close_rest(
        &self,
        post: &Post,
        state: PostState,
        outcome: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let posts = self.bridge.store().posts_of(post.message_id).await?;
        let rest = posts.iter().filter(|other| {
            other.sink == post.sink
                && other.part_index >= post.part_index
                && other.state != PostState::Posted
        });
        let changes = rest.map(|other| closing(other.id, state, None, outcome, detail)).collect();
        self.commit(changes).await
    }

    pub(super) async fn tell_not_posted(
        &self,
        post: &Post,
        message: &Message,
        words: &str,
        way_out: &str,
    ) -> Result<(), StoreError> {
        if self.bridge.config().policy.receipts == Receipts::Never {
            return Ok(());
        }
        let parts_out = usize::try_from(post.part_index).unwrap_or(0);
        let segments_max = self.bridge.segments_max();
        let text = texts::not_posted(&message.text, words, way_out, parts_out, segments_max);
        let what = format!("not-posted-{}-{}", self.sink_name, post.tries);
        self.commit(vec![self.text_to(message, &what, text, ReplyClass::Answer)]).await
    }

    /// The sink is paused for everybody; this post waits like all others.
    pub(super) async fn pause(&self, post: &Post, error: &CallError) -> Result<(), StoreError> {
        let probe_at = self.pause_sink(error).await?;
        self.wait_for_operator(post, probe_at, &error.to_string()).await
    }

    async fn pause_sink(&self, error: &CallError) -> Result<Timestamp, StoreError> {
        let minutes = i64::from(self.bridge.config().policy.operator_retry_minutes);
        let probe_at = self.now().plus_seconds(minutes * 60);
        let detail = error.to_string();
        tracing::error!(sink = %self.sink_name, "paused, a person must act: {detail}");
        metrics::gauge!("cordboard_sink_paused", "sink" => self.sink_name.clone()).set(1.0);
        self.bridge.alert(&format!("{} is paused", self.sink_name), &detail);
        let pause = Change::PauseSink { sink: self.sink_name.clone(), detail, probe_at };
        self.commit(vec![pause]).await?;
        Ok(probe_at)
    }

    async fn resume(&self) -> Result<(), StoreError> {
        tracing::info!(sink = %self.sink_name, "works again");
        metrics::gauge!("cordboard_sink_paused", "sink" => self.sink_name.clone()).set(0.0);
        self.commit(vec![Change::ResumeSink { sink: self.sink_name.clone() }]).await
    }

    pub(super) async fn wait_for_operator(
        &self,
        post: &Post,
        due_at: Timestamp,
        detail: &str,
    ) -> Result<(), StoreError> {
        self.close_waiting(post, WaitReason::Operator, due_at, detail).await?;
        match self.bridge.store().message(post.message_id).await? {
            Some(message) => self.tell_kept(&message).await,
            None => Ok(()),
        }
    }

    /// Tells the sender, once a day, that the destination keeps texts waiting: nothing is lost.
    async fn tell_kept(&self, message: &Message) -> Result<(), StoreError> {
        let hours = i64::from(self.bridge.config().policy.keep_waiting_hours);
        let until = texts::moment(message.received_at.plus_hours(hours));
        let text = texts::waits_for_operator(&self.sink.can.provider, &until);
        self.tell_once("paused", message, text).await
    }

    pub(super) async fn wait_for_relink(
        &self,
        post: &Post,
        account: &Account,
    ) -> Result<(), StoreError> {
        let hours = i64::from(self.bridge.config().policy.keep_waiting_hours);
        let since = account.relink_since.unwrap_or_else(|| self.now());
        let until = since.plus_hours(hours).max(self.now().plus_seconds(60));
        self.close_waiting(post, WaitReason::Relink, until, "waits for a relink").await?;
        // Linking done before this commit did not see the post wait; linking done after it did.
        let newer = self.bridge.store().account(&self.sender, &self.sink_name).await?;
        if newer.is_some_and(|newer| !newer.relink && newer.linked_at != account.linked_at) {
            self.close(post, PostState::Queued, Some(self.now()), "", "linked meanwhile").await?;
        }
        Ok(())
    }
}

/// Whether the sender asked for a look at this post, so that they are told what it brought, receipts or not.
/// One that is taken back at once is told of by that.
pub(super) fn asked_for(post: &Post) -> bool {
    post.wait == WaitReason::Check && !post.undo_asked
}
