//! Posts and people.

use super::caller::Ask;
use super::media;
use super::store::{Post, all, count, delete as erase, load, put, user_key};
use super::{order, problems};
use crate::count::links;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cordboard_plugin::{Commit, Expected, Host, HttpAnswer, StateError, TimelinePost, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

/// Older posts are forgotten.
const POSTS_KEPT: usize = 500;
const DUPLICATE_HOURS: i64 = 24;
/// X's ids count milliseconds from here (November 2010), times 2^22.
const EPOCH_MS: i64 = 1_288_834_974_657;
const LIMIT: u32 = 100;
const WINDOW_SECONDS: i64 = 900;
const WRITING: [&str; 3] = ["tweet.read", "tweet.write", "users.read"];

#[derive(Serialize, Deserialize)]
struct Window {
    used: u32,
    reset: Timestamp,
}

/// An account's id: always the same for the same name.
pub(super) fn user_id(handle: &str) -> String {
    let digest = Sha256::digest(user_key(handle).as_bytes());
    let number = digest.iter().take(8).fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    (100_000_000_000_000_000 + number % 900_000_000_000_000_000).to_string()
}

/// `GET /2/users/me`.
pub(super) async fn me(host: &dyn Host, ask: &Ask<'_>) -> Result<HttpAnswer, StateError> {
    let handle = match ask.caller(host, &["tweet.read", "users.read"]).await? {
        Ok(handle) => handle,
        Err(answer) => return Ok(answer),
    };
    let data = json!({ "id": user_id(&handle), "name": handle, "username": handle });
    Ok(HttpAnswer::json(200, &json!({ "data": data })))
}

/// `POST /2/tweets`.
pub(super) async fn create(host: &dyn Host, ask: &Ask<'_>) -> Result<HttpAnswer, StateError> {
    let handle = match ask.caller(host, &WRITING).await? {
        Ok(handle) => handle,
        Err(answer) => return Ok(answer),
    };
    let now = host.now();
    let user = user_key(&handle);
    let mut commit = Commit::default();
    let limit_key = format!("limit/{user}");
    let (window, expected) = load::<Window>(host, &limit_key).await?;
    let mut window = window
        .filter(|window| window.reset > now)
        .unwrap_or(Window { used: 0, reset: now.plus_seconds(WINDOW_SECONDS) });
    if window.used >= LIMIT {
        return Ok(problems::too_many(window.reset));
    }
    window.used += 1;
    put(&mut commit, limit_key, &window, expected, Some(window.reset))?;
    let order = match order::read(ask.call) {
        Ok(order) => order,
        Err(answer) => return Ok(answer),
    };
    if let Some(previous) = &order.previous
        && host.get(&post_key(previous)).await?.is_none()
    {
        return Ok(problems::forbidden());
    }
    if !media::attach(host, &mut commit, &handle, &order.media).await? {
        return Ok(problems::invalid("Your media IDs are invalid.", json!({})));
    }
    let words_key = words_key(&user, &order.words, &order.media);
    if host.get(&words_key).await?.is_some() {
        return Ok(problems::duplicate());
    }
    let id = free_id(host, now, "post/").await?;
    let forgotten = Some(now.plus_hours(DUPLICATE_HOURS));
    put(&mut commit, words_key, &id, Expected::Absent, forgotten)?;
    let order::Order { words, previous, media } = order;
    let post = Post { id: id.clone(), handle, words, at: now, previous, media };
    put(&mut commit, post_key(&id), &post, Expected::Absent, None)?;
    count(host, &mut commit, &post.handle, |counts| counts.posts += 1).await?;
    host.commit(commit).await?;
    forget_old(host).await?;
    let data = json!({ "id": id, "text": shown(&post), "edit_history_tweet_ids": [id] });
    let answer = HttpAnswer::json(201, &json!({ "data": data }));
    Ok(problems::with_limit(answer, LIMIT - window.used, window.reset))
}

pub(super) fn post_key(id: &str) -> String {
    // Ids from outside may be anything; a longer key would be refused by the host.
    format!("post/{}", id.chars().take(30).collect::<String>())
}

/// The same words with another picture are another post.
fn words_key(user: &str, words: &str, media: &[String]) -> String {
    let said = std::iter::once(words).chain(media.iter().map(String::as_str));
    let said = said.collect::<Vec<_>>().join("\0");
    format!("words/{user}/{}", URL_SAFE_NO_PAD.encode(Sha256::digest(said.as_bytes())))
}

/// An id of 19 digits that no row below `prefix` has, later than those before.
pub(super) async fn free_id(
    host: &dyn Host,
    now: Timestamp,
    prefix: &str,
) -> Result<String, StateError> {
    let first = (now.0 - EPOCH_MS).max(1 << 38) << 22;
    for step in 0..4096 {
        let id = (first + step).to_string();
        if host.get(&format!("{prefix}{id}")).await?.is_none() {
            return Ok(id);
        }
    }
    Err(StateError::Unavailable("too many posts in one millisecond".to_owned()))
}

/// Now and then, so that not every post reads all of them.
async fn forget_old(host: &dyn Host) -> Result<(), StateError> {
    if host.random(1).first().is_none_or(|byte| byte % 16 != 0) {
        return Ok(());
    }
    let rows = all::<Post>(host, "post/").await?;
    let mut commit = Commit::default();
    for (key, _) in rows.iter().take(rows.len().saturating_sub(POSTS_KEPT)) {
        erase(&mut commit, key.clone(), Expected::Any);
    }
    host.commit(commit).await
}

/// The words as X gives them back: short links, entities for `&`, `<` and `>`, and a link to the pictures.
fn shown(post: &Post) -> String {
    let words = post.words.as_str();
    let encoded = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut shown = String::new();
    let mut at = 0;
    for link in links(words) {
        let digest = Sha256::digest(&words.as_bytes()[link.start..link.end]);
        let name: String = digest.iter().take(10).map(|b| char::from(b'a' + b % 26)).collect();
        shown += &format!("{}https://t.co/{name}", encoded(&words[at..link.start]));
        at = link.end;
    }
    shown += &encoded(&words[at..]);
    if !post.media.is_empty() {
        let joint = if shown.is_empty() { "" } else { " " };
        shown += &format!("{joint}https://t.co/pic{}", &post.id[post.id.len().saturating_sub(7)..]);
    }
    shown
}

/// `DELETE /2/tweets/{id}`.
pub(super) async fn delete(
    host: &dyn Host,
    ask: &Ask<'_>,
    id: &str,
) -> Result<HttpAnswer, StateError> {
    let handle = match ask.caller(host, &WRITING).await? {
        Ok(handle) => handle,
        Err(answer) => return Ok(answer),
    };
    let (Some(post), expected) = load::<Post>(host, &post_key(id)).await? else {
        return Ok(problems::not_found());
    };
    let user = user_key(&handle);
    if user_key(&post.handle) != user {
        return Ok(problems::forbidden());
    }
    let mut commit = Commit::default();
    erase(&mut commit, post_key(id), expected);
    // Deleted words may be posted again.
    erase(&mut commit, words_key(&user, &post.words, &post.media), Expected::Any);
    host.commit(commit).await?;
    Ok(HttpAnswer::json(200, &json!({ "data": { "deleted": true } })))
}

/// `GET /2/users/{id}/tweets`.
pub(super) async fn of_user(
    host: &dyn Host,
    ask: &Ask<'_>,
    id: &str,
) -> Result<HttpAnswer, StateError> {
    if let Err(answer) = ask.caller(host, &["tweet.read", "users.read"]).await? {
        return Ok(answer);
    }
    let rows_max = url::form_urlencoded::parse(ask.call.query.as_bytes())
        .find(|(name, _)| name == "max_results")
        .map_or(Some(10), |(_, value)| value.parse().ok());
    let Some(rows_max @ 5..=100) = rows_max else {
        return Ok(problems::invalid("max_results is 5 to 100", json!({ "max_results": [""] })));
    };
    let posts = all::<Post>(host, "post/").await?;
    let mut theirs = posts.into_iter().rev().filter(|(_, post)| user_id(&post.handle) == id);
    let data: Vec<Value> = theirs.by_ref().take(rows_max).map(|(_, post)| row(&post)).collect();
    let mut body = json!({ "meta": { "result_count": data.len() } });
    if !data.is_empty() {
        body["data"] = data.into();
    }
    if theirs.next().is_some() {
        body["meta"]["next_token"] = "more".into();
    }
    Ok(HttpAnswer::json(200, &body))
}

fn row(post: &Post) -> Value {
    let mut row = json!({
        "id": post.id, "text": shown(post), "created_at": moment(post.at),
        "edit_history_tweet_ids": [post.id],
    });
    if let Some(previous) = &post.previous {
        row["referenced_tweets"] = json!([{ "type": "replied_to", "id": previous }]);
    }
    if !post.media.is_empty() {
        let keys: Vec<String> = post.media.iter().map(|id| media::key_of(id)).collect();
        row["attachments"] = json!({ "media_keys": keys });
    }
    row
}

pub(super) fn moment(at: Timestamp) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_default()
}

/// All posts, newest first.
pub(super) async fn timeline(host: &dyn Host) -> Result<Vec<TimelinePost>, StateError> {
    let mut timeline = Vec::new();
    for (_, post) in all::<Post>(host, "post/").await?.into_iter().rev() {
        timeline.push(TimelinePost {
            pictures: media::pictures(host, &post.media).await?,
            id: post.id,
            author: format!("@{}", post.handle),
            text: post.words,
            at: post.at,
            previous: post.previous,
        });
    }
    Ok(timeline)
}
