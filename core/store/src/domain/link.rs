//! Links: joining an identity to an account.

use super::coded;
use cordboard_plugin::{Address, Secret, Timestamp};

coded! {
    /// How far a link has come. It only goes forward.
    LinkState {
        /// The token was given out.
        Open = 0 "open",
        /// The button on its page was pressed: the browser is known, the provider is being asked.
        Pressed = 1 "pressed",
        /// The browser came back and the answer is being exchanged.
        Returned = 2 "returned",
        /// The account is linked.
        Done = 3 "done",
        /// The person or the provider said no.
        Failed = 4 "failed",
        /// Replaced by a newer link, or the person left.
        Void = 5 "void",
    }
}

coded! {
    /// Why a link was made.
    LinkReason {
        /// An unknown sender texted.
        Invite = 0 "invite",
        /// The connection of a known person is dead.
        Relink = 1 "relink",
        /// The person asked with `/LINK`.
        Asked = 2 "asked",
        /// The operator made it.
        Operator = 3 "operator",
    }
}

/// A link to make. Open links of the same sender become void.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// SHA-256 of the token, lower-case hex.
    pub token_hash: String,
    /// Who may link.
    pub sender: Address,
    /// Transport the result is told by.
    pub transport: String,
    /// Our number the result is told from.
    pub line: Address,
    /// Sinks that need an account, in order.
    pub sinks: Vec<String>,
    /// Why it was made.
    pub reason: LinkReason,
    /// Its address (sealed at rest), when it cannot be texted and the operator must pass it on; erased when
    /// the link is used, void or expired. The person is listed from then on.
    pub copy: Option<Secret>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A stored link.
#[derive(Clone, Debug)]
pub struct Link {
    /// Our id.
    pub id: i64,
    /// Who may link.
    pub sender: Address,
    /// Transport the result is told by.
    pub transport: String,
    /// Our number the result is told from.
    pub line: Address,
    /// Sinks that need an account, in order.
    pub sinks: Vec<String>,
    /// Why it was made.
    pub reason: LinkReason,
    /// How far it has come.
    pub state: LinkState,
    /// Which of `sinks` is being linked.
    pub sink_index: i32,
    /// SHA-256 of the cookie of the browser that pressed the button.
    pub cookie_hash: Option<String>,
    /// SHA-256 of the short code texted to the phone, when the cookie was missing.
    pub code_hash: Option<String>,
    /// Wrong codes typed so far.
    pub code_tries: i32,
    /// What the sink needs again at the end (unsealed here).
    pub secret: Option<Secret>,
    /// The return query, kept sealed while the phone's code is asked for.
    pub held_return: Option<Secret>,
    /// Whether its address is kept for the operator to pass on.
    pub by_hand: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
}
