//! Linking by code: the provider's page shows a code, and the person texts it to us. No browser comes
//! back, so no public web server is needed.

use super::LINK_MS_MAX;
use super::keep::Failed;
use crate::bridge::{Bridge, guarded};
use crate::facade::LinkTrouble;
use crate::pump::report;
use crate::{texts, words};
use cordboard_plugin::{Address, CallError, LinkError, LinkRequest, LinkReturn, Secret, Timestamp};
use cordboard_store::{Change, Link, LinkState, LinkStep, Reply, StoreError};

/// Wrong codes before the link is void.
const TRIES_MAX: i32 = 3;
/// Codes taken up after a start.
const ROWS_MAX: i64 = 1000;
/// What the plugin finds the code under.
const VERIFIER: &str = "oauth_verifier";

impl Bridge {
    /// Whether the step of a link that is to be done is done by texting a code.
    pub(crate) fn by_code(&self, link: &Link) -> bool {
        let sink = self.registry().sinks.get(self.step_sink(link));
        sink.is_some_and(|sink| sink.can.link_by_code)
    }

    /// The words of a text as they are to be sent. One with a link by code says that the code is to be
    /// texted; where our own page cannot be reached, the provider's address stands in place of ours. It
    /// is asked for here, in the lane that may wait, and kept nowhere.
    pub(crate) async fn words_to_send(
        &self,
        reply: &Reply,
    ) -> Result<Result<String, CallError>, StoreError> {
        let as_it_is = Ok(Ok(reply.text.clone()));
        let page = format!("{}/link/", self.config().bridge.public_url);
        let Some(at) = reply.text.find(&page).filter(|_| reply.secret) else { return as_it_is };
        let url = reply.text[at..].split_whitespace().next().unwrap_or_default();
        let Some(token) = words::token_typed(&url[page.len()..]) else { return as_it_is };
        let found = self.store().link_by_token(&words::hash(&token)).await?;
        let Some(link) = found.filter(|link| self.by_code(link)) else { return as_it_is };
        let provider = self.provider_of(self.step_sink(&link));
        let says = texts::then_the_code(&provider);
        if !words::is_loopback_url(&page) {
            return Ok(Ok(format!("{} {says}", reply.text)));
        }
        if !matches!(link.state, LinkState::Open | LinkState::Pressed) {
            return as_it_is;
        }
        Ok(match self.begin_by_code(&link).await? {
            Ok(address) => Ok(format!("{} {says}", reply.text.replacen(url, &address, 1))),
            Err(error) => Err(error),
        })
    }

    async fn begin_by_code(&self, link: &Link) -> Result<Result<String, CallError>, StoreError> {
        let name = self.step_sink(link);
        let Some(sink) = self.registry().sinks.get(name) else {
            return Ok(Err(CallError::unclear("the sink is not configured")));
        };
        let host = self.host(name);
        let request = LinkRequest { callback_url: self.callback_url(name) };
        let begun = guarded(self, LINK_MS_MAX, sink.plugin.begin_link(&host, &request)).await;
        let start = match begun.unwrap_or_else(|problem| Err(CallError::unclear(problem))) {
            Ok(start) => start,
            Err(error) => {
                self.link_trouble(name, &error);
                // Nobody has seen the address, so asking once more does no harm.
                return Ok(Err(match error {
                    CallError::Unclear { detail } => CallError::Unreachable { detail },
                    error => error,
                }));
            }
        };
        let step = LinkStep {
            state_hash: Some(words::hash(&start.state)),
            secret: Some(start.secret),
            ..LinkStep::to(link.id, link.state, LinkState::Pressed)
        };
        self.commit(None, vec![Change::StepLink(step)]).await?;
        Ok(Ok(start.authorize_url))
    }

    /// The code of a link was texted: it is kept, sealed, and the try counted, before anybody looks.
    pub(crate) fn code_arrived(&self, link: &Link, digits: &str) -> Change {
        Change::StepLink(LinkStep {
            code_try: Some(link.code_tries),
            held_return: Some(Secret::new(digits)),
            ..LinkStep::to(link.id, LinkState::Pressed, LinkState::Returned)
        })
    }

    /// Trades the code of somebody's link at the provider, apart from the reading of their texts.
    pub(crate) fn spawn_code(&self, sender: Address) {
        let bridge = self.clone();
        self.spawn(async move {
            if let Err(error) = bridge.complete_by_code(&sender).await {
                report(&error);
            }
        });
    }

    /// Takes up the codes that were being traded when the process ended.
    pub(crate) async fn take_up_codes(&self) -> Result<(), StoreError> {
        for link in self.store().abandoned_links(Timestamp(i64::MAX), ROWS_MAX).await? {
            if self.by_code(&link) && link.expires_at > self.now() {
                self.spawn_code(link.sender);
            }
        }
        Ok(())
    }

    async fn complete_by_code(&self, sender: &Address) -> Result<(), StoreError> {
        let open = self.store().open_link(sender, self.now()).await?;
        let Some(link) = open.filter(|link| link.state == LinkState::Returned) else {
            return Ok(());
        };
        let name = self.step_sink(&link).to_owned();
        let (Some(sink), Some(code)) = (self.registry().sinks.get(&name), &link.held_return) else {
            return Ok(());
        };
        let [count, spend] = self.call_price(&name, sender, sink.can.price_check);
        if self.commit(None, vec![count, spend]).await?.over.is_some() {
            return self
                .fail_step(&link, LinkState::Returned, LinkTrouble::Limit.into())
                .await
                .map(|_| ());
        }
        let back = LinkReturn {
            query: vec![(VERIFIER.to_owned(), code.reveal().to_owned())],
            callback_url: self.callback_url(&name),
            secret: link.secret.clone().unwrap_or_default(),
        };
        let host = self.host(&name);
        let completed = guarded(self, LINK_MS_MAX, sink.plugin.complete_link(&host, &back))
            .await
            .unwrap_or_else(|problem| Err(LinkError::Failed(CallError::unclear(problem))));
        match completed {
            Ok(linked) => self.finish(&link, &name, linked, None).await.map(|_| ()),
            Err(LinkError::WrongCode(detail)) => self.wrong_text(&link, &detail).await,
            Err(error) => {
                let failed = self.why_failed(&link, &name, &error);
                self.fail_step(&link, LinkState::Returned, failed).await.map(|_| ())
            }
        }
    }

    /// The provider did not take the code: another try, or the end of the link.
    async fn wrong_text(&self, link: &Link, detail: &str) -> Result<(), StoreError> {
        tracing::info!(link.id, tries = link.code_tries, "wrong code: {detail}");
        let provider = self.provider_of(self.step_sink(link));
        let left = TRIES_MAX - link.code_tries;
        if left <= 0 {
            let text = Some(texts::code_void(&provider));
            let failed = Failed { text, ..LinkTrouble::TooMany.into() };
            return self.fail_step(link, LinkState::Returned, failed).await.map(|_| ());
        }
        let again = LinkStep::to(link.id, LinkState::Returned, LinkState::Pressed);
        let what = format!("wrong-{}", link.code_tries);
        let text = self.link_text(link, &what, texts::wrong_code(&provider, left));
        self.commit(None, vec![Change::StepLink(again), text]).await.map(|_| ())
    }
}
