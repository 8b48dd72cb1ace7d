//! The app as OAuth 2.0 knows it, and what is kept of one link.

use super::{KIND, MEDIA_KIND, MEDIA_SCOPE, REFRESH_EARLY_SECONDS, SCOPES};
use cordboard_plugin::{CallError, Credential, FreshCredential, Secret, Timestamp};
use serde::{Deserialize, Serialize};

/// An app at X as OAuth 2.0 knows it.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its client id.
    pub id: String,
    /// Its client secret; `None` for a public app.
    pub secret: Option<Secret>,
    /// The consent page.
    pub authorize_url: url::Url,
    /// Base URL of the API, without a final slash.
    pub api_base: String,
    /// Whether people are asked for pictures as well.
    pub pictures: bool,
}

impl Client {
    /// The kind of the credentials that it links.
    pub fn kind(&self) -> &'static str {
        if self.pictures { MEDIA_KIND } else { KIND }
    }

    /// The scopes that it asks for.
    pub fn scopes(&self) -> Vec<&'static str> {
        SCOPES.into_iter().chain(self.pictures.then_some(MEDIA_SCOPE)).collect()
    }

    /// Whether `tokens` are good for what this app does.
    pub fn suffices(&self, tokens: &Tokens) -> bool {
        tokens.may("tweet.write") && (!self.pictures || tokens.may_upload())
    }
}

/// What is kept of one link, sealed by the core.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// For calls; lives about two hours.
    pub access_token: Secret,
    /// Good for one refresh.
    pub refresh_token: Secret,
    /// What was granted, separated by spaces.
    pub scope: String,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

impl Tokens {
    /// The tokens of a credential.
    ///
    /// # Errors
    /// [`CallError::Relink`] when it is none of ours.
    pub fn of(credential: &Credential) -> Result<Self, CallError> {
        serde_json::from_str(credential.secret.reveal())
            .map_err(|_| CallError::relink("the stored credential cannot be read"))
    }

    /// Whether `scope` was granted.
    pub fn may(&self, scope: &str) -> bool {
        self.scope.split_whitespace().any(|granted| granted == scope)
    }

    /// Whether pictures may be uploaded.
    pub fn may_upload(&self) -> bool {
        self.may(MEDIA_SCOPE)
    }

    /// What the core stores, as a credential of `kind`.
    ///
    /// # Errors
    /// [`CallError::Unclear`] if it cannot be written as JSON.
    pub fn credential(&self, kind: &str, realm: String) -> Result<FreshCredential, CallError> {
        let secret = serde_json::to_string(self).map_err(|e| CallError::unclear(e.to_string()))?;
        Ok(FreshCredential {
            kind: kind.to_owned(),
            realm,
            secret: Secret::new(secret),
            refresh_at: Some(self.expires_at.plus_seconds(-REFRESH_EARLY_SECONDS)),
        })
    }
}
