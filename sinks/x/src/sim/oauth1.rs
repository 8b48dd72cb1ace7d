//! OAuth 1.0a: request tokens, consent with a callback or a code, access tokens that stay the same.

use super::html::{escape, html};
use super::posts::user_id;
use super::signed::Signed;
use super::store::{delete, load, put, user_key};
use super::token::{form, fresh};
use super::{consent, problems};
use cordboard_plugin::{
    Commit, Expected, Host, HttpAnswer, HttpCall, SimPlace, StateError, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

const APP_KEY: &str = "app";
/// How long a person may take.
const REQUEST_SECONDS: i64 = 3600;

/// How the app is set up in the developer console; key `app`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct App {
    /// `read` or `read-write`: what tokens get that are made from now on.
    #[serde(default = "read_write")]
    access: String,
    /// Registered callback addresses; `None`: those of the bridge that this simulator belongs to.
    #[serde(default)]
    callbacks: Option<Vec<String>>,
}

fn read_write() -> String {
    "read-write".to_owned()
}

/// A link under way; key `request/…`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) token_secret: String,
    callback: String,
    /// Who agreed, and the verifier for it.
    agreed: Option<(String, String)>,
    expires_at: Timestamp,
}

/// A person's token; key `oauth1/…`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) handle: String,
    pub(super) token_secret: String,
    /// What the app might do when it was made; it keeps that.
    pub(super) access: String,
}

/// The token that a person gets again at the same level; key `oauth1-of/<person>/<level>`.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    handle: String,
    token: String,
}

pub(super) fn request_key(token: &str) -> String {
    format!("request/{token}")
}

pub(super) fn token_key(token: &str) -> String {
    format!("oauth1/{token}")
}

fn known_key(handle: &str, access: &str) -> String {
    format!("oauth1-of/{}/{access}", user_key(handle))
}

async fn app(host: &dyn Host) -> Result<App, StateError> {
    let (app, _) = load::<App>(host, APP_KEY).await?;
    Ok(app.unwrap_or_else(|| App { access: read_write(), callbacks: None }))
}

/// `POST /_app`: the developer console.
pub(super) async fn set_app(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    let app: App = match serde_json::from_slice(&call.body.0) {
        Ok(app) => app,
        Err(error) => return Ok(HttpAnswer::json(400, &json!({ "error": error.to_string() }))),
    };
    if !["read", "read-write"].contains(&app.access.as_str()) {
        return Ok(HttpAnswer::json(400, &json!({ "error": "`access` is read or read-write" })));
    }
    let mut commit = Commit::default();
    put(&mut commit, APP_KEY.to_owned(), &app, Expected::Any, None)?;
    host.commit(commit).await?;
    Ok(HttpAnswer::json(200, &json!(app)))
}

/// `POST /oauth/request_token`.
pub(super) async fn request_token(
    host: &dyn Host,
    place: &SimPlace,
    signed: &Signed,
) -> Result<HttpAnswer, StateError> {
    let Some(callback) = signed.protocol.get("oauth_callback").filter(|_| signed.user.is_none())
    else {
        return Ok(problems::bad_data());
    };
    let app = app(host).await?;
    let registered = match &app.callbacks {
        Some(callbacks) => callbacks.contains(callback),
        None => belongs(callback, place),
    };
    if callback != "oob" && !registered {
        return Ok(problems::callback_unknown());
    }
    let (token, token_secret) = (fresh(host), fresh(host));
    let expires_at = host.now().plus_seconds(REQUEST_SECONDS);
    let row = Request {
        token_secret: token_secret.clone(),
        callback: callback.clone(),
        agreed: None,
        expires_at,
    };
    let mut commit = Commit::default();
    put(&mut commit, request_key(&token), &row, Expected::Absent, Some(expires_at))?;
    host.commit(commit).await?;
    Ok(fields(&[
        ("oauth_token", &token),
        ("oauth_token_secret", &token_secret),
        ("oauth_callback_confirmed", "true"),
    ]))
}

/// Whether `callback` is one of the bridge's own: `<public_url>/link/<sink>/callback`.
fn belongs(callback: &str, place: &SimPlace) -> bool {
    let (Ok(callback), Ok(own)) = (url::Url::parse(callback), url::Url::parse(&place.base_url))
    else {
        return false;
    };
    let path: Vec<&str> = callback.path().split('/').collect();
    callback.origin() == own.origin() && matches!(path[..], ["", "link", _, "callback"])
}

