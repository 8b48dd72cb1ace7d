//! Texts that we send.

use super::coded;
use cordboard_plugin::{Address, Timestamp};
use serde::Serialize;

coded! {
    /// What has become of a reply.
    ReplyState {
        /// Not sent yet.
        Queued = 0 "queued",
        /// The call is under way.
        Sending = 1 "sending",
        /// Taken by the provider.
        Sent = 2 "sent",
        /// On the phone.
        Delivered = 3 "delivered",
        /// Did not reach the phone.
        Undelivered = 4 "undelivered",
        /// Given up.
        Failed = 5 "failed",
        /// The call may have been taken; never repeated.
        Unclear = 6 "unclear",
        /// Not sent on purpose: a limit, an opt-out, a receive-only line.
        Suppressed = 7 "suppressed",
    }
}

coded! {
    /// Which replies go first, and which may be merged.
    ReplyClass {
        /// An answer to a question or command, an invitation, STOP and HELP: first.
        Answer = 0 "answer",
        /// News of a post: after answers; several that wait together become one.
        Receipt = 1 "receipt",
    }
}

/// A reply to send. One whose key is known already is left out silently.
#[derive(Clone, Debug)]
pub struct NewReply {
    /// Unique for ever: `m<message id>/<what>` and the like.
    pub key: String,
    /// Transport instance.
    pub transport: String,
    /// Our number it is sent from.
    pub line: Address,
    /// Recipient.
    pub to: Address,
    /// The words.
    pub text: String,
    /// Its class.
    pub class: ReplyClass,
    /// The message it is about.
    pub message_id: Option<i64>,
    /// Sent even after STOP and over the daily limit (the confirmation of STOP itself, HELP).
    pub always: bool,
    /// Holds a link or a code: its words are erased as soon as it has left.
    pub secret: bool,
}

impl NewReply {
    /// An answer about no message in particular, within the recipient's limits.
    pub fn answer(
        key: String,
        transport: &str,
        line: &Address,
        to: &Address,
        text: String,
    ) -> Self {
        Self {
            key,
            transport: transport.to_owned(),
            line: line.clone(),
            to: to.clone(),
            text,
            class: ReplyClass::Answer,
            message_id: None,
            always: false,
            secret: false,
        }
    }

    /// The same about a message.
    #[must_use]
    pub fn about(self, message_id: i64) -> Self {
        Self { message_id: Some(message_id), ..self }
    }

    /// The same with a link or a code in it: the words are erased as soon as it has left.
    #[must_use]
    pub fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The same, sent even after STOP and over the daily limit.
    #[must_use]
    pub fn always(self) -> Self {
        Self { always: true, ..self }
    }
}

/// A stored reply.
#[derive(Clone, Debug, Serialize)]
pub struct Reply {
    /// Our id.
    pub id: i64,
    /// Its key.
    pub key: String,
    /// Transport instance.
    pub transport: String,
    /// Our number it is sent from.
    pub line: Address,
    /// Recipient.
    pub to: Address,
    /// The words; empty once erased.
    pub text: String,
    /// Its class.
    pub class: ReplyClass,
    /// The message it is about.
    pub message_id: Option<i64>,
    /// Sent even after STOP and over the daily limit.
    pub always: bool,
    /// Holds a link or a code: its words are erased as soon as it has left.
    pub secret: bool,
    /// What has become of it.
    pub state: ReplyState,
    /// When the lane looks at it again.
    pub due_at: Timestamp,
    /// Calls made so far.
    pub tries: i32,
    /// The provider's id, once taken.
    pub provider_id: Option<String>,
    /// What went wrong last.
    pub detail: String,
    /// When it was made.
    pub created_at: Timestamp,
}
