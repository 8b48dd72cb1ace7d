//! The page of one post: where the address in a receipt leads.

use super::html::{escape, html};
use super::media;
use super::posts::{moment, post_key};
use super::store::{Post, load};
use cordboard_plugin::{Host, HttpAnswer, SimPlace, StateError};

/// `GET /i/status/{id}`. Anybody may look.
pub(super) async fn page(
    host: &dyn Host,
    place: &SimPlace,
    id: &str,
) -> Result<HttpAnswer, StateError> {
    let (post, _) = load::<Post>(host, &post_key(id)).await?;
    // A key holds the start of a long id only.
    let Some(post) = post.filter(|post| post.id == id) else {
        return Ok(html(404, "<p>This post is not here. It may have been deleted.</p>"));
    };
    let mut shown = String::new();
    for picture in media::pictures(host, &post.media).await? {
        let src = escape(&format!("{}{}", place.base_url, picture.path));
        let alt = escape(picture.alt.as_deref().unwrap_or_default());
        shown += &if picture.media_type.starts_with("video/") {
            format!("<p><video controls src=\"{src}\" aria-label=\"{alt}\"></video></p>")
        } else {
            format!("<p><img src=\"{src}\" alt=\"{alt}\" style=\"max-width:100%\"></p>")
        };
    }
    let words = escape(&post.words).replace('\n', "<br>");
    Ok(html(
        200,
        &format!(
            "<p><strong>@{}</strong></p><blockquote><p>{words}</p></blockquote>{shown}<p>{}</p>\
             <p>This post is simulated. Nothing here reaches the real X.</p>",
            escape(&post.handle),
            moment(post.at),
        ),
    ))
}
