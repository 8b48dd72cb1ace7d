//! The printed page for the person who texts: how to begin, what becomes of a text, how to get out.

use super::layout_with;
use cordboard_engine::{COMMANDS, Policy, Receipts, Signup};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// What the page says besides its own words.
pub(crate) struct Guide<'a> {
    pub(crate) bridge: &'a str,
    pub(crate) help_contact: &'a str,
    /// Our numbers, as one phrase.
    pub(crate) numbers: &'a str,
    /// The destinations, as one phrase.
    pub(crate) providers: &'a str,
    /// Whether pictures can be posted.
    pub(crate) pictures: bool,
    pub(crate) policy: &'a Policy,
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(names: BTreeSet<String>, last: &str) -> String {
    let mut names: Vec<String> = names.into_iter().collect();
    match (names.pop(), names.is_empty()) {
        (None, _) => String::new(),
        (Some(only), true) => only,
        (Some(end), false) => format!("{} {last} {end}", names.join(", ")),
    }
}

/// The whole page.
pub(crate) fn render(guide: &Guide<'_>) -> Markup {
    let title = format!("{}: post by text message", guide.bridge);
    let body = html! {
        p.brand { (guide.bridge) }
        h1 { "Post by text message" }
        p {
            "What you text to " span.numbers { (guide.numbers) } " appears on " (guide.providers)
            " under your own account. Any phone will do."
        }
        (begin(guide))
        (becomes(guide))
        (commands())
        (rest(guide))
    };
    layout_with(&title, include_str!("guide.css"), "guide", body)
}

fn begin(guide: &Guide<'_>) -> Markup {
    let Guide { policy, providers, .. } = guide;
    let minutes = policy.link_minutes;
    html! {
        section {
            h2 { "How to begin" }
            ol {
                @if policy.signup == Signup::Open {
                    li { "Text anything. We answer with a link; what you texted first is not posted." }
                } @else if policy.signup == Signup::Invite {
                    li { "Ask whoever runs this for a link. It comes by text or by hand." }
                } @else {
                    li { "Nobody new is taken at the moment. This page is for those who are connected." }
                }
                li {
                    "Open the link within " (minutes) " minutes, on any phone or computer (you can "
                    "type it in), press the button, and agree at " (providers) "."
                }
                li { "We text you “Connected as” and the name of your account. From then on it works." }
            }
        }
    }
}

fn becomes(guide: &Guide<'_>) -> Markup {
    let Policy { long_text_thread, ask_before_link, keep_waiting_hours, receipts, .. } =
        guide.policy;
    html! {
        section {
            h2 { "What becomes of a text" }
            p.notice {
                strong { "Every text to the number is posted publicly, at once. Replies to us too." }
                " Only the commands below are not, nor the words that phone companies know when they "
                "stand alone: STOP, START, HELP and INFO."
            }
            p {
                @if *long_text_thread { "A long text becomes several posts, one answering the other. " }
                @else { "A text too long for one post is refused, and we say so. " }
                @if *ask_before_link { "Before a text with a web address in it is posted we may ask: text YES or NO. " }
                @if guide.pictures {
                    "Pictures go out with the words; where and when they were taken is cut off first. Text "
                    "/ALT and your words to describe one for people who do not see it."
                } @else {
                    "Pictures cannot be posted here; of a text with a picture we can post the words, if you "
                    "answer YES."
                }
            }
            p {
                @match receipts {
                    Receipts::Always => "We text you when it is out, and why when it is not. ",
                    Receipts::Failures => "We text you when something could not be posted, and why. ",
                    Receipts::Never => "We do not text you about each post; /STATUS tells how you stand. ",
                }
                "What has to wait is kept for up to " (keep_waiting_hours) " hours and posted by "
                "itself: there is no need to send it again."
            }
        }
    }
}

fn commands() -> Markup {
    html! {
        section {
            h2 { "Commands" }
            table {
                @for command in COMMANDS {
                    tr { td { (command.usage) } td { (command.meaning) } }
                }
            }
            p.small {
                "Small letters do as well, and \\ in place of /. An unknown command is never posted "
                "without asking you."
            }
        }
    }
}

fn rest(guide: &Guide<'_>) -> Markup {
    let Guide { policy, providers, .. } = guide;
    html! {
        section {
            h2 { "How to get out" }
            p {
                "Text " strong { "STOP" } " (END, QUIT, CANCEL or UNSUBSCRIBE alone do the same). Your connection and your data here are erased, and we "
                "text you no more. START brings you back. What is posted stays on " (providers)
                " until you delete it there; /UNDO it before you leave."
            }
        }
        section {
            h2 { "What it costs you" }
            p {
                "Your phone company charges its usual price for each text you send, and may for each "
                "you get (Msg&data rates may apply). Posting costs you nothing, up to "
                (policy.posts_per_person_day) " posts a day."
            }
        }
        section {
            h2 { "Who sees it" }
            p {
                "Posts are public. Whoever runs this service, and the phone companies in between, can "
                "read your texts and see your number; we forget the words "
                (policy.keep_bodies_days) " days after. We never see your password, and our posts "
                "do not show your number. Whoever holds your phone can post as you: a PIN guards "
                "against that."
            }
        }
        section {
            h2 { "More help" }
            p {
                "Text HELP."
                @if !guide.help_contact.is_empty() { " Or ask: " strong { (guide.help_contact) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_people_say_them() {
        let say = |names: &[&str]| listed(names.iter().map(|n| (*n).to_owned()).collect(), "and");
        assert_eq!(say(&[]), "");
        assert_eq!(say(&["a"]), "a");
        assert_eq!(say(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn it_says_what_becomes_of_a_picture() {
        let policy = Policy::default();
        let page = |pictures| {
            let guide = Guide {
                bridge: "Cordboard",
                help_contact: "",
                numbers: "+15550100001",
                providers: "the wall",
                pictures,
                policy: &policy,
            };
            render(&guide).into_string()
        };
        let (with, without) = (page(true), page(false));
        assert!(with.contains("where and when they were taken is cut off"), "{with}");
        assert!(!with.contains("Pictures cannot be posted"), "{with}");
        assert!(without.contains("Pictures cannot be posted here"), "{without}");
    }
}
