//! What a well-formed body of `POST /2/tweets` says.

use super::problems;
use crate::count::{WEIGHT_MAX, count as weigh};
use cordboard_plugin::{HttpAnswer, HttpCall};
use serde_json::{Map, Value, json};

/// What is to be posted.
pub(super) struct Order {
    pub(super) words: String,
    pub(super) previous: Option<String>,
    /// Ids of its pictures.
    pub(super) media: Vec<String>,
}

fn invalid(key: &str) -> HttpAnswer {
    problems::invalid("The request is invalid.", json!({ key: [""] }))
}

/// Reads the body of `call`.
pub(super) fn read(call: &HttpCall) -> Result<Order, HttpAnswer> {
    let is_json = call.header("content-type").is_some_and(|t| t.starts_with("application/json"));
    let body = serde_json::from_slice(&call.body.0);
    let (true, Ok(Value::Object(body))) = (is_json, body) else { return Err(invalid("body")) };
    if let Some(key) = body.keys().find(|key| !["text", "reply", "media"].contains(&key.as_str())) {
        return Err(invalid(key));
    }
    let media = media(&body)?;
    let words = body.get("text").map_or(Some(""), Value::as_str).ok_or_else(|| invalid("text"))?;
    let words = words.trim();
    let empty = words.is_empty() && media.is_empty();
    if empty || words.contains(['\u{FFFE}', '\u{FEFF}', '\u{FFFF}']) {
        return Err(invalid("text"));
    }
    if weigh(words).weight > WEIGHT_MAX {
        return Err(problems::too_long());
    }
    let previous = match body.get("reply") {
        None => None,
        Some(reply) => match reply["in_reply_to_tweet_id"].as_str() {
            Some(id) => Some(id.to_owned()),
            None => return Err(invalid("reply.in_reply_to_tweet_id")),
        },
    };
    Ok(Order { words: words.to_owned(), previous, media })
}

/// One to four strings of digits, if there is a list at all.
fn media(body: &Map<String, Value>) -> Result<Vec<String>, HttpAnswer> {
    let Some(media) = body.get("media") else { return Ok(Vec::new()) };
    let only = media.as_object().is_some_and(|media| media.keys().eq(["media_ids"]));
    let ids = media["media_ids"].as_array().filter(|ids| only && (1..=4).contains(&ids.len()));
    let ids = ids.ok_or_else(|| invalid("media"))?;
    let is_id =
        |id: &&str| (1..=19).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    let read = |id: &Value| id.as_str().filter(is_id).map(str::to_owned);
    ids.iter().map(read).collect::<Option<_>>().ok_or_else(|| invalid("media.media_ids"))
}
