//! Delivering: one lane per sender and sink, in order. Opens an attempt, lets the sink publish, writes
//! down what came of it.

mod decide;
mod lane;
mod paying;
mod pictures;
mod relink;
mod settle;
mod undo;

use crate::bridge::{Bridge, LEASE_MS, guarded_about};
use crate::credentials::Usable;
use crate::pump::report;
use cordboard_plugin::{Address, CallError, Published, Timestamp};
use cordboard_store::{
    Account, Change, HeldCredential, Hold, Message, Post, PostState, SETTLE_AFTER_MS, StoreError,
    WaitReason,
};
use lane::{Attempted, Lane, Step};

impl Bridge {
    /// Works on a lane until nothing in it can be done now, and gives it back.
    pub(crate) async fn deliver_lane(&self, hold: Hold, claimed_at: Timestamp) {
        let Some((sender, sink_name)) = hold.key.rsplit_once('|') else { return };
        let Some(sink) = self.registry().sinks.get(sink_name) else {
            // Its sink was taken out of the configuration; the posts stay for when it comes back.
            tracing::warn!(sink = sink_name, "texts wait for a sink that is not configured");
            return;
        };
        let mut lane = Lane {
            bridge: self,
            hold: &hold,
            sender: Address::new(sender),
            sink_name: sink_name.to_owned(),
            sink,
            renewed: None,
            reencode: false,
            renewed_at: claimed_at,
        };
        if let Err(error) = lane.work().await {
            report(&error);
        }
    }

    pub(crate) fn spawn_delivery(&self, hold: Hold) {
        let bridge = self.clone();
        let claimed_at = self.now();
        self.spawn(async move {
            if let Ok(permit) = bridge.deliveries().acquire().await {
                bridge.deliver_lane(hold, claimed_at).await;
                drop(permit);
            }
        });
    }
}

