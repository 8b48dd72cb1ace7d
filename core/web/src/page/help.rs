//! The page for whoever opens our bare address.

use maud::{Markup, html};

/// Says what this is and where to turn.
pub(crate) fn render(bridge: &str, help_contact: &str) -> Markup {
    super::layout(
        bridge,
        html! {
            p.brand { (bridge) }
            h1 { "Post by text message" }
            p { "This service posts on the web what people text to it, under their own account." }
            p {
                "Text HELP to the number you were given to learn more, or STOP to leave. "
                "To connect your phone, open the link we texted you."
            }
            (contact(help_contact))
        },
    )
}

/// Where a person can ask, if the operator says so.
pub(crate) fn contact(help_contact: &str) -> Markup {
    html! {
        @if !help_contact.is_empty() {
            p.small { "Help: " (help_contact) }
        }
    }
}
