//! `[[route]]`: which sinks serve which lines.

use super::instances::Found;
use super::near;
use super::problem::Findings;
use super::row::{Absent, Owner, Row};
use super::{list, tables};
use cordboard_engine::Route;
use cordboard_plugin::{Address, Conversation};
use toml::de::DeTable;

pub(crate) fn read(
    document: &DeTable<'_>,
    transports: &[Found],
    sinks: &[Found],
    findings: &mut Findings,
) -> Vec<Route> {
    let known = Known { transports, sinks };
    let mut routes = Vec::new();
    for (position, (at, table)) in list(document, "route").into_iter().enumerate() {
        let name = (position + 1).to_string();
        let owner = Owner::Item("route", name.clone());
        let settings = tables::ROUTE;
        let row = Row::read(Some(table), at, settings, &[], &owner, Absent::Required, findings);
        known.check_from(&row, &name, findings);
        known.check_post(&row, &name, findings);
        known.check_media(&row, &name, findings);
        routes.push(Route {
            from: row.text("from").to_owned(),
            to: row.texts("to").into_iter().map(Address::from).collect(),
            post: row.texts("post").into_iter().map(str::to_owned).collect(),
            media: Some(row.text("media").to_owned()).filter(|media| !media.is_empty()),
        });
    }
    if routes.is_empty() && !document.contains_key("route") {
        let message = "there is no `[[route]]`, so no text would be posted anywhere";
        findings.wrong(
            usize::MAX,
            message,
            "add `[[route]]` with `post = [\"…\"]`, the name of a sink",
        );
    }
    for transport in transports {
        let name = &transport.config.name;
        if !routes.iter().any(|route| route.from == "*" || route.from == *name) {
            findings.warn(format!("no route serves transport `{name}`: its texts are refused"));
        }
    }
    routes
}

/// The instances that a route may name. Those that were wrong themselves are among them, so that one
/// slip is told once.
struct Known<'a> {
    transports: &'a [Found],
    sinks: &'a [Found],
}

impl Known<'_> {
    fn check_from(&self, row: &Row, route: &str, findings: &mut Findings) {
        let from = row.text("from");
        let names = || self.transports.iter().map(|found| found.config.name.as_str());
        if from != "*" && !from.is_empty() && !names().any(|name| name == from) {
            let message =
                format!("`from` of route {route} names `{from}`, and no transport has that name");
            findings.wrong(row.at("from"), message, near::hint(from, names().chain(["*"])));
        }
    }

    fn check_post(&self, row: &Row, route: &str, findings: &mut Findings) {
        let at = row.at("post");
        let post = row.texts("post");
        if post.is_empty() && row.value("post").is_some() {
            let hint = near::hint("", self.sinks.iter().map(|found| found.config.name.as_str()));
            findings.wrong(at, format!("route {route} goes nowhere: its `post` is empty"), hint);
        }
        for (position, name) in post.iter().enumerate() {
            if post[..position].contains(name) {
                let message = format!("`post` of route {route} names `{name}` twice");
                findings.wrong(at, message, "once is enough");
            }
            self.sink(name, "post", at, route, findings);
        }
        let own =
            post.iter().filter_map(|name| self.sinks.iter().find(|f| f.config.name == **name));
        let kinds: Vec<Conversation> = own.filter_map(|found| found.conversation).collect();
        if kinds.contains(&Conversation::Own) && kinds.contains(&Conversation::Core) {
            let message = format!(
                "`post` of route {route} mixes sinks that talk with people themselves and sinks that do not"
            );
            findings.wrong(at, message, "give each kind a route of its own");
        }
    }

    fn check_media(&self, row: &Row, route: &str, findings: &mut Findings) {
        let (name, at) = (row.text("media"), row.at("media"));
        if name.is_empty() {
            return;
        }
        let Some(sink) = self.sink(name, "media", at, route, findings) else { return };
        if sink.takes_pictures == Some(false) {
            let message =
                format!("`media` of route {route} names `{name}`, which takes no pictures");
            findings.wrong(at, message, "leave `media` out: words are posted all the same");
        }
    }

    fn sink(
        &self,
        name: &str,
        key: &str,
        at: usize,
        route: &str,
        findings: &mut Findings,
    ) -> Option<&Found> {
        let found = self.sinks.iter().find(|found| found.config.name == name);
        if found.is_none() {
            let message =
                format!("`{key}` of route {route} names `{name}`, and no sink has that name");
            let hint = if self.transports.iter().any(|found| found.config.name == name) {
                format!("`{name}` is a transport; name a `[[sink]]` here")
            } else {
                near::hint(name, self.sinks.iter().map(|found| found.config.name.as_str()))
            };
            findings.wrong(at, message, hint);
        }
        found
    }
}
