//! The consent page, which works without scripts and on small phones.

use super::CLIENT_ID;
use super::html::{escape, html};
use super::store::{Code, put};
use super::token::{form, fresh};
use cordboard_plugin::{Commit, Expected, Host, HttpAnswer, HttpCall, SimPlace, StateError};
use std::collections::HashMap;

/// X docs: a code lives 30 seconds.
const CODE_SECONDS: i64 = 30;
const STATE_CHARS_MAX: usize = 500;
/// The fields that go from the address through the page back to us.
const FIELDS: [&str; 7] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];
const SCOPES: [&str; 5] =
    ["tweet.read", "tweet.write", "users.read", "offline.access", "media.write"];

type Fields = HashMap<String, String>;

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

/// What is wrong with a request for consent.
fn wrong(fields: &Fields) -> Option<&'static str> {
    let redirect = url::Url::parse(field(fields, "redirect_uri"));
    let redirect_fits =
        redirect.is_ok_and(|url| url.scheme().starts_with("http") && url.fragment().is_none());
    let challenge = field(fields, "code_challenge");
    let state = field(fields, "state");
    let mut scopes = field(fields, "scope").split(' ');
    let checks = [
        (field(fields, "response_type") == "code", "response_type is not `code`"),
        (field(fields, "client_id") == CLIENT_ID, "client_id is unknown"),
        (redirect_fits, "redirect_uri is no web address"),
        (scopes.all(|scope| SCOPES.contains(&scope)), "scope is unknown"),
        (!state.is_empty() && state.len() <= STATE_CHARS_MAX, "state is missing or too long"),
        (challenge.len() == 43, "code_challenge is no SHA-256"),
        (field(fields, "code_challenge_method") == "S256", "code_challenge_method is not S256"),
    ];
    checks.into_iter().find(|(fits, _)| !fits).map(|(_, problem)| problem)
}

/// `GET /i/oauth2/authorize`. Changes nothing.
pub(super) fn page(place: &SimPlace, call: &HttpCall) -> HttpAnswer {
    let fields: Fields = url::form_urlencoded::parse(call.query.as_bytes()).into_owned().collect();
    if let Some(problem) = wrong(&fields) {
        return sorry(problem);
    }
    let hidden: String = FIELDS
        .iter()
        .map(|name| {
            let value = escape(field(&fields, name));
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let wants: String = field(&fields, "scope")
        .split(' ')
        .map(|scope| format!("<li>{}</li>", escape(scope)))
        .collect();
    ask(&wants, &format!("{}/i/oauth2/authorize", place.base_url), &hidden)
}

/// The page that asks: `wants` are list items, `hidden` are fields that come back with the answer.
pub(super) fn ask(wants: &str, action: &str, hidden: &str) -> HttpAnswer {
    let action = escape(action);
    html(
        200,
        &format!(
            "<p><strong>This is a simulated X.</strong> Nothing here reaches the real one.</p>\
             <p>The bridge wants to act for an account:</p><ul>{wants}</ul>\
             <form method=\"post\" action=\"{action}\">{hidden}\
             <p><label>Account name <input name=\"handle\" value=\"sandbox\" maxlength=\"15\" \
             pattern=\"[A-Za-z0-9_]{{1,15}}\" autocapitalize=\"none\" autocomplete=\"off\"></label>\
             </p><p><button name=\"decision\" value=\"authorize\">Authorize app</button> \
             <button name=\"decision\" value=\"cancel\">Cancel</button></p></form>"
        ),
    )
}

/// `POST /i/oauth2/authorize`: the person has decided.
pub(super) async fn decided(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    let fields: Fields = form(call);
    if let Some(problem) = wrong(&fields) {
        return Ok(sorry(problem));
    }
    let state = field(&fields, "state");
    if field(&fields, "decision") != "authorize" {
        let declined = [("error", "access_denied"), ("state", state)];
        return Ok(back(field(&fields, "redirect_uri"), &declined));
    }
    let Some(handle) = account_name(field(&fields, "handle")) else { return Ok(sorry(NO_NAME)) };
    let expires_at = host.now().plus_seconds(CODE_SECONDS);
    let row = Code {
        handle: handle.to_owned(),
        scope: field(&fields, "scope").to_owned(),
        challenge: field(&fields, "code_challenge").to_owned(),
        redirect_uri: field(&fields, "redirect_uri").to_owned(),
        expires_at,
    };
    let code = fresh(host);
    let mut commit = Commit::default();
    put(&mut commit, format!("code/{code}"), &row, Expected::Absent, Some(expires_at))?;
    host.commit(commit).await?;
    Ok(back(field(&fields, "redirect_uri"), &[("state", state), ("code", &code)]))
}

/// What is wrong with a name that is none.
pub(super) const NO_NAME: &str = "an account name has 1 to 15 letters, digits or underscores";

/// An account's name as a person types it.
pub(super) fn account_name(typed: &str) -> Option<&str> {
    let handle = typed.trim().trim_start_matches('@');
    let fits = (1..=15).contains(&handle.len())
        && handle.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    fits.then_some(handle)
}

/// Sends the browser back to `redirect_uri`.
pub(super) fn back(redirect_uri: &str, query: &[(&str, &str)]) -> HttpAnswer {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    HttpAnswer::empty(302).with_header("location", &format!("{redirect_uri}{joint}{query}"))
}

/// The page of a request that cannot be.
pub(super) fn sorry(problem: &str) -> HttpAnswer {
    let words = "Something went wrong. You weren't able to give access to the app.";
    html(400, &format!("<p>Simulated X: {words}</p><p>{}</p>", escape(problem)))
}