/// `GET /oauth/authorize`. Changes nothing.
pub(super) async fn page(
    host: &dyn Host,
    place: &SimPlace,
    call: &HttpCall,
) -> Result<HttpAnswer, StateError> {
    let token = url::form_urlencoded::parse(call.query.as_bytes())
        .find(|(name, _)| name == "oauth_token")
        .map(|(_, token)| token.into_owned())
        .unwrap_or_default();
    let (request, _) = load::<Request>(host, &request_key(&token)).await?;
    if request.is_none_or(|request| request.agreed.is_some()) {
        return Ok(consent::sorry("this request token is unknown, used or expired"));
    }
    let can = if app(host).await?.access == "read" { "read" } else { "read and write" };
    let wants = format!("<li>{can} posts</li>");
    let hidden =
        format!("<input type=\"hidden\" name=\"oauth_token\" value=\"{}\">", escape(&token));
    let action = format!("{}/oauth/authorize", place.base_url);
    Ok(consent::ask(&wants, &action, &hidden))
}

/// `POST /oauth/authorize`: the person has decided.
pub(super) async fn decided(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    let fields = form(call);
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let key = request_key(field("oauth_token"));
    let (request, expected) = load::<Request>(host, &key).await?;
    let Some(mut request) = request.filter(|request| request.agreed.is_none()) else {
        return Ok(consent::sorry("this request token is unknown, used or expired"));
    };
    let by_code = request.callback == "oob";
    let mut commit = Commit::default();
    if field("decision") != "authorize" {
        delete(&mut commit, key, expected);
        host.commit(commit).await?;
        if by_code {
            return Ok(html(200, "<p>Simulated X: you gave no access.</p>"));
        }
        return Ok(consent::back(&request.callback, &[("denied", field("oauth_token"))]));
    }
    let Some(handle) = consent::account_name(field("handle")) else {
        return Ok(consent::sorry(consent::NO_NAME));
    };
    let verifier = if by_code { pin(host) } else { fresh(host) };
    request.agreed = Some((handle.to_owned(), verifier.clone()));
    put(&mut commit, key, &request, expected, Some(request.expires_at))?;
    host.commit(commit).await?;
    if by_code {
        let words = "Go back and type this code to finish";
        return Ok(html(
            200,
            &format!("<p>Simulated X: {words}:</p><p><code id=\"pin\">{verifier}</code></p>"),
        ));
    }
    let query = [("oauth_token", field("oauth_token")), ("oauth_verifier", &verifier)];
    Ok(consent::back(&request.callback, &query))
}

/// Seven digits; the first may be 0.
fn pin(host: &dyn Host) -> String {
    host.random(7).iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// `POST /oauth/access_token`.
pub(super) async fn access_token(
    host: &dyn Host,
    call: &HttpCall,
    signed: &Signed,
) -> Result<HttpAnswer, StateError> {
    let form = form(call);
    let verifier = signed.protocol.get("oauth_verifier").or_else(|| form.get("oauth_verifier"));
    let name = signed.protocol.get("oauth_token").map_or("", String::as_str);
    let (Some(request), expected) = load::<Request>(host, &request_key(name)).await? else {
        return Ok(problems::unknown_token());
    };
    let agreed = request.agreed.filter(|(_, wanted)| verifier == Some(wanted));
    let Some((handle, _)) = agreed else { return Ok(problems::wrong_pin()) };
    let access = app(host).await?.access;
    let mut commit = Commit::default();
    delete(&mut commit, request_key(name), expected);
    let known_key = known_key(&handle, &access);
    let (known, expected) = load::<Known>(host, &known_key).await?;
    let known = match known {
        Some(known) => load::<Token>(host, &token_key(&known.token)).await?.0.map(|t| (known, t)),
        None => None,
    };
    let (token, row) = match known {
        // X gives the same token again as long as the app's level is the same.
        Some((known, row)) => (known.token, row),
        None => {
            let token = format!("{}-{}", user_id(&handle), fresh(host));
            let row = Token { handle: handle.clone(), token_secret: fresh(host), access };
            put(&mut commit, token_key(&token), &row, Expected::Absent, None)?;
            let known = Known { handle: handle.clone(), token: token.clone() };
            put(&mut commit, known_key, &known, expected, None)?;
            (token, row)
        }
    };
    host.commit(commit).await?;
    Ok(fields(&[
        ("oauth_token", &token),
        ("oauth_token_secret", &row.token_secret),
        ("user_id", &user_id(&handle)),
        ("screen_name", &row.handle),
    ]))
}

/// `POST /1.1/oauth/invalidate_token.json`.
pub(super) async fn invalidate(host: &dyn Host, signed: &Signed) -> Result<HttpAnswer, StateError> {
    let token = signed.protocol.get("oauth_token").filter(|_| signed.user.is_some());
    let Some(token) = token else { return Ok(problems::unknown_token()) };
    let mut commit = Commit::default();
    delete(&mut commit, token_key(token), Expected::Any);
    host.commit(commit).await?;
    Ok(HttpAnswer::json(200, &json!({ "access_token": token })))
}

fn fields(pairs: &[(&str, &str)]) -> HttpAnswer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    HttpAnswer::new(200, "text/html;charset=utf-8", body)
}
