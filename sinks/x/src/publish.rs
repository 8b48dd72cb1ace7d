//! The calls that post, take back and ask whose a token is.

use crate::answers;
use cordboard_plugin::{
    CallError, Host, HttpRequest, HttpResponse, Level, Part, Published, Reason, RemoteAccount,
};
use serde_json::{Value, json};

/// The name of the only base URL, as in [`cordboard_plugin::Base`].
pub const API: &str = "api";

/// The call that posts `part`. X refuses unknown keys, so nothing is sent that is not needed.
pub fn post(part: &Part, previous: Option<&Published>, access_token: &str) -> HttpRequest {
    let mut body = json!({ "text": part.text });
    if let Some(previous) = previous.filter(|previous| !previous.id.is_empty()) {
        body["reply"] = json!({ "in_reply_to_tweet_id": previous.id });
    }
    HttpRequest::base("POST", API, "/2/tweets")
        .with_authorization(bearer(access_token))
        .with_body("application/json", body.to_string())
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
pub fn delete(id: &str, access_token: &str) -> HttpRequest {
    HttpRequest::base("DELETE", API, format!("/2/tweets/{id}"))
        .with_authorization(bearer(access_token))
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

/// The call that asks whose `access_token` is. X bills it as a user read.
pub fn whose(access_token: &str) -> HttpRequest {
    HttpRequest::base("GET", API, "/2/users/me").with_authorization(bearer(access_token))
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

/// The `Authorization` header of a user's token.
pub fn bearer(access_token: &str) -> String {
    format!("Bearer {access_token}")
}

fn id(value: &Value) -> Option<String> {
    value.as_str().filter(|id| is_id(id)).map(str::to_owned)
}

/// Whether `id` is one of X's: a string of digits, because it exceeds what JSON numbers carry.
pub fn is_id(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}
