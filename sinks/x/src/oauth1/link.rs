//! Linking by OAuth 1.0a: request token, X's page, access token; and giving it back.

use super::sign::{Moment, signed};
use super::{Consumer, Token};
use crate::access::READ_ONLY;
use crate::answers;
use crate::publish::{self, API};
use cordboard_plugin::{
    CallError, Host, HttpRequest, HttpResponse, LinkError, LinkRequest, LinkReturn, LinkStart,
    Reason, RemoteAccount, Secret, Trouble,
};
use std::collections::HashMap;

const FORM: &str = "application/x-www-form-urlencoded";
/// X docs: asks for a code that people type.
const OUT_OF_BAND: &str = "oob";

/// Starts a link: asks for a request token and says where the browser goes.
///
/// # Errors
/// [`CallError::Operator`] when X does not take our keys or our callback address.
pub async fn begin(
    app: &Consumer,
    host: &dyn Host,
    request: &LinkRequest,
) -> Result<LinkStart, CallError> {
    let callback = if app.by_code { OUT_OF_BAND } else { &request.callback_url };
    let call = signed(
        HttpRequest::base("POST", API, "/oauth/request_token"),
        &app.api_base,
        &app.own_keys(),
        &Moment::now(host),
        &[("oauth_callback", callback)],
    );
    let answer = host.http(call).await?;
    let fields = match fields(&answer) {
        Some(fields) => fields,
        // Nobody's token is involved: only our keys can be at fault.
        None => return Err(our_keys(&answer)),
    };
    let token = token_in(&fields).ok_or_else(|| CallError::unclear("X gave no request token"))?;
    if fields.get("oauth_callback_confirmed").is_none_or(|confirmed| confirmed != "true") {
        let detail = "X did not confirm the callback address; enter it in the developer console";
        return Err(CallError::operator(Trouble::Setting, detail));
    }
    let state = token.token.clone();
    let authorize_url =
        format!("{}/oauth/authorize?oauth_token={}", app.api_base, super::sign::escape(&state));
    let secret =
        serde_json::to_string(&token).map_err(|error| CallError::unclear(error.to_string()))?;
    Ok(LinkStart { authorize_url, state, secret: Secret::new(secret), by_code: app.by_code })
}

/// The request token that a return address carries, also when the person declined.
pub fn state(query: &[(String, String)]) -> Option<String> {
    let token = parameter(query, "oauth_token").or_else(|| parameter(query, "denied"))?;
    Some(token.to_owned()).filter(|token| !token.is_empty())
}

/// Trades the verifier that the browser brought back, or the code that the person texted, for a token,
/// and makes sure that it may post.
///
/// # Errors
/// By what the person should do: see [`LinkError`].
pub async fn complete(
    app: &Consumer,
    host: &dyn Host,
    back: &LinkReturn,
) -> Result<(Token, RemoteAccount), LinkError> {
    let started: Token = serde_json::from_str(back.secret.reveal())
        .map_err(|_| failed("the request token of this link cannot be read"))?;
    let theirs = |name| parameter(&back.query, name).is_none_or(|token| token == started.token);
    if !theirs("oauth_token") || !theirs("denied") {
        return Err(failed("X sent the browser back with the token of another link"));
    }
    if parameter(&back.query, "denied").is_some() {
        return Err(LinkError::Declined);
    }
    let verifier: String = parameter(&back.query, "oauth_verifier")
        .map(|code| code.chars().filter(|c| !c.is_whitespace()).collect())
        .unwrap_or_default();
    if verifier.is_empty() {
        return Err(failed("X sent the browser back without a verifier"));
    }
    let form = format!("oauth_verifier={}", super::sign::escape(&verifier));
    let call = signed(
        HttpRequest::base("POST", API, "/oauth/access_token").with_body(FORM, form),
        &app.api_base,
        &app.keys(&started),
        &Moment::now(host),
        &[],
    );
    let answer = host.http(call).await.map_err(|error| LinkError::Failed(error.into()))?;
    let Some(fields) = fields(&answer) else { return Err(not_traded(app, &answer)) };
    let (Some(token), Some(account)) = (token_in(&fields), account_in(&fields)) else {
        return Err(failed("X gave no access token"));
    };
    verify(app, host, &token, &account).await?;
    Ok((token, account))
}

