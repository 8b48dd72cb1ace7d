//! The desk's first pages.

use super::{layout, layout_with};
use cordboard_engine::{Health, InstancePage, LineView, PluginView, SinkView};
use maud::{Markup, html};

/// What the front page shows.
pub(crate) struct Front<'a> {
    pub(crate) bridge: &'a str,
    pub(crate) said: Option<&'a str>,
    pub(crate) health: &'a Health,
    pub(crate) lines: &'a [LineView],
    pub(crate) sinks: &'a [SinkView],
    pub(crate) pages: &'a [InstancePage],
    pub(crate) plugins: &'a [PluginView],
    pub(crate) csrf: &'a str,
}

/// The sign-in form.
pub(crate) fn sign_in(bridge: &str, wrong: bool) -> Markup {
    layout(
        "Sign in",
        html! {
            p.brand { (bridge) }
            h1 { "Sign in" }
            @if wrong { p.notice role="alert" { "That is not the admin token." } }
            form method="post" action="sign-in" {
                label for="token" { "Admin token" }
                input #token type="password" name="token" autocomplete="current-password" required
                    autofocus;
                button.wide type="submit" { "Sign in" }
            }
            p.small {
                "The token is where " code { "token" } " in the " code { "[admin]" }
                " table of plugins.toml says."
            }
        },
    )
}

/// The front page.
pub(crate) fn front(front: &Front<'_>) -> Markup {
    layout_with(
        front.bridge,
        include_str!("desk.css"),
        "",
        html! {
            p.brand { (front.bridge) }
            h1 { "The bridge is " (front.health.status) }
            @if let Some(said) = front.said { p.notice role="status" { (said) } }
            @if !front.health.ready { p.notice { "Webhooks are not taken at the moment." } }
            @for trouble in &front.health.troubles { p.notice { (trouble) } }
            (lines(front.lines))
            (sinks(front.sinks))
            @for page in front.pages { (instance(page, front.csrf)) }
            (plugins(front.plugins))
            h2 { "API" }
            p {
                "People, messages, sums and links are under " code { "/api/v1/" } ", described in "
                code { "/api/v1/openapi.json" } "; " code { "/metrics" } " has the figures. Both take "
                code { "Authorization: Bearer" } " and the admin token."
            }
            form method="post" action="sign-out" {
                input type="hidden" name="csrf" value=(front.csrf);
                button type="submit" { "Sign out" }
            }
        },
    )
}

fn lines(lines: &[LineView]) -> Markup {
    html! {
        h2 { "Lines" }
        ul {
            @for line in lines {
                li {
                    (line.line.reveal()) " by " (line.transport)
                    @if line.simulated { " (simulated)" }
                    @if let Some(trouble) = &line.trouble { ": cannot send yet, " (trouble) }
                }
            }
        }
    }
}

fn sinks(sinks: &[SinkView]) -> Markup {
    html! {
        h2 { "Sinks" }
        ul {
            @for sink in sinks {
                li {
                    (sink.sink) " to " (sink.provider)
                    @if sink.simulated { " (simulated)" }
                    @if let Some(cause) = &sink.paused { ": paused, " (cause) }
                }
            }
        }
    }
}

fn plugins(plugins: &[PluginView]) -> Markup {
    html! {
        h2 { "Plugins" }
        ul {
            @for plugin in plugins {
                li {
                    (plugin.name) " " (plugin.version)
                    @match &plugin.path {
                        Some(path) => { ", from " code { (path) } }
                        None => ", built in",
                    }
                    @if let Some(abi) = &plugin.abi { ", boundary " (abi) }
                    @for kind in &plugin.transports { ", transport " (kind) }
                    @for kind in &plugin.sinks { ", sink " (kind) }
                    @if let Some(trouble) = &plugin.trouble { ": not used, " (trouble) }
                }
            }
        }
    }
}

/// What an instance says of itself. It is data of a plugin's: drawn, never trusted as HTML.
fn instance(shown: &InstancePage, csrf: &str) -> Markup {
    html! {
        h2 { (shown.instance) }
        table.facts {
            @for (label, value) in &shown.page.facts {
                tr { th scope="row" { (label) } td { (value) } }
            }
        }
        @for table in &shown.page.tables {
            h3 { (table.title) }
            div.tables {
                table {
                    tr { @for column in &table.columns { th scope="col" { (column) } } }
                    @for row in &table.rows {
                        tr { @for cell in row { td { (cell) } } }
                    }
                }
            }
        }
        @for form in &shown.page.forms {
            form method="post" action="act" {
                input type="hidden" name="csrf" value=(csrf);
                input type="hidden" name="instance" value=(shown.instance);
                input type="hidden" name="form" value=(form.name);
                @for (name, label) in &form.fields {
                    label { (label) " " input name=(name) autocomplete="off"; }
                }
                button type="submit" { (form.button) }
            }
        }
    }
}
