//! The guide for the person who texts: one page, to be printed and pinned up.

use crate::call::Call;
use crate::door::Door;
use crate::page::{self, guide};
use crate::table::{Served, Site};
use http::StatusCode;
use std::collections::BTreeSet;

/// `GET /help`. Everything in it is from the running configuration; nobody's data is.
pub(crate) async fn page<D: Door>(site: Site<D>, _: Call) -> Served {
    let sinks = site.door.sinks().await;
    let providers: BTreeSet<String> = sinks.into_iter().map(|sink| sink.provider).collect();
    let lines = site.door.lines().await;
    let numbers: BTreeSet<String> =
        lines.iter().map(|line| line.line.reveal().to_owned()).collect();
    let config = site.door.config();
    let markup = guide::render(&guide::Guide {
        bridge: &config.bridge.name,
        help_contact: &config.bridge.help_contact,
        numbers: &guide::listed(numbers, "or"),
        providers: &guide::listed(providers, "and"),
        pictures: config.routes.iter().any(|route| route.media.is_some()),
        policy: &config.policy,
    });
    Ok(page::respond(StatusCode::OK, page::BARE, markup))
}
