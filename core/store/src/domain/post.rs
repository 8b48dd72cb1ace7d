//! Posts to add, and what came of attempts.

use super::{PostState, WaitReason};
use cordboard_plugin::{Part, Published, Timestamp};

/// A post to add.
#[derive(Clone, Debug)]
pub struct NewPost {
    /// The sink instance.
    pub sink: String,
    /// Position in the thread, from 0.
    pub part_index: i32,
    /// How many parts there are.
    pub part_count: i32,
    /// What is to be posted.
    pub part: Part,
    /// Its state at first: queued, or waiting.
    pub state: PostState,
    /// What it waits for.
    pub wait: WaitReason,
    /// When the lane looks at it.
    pub due_at: Timestamp,
}

/// The outcome of an attempt.
#[derive(Clone, Debug)]
pub struct CloseAttempt {
    /// Which post.
    pub post_id: i64,
    /// Its state from now on.
    pub state: PostState,
    /// What it waits for, when waiting.
    pub wait: WaitReason,
    /// When the lane looks at it again, when waiting, queued or unclear.
    pub due_at: Option<Timestamp>,
    /// Where it is, when posted.
    pub published: Option<Published>,
    /// Whether this was a look at an unclear attempt (`looks` goes up) rather than an attempt.
    pub look: bool,
    /// Plain words for the sender and the operator.
    pub outcome: String,
    /// What was seen, for the operator.
    pub detail: String,
}
