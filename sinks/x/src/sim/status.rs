//! The page of one post: where the address in a receipt leads.

use super::html::{escape, html};
use super::posts::{moment, post_key};
use super::store::{Post, load};
use cordboard_plugin::{Host, HttpAnswer, StateError};

/// `GET /i/status/{id}`. Anybody may look.
pub(super) async fn page(host: &dyn Host, id: &str) -> Result<HttpAnswer, StateError> {
    let (post, _) = load::<Post>(host, &post_key(id)).await?;
    // A key holds the start of a long id only.
    let Some(post) = post.filter(|post| post.id == id) else {
        return Ok(html(404, "<p>This post is not here. It may have been deleted.</p>"));
    };
    let words = escape(&post.words).replace('\n', "<br>");
    Ok(html(
        200,
        &format!(
            "<p><strong>@{}</strong></p><blockquote><p>{words}</p></blockquote><p>{}</p>\
             <p>This post is simulated. Nothing here reaches the real X.</p>",
            escape(&post.handle),
            moment(post.at),
        ),
    ))
}
