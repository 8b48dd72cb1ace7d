//! Changes: what can be written, one transaction at a time.

use super::{
    Claim, CloseAttempt, Hold, LaneKind, LinkState, MessageState, NewAccount, NewLink, NewPost,
    NewReply, PictureChange, ReplyState, Spending, WaitReason,
};
use cordboard_plugin::{Address, FreshCredential, Secret, Timestamp};

/// One thing to write. A commit carries several: all of them, or none.
#[derive(Clone, Debug)]
pub enum Change {
    /// The message has been read, and this is what became of it. Sets `read`.
    Read {
        /// Which.
        message_id: i64,
        /// Its state (overruled by its posts if any are added).
        state: MessageState,
        /// What it waits for.
        wait: WaitReason,
        /// Until when at the latest.
        wait_until: Option<Timestamp>,
        /// What happened, in words without the text itself.
        outcome: String,
    },
    /// Replaces the stored text (a PIN was cut off).
    SetText {
        /// Which message.
        message_id: i64,
        /// The new text.
        text: String,
    },
    /// The transport confirmed the message; it may be read now.
    Confirmed {
        /// Which.
        message_id: i64,
    },
    /// The transport could not confirm the message yet: it is asked again at that time.
    ConfirmLater {
        /// Which.
        message_id: i64,
        /// When.
        at: Timestamp,
    },
    /// Adds posts to a message, makes their lanes due and derives the message's state.
    AddPosts {
        /// Which message.
        message_id: i64,
        /// In order.
        posts: Vec<NewPost>,
    },
    /// Replaces a message's posts by these, and derives its state; for posts that waited for its pictures.
    /// Fails with `Conflict` when one was attempted or has ended: then what is left goes out as it is.
    ReplacePosts {
        /// Which message.
        message_id: i64,
        /// In order.
        posts: Vec<NewPost>,
    },
    /// Something about a message's pictures.
    Picture(PictureChange),
    /// Opens an attempt: the post is working, one try more.
    OpenAttempt {
        /// Which post.
        post_id: i64,
        /// When the caller gives up.
        deadline_at: Timestamp,
    },
    /// Closes the open attempt of a post (or, without one, only moves the post).
    CloseAttempt(CloseAttempt),
    /// Adds a reply and makes its lane due; a known key is left out.
    AddReply(NewReply),
    /// A reply is being sent: one try more.
    SendingReply {
        /// Which.
        reply_id: i64,
    },
    /// What became of a reply.
    CloseReply {
        /// Which.
        reply_id: i64,
        /// Its state; never goes back from `delivered`.
        state: ReplyState,
        /// The provider's id.
        provider_id: Option<String>,
        /// Next try, when `state` is queued.
        due_at: Option<Timestamp>,
        /// What was seen.
        detail: String,
    },
    /// Makes a link; open links of the same sender become void.
    AddLink(NewLink),
    /// Erases the addresses of a sender's links that were kept to be passed on: one was texted after all.
    EraseLinkCopies {
        /// Whose.
        sender: Address,
    },
    /// Moves a link on, if it is still in the expected state.
    StepLink(LinkStep),
    /// Linking is done: identity, account and credential in one step; texts waiting for it become due
    /// (or wait for a YES when the account is another one than before).
    PutAccount(NewAccount),
    /// A credential was refreshed. Fails with `Conflict` unless `version` is still the stored one.
    PutCredential {
        /// Which.
        credential_id: i64,
        /// The version that was refreshed.
        version: i64,
        /// The fresh one.
        fresh: FreshCredential,
    },
    /// Takes the right to refresh a credential, if nobody has it and `version` is still the stored one.
    /// [`super::Applied::taken`] says whether it worked.
    TakeRefresh {
        /// Which.
        credential_id: i64,
        /// The version seen.
        version: i64,
        /// Who, until when.
        claim: Claim,
    },
    /// Gives the right to refresh back.
    DropRefresh {
        /// Which.
        credential_id: i64,
        /// Who had it.
        owner: String,
    },
    /// A credential was refused for good: erased, its accounts need relinking, their posts wait.
    CredentialRefused {
        /// Which.
        credential_id: i64,
        /// The version that was refused; a newer one has done no wrong and stays.
        version: i64,
        /// What the provider said.
        detail: String,
        /// Stands for the provider's grant, without secrets: it may come back.
        fingerprint: Option<String>,
        /// Posts wait until then.
        wait_until: Timestamp,
    },
    /// A credential was looked at and is alive.
    CredentialChecked {
        /// Which.
        credential_id: i64,
    },
    /// Erases a credential that was waiting to be revoked.
    EraseCredential {
        /// Which.
        credential_id: i64,
        /// `revoked` or what the provider said.
        detail: String,
    },
    /// The person leaves (STOP, unlink, block): accounts erased, credentials handed to revocation (kept
    /// only if nobody else uses the same remote account, otherwise erased at once: a provider may revoke
    /// all tokens of that account with one, and would disconnect the other person), unattempted posts
    /// and waiting messages refused, open links void, queued receipts suppressed.
    /// [`super::Applied::cancelled`] counts the messages.
    Leave {
        /// Who.
        sender: Address,
        /// How they stand afterwards.
        standing: super::Standing,
    },
    /// The person leaves one sink: its account and credential go as with [`Change::Leave`], unless the
    /// credential serves another account of theirs; unattempted posts there are refused.
    LeaveSink {
        /// Who; nothing happens if unknown.
        sender: Address,
        /// Which sink.
        sink: String,
    },
    /// Sets or lifts an opt-out: nothing is sent from this line to this person.
    OptOut {
        /// Transport instance.
        transport: String,
        /// Our number.
        line: Address,
        /// Who.
        sender: Address,
        /// Set or lifted.
        on: bool,
    },
    /// Sets how a person stands; makes the identity if unknown.
    SetStanding {
        /// Who.
        sender: Address,
        /// How.
        standing: super::Standing,
    },
    /// Receipts only on failure, or always.
    SetQuiet {
        /// Who.
        sender: Address,
        /// Quiet or loud.
        quiet: bool,
    },
    /// Sets or replaces a person's PIN (sealed at rest); wrong tries so far count no more.
    SetPin {
        /// Who; nothing happens if unknown.
        sender: Address,
        /// The digits.
        pin: Secret,
    },
    /// Counts a wrong PIN; the `tries_max`th locks, and the count begins anew.
    WrongPin {
        /// Who.
        sender: Address,
        /// Wrong PINs that lock.
        tries_max: i32,
        /// Until when.
        locked_until: Timestamp,
    },
    /// A text was its sender's.
    Believe(super::Proof),
    /// Takes back the sender's newest message that is not taken back yet: parts not attempted are
    /// dropped, the others are marked for retraction and their lane made due.
    /// [`super::Applied::undone`] says what there was.
    UndoNewest {
        /// Who.
        sender: Address,
    },
    /// A post was taken back.
    Retracted {
        /// Which post.
        post_id: i64,
    },
    /// A post could not be taken back; `undo_asked` is cleared.
    NotRetracted {
        /// Which post.
        post_id: i64,
        /// Why, in plain words.
        outcome: String,
    },
    /// Failed, refused-by-attempt or unclear posts of a message become due again; a message without posts is read
    /// again. [`super::Applied::taken`] says whether there was anything to retry.
    Retry {
        /// Which message.
        message_id: i64,
    },
    /// Unclear posts of a message are looked at again as soon as that may be, and their sender is told what
    /// the look brought. [`super::Applied::taken`] says whether there were any.
    Recheck {
        /// Which message.
        message_id: i64,
    },
    /// Messages without posts that waited until their time is over are refused, or failed when they waited for
    /// the operator; at most so many in one go.
    /// [`super::Applied::cancelled`] counts them.
    EndWaits {
        /// How many.
        rows_max: i64,
    },
    /// Messages without posts that wait for the operator are read again from the start, oldest first, at
    /// most so many in one go. [`super::Applied::waiting`] counts them.
    EndOperatorWaits {
        /// How many.
        rows_max: i64,
    },
    /// The sender said YES: the newest message waiting for approval or for another account goes on.
    /// Approval: the message becomes unread again with `approved` set, see [`super::Applied::approved`].
    Approve {
        /// Who.
        sender: Address,
        /// YES or NO (then it is refused).
        yes: bool,
    },
    /// Adds to counters. If one would pass its limit, none is changed, the changes behind this one
    /// are left out, and [`super::Applied::over`] names the counter.
    Count(Vec<Counter>),
    /// Adds a line to the ledger of what was spent.
    Spend(Spending),
    /// Pauses a sink for the operator.
    PauseSink {
        /// Which sink.
        sink: String,
        /// Why.
        detail: String,
        /// When one message may try.
        probe_at: Timestamp,
    },
    /// Takes the right to try one message at a paused sink and moves the next probe;
    /// [`super::Applied::taken`] says whether it worked.
    TakeProbe {
        /// Which sink.
        sink: String,
        /// The next probe.
        next_at: Timestamp,
    },
    /// The sink works again: its posts waiting for the operator become due.
    ResumeSink {
        /// Which sink.
        sink: String,
    },
    /// A line cannot send yet (registration), or can again.
    LineCannotSend {
        /// Transport instance.
        transport: String,
        /// Our number.
        line: Address,
        /// Why; `None`: it can.
        detail: Option<String>,
    },
    /// Makes a lane due at `at` at the latest.
    TouchLane {
        /// What it orders.
        kind: LaneKind,
        /// Whose.
        key: String,
        /// When.
        at: Timestamp,
    },
    /// Takes a lane if it is free; [`super::Applied::holds`] has it then.
    TakeLane {
        /// What it orders.
        kind: LaneKind,
        /// Whose.
        key: String,
        /// Who, until when.
        claim: Claim,
    },
    /// Gives a lane back; the store works out when it is due next from what is left in it.
    ReleaseLane(Hold),
    /// Keeps a small fact of the bridge itself.
    SetFact {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
    },
}

