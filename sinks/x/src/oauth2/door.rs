//! How the `oauth2` crate's requests reach X through the host.

use super::{TOKEN_PATH, token_failure};
use crate::publish::API;
use ::oauth2::AsyncHttpClient;
use cordboard_plugin::{CallError, Host, HttpError, HttpRequest, HttpResponse, LinkError};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

/// The `oauth2` crate's way out: its requests go through the host, and the last answer is kept.
pub(super) struct Door<'h> {
    host: &'h dyn Host,
    last: Mutex<Option<Result<HttpResponse, HttpError>>>,
}

impl<'h> Door<'h> {
    pub(super) fn new(host: &'h dyn Host) -> Self {
        Self { host, last: Mutex::default() }
    }

    /// Why the crate found no tokens in the answer.
    pub(super) fn failure(&self) -> CallError {
        match self.last.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(Ok(answer)) => token_failure(&answer),
            Some(Err(error)) => error.into(),
            None => CallError::unclear("the request could not be made"),
        }
    }

    /// The same while linking: a code that X takes no more is a matter of time.
    pub(super) fn link_failure(&self) -> LinkError {
        match self.failure() {
            CallError::Relink { detail } => LinkError::Expired(detail),
            error => LinkError::Failed(error),
        }
    }

    async fn send(&self, request: ::oauth2::HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut ours = HttpRequest::base("POST", API, TOKEN_PATH);
        for (name, value) in request.headers() {
            let value = value.to_str().unwrap_or_default();
            ours = match name.as_str() {
                "authorization" => ours.with_authorization(value),
                name => ours.with_header(name, value),
            };
        }
        ours.body = request.into_body().into();
        self.host.http(ours).await
    }
}

impl<'c> AsyncHttpClient<'c> for Door<'_> {
    type Error = HttpError;
    type Future =
        Pin<Box<dyn Future<Output = Result<::oauth2::HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: ::oauth2::HttpRequest) -> Self::Future {
        Box::pin(async move {
            let sent = self.send(request).await;
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent.clone());
            let answer = sent?;
            let mut theirs = ::oauth2::HttpResponse::new(answer.body.0);
            *theirs.status_mut() = ::oauth2::http::StatusCode::from_u16(answer.status)
                .map_err(|error| HttpError::Unclear(error.to_string()))?;
            Ok(theirs)
        })
    }
}
