//! Pictures: both upload APIs, what is kept of each picture, and the pictures of posts.

mod bytes;
mod multipart;
mod v1;
mod v2;

use super::caller::Ask;
use super::problems;
use super::store::{delete, load, put, user_key};
use cordboard_plugin::{
    Commit, Expected, Host, HttpAnswer, HttpCall, StateError, TimelinePicture, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// X docs: an uploaded picture is kept for a day.
const LIFE_SECONDS: i64 = 86_400;
/// How long a GIF or a video is pending, and until when it is in progress.
const PENDING_MS: i64 = 1000;
const PROCESSING_MS: i64 = 3000;
const ALT_CHARS_MAX: usize = 1000;
const MEGABYTE: u64 = 1 << 20;
/// Largest piece of an upload in pieces.
const PIECE_BYTES_MAX: usize = 5 << 20;
const PIECES_MAX: u32 = 1000;

/// A picture; key `media/<id>`, so that keys are in the order of time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Picture {
    id: String,
    handle: String,
    category: String,
    /// By its bytes, once they are here.
    media_type: String,
    bytes_total: u64,
    bytes_here: u64,
    pieces: Vec<u32>,
    /// When all of it was here.
    complete_at: Option<Timestamp>,
    expires_at: Timestamp,
    /// A picture is good for one post.
    used: bool,
    /// Whether all its bytes are kept to be shown.
    shown: bool,
    alt: Option<String>,
}

fn media_key(id: &str) -> String {
    // Ids from outside may be anything; a longer key would be refused by the host.
    format!("media/{}", id.chars().take(30).collect::<String>())
}

/// The key by which X names a picture of a post.
pub(super) fn key_of(id: &str) -> String {
    format!("3_{id}")
}

/// Whether `path` is of this module.
pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/2/media/") || path.starts_with("/1.1/media/") || path.starts_with("/media/")
}

pub(super) async fn route(host: &dyn Host, ask: &Ask<'_>) -> Result<HttpAnswer, StateError> {
    let call = ask.call;
    if let ("GET", Some(id)) = (call.method.as_str(), call.path.strip_prefix("/media/")) {
        return show(host, id).await;
    }
    if call.path.starts_with("/1.1/") {
        v1::route(host, ask).await
    } else {
        v2::route(host, ask).await
    }
}

/// What a call of either API does, for faults on order.
pub(super) fn step(call: &HttpCall) -> Option<&'static str> {
    let path = call.path.as_str();
    match call.method.as_str() {
        "GET" => matches!(path, "/2/media/upload" | "/1.1/media/upload.json").then_some("status"),
        "POST" if path == "/1.1/media/upload.json" => Some(v1::step(call)),
        "POST" if path == "/2/media/upload" => Some("upload"),
        "POST" if path == "/2/media/upload/initialize" => Some("init"),
        "POST" if path.starts_with("/2/media/upload/") => {
            let steps = [("/append", "append"), ("/finalize", "finalize")];
            steps.into_iter().find(|(end, _)| path.ends_with(end)).map(|(_, step)| step)
        }
        "POST" if is_path(path) => Some("metadata"),
        _ => None,
    }
}

/// What an upload is to become.
struct Order<'a> {
    handle: &'a str,
    category: &'a str,
    bytes_total: u64,
    life_seconds: i64,
}

/// The most bytes of a category; `None`: there is no such category for posts.
fn bytes_max(category: &str) -> Option<u64> {
    match category {
        "tweet_image" => Some(5 * MEGABYTE),
        "tweet_gif" => Some(15 * MEGABYTE),
        "tweet_video" => Some(512 * MEGABYTE),
        _ => None,
    }
}

/// A picture whose bytes are still to come; `None` when X does not take it.
async fn begin(host: &dyn Host, order: &Order<'_>) -> Result<Option<Picture>, StateError> {
    let fits = bytes_max(order.category).is_some_and(|max| (1..=max).contains(&order.bytes_total));
    if !fits || order.handle.is_empty() {
        return Ok(None);
    }
    let id = super::posts::free_id(host, host.now(), "media/").await?;
    Ok(Some(Picture {
        id,
        handle: order.handle.to_owned(),
        category: order.category.to_owned(),
        media_type: String::new(),
        bytes_total: order.bytes_total,
        bytes_here: 0,
        pieces: Vec::new(),
        complete_at: None,
        expires_at: host.now().plus_seconds(order.life_seconds),
        used: false,
        shown: bytes::are_kept(order.bytes_total),
        alt: None,
    }))
}

/// Adds a piece; `false` when it does not belong there.
fn add(commit: &mut Commit, picture: &mut Picture, piece: u32, bytes: &[u8]) -> bool {
    let here = picture.bytes_here + bytes.len() as u64;
    let fits = !bytes.is_empty()
        && picture.complete_at.is_none()
        && piece < PIECES_MAX
        && here <= picture.bytes_total
        && !picture.pieces.contains(&piece);
    if !fits {
        return false;
    }
    if piece == 0 {
        bytes::sniff(bytes).clone_into(&mut picture.media_type);
    }
    if picture.shown {
        bytes::keep(commit, &picture.id, piece, bytes);
    }
    picture.pieces.push(piece);
    picture.bytes_here = here;
    true
}

