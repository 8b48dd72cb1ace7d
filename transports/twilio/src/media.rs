//! Pictures: credentials for the API alone, and none for the place it sends us to.

use crate::codes;
use crate::config::{Config, is_sid};
use crate::outbound::{self, API};
use cordboard_plugin::{
    Blob, CallError, Fetched, Host, HttpRequest, HttpResponse, MediaRef, Reason,
};
use url::Url;

/// The API redirects once; its CDN may once more.
const REDIRECTS_MAX: usize = 3;
const TIMEOUT_MS: u32 = 60_000;

/// Fetches a picture. The API answers with a redirect to a CDN, which gets no credentials:
/// they would leak, and signed links refuse a second one.
///
/// # Errors
/// Refused (`Media`) when the place is not the API's and not in `media_hosts`, or the picture is
/// gone; operator when our keys are; otherwise try again: nothing changes by asking.
pub(crate) async fn fetch(
    config: &Config,
    host: &dyn Host,
    media: &MediaRef,
    bytes_max: u32,
) -> Result<Fetched, CallError> {
    let mut place = Url::parse(&media.place).map_err(|_| refused("its address is not a URL"))?;
    if api_path(config, &place).is_none() && !is_media_host(config, &place) {
        return Err(refused("it is neither at Twilio nor in `media_hosts`"));
    }
    for _ in 0..=REDIRECTS_MAX {
        let api = api_path(config, &place);
        let mut request = match &api {
            Some(path) => outbound::api_call(config, "GET", path.as_str()),
            None => HttpRequest::foreign("GET", place.as_str()),
        };
        request.timeout_ms = TIMEOUT_MS;
        request.answer_bytes_max = bytes_max;
        let answer = host.http(request).await?;
        match answer.status {
            200 => return Ok(fetched(media, answer)),
            301 | 302 | 303 | 307 | 308 => place = next(config, &place, &answer)?,
            _ => return Err(failure(&answer, api.is_some())),
        }
    }
    Err(CallError::retry_after(None, "the picture is redirected too often"))
}

/// The path below `api_base` when `place` is a picture of our account there; only then may
/// credentials go along. A forged address must not be able to fetch our token.
pub(crate) fn api_path(config: &Config, place: &Url) -> Option<String> {
    let base = &config.api_base;
    let same_door = place.scheme() == base.scheme()
        && place.host_str() == base.host_str()
        && place.port_or_known_default() == base.port_or_known_default();
    let plain =
        place.username().is_empty() && place.password().is_none() && place.query().is_none();
    if !same_door || !plain {
        return None;
    }
    let path = place.path().strip_prefix(base.path().trim_end_matches('/'))?;
    let rest = path.strip_prefix(&config.path("/Messages/"))?;
    let (message, media) = rest.split_once("/Media/")?;
    let known = (is_sid(message, "MM") || is_sid(message, "SM")) && is_sid(media, "ME");
    known.then(|| path.to_owned())
}

fn is_media_host(config: &Config, place: &Url) -> bool {
    let Some(host) = place.host_str() else { return false };
    let port = place.port_or_known_default().unwrap_or_default();
    let with_port = format!("{host}:{port}");
    let listed = |entry: &String| {
        let entry = entry.to_ascii_lowercase();
        entry == with_port || (entry == host && place.port().is_none())
    };
    is_fit_scheme(config, place) && config.media_hosts.iter().any(listed)
}

/// `https`, or whatever the API itself is reached by (a simulated one has no TLS).
fn is_fit_scheme(config: &Config, place: &Url) -> bool {
    place.scheme() == "https" || (place.scheme() == "http" && config.api_base.scheme() == "http")
}

fn next(config: &Config, place: &Url, answer: &HttpResponse) -> Result<Url, CallError> {
    let location = answer.header("location").and_then(|location| place.join(location).ok());
    location
        .filter(|location| location.has_host() && is_fit_scheme(config, location))
        .ok_or_else(|| CallError::retry_after(None, "a redirect of the picture leads nowhere"))
}

fn fetched(media: &MediaRef, answer: HttpResponse) -> Fetched {
    let claimed_type = answer.header("content-type").unwrap_or(&media.claimed_type).to_owned();
    Fetched { claimed_type, bytes: Blob(answer.body.0) }
}

fn failure(answer: &HttpResponse, at_api: bool) -> CallError {
    match (answer.status, at_api) {
        (401, true) => codes::keys_refused(),
        (403, false) => CallError::retry_after(None, "the link to the picture has run out (403)"),
        (429, _) => CallError::retry_after(outbound::wait_ms(answer), "too many calls (429)"),
        (400..500, _) => {
            let code = format!("HTTP {}", answer.status);
            CallError::refused(Reason::Media, code, "the picture is no longer at Twilio")
        }
        (status, _) => CallError::retry_after(None, format!("answer {status} from {API}")),
    }
}

fn refused(why: &str) -> CallError {
    CallError::refused(Reason::Media, "", format!("the picture was not fetched: {why}"))
}
