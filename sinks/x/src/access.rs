//! How a credential gets into a request: as a bearer token, or as a signature.

use crate::app::App;
use crate::oauth1::sign::{Moment, signed};
use crate::oauth1::{Consumer, Token};
use crate::oauth2::Tokens;
use cordboard_plugin::{
    Base, CallError, Credential, Host, HttpError, HttpRequest, HttpResponse, Target,
};

/// What to do about a token that may only read, in words for the person and the operator.
pub const READ_ONLY: &str = "the permission to post: X gives this app read access only. Its operator \
    must choose `Read and write` under `User authentication settings` in X's developer console; \
    then connect again";

/// One person's way into X, opened for one call of the core.
pub struct Access<'a> {
    pass: Pass<'a>,
    bases: &'a [Base],
}

enum Pass<'a> {
    Bearer(Tokens),
    Signed(&'a Consumer, Token),
}

impl<'a> Access<'a> {
    /// Opens `credential` for the app's own calls.
    ///
    /// # Errors
    /// [`CallError::Relink`] when it is none of ours.
    pub fn open(app: &'a App, credential: &Credential) -> Result<Self, CallError> {
        let pass = match app.consumer() {
            Some(consumer) => Pass::Signed(consumer, Token::of(credential)?),
            None => Pass::Bearer(Tokens::of(credential)?),
        };
        Ok(Self { pass, bases: &app.bases })
    }

    /// Makes `request` in this person's name.
    ///
    /// # Errors
    /// As [`Host::http`].
    pub async fn call(
        &self,
        host: &dyn Host,
        request: HttpRequest,
    ) -> Result<HttpResponse, HttpError> {
        let request = match &self.pass {
            Pass::Bearer(tokens) => {
                request.with_authorization(format!("Bearer {}", tokens.access_token.reveal()))
            }
            Pass::Signed(consumer, token) => {
                let base = match &request.target {
                    Target::Base { name, .. } => self.bases.iter().find(|base| base.name == *name),
                    Target::Foreign(_) => None,
                };
                let base = base.map_or("", |base| base.url.as_str());
                signed(request, base, &consumer.keys(token), &Moment::now(host), &[])
            }
        };
        host.http(request).await
    }

    /// The tokens of OAuth 2.0, if it is that.
    pub fn tokens(&self) -> Option<&Tokens> {
        match &self.pass {
            Pass::Bearer(tokens) => Some(tokens),
            Pass::Signed(..) => None,
        }
    }

    /// The error of a call, told apart for a token that may only read: that one must be linked again,
    /// since a token keeps the level that the app had when it was made.
    pub fn failure(&self, answer: &HttpResponse, error: CallError) -> CallError {
        if self.tokens().is_none() && answer.status == 403 && is_read_only(answer) {
            return CallError::relink(READ_ONLY);
        }
        error
    }
}

/// Whether X says that the token may only read (OAuth 1.0a).
pub fn is_read_only(answer: &HttpResponse) -> bool {
    answer.header("x-access-level").is_some_and(|level| level.trim() == "read")
}
