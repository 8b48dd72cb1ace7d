//! The sandbox page: a phone to the left, the world to the right.

use crate::body::PICTURES_BYTES_MAX;
use cordboard_engine::{LineView, SandboxView, SinkView};

use cordboard_plugin::{PhoneLine, TimelinePicture, TimelinePost, Timestamp};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Phones offered at first; any other +1555… number may be typed.
pub(crate) const PHONES: [&str; 3] = ["+15550100101", "+15550100102", "+15550100103"];

/// Refreshes the panes every second without touching what is being typed.
pub(crate) const SCRIPT: &str = include_str!("sandbox.js");

/// Longest text a phone may send, in characters.
const TEXT_CHARS_MAX: u32 = 1600;

/// Largest files together; the rest of the form needs some room as well.
const FILES_BYTES_MAX: usize = PICTURES_BYTES_MAX - (64 << 10);

/// What the page shows.
pub(crate) struct Sandbox<'a> {
    pub(crate) bridge: &'a str,
    /// Path in front of `/sandbox`.
    pub(crate) mount: &'a str,
    pub(crate) phone: &'a str,
    /// Key of the chosen line, see [`line_key`].
    pub(crate) line: &'a str,
    /// A text that was not taken, so that it need not be typed again.
    pub(crate) body: &'a str,
    pub(crate) lines: &'a [LineView],
    pub(crate) sinks: &'a [SinkView],
    pub(crate) view: &'a SandboxView,
    /// Why the text was not taken.
    pub(crate) trouble: &'a str,
}

/// The form's word for a line.
pub(crate) fn line_key(line: &LineView) -> String {
    format!("{}|{}", line.transport, line.line.reveal())
}

/// The whole document.
pub(crate) fn render(page: &Sandbox<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.bridge) " sandbox" }
                style {
                    (PreEscaped(include_str!("page.css")))
                    (PreEscaped(include_str!("sandbox.css")))
                }
            }
            body.board {
                header { (head(page)) }
                div.panes {
                    (phone(page))
                    (world(page))
                }
                script src={ (page.mount) "/sandbox/page.js" } defer {}
            }
        }
    }
}

fn head(page: &Sandbox<'_>) -> Markup {
    let transports = page.lines.iter().map(|line| line.transport.as_str());
    let sinks = page.sinks.iter().map(|sink| sink.sink.as_str());
    let mut simulated: Vec<_> = transports.chain(sinks).collect();
    simulated.dedup();
    html! {
        p.brand { (page.bridge) " sandbox" }
        p.small {
            "Simulated here: " (simulated.join(", ")) ". No real text is sent and nothing is posted. "
            "To go live, delete " code { "simulate = true" } " in plugins.toml and fill in the "
            "settings."
        }
    }
}

fn phone(page: &Sandbox<'_>) -> Markup {
    html! {
        section.phone aria-label="Phone" {
            nav.small aria-label="Phones" {
                @for number in PHONES {
                    a href={ (page.mount) "/sandbox?phone=" (number.replace('+', "%2B")) }
                        aria-current=[(number == page.phone).then_some("true")] { (number) }
                }
            }
            div #bubbles.bubbles aria-live="polite" { (bubbles(page.mount, &page.view.phone)) }
            @if !page.trouble.is_empty() {
                p.notice role="alert" { (page.trouble) }
            }
            (compose(page))
        }
    }
}

fn compose(page: &Sandbox<'_>) -> Markup {
    html! {
        form #compose method="post" action={ (page.mount) "/sandbox/text" }
            enctype="multipart/form-data" data-view={ (page.mount) "/sandbox/view" }
            autocomplete="off" {
            div.ends {
                span {
                    label.small for="phone" { "From phone" }
                    input #phone name="phone" value=(page.phone) inputmode="tel" required;
                }
                span { (line_choice(page)) }
            }
            div.attach {
                label.small for="pictures" { "Pictures" }
                input #pictures name="pictures" type="file" accept="image/*,video/mp4" multiple
                    data-bytes-max=(FILES_BYTES_MAX);
                div #preview.shots aria-live="polite" {}
            }
            div.say {
                input name="body" value=(page.body) maxlength=(TEXT_CHARS_MAX) autofocus
                    aria-label="Text message" placeholder="Text something, e.g. hello";
                button #send type="submit" { "Send" }
            }
        }
    }
}

