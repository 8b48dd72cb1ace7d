//! OAuth 2.0 with PKCE: linking, refreshing, revoking (X docs, authentication; RFC 6749, RFC 7636).
//!
//! The `oauth2` crate makes the requests and reads good answers; bad ones are read here, because X
//! says `invalid_request` where the standard says `invalid_grant`.

mod door;
mod tokens;

use crate::answers;
use crate::publish::API;
use ::oauth2::basic::{BasicClient, BasicTokenResponse};
use ::oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, TokenResponse, TokenUrl,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cordboard_plugin::{
    CallError, Host, HttpRequest, HttpResponse, LinkError, LinkRequest, LinkReturn, LinkStart,
    Secret, Timestamp, Trouble,
};
use door::Door;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
pub use tokens::{Client, Tokens};

/// The kind of the credentials that are good for words.
pub const KIND: &str = "oauth2";
/// The kind of those that are good for words and pictures.
pub const MEDIA_KIND: &str = "oauth2-media";

/// What posting words needs. Without `offline.access` X gives no refresh token, and the account would
/// be lost after two hours.
const SCOPES: [&str; 4] = ["tweet.read", "tweet.write", "users.read", "offline.access"];
/// What uploading needs beside them. Asked for by `x-media` only: nobody should grant more than is used.
const MEDIA_SCOPE: &str = "media.write";

const TOKEN_PATH: &str = "/2/oauth2/token";

/// Life of an access token when X does not say (X docs: two hours).
const LIFE_SECONDS: i64 = 7200;
/// How long before its end a token is refreshed.
const REFRESH_EARLY_SECONDS: i64 = 600;

#[derive(Serialize, Deserialize)]
struct Started {
    verifier: Secret,
}

/// Starts a link: where the browser goes, and the verifier that only we know.
///
/// # Errors
/// [`CallError::Operator`] when an address of ours is none.
pub fn begin(app: &Client, host: &dyn Host, request: &LinkRequest) -> Result<LinkStart, CallError> {
    // 32 bytes make 43 characters, the least that RFC 7636 allows.
    let verifier = URL_SAFE_NO_PAD.encode(host.random(32));
    let state = URL_SAFE_NO_PAD.encode(host.random(24));
    let challenge =
        PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.clone()));
    let client = client(app)?;
    let callback = redirect(&request.callback_url)?;
    let (url, _) = client
        .authorize_url(|| CsrfToken::new(state.clone()))
        .add_scopes(app.scopes().into_iter().map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .set_redirect_uri(Cow::Borrowed(&callback))
        .url();
    let secret = serde_json::to_string(&Started { verifier: Secret::new(verifier) })
        .map_err(|error| CallError::unclear(error.to_string()))?;
    // The url crate writes spaces as `+`; X wants `%20`. A plus sign itself is `%2B` by now.
    let authorize_url = url.as_str().replace('+', "%20");
    Ok(LinkStart { authorize_url, state, secret: Secret::new(secret), by_code: false })
}

/// Trades the code that the browser brought back for tokens.
///
/// # Errors
/// By what the person should do: see [`LinkError`].
pub async fn complete(
    app: &Client,
    host: &dyn Host,
    back: &LinkReturn,
) -> Result<Tokens, LinkError> {
    match parameter(&back.query, "error") {
        Some("access_denied") => return Err(LinkError::Declined),
        Some(_) => return Err(failed("X sent the browser back with an error")),
        None => {}
    }
    let code = parameter(&back.query, "code").filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| failed("X sent the browser back without a code"))?;
    let started: Started = serde_json::from_str(back.secret.reveal())
        .map_err(|_| failed("the verifier of this link cannot be read"))?;
    let client = client(app).map_err(LinkError::Failed)?;
    let callback = redirect(&back.callback_url).map_err(LinkError::Failed)?;
    let door = Door::new(host);
    let answer = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(started.verifier.reveal().to_owned()))
        .set_redirect_uri(Cow::Borrowed(&callback))
        .request_async(&door)
        .await;
    let tokens = match answer {
        Ok(answer) => read(&answer, host.now(), &app.scopes(), None),
        Err(_) => return Err(door.link_failure()),
    };
    if !tokens.may("tweet.write") {
        return Err(LinkError::TooLittle("the permission to post".to_owned()));
    }
    if app.pictures && !tokens.may_upload() {
        return Err(LinkError::TooLittle("the permission to upload pictures".to_owned()));
    }
    if tokens.refresh_token.reveal().is_empty() {
        return Err(LinkError::TooLittle("the permission to stay connected".to_owned()));
    }
    Ok(tokens)
}

/// Trades the refresh token for new tokens; X gives a new refresh token with each.
///
/// # Errors
/// [`CallError::Relink`] when X takes the token no more; [`CallError::Unclear`] when it may have
/// been spent without our getting the new one: the core tries the stored one once more.
pub async fn refresh(app: &Client, host: &dyn Host, stored: &Tokens) -> Result<Tokens, CallError> {
    if stored.refresh_token.reveal().is_empty() {
        return Err(CallError::relink("there is no refresh token"));
    }
    let client = client(app)?;
    let token = RefreshToken::new(stored.refresh_token.reveal().to_owned());
    let door = Door::new(host);
    let answer = client.exchange_refresh_token(&token).request_async(&door).await;
    match answer {
        Ok(answer) => Ok(read(&answer, host.now(), &app.scopes(), Some(stored))),
        Err(_) => Err(door.failure()),
    }
}

