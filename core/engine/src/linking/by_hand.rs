//! Links on their way to their person: by text, or, where a line cannot send, kept sealed for the operator
//! to pass on.

use crate::bridge::Bridge;
use crate::pump::report;
use cordboard_plugin::{Address, DeliveryState, Secret};
use cordboard_store::{Change, Link, LinkReason, LinkState, NewLink, Reply, StoreError};

/// What the operator is told about links that wait.
const WAITING: &str = "a link waits to be passed on: `cordboard people list` shows it";

/// A new link, and whether it goes out by text.
pub(crate) struct Offer {
    /// Its address.
    pub(crate) url: String,
    /// What to store.
    pub(crate) link: NewLink,
    /// Whether to text it. A line that is only believed to be unable is tried all the same: that is how
    /// it is noticed that it can.
    pub(crate) texted: bool,
}

impl Bridge {
    /// A new link for a person who is told on this line. Where the line cannot send it lasts as long as
    /// texts wait, and its address is kept for the operator.
    pub(crate) async fn offer(
        &self,
        sender: &Address,
        transport: &str,
        line: &Address,
        reason: LinkReason,
    ) -> Result<Offer, StoreError> {
        self.offer_for(sender, transport, line, reason, &[]).await
    }

    /// The same where the connections to some sinks are known to be dead: the link begins with those.
    pub(crate) async fn offer_for(
        &self,
        sender: &Address,
        transport: &str,
        line: &Address,
        reason: LinkReason,
        dead: &[String],
    ) -> Result<Offer, StoreError> {
        let sinks = self.sinks_to_link(sender, transport, line, dead).await?;
        let (url, link) = self.new_link(sender, transport, line, reason, sinks);
        let configured = self.registry().transports.get(transport);
        let texted = configured.is_some_and(|transport| transport.config.replies);
        if !texted {
            self.alert(&format!("line {line} of {transport} is receive-only"), WAITING);
        }
        let by_hand = !texted || self.store().line_trouble(transport, line).await?.is_some();
        let link = if by_hand { self.to_pass_on(link, &url) } else { link };
        Ok(Offer { url, link, texted })
    }

    /// The same link, kept to be passed on by hand, which takes longer than a text.
    pub(crate) fn to_pass_on(&self, link: NewLink, url: &str) -> NewLink {
        NewLink { copy: Some(Secret::new(url)), ..self.for_hours(link) }
    }

    /// The same link, good for as long as texts wait.
    pub(crate) fn for_hours(&self, link: NewLink) -> NewLink {
        let hours = i64::from(self.config().policy.keep_waiting_hours);
        NewLink { expires_at: link.created_at.plus_hours(hours), ..link }
    }

    /// A text was turned away because its line cannot send yet. If a link was in it, a fresh one takes its
    /// place: of the other only a hash is left.
    pub(crate) async fn keep_link_of(&self, reply: &Reply) {
        if let Err(error) = self.try_keep_link(reply).await {
            report(&error);
        }
    }

    async fn try_keep_link(&self, reply: &Reply) -> Result<(), StoreError> {
        if !reply.secret || reply.key.ends_with(super::CODE) {
            return Ok(());
        }
        let open = self.store().open_link(&reply.to, self.now()).await?;
        // A link by code may have begun when its text was sent.
        let unused = |link: &Link| {
            link.state == LinkState::Open
                || (link.state == LinkState::Pressed && self.by_code(link))
        };
        let Some(lost) = open.filter(|link| unused(link) && !link.by_hand) else {
            return Ok(());
        };
        let Link { sender, transport, line, reason, sinks, .. } = lost;
        let (url, link) = self.new_link(&sender, &transport, &line, reason, sinks);
        self.commit(None, vec![Change::AddLink(self.to_pass_on(link, &url))]).await.map(|_| ())
    }

    /// A line that a text has left by can send again. Where the provider reports on texts, only the report
    /// of delivery says so: texts of an unregistered line are taken first and dropped afterwards.
    pub(crate) async fn line_works(
        &self,
        reply: &Reply,
        state: DeliveryState,
    ) -> Result<(), StoreError> {
        let reports = |transport: &crate::registry::TransportInstance| transport.can.webhook;
        let proven = match state {
            DeliveryState::Delivered => true,
            DeliveryState::Accepted | DeliveryState::Sent => {
                !self.registry().transports.get(&reply.transport).is_some_and(reports)
            }
            _ => false,
        };
        if !proven || self.store().line_trouble(&reply.transport, &reply.line).await?.is_none() {
            return Ok(());
        }
        let what = format!("line {} of {}", reply.line, reply.transport);
        self.trouble(&what, None);
        tracing::info!(transport = %reply.transport, line = %reply.line, "can send");
        let can = Change::LineCannotSend {
            transport: reply.transport.clone(),
            line: reply.line.clone(),
            detail: None,
        };
        let mut changes = vec![can];
        if reply.secret {
            changes.push(Change::EraseLinkCopies { sender: reply.to.clone() });
        }
        self.commit(None, changes).await?;
        self.alert(&format!("{what} works"), "it can send now; nothing is to be done");
        Ok(())
    }
}
