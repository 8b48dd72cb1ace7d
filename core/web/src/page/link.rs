//! Linking, in plain words: what it will do, what happened, what to do next.

use super::{help, layout};
use cordboard_engine::{LinkPage, LinkTrouble};
use cordboard_plugin::{Address, Timestamp};
use http::StatusCode;
use maud::{Markup, html};

/// Name of the field for the texted code.
pub(crate) const CODE_FIELD: &str = "code";
/// Name of the hidden field that repeats the cookie.
pub(crate) const HIDDEN_FIELD: &str = "browser";

/// What every page needs besides its own words.
pub(crate) struct View<'a> {
    pub(crate) bridge: &'a str,
    pub(crate) help_contact: &'a str,
    pub(crate) now: Timestamp,
}

/// The status and the document for a page.
pub(crate) fn render(page: &LinkPage, view: &View<'_>) -> (StatusCode, Markup) {
    let (status, title, body) = match page {
        LinkPage::Confirm { last_two, provider, expires_at, twice, code_to } => (
            StatusCode::OK,
            format!("Connect your phone to {provider}"),
            confirm(
                last_two,
                provider,
                minutes_left(view.now, *expires_at),
                *twice,
                code_to.as_ref(),
            ),
        ),
        LinkPage::GoTo { url, .. } => (
            StatusCode::SEE_OTHER,
            "One moment".to_owned(),
            html! { p { "You are being sent on: " a rel="noreferrer" href=(url) { "continue" } } },
        ),
        LinkPage::AskCode { last_two, handle, cookie, wrong } => (
            StatusCode::OK,
            "Enter the code we texted".to_owned(),
            ask_code(last_two, handle, cookie, *wrong),
        ),
        LinkPage::Linked { provider, handle, line, held } => (
            StatusCode::OK,
            format!("Connected to {provider}"),
            linked(provider, handle, line.reveal(), *held),
        ),
        LinkPage::Trouble(trouble) => {
            let words = words(*trouble);
            (words.status, words.title.to_owned(), troubled(&words, None, None))
        }
        LinkPage::NotConnected { trouble, detail, words_of } => {
            let words = words(*trouble);
            let title = match words_of {
                Some(_) => "Words are connected, pictures are not",
                None => words.title,
            };
            (
                words.status,
                title.to_owned(),
                troubled(&words, detail.as_deref(), words_of.as_deref()),
            )
        }
    };
    let document = layout(
        &title,
        html! {
            p.brand { (view.bridge) }
            h1 { (title) }
            (body)
            (help::contact(view.help_contact))
        },
    );
    (status, document)
}

fn minutes_left(now: Timestamp, until: Timestamp) -> i64 {
    (until.millis_since(now) / 60_000).max(1)
}

fn confirm(
    last_two: &str,
    provider: &str,
    minutes: i64,
    twice: bool,
    code_to: Option<&Address>,
) -> Markup {
    html! {
        p.strong { "This lets the phone ending " (last_two) " post as you on " (provider) "." }
        p {
            "From then on every text from that phone to our number is posted publicly under your "
            "account, answers to us too. Text STOP at any time and it ends."
        }
        p.notice {
            "Is that not your phone, or did you not ask for this? Then close this page: nothing has "
            "happened."
        }
        form method="post" {
            button.wide type="submit" { "Continue to " (provider) }
        }
        p.small {
            @if twice {
                (provider) " will ask you to agree twice, one page after the other: once for words, once "
                "for pictures. "
            } @else {
                (provider) " will ask you to agree. "
            }
            @if let Some(line) = code_to {
                "Then it shows you a code: text that to " span.strong { (line.reveal()) } ". "
            }
            @if minutes == 1 { "The link works for one more minute." }
            @else { "The link works for " (minutes) " more minutes." }
        }
    }
}

fn ask_code(last_two: &str, handle: &str, cookie: &str, wrong: u32) -> Markup {
    html! {
        p {
            "We texted a code to the phone ending " (last_two) ". Enter it here to let that phone "
            "post as " span.strong { (handle) } "."
        }
        @if wrong > 0 {
            p.notice role="alert" { "That was not the code. Look at our newest text and try again." }
        }
        // Relative to /link/<sink>/callback as well as to /link/<sink>/code.
        form method="post" action="code" {
            input type="hidden" name=(HIDDEN_FIELD) value=(cookie);
            label for="code" { "Code" }
            input #code name=(CODE_FIELD) inputmode="numeric" autocomplete="one-time-code"
                maxlength="32" required autofocus;
            button.wide type="submit" { "Connect" }
        }
        p.small { "Is that not your phone? Then close this page: nothing is connected." }
    }
}

fn linked(provider: &str, handle: &str, line: &str, held: i64) -> Markup {
    html! {
        p { "Your phone now posts as " span.strong { (handle) } " on " (provider) "." }
        p.notice {
            "Every text you send to " span.strong { (line) } " is posted publicly from now on, "
            "answers to us too."
        }
        @if held > 0 {
            p {
                "This is another account than before, so "
                @if held == 1 { "one text of yours waits" } @else { (held) " texts of yours wait" }
                ". Text YES to post to " (handle) ", or NO to drop "
                @if held == 1 { "it." } @else { "them." }
            }
        }
        p { "Text /UNDO to take back your newest post, /HELP for more, STOP to leave." }
        p.small { "You can close this page." }
    }
}

/// What a person is told when linking did not work.
struct Words {
    status: StatusCode,
    title: &'static str,
    what: &'static str,
    /// What stands before what is known in particular.
    detail: &'static str,
    next: &'static str,
}