/// All of it is here: is it what it was said to be?
fn complete(host: &dyn Host, picture: &mut Picture) -> bool {
    let fits = match picture.category.as_str() {
        "tweet_image" => picture.media_type.starts_with("image/"),
        "tweet_gif" => picture.media_type == "image/gif",
        _ => picture.media_type == "video/mp4",
    };
    if !fits || picture.bytes_here != picture.bytes_total {
        return false;
    }
    picture.complete_at = Some(host.now());
    picture.expires_at = host.now().plus_seconds(LIFE_SECONDS);
    true
}

async fn store(
    host: &dyn Host,
    mut commit: Commit,
    picture: &Picture,
    expected: Expected,
) -> Result<(), StateError> {
    put(&mut commit, media_key(&picture.id), picture, expected, None)?;
    host.commit(commit).await?;
    bytes::forget_old(host).await
}

/// The picture `id` of `handle`, if X still has it.
async fn of(
    host: &dyn Host,
    handle: &str,
    id: &str,
) -> Result<Option<(Picture, Expected)>, StateError> {
    let (picture, expected) = load::<Picture>(host, &media_key(id)).await?;
    let theirs = |picture: &Picture| {
        picture.id == id
            && user_key(&picture.handle) == user_key(handle)
            && picture.expires_at > host.now()
    };
    Ok(picture.filter(theirs).map(|picture| (picture, expected)))
}

/// What X says of its work on a picture; null for stills.
fn processing(picture: &Picture, now: Timestamp) -> Value {
    let Some(complete_at) = picture.complete_at.filter(|_| picture.category != "tweet_image")
    else {
        return Value::Null;
    };
    match now.millis_since(complete_at) {
        ms if ms < PENDING_MS => json!({ "state": "pending", "check_after_secs": 1 }),
        ms if ms < PROCESSING_MS => {
            json!({ "state": "in_progress", "check_after_secs": 2, "progress_percent": 50 })
        }
        _ => json!({ "state": "succeeded", "progress_percent": 100 }),
    }
}

/// Gives a description to a picture; `false` when there is no such picture or it is too long.
async fn describe(host: &dyn Host, handle: &str, id: &str, alt: &str) -> Result<bool, StateError> {
    if alt.is_empty() || alt.chars().count() > ALT_CHARS_MAX {
        return Ok(false);
    }
    let Some((mut picture, expected)) = of(host, handle, id).await? else { return Ok(false) };
    picture.alt = Some(alt.to_owned());
    store(host, Commit::default(), &picture, expected).await?;
    Ok(true)
}

/// Uses pictures up for a post of `handle`, in its commit; `false` when one of them is not good.
pub(super) async fn attach(
    host: &dyn Host,
    commit: &mut Commit,
    handle: &str,
    ids: &[String],
) -> Result<bool, StateError> {
    for id in ids {
        let Some((mut picture, expected)) = of(host, handle, id).await? else { return Ok(false) };
        let state = processing(&picture, host.now());
        let ready =
            picture.complete_at.is_some() && (state.is_null() || state["state"] == "succeeded");
        let alone = picture.category != "tweet_image" && ids.len() > 1;
        let twice = ids.iter().filter(|other| *other == id).count() > 1;
        if !ready || picture.used || alone || twice {
            return Ok(false);
        }
        picture.used = true;
        put(commit, media_key(id), &picture, expected, None)?;
    }
    Ok(true)
}

/// The pictures of a post, as far as they are kept.
pub(super) async fn pictures(
    host: &dyn Host,
    ids: &[String],
) -> Result<Vec<TimelinePicture>, StateError> {
    let mut pictures = Vec::new();
    for id in ids {
        let (picture, _) = load::<Picture>(host, &media_key(id)).await?;
        pictures.extend(picture.map(|picture| TimelinePicture {
            path: format!("/media/{id}"),
            media_type: picture.media_type,
            alt: picture.alt,
        }));
    }
    Ok(pictures)
}

/// `GET /media/{id}`: the bytes of a picture that somebody posted. Anybody may look.
async fn show(host: &dyn Host, id: &str) -> Result<HttpAnswer, StateError> {
    let (picture, _) = load::<Picture>(host, &media_key(id)).await?;
    let Some(picture) = picture.filter(|picture| picture.id == id && picture.used && picture.shown)
    else {
        return Ok(problems::not_found());
    };
    let bytes = bytes::all(host, id).await?;
    // The type is one of ours, found in the bytes, and nothing else may be made of them.
    Ok(HttpAnswer::new(200, &picture.media_type, bytes)
        .with_header("x-content-type-options", "nosniff")
        .with_header("content-security-policy", "default-src 'none'; sandbox")
        .with_header("cache-control", "private, max-age=3600"))
}

/// X's answer about the picture that `call` names, whatever is true of it.
pub(super) fn in_state(call: &HttpCall, state: &str) -> HttpAnswer {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let named = call.query.rsplit_once("media_id=").map(|(_, id)| digits(id));
    let id = named.unwrap_or_else(|| digits(call.path.trim_start_matches("/2")));
    let mut info = json!({ "state": state, "check_after_secs": 30 });
    if state == "failed" {
        info["error"] = json!({ "code": 1, "name": "InvalidMedia", "message": "not a video" });
    }
    let data = json!({ "id": id, "processing_info": info });
    HttpAnswer::json(200, &json!({ "data": data, "media_id_string": id, "processing_info": info }))
}

/// Forgets a picture.
fn forget(commit: &mut Commit, id: &str) {
    delete(commit, media_key(id), Expected::Any);
}
