//! The state of a message from the states of its posts. Pure.

use crate::domain::{MessageState, PostState};

/// Whether the lane still has something to do for a post in this state.
pub(crate) fn unfinished(state: PostState) -> bool {
    matches!(
        state,
        PostState::Queued | PostState::Working | PostState::Waiting | PostState::Unclear
    )
}

/// The state of a message with posts in these states, and which of them decides; `None` without posts.
///
/// The first present of unclear, working, waiting, queued, failed, refused, posted; queued posts
/// beside begun ones make it working.
pub(crate) fn message_state(states: &[PostState]) -> Option<(MessageState, PostState)> {
    let all_queued = states.iter().all(|s| *s == PostState::Queued);
    let deciding = [
        PostState::Unclear,
        PostState::Working,
        PostState::Waiting,
        PostState::Queued,
        PostState::Failed,
        PostState::Refused,
        PostState::Posted,
    ]
    .into_iter()
    .find(|state| states.contains(state))?;
    let message = match deciding {
        PostState::Unclear => MessageState::Unclear,
        PostState::Working => MessageState::Working,
        PostState::Waiting => MessageState::Waiting,
        PostState::Queued if all_queued => MessageState::Queued,
        PostState::Queued => MessageState::Working,
        PostState::Failed => MessageState::Failed,
        PostState::Refused => MessageState::Refused,
        PostState::Posted => MessageState::Posted,
    };
    Some((message, deciding))
}
