//! The token endpoint: codes, single-use refresh tokens, revocation.

use super::store::{Code, Grant, count, delete, load, put};
use super::{CLIENT_ID, CLIENT_SECRET, problems};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cordboard_plugin::{Commit, Expected, Host, HttpAnswer, HttpCall, StateError};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

const LIFE_SECONDS: i64 = 7200;

/// The fields of a form; the last of a name wins.
pub(super) fn form(call: &HttpCall) -> HashMap<String, String> {
    url::form_urlencoded::parse(&call.body.0).into_owned().collect()
}

/// A new token, as opaque as X's.
pub(super) fn fresh(host: &dyn Host) -> String {
    URL_SAFE_NO_PAD.encode(host.random(48))
}

/// The simulated app is confidential: X wants exactly this header, and no secret in the body.
fn is_client(call: &HttpCall) -> bool {
    let wanted = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    call.header("authorization") == Some(wanted.as_str())
}

/// `POST /2/oauth2/token`.
pub(super) async fn token(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    if !is_client(call) {
        return Ok(problems::no_client());
    }
    let form = form(call);
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    match field("grant_type") {
        "authorization_code" => {
            exchange(host, field("code"), field("redirect_uri"), field("code_verifier")).await
        }
        "refresh_token" => refresh(host, field("refresh_token")).await,
        _ => Ok(problems::oauth(400, "unsupported_grant_type", "Value passed is not supported.")),
    }
}

async fn exchange(
    host: &dyn Host,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<HttpAnswer, StateError> {
    let key = format!("code/{code}");
    let (Some(row), expected) = load::<Code>(host, &key).await? else {
        return Ok(problems::dead_code());
    };
    // Whatever comes of it, a code is good for one try.
    let mut commit = Commit::default();
    delete(&mut commit, key, expected);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let refusal = if host.now() >= row.expires_at || redirect_uri != row.redirect_uri {
        Some(problems::dead_code())
    } else {
        (challenge != row.challenge).then(problems::wrong_verifier)
    };
    if let Some(refusal) = refusal {
        host.commit(commit).await?;
        return Ok(refusal);
    }
    let grant = Grant { handle: row.handle, scope: row.scope };
    give(host, commit, &grant).await
}

async fn refresh(host: &dyn Host, token: &str) -> Result<HttpAnswer, StateError> {
    let key = format!("refresh/{token}");
    let (Some(grant), expected) = load::<Grant>(host, &key).await? else {
        return Ok(problems::dead_token());
    };
    let mut commit = Commit::default();
    delete(&mut commit, key, expected);
    count(host, &mut commit, &grant.handle, |counts| counts.refreshes += 1).await?;
    give(host, commit, &grant).await
}

/// Makes tokens and commits everything.
async fn give(
    host: &dyn Host,
    mut commit: Commit,
    grant: &Grant,
) -> Result<HttpAnswer, StateError> {
    let access = fresh(host);
    let ends = host.now().plus_seconds(LIFE_SECONDS);
    put(&mut commit, format!("access/{access}"), grant, Expected::Absent, Some(ends))?;
    let mut body = json!({
        "token_type": "bearer", "expires_in": LIFE_SECONDS,
        "access_token": access, "scope": grant.scope,
    });
    if grant.scope.split(' ').any(|scope| scope == "offline.access") {
        let refresh = fresh(host);
        put(&mut commit, format!("refresh/{refresh}"), grant, Expected::Absent, None)?;
        body["refresh_token"] = refresh.into();
    }
    host.commit(commit).await?;
    Ok(HttpAnswer::json(200, &body))
}

/// `POST /2/oauth2/revoke`.
pub(super) async fn revoke(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    if !is_client(call) {
        return Ok(problems::no_client());
    }
    let form = form(call);
    let token = form.get("token").map_or("", String::as_str);
    for kind in ["access", "refresh"] {
        let key = format!("{kind}/{token}");
        let (found, expected) = load::<Grant>(host, &key).await?;
        if found.is_some() {
            let mut commit = Commit::default();
            delete(&mut commit, key, expected);
            host.commit(commit).await?;
            return Ok(HttpAnswer::json(200, &json!({ "revoked": true })));
        }
    }
    Ok(problems::dead_token())
}
