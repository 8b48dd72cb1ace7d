//! Looks at an account's newest posts for one whose making got no answer.

use crate::count::links;
use crate::publish::{API, is_id, seen_at};
use cordboard_plugin::{Attempt, HttpRequest, HttpResponse, Part, Settled, Timestamp};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use unicode_normalization::UnicodeNormalization as _;

/// How many posts are read; X bills each. Five is the fewest it gives.
pub const POSTS_READ: u32 = 5;

/// X's clock and ours may differ by this much.
const SKEW_MS: i64 = 5000;

/// The call that reads the newest posts of the account `id`.
pub fn newest(id: &str) -> HttpRequest {
    let path = format!(
        "/2/users/{id}/tweets?max_results={POSTS_READ}&\
         tweet.fields=attachments,created_at,referenced_tweets"
    );
    HttpRequest::base("GET", API, path)
}

/// Whether the post of `attempt` is on the page; people see it below `web_base`.
///
/// [`Settled::No`] only when the whole page was understood and reaches back before the attempt:
/// a page full of newer posts may hide it.
pub fn find(answer: &HttpResponse, attempt: &Attempt, web_base: &str) -> Settled {
    let body = answer.json().unwrap_or(Value::Null);
    if answer.status != 200 || !body["errors"].is_null() {
        return Settled::Unknown;
    }
    let since = attempt.started_at.plus_millis(-SKEW_MS);
    let posts = match &body["data"] {
        Value::Array(posts) => posts.as_slice(),
        Value::Null if body["meta"]["result_count"] == 0 => &[],
        _ => return Settled::Unknown,
    };
    let mut reaches_back = body["meta"]["next_token"].is_null();
    let mut doubtful = false;
    for post in posts {
        let (Some(id), Some(text), Some(at)) = (
            post["id"].as_str().filter(|id| is_id(id)),
            post["text"].as_str(),
            moment(&post["created_at"]),
        ) else {
            return Settled::Unknown;
        };
        if at < since {
            reaches_back = true;
        } else if follows(post, attempt) {
            match shows(post, text, &attempt.part) {
                Some(true) => return Settled::Yes(seen_at(web_base, id.to_owned())),
                Some(false) => {}
                None => doubtful = true,
            }
        }
    }
    if reaches_back && !doubtful { Settled::No } else { Settled::Unknown }
}

fn moment(value: &Value) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Timestamp)
}

/// Whether `post` continues what the attempt was to continue, as far as both say.
fn follows(post: &Value, attempt: &Attempt) -> bool {
    let wanted = attempt.previous.as_ref().map(|previous| previous.id.as_str());
    let references = post["referenced_tweets"].as_array();
    let replied = references.into_iter().flatten().find(|to| to["type"] == "replied_to");
    match (wanted, replied.and_then(|to| to["id"].as_str())) {
        (Some(wanted), Some(replied)) => wanted.is_empty() || wanted == replied,
        _ => true,
    }
}

/// Whether `post`, whose words are `text`, can be `part`; `None`: that cannot be told. X appends a link
/// to the pictures of a post, and names them by keys that end in `_` and the media id.
fn shows(post: &Value, text: &str, part: &Part) -> Option<bool> {
    let keys = post["attachments"]["media_keys"].as_array().into_iter().flatten();
    let mut theirs: Vec<&str> = keys.filter_map(|key| key.as_str()?.rsplit('_').next()).collect();
    let mut ours: Vec<&str> = part.handles.iter().map(|handle| handle.id.as_str()).collect();
    theirs.sort_unstable();
    ours.sort_unstable();
    let words = without_last_link(text);
    if ours == theirs {
        return Some(same_words(&part.text, if ours.is_empty() { text } else { words }));
    }
    if ours.is_empty() || !theirs.is_empty() || words == text || !same_words(&part.text, words) {
        return Some(false);
    }
    // The same words and some picture, but X did not say which. Without words, that is any picture.
    if part.text.is_empty() { None } else { Some(true) }
}

/// `text` without the link that X appended for the pictures.
fn without_last_link(text: &str) -> &str {
    let text = text.trim_end();
    let at = text.rfind("https://t.co/").unwrap_or(text.len());
    if short_link_len(&text[at..]) == text.len() - at { text[..at].trim_end() } else { text }
}

/// Whether X's `theirs` can be our `ours`: X replaces links by `https://t.co/…` and writes `&`,
/// `<` and `>` as entities. Each t.co link stands for any one link of ours.
pub fn same_words(ours: &str, theirs: &str) -> bool {
    let ours: String = ours.trim().nfc().collect();
    let theirs = theirs.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let theirs: String = theirs.trim().nfc().collect();
    let starts: Vec<usize> = links(&ours).iter().map(|link| link.start).collect();
    // The byte positions in ours that the words read so far can have led to.
    let mut reached = vec![0];
    let mut rest = theirs.as_str();
    while let Some(c) = rest.chars().next() {
        let short = short_link_len(rest);
        let (links, words): (Vec<usize>, Vec<usize>) =
            reached.iter().partition(|at| short > 0 && starts.contains(at));
        if links.is_empty() {
            reached = words.into_iter().filter(|&at| ours[at..].starts_with(c)).collect();
            reached.iter_mut().for_each(|at| *at += c.len_utf8());
            rest = &rest[c.len_utf8()..];
        } else {
            // A t.co address that we wrote ourselves is a link as well, so no other way is lost.
            reached = links.into_iter().flat_map(|at| link_ends(&ours, at)).collect();
            rest = &rest[short..];
        }
        if reached.is_empty() {
            return false;
        }
        reached.sort_unstable();
        reached.dedup();
    }
    reached.contains(&ours.len())
}

/// The length of the t.co link that `text` starts with; 0 when it starts with none.
fn short_link_len(text: &str) -> usize {
    let scheme = "https://t.co/";
    let Some(name) = text.strip_prefix(scheme) else { return 0 };
    let len = name.len() - name.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len();
    if len == 0 { 0 } else { scheme.len() + len }
}

/// Where a link that starts at `at` may end: X may see a shorter or longer one than we do.
fn link_ends(text: &str, at: usize) -> impl Iterator<Item = usize> {
    text[at..]
        .char_indices()
        .take_while(|(_, c)| !c.is_whitespace())
        .map(move |(offset, c)| at + offset + c.len_utf8())
}
