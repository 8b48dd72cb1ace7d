//! Messages and their posts.

use super::coded;
use cordboard_plugin::{
    Address, Incoming, Keyword, MediaRef, MicroUsd, Part, Published, Timestamp,
};
use serde::Serialize;

coded! {
    /// What has become of a message. With several posts it is the first present of unclear, working,
    /// waiting, failed, refused, posted (posts not begun count as queued while all are, else as working).
    MessageState {
        /// Stored, nothing attempted yet.
        Queued = 0 "queued",
        /// An attempt is open, or some parts are out and some are not.
        Working = 1 "working",
        /// Every part is out.
        Posted = 2 "posted",
        /// A command, an invitation: we answered, nothing is posted.
        Answered = 3 "answered",
        /// Will not be posted, and the sender was told why (or must not be answered).
        Refused = 4 "refused",
        /// Given up; can be retried.
        Failed = 5 "failed",
        /// Until a time, an approval, a relink.
        Waiting = 6 "waiting",
        /// An attempt may have taken effect; being settled.
        Unclear = 7 "unclear",
    }
}

coded! {
    /// What has become of a post.
    PostState {
        /// Nothing attempted yet.
        Queued = 0 "queued",
        /// An attempt is open.
        Working = 1 "working",
        /// Out.
        Posted = 2 "posted",
        /// The destination said no, or it was taken back before it was attempted.
        Refused = 4 "refused",
        /// Given up; can be retried.
        Failed = 5 "failed",
        /// Until `due_at`, for the reason given.
        Waiting = 6 "waiting",
        /// An attempt may have taken effect; being settled.
        Unclear = 7 "unclear",
    }
}

coded! {
    /// What a waiting message or post waits for.
    WaitReason {
        /// Nothing: it does not wait.
        Nothing = 0 "nothing",
        /// A time: the next try.
        Time = 1 "time",
        /// The sender's YES.
        Approval = 2 "approval",
        /// The sender linking again.
        Relink = 3 "relink",
        /// The sender's YES to posting as another account than before.
        OtherAccount = 4 "other_account",
        /// The operator (keys, plan, credit).
        Operator = 5 "operator",
        /// Proof that the number is still the sender's: their PIN, or linking again.
        Proof = 6 "proof",
        /// Beside an unclear post: the look that its sender asked for (`/CHECK`).
        Check = 7 "check",
        /// The message's pictures being fetched.
        Pictures = 8 "pictures",
    }
}

/// Nobody settles or repeats an open attempt before its deadline and this much more.
pub const SETTLE_AFTER_MS: i64 = 30_000;

/// A message to store.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The transport instance it came by.
    pub transport: String,
    /// What arrived.
    pub incoming: Incoming,
    /// Whether the transport must confirm it before it is read.
    pub unconfirmed: bool,
    /// What its arrival cost us, all segments together.
    pub price: MicroUsd,
}

/// What intake did.
#[derive(Clone, Debug, Default)]
pub struct TakenIn {
    /// Ids of messages that were new, in order; known ones are left out.
    pub new: Vec<i64>,
    /// Reading lanes of their senders, taken because they were free.
    pub holds: Vec<super::Hold>,
    /// How many status updates matched a reply of ours.
    pub statuses_matched: usize,
}

/// A stored message.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// Our id.
    pub id: i64,
    /// The transport instance it came by.
    pub transport: String,
    /// The provider's account, as in [`cordboard_plugin::MessageKey`].
    pub account: String,
    /// The provider's id.
    pub provider_id: String,
    /// Who sent it.
    pub sender: Address,
    /// Our number that was texted.
    pub line: Address,
    /// The words; empty once erased.
    pub text: String,
    /// Attachments as the provider names them.
    pub media: Vec<MediaRef>,
    /// What the provider took it for.
    pub keyword: Option<Keyword>,
    /// When we stored it.
    pub received_at: Timestamp,
    /// Whether it has been read (see `core/README.md`, two stages).
    pub read: bool,
    /// Whether the transport must confirm it first.
    pub unconfirmed: bool,
    /// What has become of it.
    pub state: MessageState,
    /// What it waits for.
    pub wait: WaitReason,
    /// Until when it waits at the latest.
    pub wait_until: Option<Timestamp>,
    /// The sender said YES to it.
    pub approved: bool,
    /// The sender has proved that it is theirs.
    #[serde(skip)]
    pub proven: bool,
    /// What happened, in plain words without the text itself.
    pub outcome: String,
}

/// One part of a message at one sink.
#[derive(Clone, Debug, Serialize)]
pub struct Post {
    /// Our id.
    pub id: i64,
    /// Its message.
    pub message_id: i64,
    /// The sink instance.
    pub sink: String,
    /// Position in the thread, from 0.
    pub part_index: i32,
    /// How many parts the message has at this sink.
    pub part_count: i32,
    /// What is to be posted; its text is empty once erased.
    pub part: Part,
    /// Lower-case hex SHA-256 of the part's text.
    pub text_hash: String,
    /// What has become of it.
    pub state: PostState,
    /// What it waits for.
    pub wait: WaitReason,
    /// When the lane looks at it again.
    pub due_at: Timestamp,
    /// Attempts made so far.
    pub tries: i32,
    /// Looks made so far at an unclear attempt.
    pub looks: i32,
    /// Whether an attempt was ever unclear: words that the destination holds may be this post's own.
    pub doubt: bool,
    /// When the newest attempt began.
    pub attempt_started_at: Option<Timestamp>,
    /// Deadline of the newest attempt.
    pub attempt_deadline_at: Option<Timestamp>,
    /// Where it is, once posted.
    pub published: Option<Published>,
    /// The sender asked to take it back.
    pub undo_asked: bool,
    /// When it was taken back.
    pub retracted_at: Option<Timestamp>,
    /// What was refused or went wrong last, in plain words.
    pub outcome: String,
    /// What it costs.
    pub price: MicroUsd,
}

/// An attempt, as shown to the operator.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptView {
    /// Its post.
    pub post_id: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When the caller gives up.
    pub deadline_at: Timestamp,
    /// When its outcome was written down.
    pub closed_at: Option<Timestamp>,
    /// The outcome's word: `posted`, `refused`, `unclear` …
    pub outcome: String,
    /// What was seen.
    pub detail: String,
}

/// One message's life, step by step.
#[derive(Clone, Debug, Serialize)]
pub struct MessageDetail {
    /// The message.
    pub message: Message,
    /// Its posts, in order.
    pub posts: Vec<Post>,
    /// Their attempts, in order.
    pub attempts: Vec<AttemptView>,
    /// What we texted about it.
    pub replies: Vec<super::Reply>,
}

/// Which messages to list.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// Only these states; empty: all.
    pub states: Vec<MessageState>,
    /// Only this sender.
    pub sender: Option<Address>,
    /// Only ids below this one.
    pub before: Option<i64>,
    /// At most this many, newest first; at most 1000.
    pub rows_max: i64,
}

/// How many messages are in which state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// All messages ever stored, from a counter of its own.
    pub total: i64,
    /// Per state, in the order of [`MessageState::ALL`].
    pub states: Vec<(MessageState, i64)>,
}

impl Sums {
    /// Whether total = the sum over all states.
    pub fn holds(&self) -> bool {
        self.total == self.states.iter().map(|(_, n)| n).sum::<i64>()
    }
}
