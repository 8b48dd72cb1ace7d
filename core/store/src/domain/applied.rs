//! What a commit brings back.

use super::Hold;
use cordboard_plugin::MicroUsd;

/// What a commit did, beyond having been written.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// Whether a `Take…`, `Retry`, `Recheck` took effect; the last one in the commit counts.
    pub taken: bool,
    /// Lanes taken.
    pub holds: Vec<Hold>,
    /// Key of the counter that would have passed its limit. Nothing of that `Count` was added.
    pub over: Option<String>,
    /// Messages cancelled by `Leave` or ended by `EndWaits`.
    pub cancelled: i64,
    /// Whether `Leave` erased an account.
    pub had_account: bool,
    /// What `UndoNewest` found.
    pub undone: Option<Undone>,
    /// Id of the message that `Approve` let go on or refused.
    pub approved: Option<i64>,
    /// `PutAccount`: the account before, if there was one.
    pub previous: Option<cordboard_plugin::RemoteAccount>,
    /// `PutAccount`, `EndOperatorWaits`: messages that waited for it.
    pub waiting: i64,
    /// `AddLink`: its id.
    pub link_id: Option<i64>,
}

/// What `UndoNewest` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The message.
    pub message_id: i64,
    /// Parts dropped before they were attempted.
    pub dropped: i32,
    /// Parts that are out (or may be) and will be taken back.
    pub asked: i32,
    /// The message's words.
    pub text: String,
    /// What all its posts cost.
    pub price: MicroUsd,
}
