//! Doors for tests: ended tokens, disconnected people, counts.

use super::store::{Counts, all, delete, user_key};
use cordboard_plugin::{Commit, Expected, Host, HttpAnswer, HttpCall, StateError};
use serde_json::{Map, Value, json};

/// `POST /_expire`: the access tokens of a person, or of everybody (`*`), end now.
pub(super) async fn expire(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    erase(host, call, &["access/"]).await
}

/// `POST /_revoke`: a person disconnects the app.
pub(super) async fn disconnect(host: &dyn Host, call: &HttpCall) -> Result<HttpAnswer, StateError> {
    erase(host, call, &["access/", "refresh/", "oauth1/", "oauth1-of/"]).await
}

async fn erase(
    host: &dyn Host,
    call: &HttpCall,
    prefixes: &[&str],
) -> Result<HttpAnswer, StateError> {
    let body: Value = serde_json::from_slice(&call.body.0).unwrap_or_default();
    let Some(handle) = body["handle"].as_str() else {
        return Ok(HttpAnswer::json(400, &json!({ "error": "`handle` is missing" })));
    };
    let wanted = user_key(handle.trim_start_matches('@'));
    let mut commit = Commit::default();
    for prefix in prefixes {
        for (key, row) in all::<Value>(host, prefix).await? {
            let theirs = row["handle"].as_str().is_some_and(|handle| user_key(handle) == wanted);
            if wanted == "*" || theirs {
                delete(&mut commit, key, Expected::Any);
            }
        }
    }
    let ended = commit.deletes.len();
    host.commit(commit).await?;
    Ok(HttpAnswer::json(200, &json!({ "ended": ended })))
}

/// `GET /_counts`.
pub(super) async fn counts(host: &dyn Host) -> Result<HttpAnswer, StateError> {
    let (mut refreshes, mut posts) = (Map::new(), Map::new());
    for (_, counts) in all::<Counts>(host, "count/").await? {
        refreshes.insert(counts.handle.clone(), counts.refreshes.into());
        posts.insert(counts.handle, counts.posts.into());
    }
    Ok(HttpAnswer::json(200, &json!({ "refreshes": refreshes, "posts": posts })))
}
