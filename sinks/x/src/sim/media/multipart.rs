//! Reads bodies of `multipart/form-data`, by code of its own.

use cordboard_plugin::HttpCall;
use std::borrow::Cow;
use std::collections::BTreeMap;

const FIELDS_MAX: usize = 20;

/// Names and values; pictures are not copied out of their body.
pub(super) type Fields<'c> = BTreeMap<String, Cow<'c, [u8]>>;

/// The fields of a body; `None` when it is not multipart or not well formed.
pub(super) fn fields(call: &HttpCall) -> Option<Fields<'_>> {
    let kind = call.header("content-type")?.strip_prefix("multipart/form-data")?;
    let (_, boundary) = kind.split_once("boundary=")?;
    let boundary = boundary.trim().trim_matches('"');
    let fence = format!("\r\n--{boundary}");
    let mut rest = call.body.0.strip_prefix(&fence.as_bytes()[2..])?;
    let mut fields = BTreeMap::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let head_len = find(part, b"\r\n\r\n")?;
        let body = &part[head_len + 4..];
        let body_len = find(body, fence.as_bytes())?;
        let name = name(std::str::from_utf8(&part[..head_len]).ok()?)?;
        fields.insert(name, Cow::Borrowed(&body[..body_len]));
        rest = &body[body_len + fence.len()..];
        if fields.len() > FIELDS_MAX {
            return None;
        }
    }
    rest.starts_with(b"--").then_some(fields)
}

fn name(head: &str) -> Option<String> {
    let (_, rest) = head.split_once("form-data; name=\"")?;
    rest.split('"').next().map(str::to_owned)
}

/// Where `needle` begins. Bodies have megabytes: only its first byte is looked for everywhere.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == needle[0]) {
        if text[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}
