//! HTTP as plugins see it: calls that came in, and requests the host makes for them.

use crate::words::{Blob, Secret, Timestamp};
use serde::{Deserialize, Serialize};

/// Header names and values in the order they came; names are compared without case.
pub type Headers = Vec<(String, String)>;

/// The first value of header `name`, if there is one.
pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// A call that arrived at one of our addresses.
///
/// The body is exactly what arrived; the host has already refused one over its cap
/// (1 MiB for webhooks). Nothing here is checked: that is the plugin's first duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpCall {
    /// `GET`, `POST` …, upper case.
    pub method: String,
    /// The configured public address of this endpoint, with the query string exactly as it arrived.
    /// Signatures are checked against it, never against the `Host` header.
    pub url: String,
    /// The path below the mount point: empty or starting with `/`.
    pub path: String,
    /// The query string as it arrived, without `?`, percent-escapes untouched.
    pub query: String,
    /// Headers in order; values that are not UTF-8 are left out.
    pub headers: Headers,
    /// The body as it arrived.
    pub body: Blob,
}

impl HttpCall {
    /// The first value of header `name`, if there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// What we answer to an [`HttpCall`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpAnswer {
    /// HTTP status, 200 to 599.
    pub status: u16,
    /// Headers, `content-type` among them.
    pub headers: Headers,
    /// The body.
    pub body: Blob,
}

impl HttpAnswer {
    /// An answer with a body of the given type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Blob>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Blob::default() }
    }

    /// A JSON answer.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Where an outgoing request goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// One of the instance's configured base URLs, by name, and the path and query to append to it.
    /// May carry `Authorization`, and may reach private addresses, since the operator configured it.
    Base {
        /// A name from `bases()` of the plugin.
        name: String,
        /// Path and query, starting with `/`.
        path: String,
    },
    /// Any other address, for example a media link. `Authorization` and cookies are refused,
    /// and so are loopback, private and link-local addresses unless listed in `media_hosts`.
    Foreign(String),
}

/// A request the host makes for a plugin. Redirects are never followed: read `location` and ask again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// Where it goes.
    pub target: Target,
    /// `GET`, `POST`, `DELETE` …
    pub method: String,
    /// Headers. Put secrets into [`HttpRequest::authorization`].
    pub headers: Headers,
    /// The `Authorization` header, kept apart so that it cannot be logged.
    pub authorization: Option<Secret>,
    /// The body.
    pub body: Blob,
    /// The host gives up after this many milliseconds: 1 to 120 000.
    pub timeout_ms: u32,
    /// A longer answer is an error. At most 32 MiB.
    pub answer_bytes_max: u32,
}

impl HttpRequest {
    fn new(method: &str, target: Target) -> Self {
        Self {
            target,
            method: method.to_owned(),
            headers: Vec::new(),
            authorization: None,
            body: Blob::default(),
            timeout_ms: 15_000,
            answer_bytes_max: 1 << 20,
        }
    }

    /// A request to the configured base URL `name`.
    pub fn base(method: &str, name: &str, path: impl Into<String>) -> Self {
        Self::new(method, Target::Base { name: name.to_owned(), path: path.into() })
    }

    /// A request to any other address.
    pub fn foreign(method: &str, url: impl Into<String>) -> Self {
        Self::new(method, Target::Foreign(url.into()))
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with an `Authorization` header.
    #[must_use]
    pub fn with_authorization(mut self, value: impl Into<String>) -> Self {
        self.authorization = Some(Secret::new(value));
        self
    }

    /// The same request with a body of the given type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: impl Into<Blob>) -> Self {
        self.body = body.into();
        self.with_header("content-type", content_type)
    }
}

/// What came back for an [`HttpRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers in order.
    pub headers: Headers,
    /// The whole body.
    pub body: Blob,
    /// When the answer was complete, by our clock.
    pub at: Timestamp,
}

impl HttpResponse {
    /// The first value of header `name`, if there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The body as JSON; `None` when it is something else (an HTML error page, say).
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body.0).ok()
    }
}

/// Why no answer came back. `detail` is for the log and holds no secret, query string or body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpError {
    /// Nothing was sent: DNS, connect or TLS failed. Safe to repeat.
    #[error("not reached: {0}")]
    Unreachable(String),
    /// The request may have arrived: the answer was lost, late or too long.
    #[error("no answer: {0}")]
    Unclear(String),
    /// The host will not make this request (a private address, a credential for a foreign host).
    #[error("not allowed: {0}")]
    Forbidden(String),
}