fn troubled(words: &Words, detail: Option<&str>, words_of: Option<&str>) -> Markup {
    html! {
        @if let Some(handle) = words_of {
            p {
                "Your phone now posts words as " span.strong { (handle) } ". Pictures are not "
                "connected:"
            }
        }
        p { (words.what) @if let Some(detail) = detail { " " (words.detail) " " span.strong { (detail) } "." } }
        p.notice { (words.next) }
    }
}

/// Status, title, what happened, what to do next.
type Row = (StatusCode, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const TOO_LITTLE: Row = (
    StatusCode::FORBIDDEN, "Posting was not allowed",
    "Your account was reached, but without the right to post, so that was not kept.",
    "Text /LINK for a new link, and agree to everything that is asked there.",
);
#[rustfmt::skip]
const SAME_GRANT: Row = (
    StatusCode::CONFLICT, "The old connection came back",
    "The service gave us back the connection that it had refused before, so it would not work now either.",
    "Remove us from the connected apps in your account's settings there, then text /LINK for a new link.",
);
#[rustfmt::skip]
const OTHER_ACCOUNT: Row = (
    StatusCode::CONFLICT, "That is another account",
    "Pictures must go to the account that your words go to, so this one was not connected.",
    "Sign in there with the right account, then text /LINK for a new link.",
);
#[rustfmt::skip]
const DECLINED: Row = (
    StatusCode::FORBIDDEN, "You said no",
    "You did not agree, so nothing was changed by it.",
    "If that was a mistake, text /LINK: we send you a new link.",
);

#[rustfmt::skip]
fn words(trouble: LinkTrouble) -> Words {
    let (status, title, what, next) = match trouble {
        LinkTrouble::Unknown => (
            StatusCode::NOT_FOUND, "We do not know this link",
            "It may be mistyped, or older than we remember.",
            "Compare it with our newest text, or text /LINK: we send you a new link.",
        ),
        LinkTrouble::Expired => (
            StatusCode::GONE, "This link is too old",
            "Links work for a short time only, so that nobody finds and uses yours later.",
            "Text /LINK: we send you a new link.",
        ),
        LinkTrouble::Used => (
            StatusCode::GONE, "This link was used already",
            "Each link works once. If you were the one who used it, your phone may be connected by now.",
            "Text /STATUS to see whether it is, or /LINK to get a new link.",
        ),
        LinkTrouble::Replaced => (
            StatusCode::GONE, "There is a newer link",
            "We sent you another link after this one, and only the newest works.",
            "Open the link in our newest text.",
        ),
        LinkTrouble::Declined => DECLINED,
        LinkTrouble::TooLittle => TOO_LITTLE,
        LinkTrouble::SameGrant => SAME_GRANT,
        LinkTrouble::OtherAccount => OTHER_ACCOUNT,
        LinkTrouble::Provider => (
            StatusCode::BAD_GATEWAY, "The other side did not answer",
            "The service you wanted to connect is in trouble right now. Nothing was connected.",
            "Wait a few minutes, then text /LINK for a new link.",
        ),
        LinkTrouble::Operator => (
            StatusCode::INTERNAL_SERVER_ERROR, "Something is wrong on our side",
            "Our own set-up does not work. It is not your fault, and whoever runs this service has been told.",
            "Try again tomorrow: text /LINK for a new link.",
        ),
        LinkTrouble::TooMany => (
            StatusCode::TOO_MANY_REQUESTS, "Too many tries",
            "To keep strangers from guessing, we stop after a few wrong tries.",
            "Wait an hour, then text /LINK for a new link.",
        ),
        LinkTrouble::Limit => (
            StatusCode::SERVICE_UNAVAILABLE, "Not today",
            "Connecting costs this service a little money, and what it may spend today is used up.",
            "Text /LINK tomorrow for a new link.",
        ),
        LinkTrouble::NotReady => (
            StatusCode::SERVICE_UNAVAILABLE, "We are just starting",
            "We are not ready yet. Nothing is lost, and your link still works.",
            "Open this page again in a minute.",
        ),
    };
    let detail = match trouble {
        LinkTrouble::OtherAccount => "Yours is",
        _ => "What is missing is",
    };
    Words { status, title, what, detail, next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const ALL: &[LinkTrouble] = &[
        LinkTrouble::Unknown,
        LinkTrouble::Expired,
        LinkTrouble::Used,
        LinkTrouble::Replaced,
        LinkTrouble::Declined,
        LinkTrouble::TooLittle,
        LinkTrouble::SameGrant,
        LinkTrouble::OtherAccount,
        LinkTrouble::Provider,
        LinkTrouble::Operator,
        LinkTrouble::TooMany,
        LinkTrouble::Limit,
        LinkTrouble::NotReady,
    ];

    #[test]
    fn every_trouble_has_words_of_its_own_and_a_next_step() {
        let mut titles = HashSet::new();
        let mut causes = HashSet::new();
        for trouble in ALL {
            let words = words(*trouble);
            assert!(titles.insert(words.title), "{trouble:?} has no title of its own");
            assert!(causes.insert(words.what), "{trouble:?} does not say what happened");
            let steps = ["text us", "Text /", "text /", "Open "];
            assert!(
                steps.iter().any(|step| words.next.contains(step))
                    || words.next.contains("Text us"),
                "{trouble:?} names no next step: {}",
                words.next
            );
            assert!(words.status.is_client_error() || words.status.is_server_error());
        }
    }

    #[test]
    fn a_link_never_works_for_no_time_at_all() {
        let now = Timestamp(1_000_000);
        for (later, minutes) in [(-5, 1), (0, 1), (59, 1), (60, 1), (120, 2), (3600, 60)] {
            assert_eq!(minutes_left(now, now.plus_seconds(later)), minutes, "{later} s");
        }
    }
}
