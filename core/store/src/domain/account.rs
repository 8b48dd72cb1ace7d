//! People, their accounts and credentials.

use super::coded;
use cordboard_plugin::{Address, Credential, FreshCredential, RemoteAccount, Secret, Timestamp};
use serde::Serialize;

coded! {
    /// How an identity stands with us.
    Standing {
        /// Known; may have accounts.
        Known = 0 "known",
        /// Left with STOP: accounts erased.
        Left = 1 "left",
        /// Blocked by the operator: nothing is read or answered.
        Blocked = 2 "blocked",
    }
}

/// A known sender.
#[derive(Clone, Debug, Serialize)]
pub struct Identity {
    /// Our id.
    pub id: i64,
    /// Their number.
    pub sender: Address,
    /// How they stand.
    pub standing: Standing,
    /// Receipts only on failure, by the person's own wish (`/QUIET`).
    pub quiet: bool,
    /// First seen.
    pub created_at: Timestamp,
    /// Their newest message.
    pub seen_at: Timestamp,
    /// Whether they have a PIN.
    pub pin: bool,
    /// Wrong PINs since the last right one.
    #[serde(skip)]
    pub pin_wrong: i32,
    /// Too many wrong PINs: what needs proof is refused until then.
    pub locked_until: Option<Timestamp>,
    /// Until then the number was known to be theirs.
    #[serde(skip)]
    pub believed_at: Timestamp,
    /// Our lines on which they are known.
    #[serde(skip)]
    pub lines: Vec<String>,
}

impl Identity {
    /// Whether they are known on a line of ours.
    pub fn known_on(&self, transport: &str, line: &Address) -> bool {
        self.lines.contains(&super::line_word(transport, line))
    }

    /// Whether too many wrong PINs have locked them out.
    pub fn locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| until > now)
    }
}

/// An identity's account at a sink.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// The identity.
    pub identity_id: i64,
    /// The sink instance.
    pub sink: String,
    /// Whose account it is at the destination.
    pub remote: RemoteAccount,
    /// Its credential died: the person must link again.
    pub relink: bool,
    /// When the dead credential was noticed.
    pub relink_since: Option<Timestamp>,
    /// When it was linked.
    pub linked_at: Timestamp,
}

/// A person as the operator sees them.
#[derive(Clone, Debug, Serialize)]
pub struct PersonView {
    /// The identity.
    pub identity: Identity,
    /// Their accounts.
    pub accounts: Vec<Account>,
    /// How many messages they sent.
    pub messages: i64,
    /// How many of them wait.
    pub waiting: i64,
    /// An invitation or relink is open until then.
    pub link_until: Option<Timestamp>,
    /// Its address, when it could not be texted and waits to be passed on.
    pub link: Option<Secret>,
}

/// A credential, opened.
#[derive(Clone, Debug)]
pub struct HeldCredential {
    /// Its row.
    pub id: i64,
    /// Its identity.
    pub identity_id: i64,
    /// Goes up by one with every refresh.
    pub version: i64,
    /// The credential.
    pub credential: Credential,
    /// When it must be refreshed at the latest.
    pub refresh_at: Option<Timestamp>,
    /// When it was last refreshed or checked.
    pub checked_at: Timestamp,
}

/// What linking has brought. Replaces an older account of the same identity and sinks.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Whose; the identity is made if unknown, and stands as known afterwards.
    pub sender: Address,
    /// Sinks it serves.
    pub sinks: Vec<String>,
    /// The new credential.
    pub credential: FreshCredential,
    /// The account at the destination.
    pub remote: RemoteAccount,
    /// Transport instance and our number that the link went over: they are known there.
    pub line: (String, Address),
}

/// A step in a credential's life; no secrets.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialEvent {
    /// When.
    pub at: Timestamp,
    /// `made`, `refreshed`, `refused`, `revoked`, `erased`, `replaced`.
    pub event: String,
    /// `oauth2` …
    pub kind: String,
    /// More in words.
    pub detail: String,
    /// Stands for the provider's grant that was refused, as the sink says it; no secret.
    pub fingerprint: Option<String>,
}
