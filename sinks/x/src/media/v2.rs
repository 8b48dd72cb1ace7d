//! The calls of the upload API v2. X refuses unknown keys, so nothing is sent that is not needed.

use super::kind::Kind;
use super::multipart::Form;
use crate::publish::API;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cordboard_plugin::{Host, HttpRequest, HttpResponse};
use serde_json::{Value, json};

const JSON: &str = "application/json";

/// How bytes go into a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As they are.
    Multipart,
    /// In base64.
    Json,
}

/// Uploads a picture in one call.
pub(super) fn one_shot(host: &dyn Host, kind: &Kind, bytes: &[u8], shape: Shape) -> HttpRequest {
    let request = HttpRequest::base("POST", API, "/2/media/upload");
    match shape {
        Shape::Multipart => Form::new(host, bytes.len())
            .field("media_category", kind.category)
            .file("media", kind.media_type, bytes)
            .of(request),
        Shape::Json => {
            let rest = format!("\"media_category\":\"{}\"", kind.category);
            request.with_body(JSON, in_base64(bytes, &rest))
        }
    }
}

/// Begins an upload in pieces.
pub(super) fn initialize(kind: &Kind, bytes_len: usize) -> HttpRequest {
    let body = json!({
        "media_type": kind.media_type, "total_bytes": bytes_len, "media_category": kind.category,
    });
    HttpRequest::base("POST", API, "/2/media/upload/initialize").with_body(JSON, body.to_string())
}

/// Uploads one piece.
pub(super) fn append(
    host: &dyn Host,
    id: &str,
    segment: usize,
    bytes: &[u8],
    shape: Shape,
) -> HttpRequest {
    let request = HttpRequest::base("POST", API, format!("/2/media/upload/{id}/append"));
    match shape {
        Shape::Multipart => Form::new(host, bytes.len())
            .field("segment_index", &segment.to_string())
            .file("media", "application/octet-stream", bytes)
            .of(request),
        Shape::Json => {
            let rest = format!("\"segment_index\":{segment}");
            request.with_body(JSON, in_base64(bytes, &rest))
        }
    }
}

/// Ends an upload in pieces. Without a body X answers 400.
pub(super) fn finalize(id: &str) -> HttpRequest {
    HttpRequest::base("POST", API, format!("/2/media/upload/{id}/finalize")).with_body(JSON, "{}")
}

/// Asks whether X is done with a picture.
pub(super) fn status(id: &str) -> HttpRequest {
    HttpRequest::base("GET", API, format!("/2/media/upload?command=STATUS&media_id={id}"))
}

/// Sets a description.
pub(super) fn describe(id: &str, alt: &str) -> HttpRequest {
    let body = json!({ "id": id, "metadata": { "alt_text": { "text": alt } } });
    HttpRequest::base("POST", API, "/2/media/metadata").with_body(JSON, body.to_string())
}

/// Whether X wants JSON where it took multipart bodies before, as it did for a week in 2025. Only
/// these two messages say so.
pub(super) fn wants_json(answer: &HttpResponse) -> bool {
    const MESSAGES: [&str; 2] = [
        "Requests with bodies must have content-type of application/json.",
        "Request body is not valid JSON.",
    ];
    let body = answer.json().unwrap_or(Value::Null);
    let said = |layer: &Value| {
        ["detail", "message"]
            .iter()
            .any(|key| layer[*key].as_str().is_some_and(|text| MESSAGES.contains(&text)))
    };
    answer.status == 400
        && (said(&body) || body["errors"].as_array().into_iter().flatten().any(said))
}

/// A JSON object of `rest` and the bytes as `media`, without a further copy of them.
fn in_base64(bytes: &[u8], rest: &str) -> String {
    let mut body = String::with_capacity(bytes.len() / 3 * 4 + rest.len() + 32);
    body.push('{');
    body.push_str(rest);
    body.push_str(",\"media\":\"");
    STANDARD.encode_string(bytes, &mut body);
    body.push_str("\"}");
    body
}
