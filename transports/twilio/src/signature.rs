//! `X-Twilio-Signature`: whether a call is Twilio's (Twilio docs, "Webhooks security").
//!
//! There is no timestamp in it: an old signed call stays valid for ever, and only the key under which
//! a message is stored once keeps a replay from being posted again.

use crate::form::{self, Pair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{HttpCall, Rejected, Secret};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use subtle::{Choice, ConstantTimeEq};

/// The header that holds the signature.
pub const SIGNATURE_HEADER: &str = "x-twilio-signature";
/// The header that names a shared key and its algorithm, in place of the Auth Token.
pub const SETTINGS_HEADER: &str = "x-twilio-webhooks-signature-settings";

/// How a call is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// With the account's primary Auth Token.
    HmacSha1,
    /// With a shared key.
    HmacSha256,
}

/// The keys that a call may be signed with.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a> {
    /// The account's primary Auth Token.
    pub auth_token: &'a Secret,
    /// Shared keys by id.
    pub shared: &'a BTreeMap<String, Secret>,
}

/// The signature over `url` and the parameters, in base64.
///
/// Parameters are sorted byte-wise by name, then by value, each (name, value) once, and appended
/// without separators. `url` is taken as it stands.
pub fn sign(algorithm: Algorithm, key: &Secret, url: &str, parameters: &[Pair]) -> String {
    let mut sorted: Vec<&Pair> = parameters.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut text = url.as_bytes().to_vec();
    for (name, value) in sorted {
        text.extend_from_slice(name);
        text.extend_from_slice(value);
    }
    let key = key.reveal().as_bytes();
    match algorithm {
        Algorithm::HmacSha1 => STANDARD.encode(mac::<Hmac<Sha1>>(key, &text)),
        Algorithm::HmacSha256 => STANDARD.encode(mac::<Hmac<Sha256>>(key, &text)),
    }
}

/// The parameters of `call`, once its signature has been found good. What is returned is what was
/// signed: the form of a POST, the query of a GET, the top level of a JSON body.
///
/// # Errors
/// [`Rejected`] with 403 when the signature is missing or wrong, made with an unknown key or
/// algorithm, or does not cover the body; 400 for too many parameters; 405 for another method.
pub fn verify(call: &HttpCall, keys: &Keys<'_>) -> Result<Vec<Pair>, Rejected> {
    if !matches!(call.method.as_str(), "GET" | "POST") {
        return Err(Rejected { status: 405, reason: "neither GET nor POST".to_owned() });
    }
    let given = call.header(SIGNATURE_HEADER).ok_or_else(|| Rejected::forged("not signed"))?;
    let (algorithm, key) = keys.of(call)?;
    let url = signed_part(&call.url);
    let query = form::decode(url.split_once('?').map_or("", |(_, query)| query).as_bytes())?;
    let hashed = check_body_hash(&query, &call.body.0)?;
    let (appended, meant) = if call.method == "GET" {
        (Vec::new(), query)
    } else if is_form(call) {
        let form = form::decode(&call.body.0)?;
        (form.clone(), form)
    } else if hashed {
        (Vec::new(), json_pairs(&call.body.0))
    } else {
        return Err(Rejected::forged("the signature does not cover this kind of body"));
    };
    // Every candidate is computed and compared, so that time tells nothing.
    let genuine = candidates(&url).iter().fold(Choice::from(0), |found, candidate| {
        let expected = sign(algorithm, key, candidate, &appended);
        found | expected.as_bytes().ct_eq(given.as_bytes())
    });
    if bool::from(genuine) { Ok(meant) } else { Err(Rejected::forged("wrong signature")) }
}

impl<'a> Keys<'a> {
    /// The key and algorithm that `call` claims; without a claim, the classic ones.
    fn of(&self, call: &HttpCall) -> Result<(Algorithm, &'a Secret), Rejected> {
        let claim = call.header(SETTINGS_HEADER).unwrap_or_default();
        let part = |name: &str| {
            claim.split(',').filter_map(|part| part.split_once('=')).find_map(|(key, value)| {
                key.trim().eq_ignore_ascii_case(name).then_some(value.trim())
            })
        };
        match part("algorithm") {
            None => Ok((Algorithm::HmacSha1, self.auth_token)),
            Some("HMAC_SHA256") => part("key")
                .and_then(|id| self.shared.get(id))
                .map(|key| (Algorithm::HmacSha256, key))
                .ok_or_else(|| Rejected::forged("signed with a key missing in `shared_keys`")),
            Some(_) => Err(Rejected::forged("signed with an unknown algorithm")),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length; the type cannot say so. An empty code equals no signature.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// The URL without user, password and fragment, none of which Twilio signs.
pub(crate) fn signed_part(url: &str) -> String {
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    let (scheme, authority, rest) = pieces(url);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{rest}")
}

/// Without port and with it: Twilio's back ends are known to differ.
fn candidates(url: &str) -> [String; 2] {
    let (scheme, authority, rest) = pieces(url);
    let default = if scheme == "http://" { "80" } else { "443" };
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an IPv6 address stand inside its brackets.
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, default),
    };
    [format!("{scheme}{host}{rest}"), format!("{scheme}{host}:{port}{rest}")]
}

/// Scheme with `://`, authority, and everything after it.
fn pieces(url: &str) -> (&str, &str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?']).map_or(url.len(), |at| start + at);
    (&url[..start], &url[start..end], &url[end..])
}

/// Whether the query carries `bodySHA256`; each one must be the hash of the body.
fn check_body_hash(query: &[Pair], body: &[u8]) -> Result<bool, Rejected> {
    let claims: Vec<&Pair> = query.iter().filter(|(name, _)| name == b"bodySHA256").collect();
    if claims.is_empty() {
        return Ok(false);
    }
    let digest = Sha256::digest(body);
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let matches = claims.iter().all(|(_, claim)| bool::from(hash.as_bytes().ct_eq(claim)));
    if matches {
        Ok(true)
    } else {
        Err(Rejected::forged("the body is not the one that was hashed"))
    }
}

fn is_form(call: &HttpCall) -> bool {
    let essence = call.header("content-type").unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim();
    call.body.0.is_empty()
        || essence.is_empty()
        || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The strings, numbers and flags at the top level of a JSON object; empty for anything else.
fn json_pairs(body: &[u8]) -> Vec<Pair> {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(body) else {
        return Vec::new();
    };
    let scalars = members.into_iter().filter_map(|(name, value)| match value {
        serde_json::Value::String(text) => Some((name, text)),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) => {
            Some((name, value.to_string()))
        }
        _ => None,
    });
    scalars.map(|(name, value)| (name.into_bytes(), value.into_bytes())).collect()
}
