//! Pictures: named by callbacks as signed links, by records as ids. Signed links get no credentials
//! (a second one has S3 refuse them), and what a callback names is not to be trusted: it is unsigned.

use crate::codes;
use crate::config::Config;
use crate::message::Message;
use crate::outbound;
use cordboard_plugin::{
    Blob, CallError, Fetched, Host, HttpRequest, HttpResponse, Level, MediaRef, Reason,
};
use serde_json::Value;
use url::Url;

/// Pictures of one message. Flowroute names no limit; carriers stop at ten.
const MEDIA_MAX: usize = 10;
/// Longest id of a picture, in bytes. It ends in a file name that the sender chose.
const ID_BYTES_MAX: usize = 255;
/// A signed link leads straight to the bytes; S3 redirects once to another region.
const REDIRECTS_MAX: usize = 3;
const TIMEOUT_MS: u32 = 60_000;

/// Where the API keeps a picture, by its id (`links.self` of an included picture).
const FOLDER: &str = "/v2.1/media/";

/// The pictures that a callback names: all that are included, whatever the ids of relationships say
/// (they were seen to differ by a character). With none included, those of the record.
pub(crate) fn of_callback(config: &Config, document: &Value, message: &Message) -> Vec<MediaRef> {
    let related = message.media_ids.as_deref().unwrap_or_default();
    let rows = document["included"].as_array().into_iter().flatten();
    let refs = rows.filter(|row| row["type"] == "media").filter_map(|row| {
        let attributes = &row["attributes"];
        let url = attributes["url"].as_str().filter(|url| !url.is_empty())?;
        let claimed_type = attributes["mime_type"].as_str().unwrap_or_default().to_owned();
        let name = attributes["file_name"].as_str().unwrap_or_default();
        let id = row["id"].as_str().filter(|id| related.iter().any(|known| known == id));
        (!is_words(&claimed_type, name))
            .then(|| MediaRef { place: marked(url, id.and_then(escaped)), claimed_type })
    });
    let refs: Vec<_> = refs.take(MEDIA_MAX).collect();
    let is_included = document["included"].as_array().is_some_and(|rows| !rows.is_empty());
    if is_included { refs } else { of_record(config, message) }
}

/// The pictures of a record, which has only their ids. That the API gives them is not documented.
pub(crate) fn of_record(config: &Config, message: &Message) -> Vec<MediaRef> {
    let ids = message.media_ids.iter().flatten().filter(|id| !is_words("", id));
    let places = ids.filter_map(|id| Some(format!("{}{FOLDER}{}", config.api_url(), escaped(id)?)));
    let refs = places.map(|place| MediaRef { place, claimed_type: String::new() });
    refs.take(MEDIA_MAX).collect()
}

/// Whether the record that has these pictures may be the one of a message with `media`. Only what
/// both name is compared: a record may leave its pictures out, a callback may contradict itself.
pub(crate) fn agree(media: &[MediaRef], record: &Message) -> bool {
    let listed = record.media_ids.as_deref().unwrap_or_default();
    if listed.is_empty() {
        return media.is_empty() || record.is_mms != Some(false);
    }
    let is_listed = |id: String| listed.iter().any(|known| escaped(known).as_ref() == Some(&id));
    let mut named = media.iter().filter_map(|media| id_of(&media.place));
    media.len() <= listed.len() && named.all(is_listed)
}

/// Fetches a picture, by at most three redirects.
///
/// # Errors
/// Refused (`Media`) when it may not be fetched from there, or is gone; operator when our keys are
/// refused; otherwise try again: nothing changes by asking.
pub(crate) async fn fetch(
    config: &Config,
    host: &dyn Host,
    media: &MediaRef,
    bytes_max: u32,
) -> Result<Fetched, CallError> {
    let mut place = Url::parse(&media.place).map_err(|_| refused("its address is not a URL"))?;
    place.set_fragment(None);
    for _ in 0..=REDIRECTS_MAX {
        let api = api_path(config, &place);
        let mut request = match &api {
            Some(path) => outbound::api_call(config, "GET", path.as_str()),
            None if is_trusted(config, &place) => HttpRequest::foreign("GET", place.as_str()),
            None => return Err(untrusted(host, &place)),
        };
        request.timeout_ms = TIMEOUT_MS;
        request.answer_bytes_max = bytes_max;
        let answer = host.http(request).await?;
        match answer.status {
            200 => return Ok(fetched(media, answer)),
            301 | 302 | 303 | 307 | 308 => place = next(&place, &answer)?,
            _ => return Err(failure(&answer, api.is_some())),
        }
    }
    Err(CallError::retry_after(None, "the picture is redirected too often"))
}

/// SMIL and texts are listed among the pictures and are none.
fn is_words(claimed_type: &str, name: &str) -> bool {
    let claimed_type = claimed_type.trim().to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    claimed_type.starts_with("text/")
        || claimed_type == "application/smil"
        || (claimed_type.is_empty()
            && [".smil", ".smi", ".txt"].iter().any(|end| name.ends_with(end)))
}

