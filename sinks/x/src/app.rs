//! The app at X and the way people link to it; the same for both sinks of this crate.

use crate::access::{Access, is_read_only};
use crate::oauth1::{self, Consumer, Token};
use crate::oauth2::{self, Client, Tokens};
use crate::publish;
use cordboard_plugin::{
    Base, CallError, Checked, Credential, CredentialKind, FreshCredential, Host, LinkError,
    LinkRequest, LinkReturn, LinkStart, Linked,
};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// One app at X.
#[derive(Clone, Debug)]
pub struct App {
    /// What the realm of its credentials begins with: the base URL of the API, in simulation the address
    /// below which all simulated instances are.
    pub realm_base: String,
    /// Base URLs that are called.
    pub bases: Vec<Base>,
    /// How people link.
    pub auth: Auth,
}

/// How people link to an app.
#[derive(Clone, Debug)]
pub enum Auth {
    /// OAuth 2.0 with PKCE.
    OAuth2(Client),
    /// OAuth 1.0a.
    OAuth1(Consumer),
}

impl App {
    /// The app as OAuth 1.0a knows it, if people link by that.
    pub fn consumer(&self) -> Option<&Consumer> {
        match &self.auth {
            Auth::OAuth1(consumer) => Some(consumer),
            Auth::OAuth2(_) => None,
        }
    }

    /// For which API and app a credential is good: another secret of the same app is the same
    /// realm, another app is not.
    pub fn realm(&self) -> String {
        let id = match &self.auth {
            Auth::OAuth2(client) => &client.id,
            Auth::OAuth1(consumer) => &consumer.key,
        };
        format!("{}#{}", self.realm_base, fingerprint(&[id]))
    }

    /// The credentials it takes, the one that it links first. Who may upload may post as well.
    pub fn credentials(&self) -> Vec<CredentialKind> {
        let kinds: &[&str] = match &self.auth {
            Auth::OAuth1(_) => &[oauth1::KIND],
            Auth::OAuth2(client) if client.pictures => &[oauth2::MEDIA_KIND],
            Auth::OAuth2(_) => &[oauth2::KIND, oauth2::MEDIA_KIND],
        };
        let kind = |kind: &&str| CredentialKind { kind: (*kind).to_owned(), realm: self.realm() };
        kinds.iter().map(kind).collect()
    }

    /// See [`cordboard_plugin::Sink::begin_link`].
    ///
    /// # Errors
    /// See there.
    pub async fn begin(
        &self,
        host: &dyn Host,
        request: &LinkRequest,
    ) -> Result<LinkStart, CallError> {
        match &self.auth {
            Auth::OAuth2(client) => oauth2::begin(client, host, request),
            Auth::OAuth1(consumer) => oauth1::link::begin(consumer, host, request).await,
        }
    }

    /// See [`cordboard_plugin::Sink::link_state`].
    pub fn link_state(&self, query: &[(String, String)]) -> Option<String> {
        match &self.auth {
            Auth::OAuth1(_) => oauth1::link::state(query),
            Auth::OAuth2(_) => {
                let state = query.iter().find(|(name, _)| name == "state");
                state.map(|(_, state)| state.clone()).filter(|state| !state.is_empty())
            }
        }
    }

    /// See [`cordboard_plugin::Sink::complete_link`].
    ///
    /// # Errors
    /// See there.
    pub async fn complete(&self, host: &dyn Host, back: &LinkReturn) -> Result<Linked, LinkError> {
        match &self.auth {
            Auth::OAuth1(consumer) => {
                let (token, account) = oauth1::link::complete(consumer, host, back).await?;
                let credential = token.credential(self.realm()).map_err(LinkError::Failed)?;
                Ok(Linked { credential, account })
            }
            Auth::OAuth2(client) => {
                let tokens = oauth2::complete(client, host, back).await?;
                let bearer = format!("Bearer {}", tokens.access_token.reveal());
                let call = publish::whose().with_authorization(bearer);
                let answer =
                    host.http(call).await.map_err(|error| LinkError::Failed(error.into()))?;
                let account = publish::owner(&answer).map_err(LinkError::Failed)?;
                let credential = tokens.credential(client.kind(), self.realm());
                Ok(Linked { credential: credential.map_err(LinkError::Failed)?, account })
            }
        }
    }

    /// See [`cordboard_plugin::Sink::refresh`]. A token of OAuth 1.0a never expires.
    ///
    /// # Errors
    /// See there.
    pub async fn refresh(
        &self,
        host: &dyn Host,
        credential: &Credential,
    ) -> Result<FreshCredential, CallError> {
        match &self.auth {
            Auth::OAuth1(_) => Token::of(credential)?.credential(self.realm()),
            Auth::OAuth2(client) => {
                let stored = Tokens::of(credential)?;
                let fresh = oauth2::refresh(client, host, &stored).await?;
                fresh.credential(&credential.kind, self.realm())
            }
        }
    }

    /// See [`cordboard_plugin::Sink::revoke`].
    ///
    /// # Errors
    /// See there.
    pub async fn revoke(&self, host: &dyn Host, credential: &Credential) -> Result<(), CallError> {
        let client = match &self.auth {
            Auth::OAuth2(client) => client,
            Auth::OAuth1(_) => {
                let access = Access::open(self, credential)?;
                let answer = access.call(host, oauth1::link::invalidation()).await?;
                return oauth1::link::invalidated(&answer);
            }
        };
        let tokens = Tokens::of(credential)?;
        // The refresh token first: it is the one that lives on.
        for (token, hint) in
            [(&tokens.refresh_token, "refresh_token"), (&tokens.access_token, "access_token")]
        {
            if !token.reveal().is_empty() {
                let call = oauth2::revocation(client, token, hint);
                oauth2::revoked(&host.http(call).await?)?;
            }
        }
        Ok(())
    }

    /// See [`cordboard_plugin::Sink::check`].
    ///
    /// # Errors
    /// See there.
    pub async fn check(
        &self,
        host: &dyn Host,
        credential: &Credential,
    ) -> Result<Checked, CallError> {
        let access = Access::open(self, credential)?;
        let answer = access.call(host, publish::whose()).await?;
        let account = publish::owner(&answer)?;
        let may_write = match (&self.auth, access.tokens()) {
            (Auth::OAuth2(client), Some(tokens)) => client.suffices(tokens),
            _ => !is_read_only(&answer),
        };
        Ok(Checked { account, may_write })
    }

    /// See [`cordboard_plugin::Sink::fingerprint`]. With OAuth 2.0 every link is another grant.
    pub fn fingerprint(&self, credential: &Credential) -> Option<String> {
        let consumer = self.consumer()?;
        let token = Token::of(credential).ok()?;
        Some(fingerprint(&[&consumer.key, &token.token, token.token_secret.reveal()]))
    }
}

/// 16 hexadecimal digits that stand for `words` and do not give them away.
fn fingerprint(words: &[&str]) -> String {
    let mut fingerprint = String::new();
    for byte in Sha256::digest(words.join("\n").as_bytes()).iter().take(8) {
        // Writing into a String cannot fail.
        let _ = write!(fingerprint, "{byte:02x}");
    }
    fingerprint
}
