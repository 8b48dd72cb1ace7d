//! The one error of the web side, and the answers it becomes.

use crate::page;
use cordboard_engine::DeskError;
use http::StatusCode;
use http::header::{ALLOW, CONNECTION, HeaderValue, WWW_AUTHENTICATE};
use maud::html;
use serde_json::json;
use warp::reply::Response;

/// Why a request is not served. What the caller is told holds nothing of the request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// Nothing is at that address, or nothing that this caller may see.
    #[error("nothing is here")]
    NotFound,
    /// The address takes other methods only.
    #[error("this address takes {0} only")]
    Method(String),
    /// The body is over the cap.
    #[error("too long")]
    TooLarge,
    /// The body did not arrive in time.
    #[error("the request took too long to arrive")]
    TooSlow,
    /// The caller went away in the middle of the body.
    #[error("the request broke off")]
    Interrupted,
    /// The request cannot be read; the words say what is expected.
    #[error("{0}")]
    Unreadable(String),
    /// The token is missing or wrong.
    #[error("the admin token is missing or wrong")]
    NotSignedIn,
    /// A page of another site sent this.
    #[error("this was sent by another site")]
    OtherSite,
    /// The engine did not do it.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// For whom an error is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Providers and people: a neutral page. Never `text/plain`, which some providers text on.
    Public,
    /// Programs of the operator: JSON.
    Operator,
}

impl Problem {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::Desk(DeskError::NotFound(_)) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Interrupted | Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::OtherSite => StatusCode::FORBIDDEN,
            Self::Desk(DeskError::Refused(_)) => StatusCode::CONFLICT,
            Self::Desk(DeskError::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The answer for this problem.
    pub(crate) fn answer(&self, audience: Audience) -> Response {
        let status = self.status();
        if let Self::Desk(DeskError::Store(cause)) = self {
            tracing::warn!(error = %cause, "The store did not answer an operator's request.");
        }
        let mut response = match audience {
            Audience::Public => page::respond(status, page::BARE, neutral(status)),
            Audience::Operator => json_answer(status, &json!({ "error": self.to_string() })),
        };
        let headers = response.headers_mut();
        match self {
            Self::Method(allow) => {
                if let Ok(value) = HeaderValue::from_str(allow) {
                    headers.insert(ALLOW, value);
                }
            }
            Self::NotSignedIn => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // The rest of the body is still on its way: the connection is of no further use.
            Self::TooLarge | Self::TooSlow => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}

fn neutral(status: StatusCode) -> maud::Markup {
    let words = status.canonical_reason().unwrap_or("Error");
    page::layout(words, html! { h1 { (words) } })
}

/// A JSON answer that nobody keeps.
pub(crate) fn json_answer<T: serde::Serialize>(status: StatusCode, value: &T) -> Response {
    let body = match serde_json::to_vec(value) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "An answer could not be written as JSON.");
            return json_answer(
                StatusCode::INTERNAL_SERVER_ERROR,
                &json!({ "error": "internal error" }),
            );
        }
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    page::guard(response.headers_mut(), "application/json");
    response
}
