//! One lane at work: what every step of it needs.

use crate::bridge::Bridge;
use crate::limits;
use crate::registry::SinkInstance;
use cordboard_plugin::{Address, Timestamp};
use cordboard_store::{
    Account, Change, CloseAttempt, HeldCredential, Hold, Message, NewReply, Post, PostState,
    ReplyClass, StoreError, WaitReason,
};

/// First wait between tries; doubled each time.
const BACKOFF_MS: i64 = 2_000;
/// Longest wait between tries of our own choosing.
const BACKOFF_MS_MAX: i64 = 15 * 60_000;

/// One lane at work.
pub(crate) struct Lane<'a> {
    pub(crate) bridge: &'a Bridge,
    pub(crate) hold: &'a Hold,
    pub(crate) sender: Address,
    pub(crate) sink_name: String,
    pub(crate) sink: &'a SinkInstance,
    /// The credential version that was freshly made because a call found the old one dead: if that
    /// one is refused too, the account must be linked again.
    pub(crate) renewed: Option<i64>,
    /// The destination did not take the pictures as they were: they are encoded afresh.
    pub(crate) reencode: bool,
    /// When the lease was taken or renewed.
    pub(crate) renewed_at: Timestamp,
}

/// Whether the lane goes on.
pub(crate) enum Step {
    /// Look at its head again.
    Next,
    /// Nothing can be done now.
    Rest,
}

/// A finished call and everything it was about.
pub(crate) struct Attempted {
    pub(crate) post: Post,
    pub(crate) message: Message,
    pub(crate) account: Account,
    pub(crate) credential: HeldCredential,
    pub(crate) deadline_at: Timestamp,
    /// The one try of a paused sink.
    pub(crate) probe: bool,
}

impl Lane<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.bridge.now()
    }

    pub(crate) async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.bridge.commit(Some(self.hold), changes).await.map(|_| ())
    }

    /// Wait before try number `tries` + 1: doubling, with chance mixed in so that lanes do not march.
    pub(crate) fn backoff(&self, tries: i32) -> Timestamp {
        let doubled = BACKOFF_MS << tries.clamp(0, 9);
        let wait = doubled.min(BACKOFF_MS_MAX);
        let jitter = self.bridge.world().below(wait.unsigned_abs() / 4 + 1);
        self.now().plus_millis(wait + i64::try_from(jitter).unwrap_or(0))
    }

    pub(crate) async fn close(
        &self,
        post: &Post,
        state: PostState,
        due_at: Option<Timestamp>,
        outcome: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        self.commit(vec![closing(post.id, state, due_at, outcome, detail)]).await
    }

    pub(crate) async fn close_waiting(
        &self,
        post: &Post,
        wait: WaitReason,
        due_at: Timestamp,
        detail: &str,
    ) -> Result<(), StoreError> {
        let close = CloseAttempt {
            post_id: post.id,
            state: PostState::Waiting,
            wait,
            due_at: Some(due_at),
            published: None,
            look: false,
            outcome: String::new(),
            detail: detail.to_owned(),
        };
        self.commit(vec![Change::CloseAttempt(close)]).await
    }

    pub(crate) fn text_to(
        &self,
        message: &Message,
        what: &str,
        text: String,
        class: ReplyClass,
    ) -> Change {
        let Message { id, transport, line, sender, .. } = message;
        let reply = NewReply::answer(format!("m{id}/{what}"), transport, line, sender, text);
        Change::AddReply(NewReply { class, ..reply.about(*id) })
    }

    /// Tells the person something that holds for the whole day, once.
    pub(crate) async fn tell_once(
        &self,
        what: &str,
        message: &Message,
        text: String,
    ) -> Result<(), StoreError> {
        let once = Change::Count(limits::once_a_day(what, &self.sender, self.now()));
        self.commit(vec![once, self.text_to(message, what, text, ReplyClass::Answer)]).await
    }
}

/// Closes the attempt of a post, or moves a post that has none.
pub(crate) fn closing(
    post_id: i64,
    state: PostState,
    due_at: Option<Timestamp>,
    outcome: &str,
    detail: &str,
) -> Change {
    Change::CloseAttempt(CloseAttempt {
        post_id,
        state,
        wait: if state == PostState::Waiting { WaitReason::Time } else { WaitReason::Nothing },
        due_at,
        published: None,
        look: false,
        outcome: outcome.to_owned(),
        detail: detail.to_owned(),
    })
}