/// The call that makes `token` useless. A plain form: the crate's own would want https even of a
/// simulator.
pub fn revocation(app: &Client, token: &Secret, hint: &str) -> HttpRequest {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", token.reveal()).append_pair("token_type_hint", hint);
    let request = HttpRequest::base("POST", API, "/2/oauth2/revoke");
    let request = match &app.secret {
        Some(secret) => {
            let pair = format!("{}:{}", escaped(&app.id), escaped(secret.reveal()));
            let basic = base64::engine::general_purpose::STANDARD.encode(pair);
            request.with_authorization(format!("Basic {basic}"))
        }
        None => {
            form.append_pair("client_id", &app.id);
            request
        }
    };
    request.with_body("application/x-www-form-urlencoded", form.finish())
}

/// What the answer to [`revocation`] means: any success, and a token that is gone already.
///
/// # Errors
/// As for a refresh.
pub fn revoked(answer: &HttpResponse) -> Result<(), CallError> {
    match token_failure(answer) {
        _ if (200..300).contains(&answer.status) => Ok(()),
        CallError::Relink { .. } => Ok(()),
        error => Err(error),
    }
}

/// What a bad answer of the token endpoint means. Its errors are OAuth's, not X's problems.
///
/// A used, revoked or expired token is 400 `invalid_request` at X (logged 2026), not
/// `invalid_grant`; both are taken.
pub fn token_failure(answer: &HttpResponse) -> CallError {
    let body = answer.json().unwrap_or_default();
    let error = body["error"].as_str().unwrap_or("");
    let about = body["error_description"].as_str().unwrap_or("").to_ascii_lowercase();
    let detail = format!("X answered {} {}", answer.status, known(error));
    match (answer.status, error) {
        (400, "invalid_grant") => CallError::relink(detail),
        (400, "invalid_request") if about.contains("token") || about.contains("code") => {
            CallError::relink(detail)
        }
        (400 | 401, "unauthorized_client" | "invalid_client") => {
            let hint = "check client_id and client_secret, and that the app is a confidential one";
            CallError::operator(Trouble::Keys, format!("{detail}: {hint}"))
        }
        (401, _) if !error.is_empty() => CallError::operator(Trouble::Keys, detail),
        (429, _) => CallError::retry_after(Some(answers::wait_ms(answer)), detail),
        (402 | 403, _) => match answers::failure(answer) {
            error @ CallError::Operator { .. } => error,
            _ => CallError::unclear(detail),
        },
        _ => CallError::unclear(detail),
    }
}

/// Only words of the standard go into a log.
fn known(error: &str) -> &str {
    let words = ["invalid_request", "invalid_grant", "invalid_client", "unauthorized_client"];
    words.into_iter().find(|word| *word == error).unwrap_or("at the token endpoint")
}

fn read(
    answer: &BasicTokenResponse,
    now: Timestamp,
    asked: &[&str],
    before: Option<&Tokens>,
) -> Tokens {
    let life = answer.expires_in().map_or(LIFE_SECONDS, |life| {
        i64::try_from(life.as_secs()).unwrap_or(LIFE_SECONDS).clamp(60, 366 * 86_400)
    });
    let kept = before.map(|tokens| tokens.refresh_token.clone()).unwrap_or_default();
    let scope = match answer.scopes() {
        Some(scopes) => scopes.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" "),
        // RFC 6749: left out when it is what was asked for.
        None => before.map_or_else(|| asked.join(" "), |tokens| tokens.scope.clone()),
    };
    Tokens {
        access_token: Secret::new(answer.access_token().secret()),
        refresh_token: answer.refresh_token().map_or(kept, |token| Secret::new(token.secret())),
        scope,
        expires_at: now.plus_seconds(life),
    }
}

type TheirClient =
    BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn client(app: &Client) -> Result<TheirClient, CallError> {
    let wrong = |error: url::ParseError| CallError::operator(Trouble::Setting, error.to_string());
    let client = BasicClient::new(ClientId::new(app.id.clone()))
        .set_auth_uri(AuthUrl::from_url(app.authorize_url.clone()))
        .set_token_uri(TokenUrl::new(format!("{}{TOKEN_PATH}", app.api_base)).map_err(wrong)?);
    Ok(match &app.secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.reveal().to_owned())),
        None => client,
    })
}

fn redirect(callback_url: &str) -> Result<RedirectUrl, CallError> {
    RedirectUrl::new(callback_url.to_owned())
        .map_err(|error| CallError::operator(Trouble::Setting, format!("callback: {error}")))
}

fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn failed(detail: &str) -> LinkError {
    LinkError::Failed(CallError::unclear(detail))
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
