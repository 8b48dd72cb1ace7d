//! The upload API v2.

use super::multipart::fields;
use super::{
    LIFE_SECONDS, Order, PIECE_BYTES_MAX, Picture, add, begin, complete, describe, of, processing,
    store,
};
use crate::sim::caller::Ask;
use crate::sim::problems;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{Commit, Expected, Host, HttpAnswer, HttpCall, StateError};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Types that `initialize` knows, of those that matter here.
const TYPES: [&str; 8] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/bmp",
    "image/tiff",
    "video/mp4",
    "video/quicktime",
];

pub(super) async fn route(host: &dyn Host, ask: &Ask<'_>) -> Result<HttpAnswer, StateError> {
    let handle = match ask.caller(host, &["media.write"]).await? {
        Ok(handle) => handle,
        Err(answer) => return Ok(answer),
    };
    let call = ask.call;
    let below = call.path.strip_prefix("/2/media/upload/").unwrap_or_default();
    match (call.method.as_str(), call.path.as_str(), below.split_once('/')) {
        ("POST", "/2/media/upload", _) => one_shot(host, call, &handle).await,
        ("GET", "/2/media/upload", _) => status(host, call, &handle).await,
        ("POST", "/2/media/upload/initialize", _) => initialize(host, call, &handle).await,
        ("POST", "/2/media/metadata", _) => metadata(host, call, &handle).await,
        ("POST", _, Some((id, "append"))) => append(host, call, &handle, id).await,
        ("POST", _, Some((id, "finalize"))) => finalize(host, call, &handle, id).await,
        _ => Ok(problems::not_found()),
    }
}

fn invalid(key: &str) -> HttpAnswer {
    problems::invalid("The request is invalid.", json!({ key: [""] }))
}

/// The body as JSON with no other keys than `keys`.
fn object(call: &HttpCall, keys: &[&str]) -> Option<Map<String, Value>> {
    let is_json = call.header("content-type").is_some_and(|t| t.starts_with("application/json"));
    let Ok(Value::Object(body)) = serde_json::from_slice(&call.body.0) else { return None };
    (is_json && body.keys().all(|key| keys.contains(&key.as_str()))).then_some(body)
}

/// `media` and the field `other`, from either sort of body.
fn media_and<'c>(call: &'c HttpCall, other: &str) -> Option<(Cow<'c, [u8]>, String)> {
    if let Some(mut fields) = fields(call) {
        let media = fields.remove("media")?;
        let value = String::from_utf8(fields.remove(other)?.into_owned()).ok()?;
        return fields.is_empty().then_some((media, value));
    }
    let body = object(call, &["media", other])?;
    let media = STANDARD.decode(body.get("media")?.as_str()?).ok()?;
    let value = match body.get(other)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some((Cow::Owned(media), value))
}

async fn one_shot(
    host: &dyn Host,
    call: &HttpCall,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    let Some((media, category)) = media_and(call, "media_category") else {
        return Ok(invalid("media_category"));
    };
    let bytes_total = media.len() as u64;
    let order = Order { handle, category: &category, bytes_total, life_seconds: LIFE_SECONDS };
    let Some(mut picture) = begin(host, &order).await? else {
        return Ok(problems::invalid("The media is too large.", json!({ "media": [""] })));
    };
    let mut commit = Commit::default();
    if !add(&mut commit, &mut picture, 0, &media) || !complete(host, &mut picture) {
        return Ok(problems::unrecognized());
    }
    store(host, commit, &picture, Expected::Absent).await?;
    Ok(taken(host, &picture))
}

async fn initialize(
    host: &dyn Host,
    call: &HttpCall,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    let keys = ["media_type", "total_bytes", "media_category", "shared", "additional_owners"];
    let Some(body) = object(call, &keys) else { return Ok(invalid("body")) };
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    if !TYPES.contains(&text("media_type")) {
        return Ok(invalid("media_type"));
    }
    let order = Order {
        handle,
        category: text("media_category"),
        bytes_total: body.get("total_bytes").and_then(Value::as_u64).unwrap_or_default(),
        life_seconds: LIFE_SECONDS,
    };
    let Some(picture) = begin(host, &order).await? else { return Ok(invalid("total_bytes")) };
    store(host, Commit::default(), &picture, Expected::Absent).await?;
    Ok(taken(host, &picture))
}

async fn append(
    host: &dyn Host,
    call: &HttpCall,
    handle: &str,
    id: &str,
) -> Result<HttpAnswer, StateError> {
    let Some((media, segment)) = media_and(call, "segment_index") else {
        return Ok(invalid("segment_index"));
    };
    if media.len() > PIECE_BYTES_MAX {
        return Ok(HttpAnswer::empty(413));
    }
    let Ok(segment) = segment.parse() else { return Ok(invalid("segment_index")) };
    let Some((mut picture, expected)) = of(host, handle, id).await? else {
        return Ok(problems::not_found());
    };
    let mut commit = Commit::default();
    if !add(&mut commit, &mut picture, segment, &media) {
        return Ok(invalid("media"));
    }
    store(host, commit, &picture, expected).await?;
    let expires_at = picture.expires_at.unix_seconds();
    Ok(HttpAnswer::json(200, &json!({ "data": { "expires_at": expires_at } })))
}

async fn finalize(
    host: &dyn Host,
    call: &HttpCall,
    handle: &str,
    id: &str,
) -> Result<HttpAnswer, StateError> {
    if object(call, &[]).is_none() {
        return Ok(problems::invalid("Request body must be a JSON object.", json!({})));
    }
    let Some((mut picture, expected)) = of(host, handle, id).await? else {
        return Ok(problems::not_found());
    };
    if !complete(host, &mut picture) {
        return Ok(problems::unrecognized());
    }
    store(host, Commit::default(), &picture, expected).await?;
    Ok(taken(host, &picture))
}

async fn status(host: &dyn Host, call: &HttpCall, handle: &str) -> Result<HttpAnswer, StateError> {
    let query: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(call.query.as_bytes()).into_owned().collect();
    let id = query.get("media_id").map_or("", String::as_str);
    let asks = query.get("command").is_some_and(|command| command == "STATUS");
    let Some((picture, _)) = of(host, handle, id).await?.filter(|_| asks) else {
        return Ok(problems::invalid("BadRequest: Not found", json!({})));
    };
    if processing(&picture, host.now()).is_null() {
        // Logged in 2025: a still picture has no status.
        return Ok(problems::invalid("BadRequest: Not found", json!({})));
    }
    Ok(taken(host, &picture))
}

async fn metadata(
    host: &dyn Host,
    call: &HttpCall,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    let Some(body) = object(call, &["id", "metadata"]) else { return Ok(invalid("body")) };
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
    let text = body.get("metadata").map_or(&Value::Null, |metadata| &metadata["alt_text"]["text"]);
    if describe(host, handle, id, text.as_str().unwrap_or_default()).await? {
        return Ok(HttpAnswer::json(200, &json!({ "data": { "id": id } })));
    }
    Ok(invalid("metadata"))
}

fn taken(host: &dyn Host, picture: &Picture) -> HttpAnswer {
    let life = picture.expires_at.millis_since(host.now()) / 1000;
    let mut data = json!({
        "id": picture.id, "media_key": super::key_of(&picture.id), "size": picture.bytes_here,
        "expires_after_secs": life,
    });
    let processing = processing(picture, host.now());
    if !processing.is_null() {
        data["processing_info"] = processing;
    }
    HttpAnswer::json(200, &json!({ "data": data }))
}
