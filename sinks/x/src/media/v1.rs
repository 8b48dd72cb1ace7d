//! The calls of the upload API v1.1, which X retired in 2025.

use super::UPLOAD;
use super::kind::Kind;
use super::multipart::Form;
use cordboard_plugin::{Host, HttpRequest};
use serde_json::json;

const PATH: &str = "/1.1/media/upload.json";

/// Uploads a picture in one call.
pub(super) fn simple(host: &dyn Host, kind: &Kind, bytes: &[u8]) -> HttpRequest {
    Form::new(host, bytes.len())
        .field("media_category", kind.category)
        .file("media", kind.media_type, bytes)
        .of(HttpRequest::base("POST", UPLOAD, PATH))
}

/// Begins an upload in pieces.
pub(super) fn init(kind: &Kind, bytes_len: usize) -> HttpRequest {
    command(&[
        ("command", "INIT"),
        ("total_bytes", &bytes_len.to_string()),
        ("media_type", kind.media_type),
        ("media_category", kind.category),
    ])
}

/// Uploads one piece.
pub(super) fn append(host: &dyn Host, id: &str, segment: usize, bytes: &[u8]) -> HttpRequest {
    Form::new(host, bytes.len())
        .field("command", "APPEND")
        .field("media_id", id)
        .field("segment_index", &segment.to_string())
        .file("media", "application/octet-stream", bytes)
        .of(HttpRequest::base("POST", UPLOAD, PATH))
}

/// Ends an upload in pieces.
pub(super) fn finalize(id: &str) -> HttpRequest {
    command(&[("command", "FINALIZE"), ("media_id", id)])
}

/// Asks whether X is done with a picture.
pub(super) fn status(id: &str) -> HttpRequest {
    HttpRequest::base("GET", UPLOAD, format!("{PATH}?command=STATUS&media_id={id}"))
}

/// Sets a description.
pub(super) fn describe(id: &str, alt: &str) -> HttpRequest {
    let body = json!({ "media_id": id, "alt_text": { "text": alt } });
    HttpRequest::base("POST", UPLOAD, "/1.1/media/metadata/create.json")
        .with_body("application/json", body.to_string())
}

fn command(fields: &[(&str, &str)]) -> HttpRequest {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    HttpRequest::base("POST", UPLOAD, PATH).with_body("application/x-www-form-urlencoded", form)
}