fn line_choice(page: &Sandbox<'_>) -> Markup {
    html! {
        @match page.lines {
            [] => { label.small { "To number" } span { "no line is simulated" } }
            [line] => {
                label.small { "To number" }
                span { (line.line.reveal()) }
                input type="hidden" name="line" value=(line_key(line));
            }
            lines => {
                label.small for="line" { "To number" }
                select #line name="line" {
                    @for line in lines {
                        option value=(line_key(line)) selected[line_key(line) == page.line] {
                            (line.line.reveal()) " (" (line.transport) ")"
                        }
                    }
                }
            }
        }
    }
}

fn world(page: &Sandbox<'_>) -> Markup {
    html! {
        section.world aria-label="Timeline" {
            h2 { "What the world sees" }
            div #timeline aria-live="polite" { (posts(page.mount, &page.view.timeline)) }
        }
    }
}

/// The phone's bubbles, oldest first.
pub(crate) fn bubbles(mount: &str, lines: &[PhoneLine]) -> Markup {
    html! {
        @if lines.is_empty() {
            p.hint {
                "This is a phone that has never texted the bridge. Text something, e.g. hello, and "
                "see what comes back."
            }
        }
        @for line in lines {
            div.bubble.mine[line.mine].theirs[!line.mine] {
                @if !line.pictures.is_empty() {
                    div.shots { @for picture in &line.pictures { (shot(mount, picture, "Picture")) } }
                }
                span.words { (linked(&line.body)) }
                " " (clock(line.at))
            }
        }
    }
}

/// The timeline's posts, newest first.
pub(crate) fn posts(mount: &str, posts: &[TimelinePost]) -> Markup {
    html! {
        @if posts.is_empty() {
            p.hint {
                "Nothing yet. Send a text, open the link that comes back, agree, and text again: "
                "that text appears here."
            }
        }
        @for post in posts {
            article.post.continued[post.previous.is_some()] {
                p { span.author { (post.author) } " " (clock(post.at)) }
                p.words { (post.text) }
                @if !post.pictures.is_empty() {
                    div.shots {
                        @for picture in &post.pictures {
                            @let alt = picture.alt.as_deref().unwrap_or_default();
                            figure {
                                (shot(mount, picture, alt))
                                figcaption.small {
                                    @if alt.is_empty() { "no description" } @else { (alt) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A picture from a simulator's mount. `alt` is empty where a caption says it all.
fn shot(mount: &str, picture: &TimelinePicture, alt: &str) -> Markup {
    let place = format!("{mount}/sandbox{}", picture.path);
    html! {
        @match picture.media_type.as_str() {
            "image/jpeg" | "image/png" | "image/gif" | "image/webp" => {
                img src=(place) alt=(alt);
            }
            "video/mp4" => {
                video src=(place) controls preload="metadata"
                    aria-label=(if alt.is_empty() { "Video" } else { alt }) {}
            }
            _ => { span.small { "a file that this page does not show" } }
        }
    }
}

/// Hours and minutes, UTC.
fn clock(at: Timestamp) -> Markup {
    let minutes = at.unix_seconds().div_euclid(60).rem_euclid(24 * 60);
    html! { time.small title="UTC" { (format!("{:02}:{:02}", minutes / 60, minutes % 60)) } }
}

/// Words with their web addresses made clickable, as phones do.
fn linked(text: &str) -> Markup {
    html! {
        @for piece in text.split_inclusive(char::is_whitespace) {
            @let (address, rest) = web_address(piece);
            @if !address.is_empty() {
                a href=(address) target="_blank" rel="noopener noreferrer" { (address) }
            }
            (rest)
        }
    }
}

/// Splits a word with space behind it into the web address it starts with, if any, and the rest.
fn web_address(piece: &str) -> (&str, &str) {
    let is_web = ["http://", "https://"].iter().any(|scheme| {
        piece.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    if !is_web {
        return ("", piece);
    }
    let not_part = |c: char| c.is_whitespace() || ".,;:!?)]}'\"".contains(c);
    piece.split_at(piece.trim_end_matches(not_part).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        for (piece, address, rest) in [
            ("http://127.0.0.1:8080/link/ABC ", "http://127.0.0.1:8080/link/ABC", " "),
            ("https://example.com/a?b=c.", "https://example.com/a?b=c", "."),
            ("HTTPS://example.com)\n", "HTTPS://example.com", ")\n"),
            ("javascript:alert(1)", "", "javascript:alert(1)"),
            ("xhttp://example.com", "", "xhttp://example.com"),
            ("é", "", "é"),
            ("", "", ""),
        ] {
            assert_eq!(web_address(piece), (address, rest));
        }
    }

    #[test]
    fn the_clock_shows_the_time_of_day() {
        for (millis, shown) in [(0, "00:00"), (86_399_999, "23:59"), (45_240_000, "12:34")] {
            assert!(clock(Timestamp(millis)).into_string().contains(shown));
        }
    }
}
