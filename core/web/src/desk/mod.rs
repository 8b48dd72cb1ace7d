//! The desk: for now a front page behind a sign-in form.

mod session;

use crate::call::{Call, value};
use crate::door::Door;
use crate::link::named_cookie;
use crate::origin::from_other_site;
use crate::page::{self, desk as pages};
use crate::problem::Problem;
use crate::table::{Served, Site};
use crate::token;
use cordboard_plugin::Act;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use session::Session;
use warp::reply::Response;

const DESK_COOKIE: &str = "cordboard_desk";

/// `GET /`: what this is, how it is, and where the API is.
pub(crate) async fn front<D: Door>(site: Site<D>, call: Call) -> Served {
    let Some(session) = signed_in(&site, &call) else {
        return Ok(to("sign-in", None));
    };
    Ok(shown(&site, &session, None).await)
}

/// The front page; `said`: what came of the form before it.
async fn shown<D: Door>(site: &Site<D>, session: &Session, said: Option<&str>) -> Response {
    let markup = pages::front(&pages::Front {
        bridge: site.door.name(),
        said,
        health: &site.door.health().await,
        lines: &site.door.lines().await,
        sinks: &site.door.sinks().await,
        pages: &site.door.pages().await,
        plugins: &site.door.plugins(),
        csrf: &session.csrf(&site.config.admin_token),
    });
    page::respond(StatusCode::OK, page::BARE, markup)
}

/// `GET /sign-in`.
pub(crate) async fn ask<D: Door>(site: Site<D>, _: Call) -> Served {
    Ok(page::respond(StatusCode::OK, page::BARE, pages::sign_in(site.door.name(), false)))
}

/// `POST /sign-in` with the field `token`.
pub(crate) async fn sign_in<D: Door>(site: Site<D>, call: Call) -> Served {
    if from_other_site(&call, &site.config) {
        return Err(Problem::OtherSite);
    }
    let form = call.form().await?;
    let given = value(&form, "token").unwrap_or_default();
    if !token::is_token(given.trim(), &site.config.admin_token) {
        let markup = pages::sign_in(site.door.name(), true);
        return Ok(page::respond(StatusCode::UNAUTHORIZED, page::BARE, markup));
    }
    let session = Session::begin(site.door.now());
    let value = session.cookie(&site.config.admin_token);
    Ok(to("./", Some(cookie(&value, session::SECONDS))))
}

/// `POST /sign-out` with the field `csrf`.
pub(crate) async fn sign_out<D: Door>(site: Site<D>, call: Call) -> Served {
    own_form(&site, call).await?;
    Ok(to("sign-in", Some(cookie("", 0))))
}

/// `POST /act` with the fields `csrf`, `instance` and `form`; all others are the form's own.
pub(crate) async fn act<D: Door>(site: Site<D>, call: Call) -> Served {
    let (session, mut fields) = own_form(&site, call).await?;
    let take = |fields: &mut Vec<(String, String)>, name: &str| {
        let at = fields.iter().position(|(key, _)| key == name);
        at.map(|at| fields.remove(at).1).unwrap_or_default()
    };
    let (instance, form) = (take(&mut fields, "instance"), take(&mut fields, "form"));
    take(&mut fields, "csrf");
    let acted = site.door.act(&instance, Act { form, fields }).await;
    let said = acted.unwrap_or_else(|error| error.to_string());
    Ok(shown(&site, &session, Some(&said)).await)
}

/// A form of our own page, sent by somebody who is signed in.
async fn own_form<D: Door>(
    site: &Site<D>,
    call: Call,
) -> Result<(Session, Vec<(String, String)>), Problem> {
    let session = signed_in(site, &call).ok_or(Problem::NotSignedIn)?;
    let form = call.form().await?;
    let given = value(&form, "csrf").unwrap_or_default();
    if !session.is_csrf(given, &site.config.admin_token) {
        return Err(Problem::OtherSite);
    }
    Ok((session, form))
}

fn signed_in<D: Door>(site: &Site<D>, call: &Call) -> Option<Session> {
    let cookie = named_cookie(call, DESK_COOKIE)?;
    Session::read(cookie, &site.config.admin_token, site.door.now())
}

fn cookie(value: &str, seconds: i64) -> String {
    format!("{DESK_COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict")
}

fn to(place: &'static str, cookie: Option<String>) -> Response {
    let mut response = Response::new(Vec::new().into());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_static(place));
    if let Some(cookie) = cookie.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(SET_COOKIE, cookie);
    }
    response
}
