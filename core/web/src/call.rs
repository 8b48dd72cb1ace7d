//! A request as handlers see it.

use crate::body::{self, BodyStream, FORM_BYTES_MAX};
use crate::config::TrustedProxies;
use crate::problem::Problem;
use cordboard_plugin::{Blob, HttpAnswer, HttpCall};
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use std::net::SocketAddr;
use warp::reply::Response;

/// The other end of the connection; the server puts it into each request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// A request whose method and path fit a route; its body is not read yet.
pub(crate) struct Call {
    /// Path parameters in the order of the pattern, percent-decoded.
    pub(crate) params: Vec<String>,
    /// The path as it arrived.
    pub(crate) raw_path: String,
    pub(crate) method: Method,
    /// The query as it arrived, without `?`; `None` when there was no `?`.
    pub(crate) raw_query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: Option<Peer>,
    pub(crate) body: BodyStream,
}

impl Call {
    /// The path parameter at `index`, empty if the pattern has fewer.
    pub(crate) fn param(&self, index: usize) -> &str {
        self.params.get(index).map_or("", String::as_str)
    }

    /// The first value of a header, if it is text.
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// The query, decoded, in order.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        pairs(self.raw_query.as_deref().unwrap_or_default().as_bytes())
    }

    /// Reads the body as a form.
    pub(crate) async fn form(self) -> Result<Vec<(String, String)>, Problem> {
        Ok(pairs(&self.read(FORM_BYTES_MAX).await?))
    }

    /// Reads the body.
    pub(crate) async fn read(self, bytes_max: usize) -> Result<Vec<u8>, Problem> {
        let announced = self.header(CONTENT_LENGTH).and_then(|text| text.parse().ok());
        body::read(self.body, announced, bytes_max).await
    }

    /// Reads the body and hands all of it on as it arrived. `public_url` and `path` as in
    /// [`HttpCall`].
    pub(crate) async fn whole(
        self,
        public_url: &str,
        path: String,
        proxies: &TrustedProxies,
        bytes_max: usize,
    ) -> Result<HttpCall, Problem> {
        let question = if self.raw_query.is_some() { "?" } else { "" };
        let query = self.raw_query.clone().unwrap_or_default();
        let url = format!("{public_url}{}{question}{query}", self.raw_path);
        let method = self.method.as_str().to_owned();
        let headers = self.texts(proxies);
        let body = Blob(self.read(bytes_max).await?);
        Ok(HttpCall { method, url, path, query, headers, body })
    }

    /// Headers in order, without values that are not UTF-8. `x-forwarded-for` is replaced by the one
    /// address we believe the call came from, so that nobody can claim another.
    fn texts(&self, proxies: &TrustedProxies) -> Vec<(String, String)> {
        const FORWARDED: &str = "x-forwarded-for";
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            let value = std::str::from_utf8(value.as_bytes()).ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        };
        let (forwarded, mut headers): (Vec<_>, Vec<_>) =
            self.headers.iter().filter_map(text).partition(|(name, _)| name == FORWARDED);
        if let Some(Peer(peer)) = self.peer {
            let hops: Vec<_> = forwarded.into_iter().map(|(_, hops)| hops).collect();
            let caller = proxies.caller(peer.ip(), &hops.join(","));
            headers.push((FORWARDED.to_owned(), caller.to_string()));
        }
        headers
    }
}

/// Decodes a form or query.
pub(crate) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// The first value under `key`.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}

/// A telephone number from a query or form. An unescaped `+` arrives there as a space.
pub(crate) fn number(text: &str) -> String {
    match text.strip_prefix(' ') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => format!("+{}", rest.trim()),
        _ => text.trim().to_owned(),
    }
}

/// An answer of the engine or of a plugin as it goes out: as it is, but for headers that describe
/// the connection, which are the server's own business.
pub(crate) fn passed_on(answer: HttpAnswer) -> Response {
    let mut response = Response::new(answer.body.0.into());
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        let name = HeaderName::try_from(name.as_str());
        let value = HeaderValue::from_bytes(value.as_bytes());
        let (Ok(name), Ok(value)) = (name, value) else {
            tracing::warn!(status = answer.status, "An answer had a header that cannot be sent.");
            continue;
        };
        if ![CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_that_became_a_space_is_a_plus_again() {
        for (given, read) in [
            (" 15550100001", "+15550100001"),
            ("+15550100001 ", "+15550100001"),
            (" INFO", "INFO"),
            ("", ""),
        ] {
            assert_eq!(number(given), read);
        }
    }

    #[test]
    fn an_answer_keeps_repeated_headers_and_loses_those_of_the_connection() {
        let answer = HttpAnswer::new(200, "text/xml", "<Response/>")
            .with_header("set-cookie", "a=1")
            .with_header("Set-Cookie", "b=2")
            .with_header("content-length", "9999")
            .with_header("bad\nname", "x")
            .with_header("x-split", "a\r\nb: c");
        let response = passed_on(answer);
        let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
        assert!(!response.headers().contains_key("content-length"));
        assert!(!response.headers().contains_key("x-split"));
    }
}
