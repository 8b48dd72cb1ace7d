//! OAuth 1.0a: how pictures are uploaded, and how people link without a public web server.

pub mod link;
pub mod sign;

use cordboard_plugin::{CallError, Credential, FreshCredential, Secret};
use serde::{Deserialize, Serialize};
use sign::Keys;

/// The kind of the credentials made here.
pub const KIND: &str = "oauth1";

/// An app at X as OAuth 1.0a knows it.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// Its API key.
    pub key: String,
    /// Its API key secret.
    pub secret: Secret,
    /// Base URL of the API, without a final slash.
    pub api_base: String,
    /// Whether people text a code back instead of being sent back by X.
    pub by_code: bool,
}

impl Consumer {
    /// The keys of a request in the name of `token`.
    pub fn keys<'k>(&'k self, token: &'k Token) -> Keys<'k> {
        Keys { token: Some((&token.token, &token.token_secret)), ..self.own_keys() }
    }

    /// The keys of a request in nobody's name.
    pub fn own_keys(&self) -> Keys<'_> {
        Keys { consumer_key: &self.key, consumer_secret: &self.secret, token: None }
    }
}

/// A token and its secret: what is kept of one link, sealed by the core. It never expires.
///
/// Nothing else is kept, so that the same token is the same credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Names the grant.
    pub token: String,
    /// Signs for it.
    pub token_secret: Secret,
}

impl Token {
    /// The token of a credential.
    ///
    /// # Errors
    /// [`CallError::Relink`] when it is none of ours.
    pub fn of(credential: &Credential) -> Result<Self, CallError> {
        serde_json::from_str(credential.secret.reveal())
            .map_err(|_| CallError::relink("the stored credential cannot be read"))
    }

    /// What the core stores.
    ///
    /// # Errors
    /// [`CallError::Unclear`] if it cannot be written as JSON.
    pub fn credential(&self, realm: String) -> Result<FreshCredential, CallError> {
        let secret = serde_json::to_string(self).map_err(|e| CallError::unclear(e.to_string()))?;
        let kind = KIND.to_owned();
        Ok(FreshCredential { kind, realm, secret: Secret::new(secret), refresh_at: None })
    }
}
