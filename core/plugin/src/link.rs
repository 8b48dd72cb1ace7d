//! Joining a person to an account at a sink: credentials, and the way to them.

use crate::error::CallError;
use crate::words::{Secret, Timestamp};
use serde::{Deserialize, Serialize};

/// A kind of credential, and the realm it is good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialKind {
    /// `oauth2`, `oauth1` …
    pub kind: String,
    /// Base URL and a fingerprint of the client id: a credential made under another realm is not used.
    pub realm: String,
}

/// A person's credential, opened for one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// `oauth2`, `oauth1` …
    pub kind: String,
    /// The realm it was made under.
    pub realm: String,
    /// The sink's own words, usually JSON.
    pub secret: Secret,
    /// Whose it is.
    pub account: RemoteAccount,
}

/// A credential that a sink has just obtained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshCredential {
    /// `oauth2`, `oauth1` …
    pub kind: String,
    /// The realm it is good for.
    pub realm: String,
    /// The sink's own words.
    pub secret: Secret,
    /// When it must be refreshed at the latest; `None`: never.
    pub refresh_at: Option<Timestamp>,
}

/// An account at the destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteAccount {
    /// The destination's own id.
    pub id: String,
    /// As people write it: `@name`.
    pub handle: String,
}

/// What a sink needs to start linking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRequest {
    /// Where the provider sends the browser back to: `<public_url>/link/<sink>/callback`.
    pub callback_url: String,
}

/// Linking has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkStart {
    /// Where the person's browser goes.
    pub authorize_url: String,
    /// Comes back with the browser and finds the link again; unguessable.
    pub state: String,
    /// What the sink needs again in `complete_link` (a verifier); kept sealed.
    pub secret: Secret,
    /// Whether the provider's page shows the person a code instead of sending the browser back. The
    /// person texts it; the core puts it into [`LinkReturn::query`] as `oauth_verifier`.
    #[serde(default)]
    pub by_code: bool,
}

/// The browser came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReturn {
    /// The decoded query parameters; in linking by code only `oauth_verifier`, the code as it was typed.
    pub query: Vec<(String, String)>,
    /// The address it came back to, as in [`LinkRequest::callback_url`].
    pub callback_url: String,
    /// As in [`LinkStart::secret`].
    pub secret: Secret,
}

/// Linking is done at the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The new credential.
    pub credential: FreshCredential,
    /// Whose it is.
    pub account: RemoteAccount,
}

/// Why linking did not work, by what the person should do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkError {
    /// The person said no at the provider.
    #[error("the person declined")]
    Declined,
    /// It took too long, or the answer was used before: start again.
    #[error("expired: {0}")]
    Expired(String),
    /// The code that the person typed is not the provider's; another try may be.
    #[error("wrong code: {0}")]
    WrongCode(String),
    /// Less was granted than is needed, for example not the permission to post. In words for the person
    /// and the operator, since either may have to change something.
    #[error("not enough granted: {0}")]
    TooLittle(String),
    /// The provider did not play along.
    #[error(transparent)]
    Failed(CallError),
}