/// Asks X with the new token whose it is and whether it may write. The token itself is here already and
/// its verifier is spent, so an answer that says nothing is no reason to turn the person away.
async fn verify(
    app: &Consumer,
    host: &dyn Host,
    token: &Token,
    account: &RemoteAccount,
) -> Result<(), LinkError> {
    let call = signed(publish::whose(), &app.api_base, &app.keys(token), &Moment::now(host), &[]);
    let Ok(answer) = host.http(call).await else { return Ok(()) };
    if crate::access::is_read_only(&answer) {
        return Err(LinkError::TooLittle(READ_ONLY.to_owned()));
    }
    match publish::owner(&answer) {
        Ok(owner) if owner.id != account.id => Err(failed("X names two owners of one token")),
        Err(error @ (CallError::Relink { .. } | CallError::Operator { .. })) => {
            Err(LinkError::Failed(error))
        }
        _ => Ok(()),
    }
}

/// Why X gave no token for a verifier. It took our keys a moment ago, so 401 is about this link.
fn not_traded(app: &Consumer, answer: &HttpResponse) -> LinkError {
    match failure(answer) {
        CallError::Refused(refusal) if refusal.reason == Reason::Account => {
            LinkError::Failed(CallError::Refused(refusal))
        }
        CallError::Operator { trouble, detail } if trouble != Trouble::Keys => {
            LinkError::Failed(CallError::Operator { trouble, detail })
        }
        _ if matches!(answer.status, 401 | 403) && app.by_code => {
            LinkError::WrongCode(format!("X did not take the code ({})", answer.status))
        }
        _ if matches!(answer.status, 401 | 403) => {
            LinkError::Expired(format!("X did not take the verifier ({})", answer.status))
        }
        error => LinkError::Failed(error),
    }
}

/// The call that makes a token useless. Whoever shares the account at X through this app shares it.
pub fn invalidation() -> HttpRequest {
    HttpRequest::base("POST", API, "/1.1/oauth/invalidate_token.json")
}

/// What the answer to [`invalidation`] means; a token that is gone already is a success.
///
/// # Errors
/// See [`answers::failure`].
pub fn invalidated(answer: &HttpResponse) -> Result<(), CallError> {
    match failure(answer) {
        _ if answer.status == 200 => Ok(()),
        CallError::Relink { .. } => Ok(()),
        error => Err(error),
    }
}

/// The fields of a good answer of the OAuth endpoints, which is a form.
fn fields(answer: &HttpResponse) -> Option<HashMap<String, String>> {
    let fields = url::form_urlencoded::parse(&answer.body.0).into_owned().collect();
    (answer.status == 200).then_some(fields)
}

fn token_in(fields: &HashMap<String, String>) -> Option<Token> {
    let field = |name| fields.get(name).filter(|value| !value.is_empty());
    let token_secret = Secret::new(field("oauth_token_secret")?);
    Some(Token { token: field("oauth_token")?.clone(), token_secret })
}

fn account_in(fields: &HashMap<String, String>) -> Option<RemoteAccount> {
    let id = fields.get("user_id").filter(|id| publish::is_id(id))?.clone();
    let name = fields.get("screen_name").filter(|name| !name.is_empty())?;
    Some(RemoteAccount { id, handle: format!("@{name}") })
}

/// What a bad answer of the OAuth endpoints means. They may answer in XML whatever they are asked for.
fn failure(answer: &HttpResponse) -> CallError {
    let Some(code) = xml_code(&answer.body.0) else { return answers::failure(answer) };
    let json = serde_json::json!({ "errors": [{ "code": code }] }).to_string();
    answers::failure(&HttpResponse { body: json.into(), ..answer.clone() })
}

/// The code in `<errors><error code="415">…`.
fn xml_code(body: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("<error code=\"")?;
    rest.split('"').next()?.parse().ok()
}

/// What a bad answer to a request in nobody's name means.
fn our_keys(answer: &HttpResponse) -> CallError {
    let hint = "check consumer_key and consumer_secret (not the OAuth 2.0 pair)";
    match failure(answer) {
        CallError::Operator { trouble: Trouble::Keys, detail } => {
            CallError::operator(Trouble::Keys, format!("{detail}: {hint}"))
        }
        error @ CallError::Operator { .. } => error,
        _ if answer.status == 401 => {
            CallError::operator(Trouble::Keys, format!("X answered 401: {hint}"))
        }
        error => error,
    }
}

fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn failed(detail: &str) -> LinkError {
    LinkError::Failed(CallError::unclear(detail))
}