impl Lane<'_> {
    async fn work(&mut self) -> Result<(), StoreError> {
        loop {
            if self.bridge.stopping() {
                break;
            }
            self.renew().await?;
            if let Step::Rest = self.step().await? {
                break;
            }
        }
        self.commit(vec![Change::ReleaseLane(self.hold.clone())]).await
    }

    /// Keeps the lane ours. Each renewal is a write to the disk, so a fresh lease is left alone.
    async fn renew(&mut self) -> Result<(), StoreError> {
        let now = self.now();
        if now.millis_since(self.renewed_at) > LEASE_MS / 4 {
            self.bridge.store().renew(self.hold, now.plus_millis(LEASE_MS)).await?;
            self.renewed_at = now;
        }
        Ok(())
    }

    async fn step(&mut self) -> Result<Step, StoreError> {
        let store = self.bridge.store();
        if let Some(post) = store.next_retraction(&self.sender, &self.sink_name).await? {
            return self.retract(post).await;
        }
        let Some(post) = store.head(&self.sender, &self.sink_name).await? else {
            return Ok(Step::Rest);
        };
        let due = post.due_at <= self.now();
        match post.state {
            PostState::Working => self.found_open(&post).await,
            PostState::Unclear if due => self.settle(post).await,
            PostState::Queued => self.attempt(post).await,
            PostState::Waiting if due => self.after_wait(post).await,
            _ => Ok(Step::Rest),
        }
    }

    /// An attempt that nobody closed: its process died. It is unclear from its deadline on.
    async fn found_open(&self, post: &Post) -> Result<Step, StoreError> {
        let deadline = post.attempt_deadline_at.unwrap_or(post.due_at);
        let settle_at = deadline.plus_millis(SETTLE_AFTER_MS);
        self.close(
            post,
            PostState::Unclear,
            Some(settle_at),
            "being checked",
            "found open after a restart",
        )
        .await?;
        Ok(Step::Next)
    }

    async fn after_wait(&mut self, post: Post) -> Result<Step, StoreError> {
        match post.wait {
            WaitReason::Relink
            | WaitReason::OtherAccount
            | WaitReason::Approval
            | WaitReason::Pictures => self.give_up(&post).await,
            _ => self.attempt(post).await,
        }
    }

    async fn attempt(&mut self, post: Post) -> Result<Step, StoreError> {
        let Some(message) = self.bridge.store().message(post.message_id).await? else {
            return Ok(Step::Rest);
        };
        let keep = i64::from(self.bridge.config().policy.keep_waiting_hours);
        let give_up_at = message.received_at.plus_hours(keep);
        if post.tries > 0 && self.now() > give_up_at {
            return self.give_up(&post).await;
        }
        let Some(probe) = self.may_try(&post, give_up_at).await? else { return Ok(Step::Rest) };
        let Some((account, credential)) = self.credential(&post).await? else {
            return Ok(Step::Rest);
        };
        self.publish(post, message, account, credential, probe).await
    }

    /// Whether the sink is open: `Some(true)` when this is the one try of a paused sink.
    async fn may_try(
        &self,
        post: &Post,
        give_up_at: Timestamp,
    ) -> Result<Option<bool>, StoreError> {
        let Some(pause) = self.bridge.store().paused(&self.sink_name).await? else {
            return Ok(Some(false));
        };
        let minutes = i64::from(self.bridge.config().policy.operator_retry_minutes);
        let next_at = self.now().plus_seconds(minutes * 60);
        let take = Change::TakeProbe { sink: self.sink_name.clone(), next_at };
        if pause.probe_at <= self.now()
            && self.bridge.commit(Some(self.hold), vec![take]).await?.taken
        {
            return Ok(Some(true));
        }
        if self.now() > give_up_at {
            self.give_up(post).await?;
            return Ok(None);
        }
        let due = pause.probe_at.max(self.now().plus_seconds(1));
        self.wait_for_operator(post, due, "the sink is paused").await?;
        Ok(None)
    }

    /// The account and a credential that is fresh, or the post waits.
    async fn credential(
        &mut self,
        post: &Post,
    ) -> Result<Option<(Account, HeldCredential)>, StoreError> {
        let Some(account) = self.bridge.store().account(&self.sender, &self.sink_name).await?
        else {
            self.refuse(post, "the account is not connected any more").await?;
            return Ok(None);
        };
        match self.bridge.usable(self.sink, &account, self.renewed).await? {
            Usable::Fresh(credential) => Ok(Some((account, *credential))),
            Usable::Dead => {
                self.wait_for_relink(post, &account).await?;
                self.send_relink(post).await?;
                Ok(None)
            }
            Usable::Later { at, detail } => {
                self.close_waiting(post, WaitReason::Time, at, &detail).await?;
                Ok(None)
            }
            Usable::Operator(error) => {
                self.pause(post, &error).await?;
                Ok(None)
            }
        }
    }

    async fn publish(
        &mut self,
        mut post: Post,
        message: Message,
        account: Account,
        credential: HeldCredential,
        probe: bool,
    ) -> Result<Step, StoreError> {
        match self.upload_pictures(&post, &message).await? {
            Ok(handles) => post.part.handles = handles,
            Err(step) => return Ok(step),
        }
        let millis = i64::from(self.sink.can.publish_ms_max);
        let deadline_at = self.now().plus_millis(millis);
        if let Some(over) = self.whole_is_over(&post).await? {
            return self.over_limit(&post, &message, &over).await;
        }
        let open = vec![
            Change::Count(self.counters(post.price)),
            Change::OpenAttempt { post_id: post.id, deadline_at },
        ];
        let opened = match self.bridge.commit(Some(self.hold), open).await {
            // It was cancelled or taken back a moment ago.
            Err(StoreError::Conflict) => return Ok(Step::Next),
            opened => opened?,
        };
        if let Some(over) = opened.over {
            return self.over_limit(&post, &message, &over).await;
        }
        self.bridge.trouble(paying::DAYS_MONEY, None);
        let previous = self.previous(&post).await?;
        let host = self.bridge.host(&self.sink_name);
        let call =
            self.sink.plugin.publish(&host, &credential.credential, &post.part, previous.as_ref());
        let outcome = guarded_about(self.bridge, post.message_id, millis, call)
            .await
            .unwrap_or_else(|problem| Err(CallError::unclear(problem)));
        let word = if outcome.is_ok() { "posted" } else { "not_posted" };
        metrics::counter!("cordboard_attempts_total", "sink" => self.sink_name.clone(), "outcome" => word).increment(1);
        let attempted = Attempted { post, message, account, credential, deadline_at, probe };
        self.decide(attempted, outcome).await
    }

    /// The part before this one in its thread, if it is out under a known id.
    pub(crate) async fn previous(&self, post: &Post) -> Result<Option<Published>, StoreError> {
        let before = self.bridge.store().previous_part(post.id).await?;
        Ok(before.and_then(|before| before.published).filter(|published| !published.id.is_empty()))
    }
}
