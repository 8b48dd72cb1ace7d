//! The calls that post, take back and ask whose a token is.

use crate::answers;
use cordboard_plugin::{
    CallError, Host, HttpRequest, HttpResponse, Level, MediaHandle, Part, Published, Reason,
    RemoteAccount, Timestamp,
};
use serde_json::{Value, json};

/// The name of the API's base URL, as in [`cordboard_plugin::Base`].
pub const API: &str = "api";

/// The call that posts `part`. X refuses unknown keys, so nothing is sent that is not needed.
///
/// # Errors
/// [`Reason::Media`] when a picture of the part is not at X, or no longer.
pub fn post(
    part: &Part,
    previous: Option<&Published>,
    now: Timestamp,
) -> Result<HttpRequest, CallError> {
    let mut body = json!({});
    if !part.text.is_empty() || part.handles.is_empty() {
        body["text"] = part.text.as_str().into();
    }
    if part.handles.len() != part.media.len() {
        let words = "a picture of this post is not uploaded yet";
        return Err(CallError::refused(Reason::Media, "", words));
    }
    if !part.handles.is_empty() {
        let stale = |handle: &MediaHandle| {
            !is_id(&handle.id) || handle.expires_at.is_some_and(|at| at <= now)
        };
        if part.handles.iter().any(stale) {
            let words = "X keeps uploaded pictures for a day only";
            return Err(CallError::refused(Reason::Media, "", words));
        }
        let ids: Vec<&str> = part.handles.iter().map(|handle| handle.id.as_str()).collect();
        body["media"] = json!({ "media_ids": ids });
    }
    if let Some(previous) = previous.filter(|previous| !previous.id.is_empty()) {
        body["reply"] = json!({ "in_reply_to_tweet_id": previous.id });
    }
    let request = HttpRequest::base("POST", API, "/2/tweets");
    Ok(request.with_body("application/json", body.to_string()))
}

/// What the answer to [`post`] means. Success is an id; X may send errors beside it. People see the
/// post below `web_base`.
///
/// # Errors
/// See [`answers::failure`].
pub fn posted(answer: &HttpResponse, web_base: &str) -> Result<Published, CallError> {
    let id = answer.json().and_then(|body| id(&body["data"]["id"]));
    match id {
        Some(id) if (200..300).contains(&answer.status) => Ok(seen_at(web_base, id)),
        _ => Err(answers::failure(answer)),
    }
}

/// The post `id` and the address at which people see it.
pub fn seen_at(web_base: &str, id: String) -> Published {
    let url = Some(format!("{web_base}/i/status/{id}"));
    Published { id, url }
}

/// The call that takes back the post `id`.
pub fn delete(id: &str) -> HttpRequest {
    HttpRequest::base("DELETE", API, format!("/2/tweets/{id}"))
}

/// What the answer to [`delete`] means; a post that is gone already is a success.
///
/// # Errors
/// See [`answers::failure`].
pub fn deleted(answer: &HttpResponse) -> Result<(), CallError> {
    let json = answer.json();
    let done = json.as_ref().is_some_and(|body| body["data"]["deleted"] == json!(true));
    let gone = answer.status == 404 && json.is_some();
    if (answer.status == 200 && done) || gone { Ok(()) } else { Err(answers::failure(answer)) }
}

/// The call that asks whose a credential is. X bills it as a user read.
pub fn whose() -> HttpRequest {
    HttpRequest::base("GET", API, "/2/users/me")
}

/// What the answer to [`whose`] means.
///
/// # Errors
/// See [`answers::failure`].
pub fn owner(answer: &HttpResponse) -> Result<RemoteAccount, CallError> {
    let body = answer.json().unwrap_or(Value::Null);
    let data = &body["data"];
    match (id(&data["id"]), data["username"].as_str()) {
        (Some(id), Some(name)) if answer.status == 200 && !name.is_empty() => {
            Ok(RemoteAccount { id, handle: format!("@{name}") })
        }
        _ => Err(answers::failure(answer)),
    }
}

/// Tells the log about a refusal that only a fault of ours explains.
pub fn log_refusal(host: &dyn Host, error: &CallError) {
    if let CallError::Refused(refusal) = error
        && refusal.reason == Reason::Other
    {
        let line = format!("X refused a post for no known reason (code {})", refusal.code);
        host.log(Level::Error, &line);
    }
}

fn id(value: &Value) -> Option<String> {
    value.as_str().filter(|id| is_id(id)).map(str::to_owned)
}

/// Whether `id` is one of X's: a string of digits, because it exceeds what JSON numbers carry.
pub fn is_id(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}
