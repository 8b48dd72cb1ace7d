//! Checks signatures of OAuth 1.0a from the request as it arrived, by code of its own: the sink's signer
//! is not used here.

use super::oauth1::{Token, request_key, token_key};
use super::store::{load, put};
use super::{CONSUMER_KEY, CONSUMER_SECRET, problems};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{Commit, Expected, Host, HttpAnswer, HttpCall, StateError};
use sha1::{Digest as _, Sha1};
use std::collections::BTreeMap;

/// X's clock and the caller's may differ by this much.
const SKEW_SECONDS: i64 = 300;
const NONCE_CHARS_MAX: usize = 100;

/// A request whose signature is right.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    /// The parameters of the header.
    pub(super) protocol: BTreeMap<String, String>,
    /// Whose token signed it: a person's, or that of a link under way.
    pub(super) user: Option<Token>,
}

/// Checks the signature of `call`, if it has one at all. The nonce is spent here.
pub(super) async fn check(
    host: &dyn Host,
    call: &HttpCall,
) -> Result<Option<Result<Signed, HttpAnswer>>, StateError> {
    let header = call.header("authorization").and_then(|value| value.strip_prefix("OAuth "));
    let Some(header) = header else { return Ok(None) };
    Ok(Some(judge(host, call, header).await?))
}

async fn judge(
    host: &dyn Host,
    call: &HttpCall,
    header: &str,
) -> Result<Result<Signed, HttpAnswer>, StateError> {
    let Some(protocol) = protocol(header) else { return Ok(Err(problems::bad_data())) };
    let field = |name: &str| protocol.get(name).map_or("", String::as_str);
    let nonce = field("oauth_nonce");
    let Ok(timestamp) = field("oauth_timestamp").parse::<i64>() else {
        return Ok(Err(problems::bad_data()));
    };
    let odd = field("oauth_signature_method") != "HMAC-SHA1"
        || !matches!(field("oauth_version"), "" | "1.0")
        || nonce.is_empty()
        || nonce.len() > NONCE_CHARS_MAX;
    if odd {
        return Ok(Err(problems::bad_data()));
    }
    if field("oauth_consumer_key") != CONSUMER_KEY {
        return Ok(Err(problems::not_authenticated()));
    }
    if (timestamp - host.now().unix_seconds()).abs() > SKEW_SECONDS {
        return Ok(Err(problems::wrong_clock()));
    }
    let (user, secret) = match field("oauth_token") {
        "" => (None, String::new()),
        token => match holder(host, token).await? {
            Some(found) => found,
            None => return Ok(Err(problems::unknown_token())),
        },
    };
    if field("oauth_signature") != expected(call, &protocol, &secret) {
        return Ok(Err(problems::not_authenticated()));
    }
    let mut commit = Commit::default();
    let key = format!("nonce/{timestamp}/{}", hex(&Sha1::digest(nonce.as_bytes())));
    let forgotten = Some(host.now().plus_seconds(2 * SKEW_SECONDS + 1));
    put(&mut commit, key, &timestamp, Expected::Absent, forgotten)?;
    Ok(match host.commit(commit).await {
        Ok(()) => Ok(Signed { protocol, user }),
        // Seen before.
        Err(StateError::Conflict) => Err(problems::not_authenticated()),
        Err(error) => return Err(error),
    })
}

/// Whose the token is, if it is a person's, and its secret.
async fn holder(
    host: &dyn Host,
    token: &str,
) -> Result<Option<(Option<Token>, String)>, StateError> {
    if let (Some(user), _) = load::<Token>(host, &token_key(token)).await? {
        let secret = user.token_secret.clone();
        return Ok(Some((Some(user), secret)));
    }
    let (request, _) = load::<super::oauth1::Request>(host, &request_key(token)).await?;
    Ok(request.map(|request| (None, request.token_secret)))
}

/// The parameters of a header, each name once.
fn protocol(header: &str) -> Option<BTreeMap<String, String>> {
    let mut protocol = BTreeMap::new();
    for pair in header.split(',') {
        let (name, value) = pair.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        if value.contains(['"', ' ', '+']) {
            return None;
        }
        if protocol.insert(decoded(name), decoded(value)).is_some() {
            return None;
        }
    }
    Some(protocol)
}

fn decoded(text: &str) -> String {
    // A plus sign in a header is none of a space.
    let text = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("v={text}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn expected(call: &HttpCall, protocol: &BTreeMap<String, String>, token_secret: &str) -> String {
    let mut all: Vec<(String, String)> = protocol
        .iter()
        .filter(|(name, _)| *name != "oauth_signature" && *name != "realm")
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    let is_form = call
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let body: &[u8] = if is_form { &call.body.0 } else { b"" };
    for source in [call.query.as_bytes(), body] {
        for (name, value) in url::form_urlencoded::parse(source) {
            all.push((encoded(&name), encoded(&value)));
        }
    }
    all.sort();
    let mut joined = String::new();
    for (name, value) in all {
        let joint = if joined.is_empty() { "" } else { "&" };
        joined += &format!("{joint}{name}={value}");
    }
    let address = call.url.split('?').next().unwrap_or_default();
    let base = [call.method.as_str(), &encoded(address), &encoded(&joined)].join("&");
    let key = format!("{}&{}", encoded(CONSUMER_SECRET), encoded(token_secret));
    STANDARD.encode(hmac(key.as_bytes(), base.as_bytes()))
}

/// RFC 3986 from the encoding of forms, which differs in three characters.
fn encoded(text: &str) -> String {
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    form.replace('+', "%20").replace('*', "%2A").replace("%7E", "~")
}

/// HMAC-SHA1 as RFC 2104 writes it.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 64];
    let short = Sha1::digest(key);
    let key = if key.len() > block.len() { short.as_slice() } else { key };
    block[..key.len()].copy_from_slice(key);
    let inner = Sha1::new_with_prefix(block.map(|byte| byte ^ 0x36)).chain_update(text).finalize();
    Sha1::new_with_prefix(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
