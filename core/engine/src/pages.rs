//! What instances show of themselves: data of theirs, drawn by the desk.

use crate::bridge::{Bridge, guarded};
use crate::facade::{DeskError, InstancePage};
use cordboard_plugin::{Act, Page};
use futures_util::future::BoxFuture;

/// How long an instance may take to say how it is.
const PAGE_MS_MAX: i64 = 5_000;
/// How long it may take to do what a form asks for.
const ACT_MS_MAX: i64 = 30_000;

impl Bridge {
    /// The pages of all instances that have one: transports first, each in the order of their names.
    pub async fn pages(&self) -> Vec<InstancePage> {
        let mut pages = Vec::new();
        for (name, transport) in &self.registry().transports {
            let host = self.host(name);
            let page = transport.plugin.page(&host);
            pages.extend(self.page_of(name, &transport.config.kind, page).await);
        }
        for (name, sink) in &self.registry().sinks {
            let host = self.host(name);
            let page = sink.plugin.page(&host);
            pages.extend(self.page_of(name, &sink.config.kind, page).await);
        }
        pages
    }

    /// The operator sent a form of an instance's page; brings what the instance says to it.
    ///
    /// # Errors
    /// When there is no such instance, or it did not do it.
    pub async fn act(&self, instance: &str, act: Act) -> Result<String, DeskError> {
        let (registry, host) = (self.registry(), self.host(instance));
        let acted = if let Some(transport) = registry.transports.get(instance) {
            transport.plugin.act(&host, act)
        } else if let Some(sink) = registry.sinks.get(instance) {
            sink.plugin.act(&host, act)
        } else {
            return Err(DeskError::NotFound(format!("there is no instance `{instance}`")));
        };
        let acted = guarded(self, ACT_MS_MAX, acted).await;
        acted
            .map_err(|problem| DeskError::Refused(problem.to_owned()))?
            .map_err(|error| DeskError::Refused(error.to_string()))
    }

    async fn page_of(
        &self,
        name: &str,
        kind: &str,
        page: BoxFuture<'_, Page>,
    ) -> Option<InstancePage> {
        let page = match guarded(self, PAGE_MS_MAX, page).await {
            Ok(page) => page,
            Err(problem) => {
                tracing::error!(instance = name, "no page: {problem}");
                Page { facts: vec![("page".to_owned(), problem.to_owned())], ..Page::default() }
            }
        };
        let shown = !page.facts.is_empty() || !page.tables.is_empty();
        shown.then(|| InstancePage { instance: name.to_owned(), kind: kind.to_owned(), page })
    }
}