/// A step of a link.
#[derive(Clone, Debug)]
pub struct LinkStep {
    /// Which link.
    pub link_id: i64,
    /// The state it must be in, else `Conflict`.
    pub from: LinkState,
    /// The state it goes to (may be the same).
    pub to: LinkState,
    /// Sets `sink_index`.
    pub sink_index: Option<i32>,
    /// Sets the browser's cookie hash.
    pub cookie_hash: Option<String>,
    /// Sets the hash of the state by which the return is found.
    pub state_hash: Option<String>,
    /// Sets the sink's secret (sealed at rest).
    pub secret: Option<Secret>,
    /// Sets the hash of the code texted to the phone.
    pub code_hash: Option<String>,
    /// Counts a typed code; the number is how many were counted before, else `Conflict`.
    pub code_try: Option<i32>,
    /// Keeps the return query while the code is asked for (sealed at rest).
    pub held_return: Option<Secret>,
}

impl LinkStep {
    /// A step that changes the state only.
    pub fn to(link_id: i64, from: LinkState, to: LinkState) -> Self {
        Self {
            link_id,
            from,
            to,
            sink_index: None,
            cookie_hash: None,
            state_hash: None,
            secret: None,
            code_hash: None,
            code_try: None,
            held_return: None,
        }
    }
}

/// A counter with a limit.
#[derive(Clone, Debug)]
pub struct Counter {
    /// What is counted, for whom.
    pub key: String,
    /// The window: a day or an hour since 1970; counters of old windows are swept.
    pub window: i64,
    /// How much is added.
    pub by: i64,
    /// The limit, included.
    pub max: i64,
}