/// The address with the picture's id behind the `#`, which is never sent; [`agree`] looks at it.
fn marked(url: &str, id: Option<String>) -> String {
    let url = url.split('#').next().unwrap_or_default();
    id.map_or_else(|| url.to_owned(), |id| format!("{url}#{id}"))
}

/// The id that a place names, escaped.
fn id_of(place: &str) -> Option<String> {
    let url = Url::parse(place).ok()?;
    let behind = url.path().rsplit_once(FOLDER).map(|(_, id)| id.to_owned());
    url.fragment().map(str::to_owned).or(behind)
}

/// An id as one segment of a path: letters, digits and a few signs stay, all else is `%XX`. `None`
/// for what would be another path all the same.
fn escaped(id: &str) -> Option<String> {
    if id.is_empty() || id.len() > ID_BYTES_MAX || id.bytes().all(|byte| byte == b'.') {
        return None;
    }
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    Some(id.bytes().map(escape).collect())
}

/// The path below `api_base` when `place` is a picture there; only then do credentials go along.
fn api_path(config: &Config, place: &Url) -> Option<String> {
    let base = &config.api_base;
    let plain =
        place.username().is_empty() && place.password().is_none() && place.query().is_none();
    if place.origin() != base.origin() || !plain {
        return None;
    }
    let path = place.path().strip_prefix(base.path().trim_end_matches('/'))?;
    let id = path.strip_prefix(FOLDER)?;
    (!id.is_empty() && !id.contains('/')).then(|| path.to_owned())
}

/// Whether a picture may come from there: from S3 or Flowroute over TLS, from a listed host, or from
/// where the API itself is. Any bucket of S3 will do: theirs have changed with each generation.
fn is_trusted(config: &Config, place: &Url) -> bool {
    let Some(host) = place.host_str() else { return false };
    let port = place.port_or_known_default().unwrap_or_default();
    let with_port = format!("{host}:{port}");
    let listed = |entry: &String| {
        let entry = entry.to_ascii_lowercase();
        entry == with_port || (entry == host && place.port().is_none())
    };
    let theirs = place.scheme() == "https"
        && place.port().is_none()
        && (is_s3(host) || host == "flowroute.com" || host.ends_with(".flowroute.com"));
    let fit = place.scheme() == "https"
        || (place.scheme() == "http" && config.api_base.scheme() == "http");
    let plain = place.username().is_empty() && place.password().is_none();
    let at_api = place.origin() == config.api_base.origin();
    plain && (theirs || (fit && (at_api || config.media_hosts.iter().any(listed))))
}

/// `s3.amazonaws.com`, `s3.<region>.…`, `s3-<region>.…`, and a bucket's own name before any of them.
fn is_s3(host: &str) -> bool {
    let Some(rest) = host.strip_suffix(".amazonaws.com") else { return false };
    match rest.split('.').collect::<Vec<_>>().as_slice() {
        [.., "s3"] | [.., "s3", _] | [.., "s3", "dualstack", _] => true,
        [.., last] => last.starts_with("s3-") && !last.starts_with("s3-website"),
        [] => false,
    }
}

fn next(place: &Url, answer: &HttpResponse) -> Result<Url, CallError> {
    let location = answer.header("location").and_then(|location| place.join(location).ok());
    location
        .filter(Url::has_host)
        .ok_or_else(|| CallError::retry_after(None, "a redirect of the picture leads nowhere"))
}

fn fetched(media: &MediaRef, answer: HttpResponse) -> Fetched {
    let claimed_type = answer.header("content-type").unwrap_or(&media.claimed_type).to_owned();
    Fetched { claimed_type, bytes: Blob(answer.body.0) }
}

fn failure(answer: &HttpResponse, at_api: bool) -> CallError {
    match (answer.status, at_api) {
        (401, true) => codes::keys_refused(),
        (408 | 429, _) => {
            let detail = format!("answer {} for a picture", answer.status);
            CallError::retry_after(codes::wait_ms(answer), detail)
        }
        (403, false) => refused_as("HTTP 403", "the link to the picture has run out"),
        (status @ 400..500, _) => {
            refused_as(&format!("HTTP {status}"), "the picture is no longer at Flowroute")
        }
        (status, _) => CallError::retry_after(None, format!("answer {status} for a picture")),
    }
}

fn untrusted(host: &dyn Host, place: &Url) -> CallError {
    let named = place.host_str().unwrap_or("nowhere");
    let line = format!(
        "a picture at {named} was not fetched; if that is Flowroute's, add it to `media_hosts`"
    );
    host.log(Level::Warn, &line);
    refused("it is neither at Flowroute nor in `media_hosts`")
}

fn refused(why: &str) -> CallError {
    refused_as("", &format!("the picture was not fetched: {why}"))
}

fn refused_as(code: &str, words: &str) -> CallError {
    CallError::refused(Reason::Media, code, words)
}
