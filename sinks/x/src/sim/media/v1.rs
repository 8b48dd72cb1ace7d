//! The upload API v1.1, as it was.

use super::multipart::{Fields, fields};
use super::{
    LIFE_SECONDS, Order, PIECE_BYTES_MAX, Picture, add, begin, complete, describe, of, processing,
    store,
};
use crate::sim::caller::Ask;
use crate::sim::problems;
use crate::sim::token::form;
use cordboard_plugin::{Commit, Expected, Host, HttpAnswer, HttpCall, StateError};
use serde_json::{Value, json};

/// What an upload in pieces gets before it is complete.
const INIT_LIFE_SECONDS: i64 = 3599;

/// The parameters of a call, wherever they stand.
fn parameters(call: &HttpCall) -> Fields<'_> {
    let mut all: Fields<'_> = url::form_urlencoded::parse(call.query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned().into_bytes().into()))
        .collect();
    match fields(call) {
        Some(fields) => all.extend(fields),
        None => all
            .extend(form(call).into_iter().map(|(name, value)| (name, value.into_bytes().into()))),
    }
    all
}

fn text<'a>(fields: &'a Fields<'_>, name: &str) -> &'a str {
    fields.get(name).and_then(|value| std::str::from_utf8(value).ok()).unwrap_or_default()
}

/// What a call to `upload.json` does.
pub(super) fn step(call: &HttpCall) -> &'static str {
    match text(&parameters(call), "command") {
        "INIT" => "init",
        "APPEND" => "append",
        "FINALIZE" => "finalize",
        _ => "upload",
    }
}

pub(super) async fn route(host: &dyn Host, ask: &Ask<'_>) -> Result<HttpAnswer, StateError> {
    if ask.signed.is_none() {
        return Ok(problems::legacy(403, 220, "Your credentials do not allow access."));
    }
    if ask.access() == Some("read") {
        let words =
            "Application cannot perform write actions. Contact Twitter Platform Operations.";
        return Ok(problems::legacy(403, 261, words));
    }
    let handle = match ask.caller(host, &["media.write"]).await? {
        Ok(handle) => handle,
        Err(answer) => return Ok(answer),
    };
    let call = ask.call;
    let path = call.path.as_str();
    if path == "/1.1/media/metadata/create.json" && call.method == "POST" {
        return metadata(host, call, &handle).await;
    }
    if path != "/1.1/media/upload.json" {
        return Ok(problems::not_found());
    }
    let fields = parameters(call);
    match (call.method.as_str(), text(&fields, "command")) {
        ("POST", "") => simple(host, &fields, &handle).await,
        ("POST", "INIT") => init(host, &fields, &handle).await,
        ("POST", "APPEND") => append(host, &fields, &handle).await,
        ("POST", "FINALIZE") => finalize(host, &fields, &handle).await,
        ("GET", "STATUS") => status(host, &fields, &handle).await,
        _ => Ok(problems::legacy(400, 38, "command parameter is missing.")),
    }
}

fn missing(name: &str) -> HttpAnswer {
    problems::legacy(400, 38, &format!("{name} parameter is missing."))
}

fn unrecognized() -> HttpAnswer {
    let body = json!({
        "request": "/1.1/media/upload.json", "error": "media type unrecognized.",
    });
    HttpAnswer::json(400, &body)
}

fn unknown() -> HttpAnswer {
    problems::legacy(400, 325, "A media id was not found.")
}

async fn simple(
    host: &dyn Host,
    fields: &Fields<'_>,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    let Some(media) = fields.get("media") else { return Ok(missing("media")) };
    let category = Some(text(fields, "media_category")).filter(|category| !category.is_empty());
    let category = category.unwrap_or("tweet_image");
    let bytes_total = media.len() as u64;
    let order = Order { handle, category, bytes_total, life_seconds: LIFE_SECONDS };
    let Some(mut picture) = begin(host, &order).await? else { return Ok(unrecognized()) };
    let mut commit = Commit::default();
    if !add(&mut commit, &mut picture, 0, media) || !complete(host, &mut picture) {
        return Ok(unrecognized());
    }
    store(host, commit, &picture, Expected::Absent).await?;
    Ok(taken(host, 200, &picture))
}

async fn init(
    host: &dyn Host,
    fields: &Fields<'_>,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    let Ok(bytes_total) = text(fields, "total_bytes").parse() else {
        return Ok(missing("total_bytes"));
    };
    if text(fields, "media_type").is_empty() {
        return Ok(missing("media_type"));
    }
    let category = text(fields, "media_category");
    let order = Order { handle, category, bytes_total, life_seconds: INIT_LIFE_SECONDS };
    let Some(picture) = begin(host, &order).await? else { return Ok(unrecognized()) };
    store(host, Commit::default(), &picture, Expected::Absent).await?;
    Ok(taken(host, 202, &picture))
}

async fn append(
    host: &dyn Host,
    fields: &Fields<'_>,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    let Some(media) = fields.get("media") else { return Ok(missing("media")) };
    if media.len() > PIECE_BYTES_MAX {
        return Ok(HttpAnswer::empty(413));
    }
    let Ok(segment) = text(fields, "segment_index").parse() else {
        return Ok(missing("segment_index"));
    };
    let Some((mut picture, expected)) = of(host, handle, text(fields, "media_id")).await? else {
        return Ok(unknown());
    };
    let mut commit = Commit::default();
    if !add(&mut commit, &mut picture, segment, media) {
        return Ok(problems::legacy(400, 324, "The validation of media ids failed."));
    }
    store(host, commit, &picture, expected).await?;
    Ok(HttpAnswer::empty(204))
}

async fn finalize(
    host: &dyn Host,
    fields: &Fields<'_>,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    let Some((mut picture, expected)) = of(host, handle, text(fields, "media_id")).await? else {
        return Ok(unknown());
    };
    if !complete(host, &mut picture) {
        return Ok(unrecognized());
    }
    store(host, Commit::default(), &picture, expected).await?;
    Ok(taken(host, 201, &picture))
}

async fn status(
    host: &dyn Host,
    fields: &Fields<'_>,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    match of(host, handle, text(fields, "media_id")).await? {
        Some((picture, _)) if !processing(&picture, host.now()).is_null() => {
            Ok(taken(host, 200, &picture))
        }
        _ => Ok(problems::legacy(404, 34, "Sorry, that page does not exist.")),
    }
}

async fn metadata(
    host: &dyn Host,
    call: &HttpCall,
    handle: &str,
) -> Result<HttpAnswer, StateError> {
    let body: Value = serde_json::from_slice(&call.body.0).unwrap_or_default();
    let id = body["media_id"].as_str().unwrap_or_default();
    let alt = body["alt_text"]["text"].as_str().unwrap_or_default();
    let done = describe(host, handle, id, alt).await?;
    Ok(if done { HttpAnswer::empty(200) } else { unknown() })
}

fn taken(host: &dyn Host, status: u16, picture: &Picture) -> HttpAnswer {
    let number: u64 = picture.id.parse().unwrap_or_default();
    let mut body = json!({
        "media_id": number, "media_id_string": picture.id, "size": picture.bytes_here,
        "expires_after_secs": picture.expires_at.millis_since(host.now()) / 1000,
    });
    let processing = processing(picture, host.now());
    if !processing.is_null() {
        body["processing_info"] = processing;
    }
    HttpAnswer::json(status, &body)
}
