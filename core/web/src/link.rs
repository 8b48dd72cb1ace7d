//! Linking pages: from the texted link to the provider and back.

use crate::call::{Call, value};
use crate::door::Door;
use crate::origin::from_other_site;
use crate::page::link as pages;
use crate::table::{Served, Site};
use cordboard_engine::{LINK_COOKIE, LinkPage};
use http::header::{COOKIE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use warp::reply::Response;

/// How long the cookie of a code form is kept: as long as a link can last by default.
const CODE_COOKIE_SECONDS: u32 = 3600;
/// After how many seconds a browser may ask again while we start.
const NOT_READY_SECONDS: &str = "60";

/// `GET /link/<token>`: phones and scanners prefetch links, so this changes nothing.
pub(crate) async fn page<D: Door>(site: Site<D>, call: Call) -> Served {
    let page = site.door.link_page(call.param(0)).await;
    Ok(written(&site, &page))
}

/// `POST /link/<token>`: the button was pressed. A press that another site made the browser send
/// gets the page instead: what it says must be read before the provider asks.
pub(crate) async fn press<D: Door>(site: Site<D>, call: Call) -> Served {
    if from_other_site(&call, &site.config) {
        return self::page(site, call).await;
    }
    let page = site.door.link_press(call.param(0)).await;
    Ok(written(&site, &page))
}

/// `GET /link/<sink>/callback`: the provider sent the browser back.
pub(crate) async fn returned<D: Door>(site: Site<D>, call: Call) -> Served {
    let page = site.door.link_return(call.param(0), call.query(), cookie(&call)).await;
    Ok(written(&site, &page))
}

/// `POST /link/<sink>/code`: the code that was texted to the phone.
pub(crate) async fn code<D: Door>(site: Site<D>, call: Call) -> Served {
    let sink = call.param(0).to_owned();
    let cookie = cookie(&call).map(str::to_owned);
    let form = call.form().await?;
    let field = value(&form, pages::HIDDEN_FIELD).unwrap_or_default();
    let code = value(&form, pages::CODE_FIELD).unwrap_or_default();
    let page = site.door.link_code(&sink, cookie.as_deref(), field, code).await;
    Ok(written(&site, &page))
}

/// Our cookie's value among those the browser sent.
fn cookie(call: &Call) -> Option<&str> {
    named_cookie(call, LINK_COOKIE)
}

/// The value of the cookie `name` among those the browser sent (RFC 6265, 4.2.1).
pub(crate) fn named_cookie<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let texts = call.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

fn written<D: Door>(site: &Site<D>, page: &LinkPage) -> Response {
    let view = pages::View {
        bridge: site.door.name(),
        help_contact: &site.door.config().bridge.help_contact,
        now: site.door.now(),
    };
    let (status, markup) = pages::render(page, &view);
    let mut response = crate::page::respond(status, crate::page::BARE, markup);
    match page {
        LinkPage::GoTo { url, cookie, cookie_seconds } => {
            set_cookie(&mut response, site, cookie, *cookie_seconds);
            set(&mut response, LOCATION, url);
        }
        LinkPage::AskCode { cookie, .. } => {
            set_cookie(&mut response, site, cookie, CODE_COOKIE_SECONDS);
        }
        _ => {}
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        set(&mut response, RETRY_AFTER, NOT_READY_SECONDS);
    }
    response
}

fn set_cookie<D: Door>(response: &mut Response, site: &Site<D>, value: &str, seconds: u32) {
    let path = format!("{}/link", site.config.mount());
    let secure = if site.config.is_https() { "; Secure" } else { "" };
    let cookie = format!(
        "{LINK_COOKIE}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    );
    set(response, SET_COOKIE, &cookie);
}

/// Sets a header whose value the engine made; one that cannot be a header is left out and told.
fn set(response: &mut Response, name: http::HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => {
            response.headers_mut().insert(name, value);
        }
        Err(_) => tracing::error!(header = %name, "A link page had a header that cannot be sent."),
    }
}
