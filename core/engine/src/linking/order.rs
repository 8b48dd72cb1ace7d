//! Which sinks a link is for, and in what order.

use crate::bridge::Bridge;
use crate::registry::SinkInstance;
use cordboard_plugin::Address;
use cordboard_store::{Account, Link, StoreError};

impl Bridge {
    /// The sinks that a person on this line links to: first what is dead or missing, then what they have,
    /// which is asked for again only once it turns out to be another account's. `dead` is what the
    /// caller knows to be dead before the store does.
    pub(crate) async fn sinks_to_link(
        &self,
        sender: &Address,
        transport: &str,
        line: &Address,
        dead: &[String],
    ) -> Result<Vec<String>, StoreError> {
        let (mut lacking, mut alive) = (Vec::new(), Vec::new());
        for sink in self.routed_sinks(transport, line) {
            let lacks = dead.contains(&sink) || self.connected(sender, &sink).await?.is_none();
            if lacks { &mut lacking } else { &mut alive }.push(sink);
        }
        lacking.append(&mut alive);
        Ok(lacking)
    }

    /// All sinks of a line's route; one whose credential serves most others comes first.
    fn routed_sinks(&self, transport: &str, line: &Address) -> Vec<String> {
        let Some(route) = self.registry().route(transport, line) else { return Vec::new() };
        let mut names: Vec<String> = Vec::new();
        for name in route.post.iter().chain(&route.media) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        // One whose plugin is missing is linked when it is back, unless there is no other.
        if names.iter().any(|name| !self.registry().is_left_out(name)) {
            names.retain(|name| !self.registry().is_left_out(name));
        }
        let serves = |name: &String| names.iter().filter(|other| self.serves(name, other)).count();
        let mut ordered = names.clone();
        ordered.sort_by_key(|name| std::cmp::Reverse(serves(name)));
        ordered
    }

    /// Whether what `sink` links first is accepted by `other`.
    fn serves(&self, sink: &str, other: &str) -> bool {
        let sinks = &self.registry().sinks;
        let first = sinks.get(sink).and_then(|sink| sink.can.credentials.first());
        let other = sinks.get(other);
        first.zip(other).is_some_and(|(first, other)| other.accepts(&first.kind, &first.realm))
    }

    /// The sender's account at a sink, if there is a credential to call it with.
    pub(super) async fn connected(
        &self,
        sender: &Address,
        sink: &str,
    ) -> Result<Option<Account>, StoreError> {
        let Some(instance) = self.registry().sinks.get(sink) else { return Ok(None) };
        let account = self.store().account(sender, sink).await?;
        let Some(account) = account.filter(|account| !account.relink) else { return Ok(None) };
        let kinds = &instance.can.credentials;
        let held = kinds.is_empty()
            || self.store().credential(account.identity_id, kinds).await?.is_some();
        Ok(held.then_some(account))
    }

    /// The next sink of a link, behind those that `served` says are done: one that the person lacks, or
    /// has at another account of the same destination.
    pub(super) async fn next_step(
        &self,
        link: &Link,
        served: &[String],
        remote_id: Option<&str>,
    ) -> Result<Option<i32>, StoreError> {
        let provider = self.provider_of(self.step_sink(link));
        for (index, sink) in (0..).zip(&link.sinks) {
            if index <= link.sink_index || served.contains(sink) {
                continue;
            }
            let same = |account: &Account| {
                self.provider_of(sink) != provider
                    || remote_id.is_none_or(|remote_id| account.remote.id == remote_id)
            };
            if !self.connected(&link.sender, sink).await?.is_some_and(|account| same(&account)) {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// Whether the provider will ask once more after the step that is to be done now.
    pub(super) async fn asks_twice(&self, link: &Link) -> Result<bool, StoreError> {
        let now = self.step_sink(link);
        let served: Vec<String> =
            link.sinks.iter().filter(|sink| self.serves(now, sink)).cloned().collect();
        Ok(self.next_step(link, &served, None).await?.is_some())
    }

    /// Whether words are posted at this sink, where a link's line is routed to.
    pub(super) fn takes_words(&self, link: &Link, sink: &str) -> bool {
        let route = self.registry().route(&link.transport, &link.line);
        // Without a route nothing says that it is for pictures alone.
        route.is_none_or(|route| {
            route.post.iter().any(|name| name == sink) || route.media.as_deref() != Some(sink)
        })
    }

    /// The sinks of a link that a credential serves.
    pub(super) fn served_by(&self, link: &Link, kind: &str, realm: &str) -> Vec<String> {
        let serves = |name: &&String| {
            let sink: Option<&SinkInstance> = self.registry().sinks.get(*name);
            sink.is_some_and(|sink| sink.accepts(kind, realm))
        };
        link.sinks.iter().filter(serves).cloned().collect()
    }
}
