//! Signatures of OAuth 1.0a (RFC 5849, section 3), with HMAC-SHA1 as X wants it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{Host, HttpRequest, Secret, Target};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use std::borrow::Cow;

/// The only content type whose body is signed.
const FORM: &str = "application/x-www-form-urlencoded";

/// Whose request it is.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'k> {
    /// The app's API key.
    pub consumer_key: &'k str,
    /// The app's API key secret.
    pub consumer_secret: &'k Secret,
    /// The token, and its secret, in whose name it is made; none for a request token.
    pub token: Option<(&'k str, &'k Secret)>,
}

/// What makes every request another one. A retry needs a new moment.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Never used before: letters and digits.
    pub nonce: String,
    /// Seconds since 1970.
    pub timestamp: i64,
}

impl Moment {
    /// Now, with a nonce by chance.
    pub fn now(host: &dyn Host) -> Self {
        let nonce = host.random(16).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { nonce, timestamp: host.now().unix_seconds() }
    }
}

/// `request`, signed. `base_url` is the configured URL of its base; `extra` are further parameters of
/// the protocol, for example `oauth_callback`.
///
/// The query is signed, and a form's body; a body of any other type is not.
#[must_use]
pub fn signed(
    request: HttpRequest,
    base_url: &str,
    keys: &Keys<'_>,
    moment: &Moment,
    extra: &[(&str, &str)],
) -> HttpRequest {
    let url = match &request.target {
        Target::Base { path, .. } => format!("{base_url}{path}"),
        Target::Foreign(url) => url.clone(),
    };
    let protocol = protocol(keys, moment, extra);
    let mut parameters: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        protocol.iter().map(|(name, value)| ((*name).into(), value.as_str().into())).collect();
    if is_form(&request) {
        parameters.extend(url::form_urlencoded::parse(&request.body.0));
    }
    let base = base_string(&request.method, &url, &parameters);
    let signature = signature(&base, keys);
    let authorization = authorization(&protocol, &signature);
    request.with_authorization(authorization)
}

fn is_form(request: &HttpRequest) -> bool {
    let kind = cordboard_plugin::header(&request.headers, "content-type").unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM))
}

/// The parameters `oauth_…`, without the signature.
fn protocol<'p>(
    keys: &Keys<'p>,
    moment: &Moment,
    extra: &[(&'p str, &str)],
) -> Vec<(&'p str, String)> {
    let mut all = vec![
        ("oauth_consumer_key", keys.consumer_key.to_owned()),
        ("oauth_nonce", moment.nonce.clone()),
        ("oauth_signature_method", "HMAC-SHA1".to_owned()),
        ("oauth_timestamp", moment.timestamp.to_string()),
        ("oauth_version", "1.0".to_owned()),
    ];
    if let Some((token, _)) = keys.token {
        all.push(("oauth_token", token.to_owned()));
    }
    all.extend(extra.iter().map(|(name, value)| (*name, (*value).to_owned())));
    all
}

/// What is signed: the method, the address without its query, and all parameters in order
/// (RFC 5849, section 3.4.1). `parameters` are decoded, and are joined by those of the query.
pub fn base_string(method: &str, url: &str, parameters: &[(Cow<'_, str>, Cow<'_, str>)]) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let query = url::form_urlencoded::parse(query.as_bytes());
    let mut pairs: Vec<(String, String)> = parameters
        .iter()
        .map(|(name, value)| (escape(name), escape(value)))
        .chain(query.map(|(name, value)| (escape(&name), escape(&value))))
        .collect();
    // By the encoded name, then by the encoded value, as bytes.
    pairs.sort();
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let method = method.to_ascii_uppercase();
    format!("{method}&{}&{}", escape(&plain(address)), escape(&pairs.join("&")))
}

/// An address as it is signed: scheme and host in lower case, no port where it is the usual one.
fn plain(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let host = url.host_str().unwrap_or_default();
            format!("{}://{host}{port}{}", url.scheme(), url.path())
        }
        // The host will not call it either.
        Err(_) => address.to_owned(),
    }
}

/// The signature of a base string, in base64.
pub fn signature(base: &str, keys: &Keys<'_>) -> String {
    let token = keys.token.map_or("", |(_, secret)| secret.reveal());
    let key = format!("{}&{}", escape(keys.consumer_secret.reveal()), escape(token));
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(base.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn authorization(protocol: &[(&str, String)], signature: &str) -> String {
    let mut pairs: Vec<(&str, &str)> =
        protocol.iter().map(|(name, value)| (*name, value.as_str())).collect();
    pairs.push(("oauth_signature", signature));
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{}=\"{}\"", escape(name), escape(value)))
        .collect();
    format!("OAuth {}", pairs.join(", "))
}

/// Percent-encoding of RFC 5849, section 3.6: only letters, digits and `-._~` stay, and a space is `%20`.
pub fn escape(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push(char::from(HEX[usize::from(byte >> 4)]));
            escaped.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    escaped
}
