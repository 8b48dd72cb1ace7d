//! Lanes: whose turn it is, held under a lease.

use super::coded;
use cordboard_plugin::Timestamp;

coded! {
    /// What a lane orders.
    LaneKind {
        /// One sender's messages, oldest first. Key: the sender.
        Reading = 0 "reading",
        /// One sender's posts at one sink, oldest first. Key: `sender|sink`.
        Delivering = 1 "delivering",
        /// Our texts to one recipient on one line. Key: `transport|line|recipient`.
        Replying = 2 "replying",
        /// One credential to be revoked at its provider. Key: the credential's id.
        Revoking = 3 "revoking",
        /// One message's pictures to be fetched from its provider. Key: the message's id.
        Fetching = 4 "fetching",
        /// One sender's messages that their provider is to be asked about, oldest first. Key: the sender.
        Confirming = 5 "confirming",
    }
}

/// A lane held by us until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The lane's row.
    pub lane_id: i64,
    /// What it orders.
    pub kind: LaneKind,
    /// Whose it is.
    pub key: String,
    /// Goes up with every claim: an older holder can write nothing any more.
    pub fence: i64,
    /// How often the lane was touched before the claim; a touch since then makes it due at release.
    pub touches: i64,
}

/// Who claims, and until when.
#[derive(Clone, Debug)]
pub struct Claim {
    /// This process, a new word at each start.
    pub owner: String,
    /// End of the lease.
    pub until: Timestamp,
}
