//! Pages: plain HTML that an old phone can show. Every dynamic value goes through maud, which escapes.

pub(crate) mod desk;
pub(crate) mod guide;
pub(crate) mod help;
pub(crate) mod link;
pub(crate) mod sandbox;

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use warp::reply::Response;

/// What a page may do in a browser.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Powers {
    policy: &'static str,
    referrer: &'static str,
}

/// Other sites learn nothing of our addresses. With `no-referrer`, browsers would send `Origin: null`
/// with our own forms as well, as any other site's page can make them do.
const OWN_REFERRER: &str = "same-origin";

/// Words and forms only. No `form-action`: browsers apply it to the redirect after the form too, and
/// that leads to the provider.
pub(crate) const BARE: Powers = Powers {
    policy: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
             frame-ancestors 'none'",
    referrer: OWN_REFERRER,
};

/// A page with forms of its own, and with scripts and pictures from our own address; `blob:` are those
/// that the person has chosen to send.
pub(crate) const SCRIPTED: Powers = Powers {
    policy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; \
             img-src 'self' blob:; media-src 'self' blob:; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    referrer: OWN_REFERRER,
};

/// A whole document.
pub(crate) fn layout(title: &str, body: Markup) -> Markup {
    layout_with(title, "", "", body)
}

/// The same with styles of its own.
pub(crate) fn layout_with(title: &str, styles: &'static str, class: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(include_str!("page.css"))) (PreEscaped(styles)) }
            }
            body { main class=[(!class.is_empty()).then_some(class)] { (body) } }
        }
    }
}

/// An answer with a page in it that nobody keeps, frames or indexes.
pub(crate) fn respond(status: StatusCode, powers: Powers, markup: Markup) -> Response {
    let mut response = Response::new(markup.into_string().into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    guard(headers, "text/html; charset=utf-8");
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(powers.policy));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static(powers.referrer));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}

/// Headers of everything that we ourselves answer.
pub(crate) fn guard(headers: &mut HeaderMap, content_type: &'static str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
}
