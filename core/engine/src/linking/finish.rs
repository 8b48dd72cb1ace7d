//! The end of linking: the phone's code, the account, the next sink.

use super::keep::credential_of;
use super::{Page, same};
use crate::bridge::Bridge;
use crate::config::PinPolicy;
use crate::facade::{LinkPage, LinkTrouble};
use crate::{texts, words};
use cordboard_plugin::Linked;
use cordboard_store::{Change, Link, LinkState, LinkStep, NewAccount, StoreError};
use subtle::ConstantTimeEq as _;

/// Wrong codes before the link is void.
const CODE_TRIES_MAX: i32 = 3;
/// Abandoned links given back in one go.
const ABANDONED_MAX: i64 = 20;

impl Bridge {
    /// The code that was texted to the phone has been typed on the page. `field` is the form's hidden
    /// field; it must be the cookie's value, so that only the browser that was asked can answer.
    pub async fn link_code(
        &self,
        sink: &str,
        cookie: Option<&str>,
        field: &str,
        code: &str,
    ) -> LinkPage {
        self.shown(self.check_code(sink, cookie, field, code).await)
    }

    async fn check_code(&self, sink: &str, cookie: Option<&str>, field: &str, code: &str) -> Page {
        let bound = |cookie: &&str| cookie.as_bytes().ct_eq(field.as_bytes()).into();
        let Some(cookie) = cookie.filter(bound) else {
            return Ok(LinkPage::Trouble(LinkTrouble::Unknown));
        };
        let found = self.store().link_by_cookie(&words::hash(cookie)).await?;
        let Some(link) = found.filter(|link| self.step_sink(link) == sink) else {
            return Ok(LinkPage::Trouble(LinkTrouble::Unknown));
        };
        if link.state != LinkState::Returned {
            return Ok(LinkPage::Trouble(LinkTrouble::Used));
        }
        let Some(linked) = granted(&link) else {
            return Ok(LinkPage::Trouble(LinkTrouble::Used));
        };
        if link.expires_at <= self.now() {
            self.give_back(sink, &linked).await;
            let step = LinkStep::to(link.id, LinkState::Returned, LinkState::Failed);
            self.commit(None, vec![Change::StepLink(step)]).await?;
            return Ok(LinkPage::Trouble(LinkTrouble::Expired));
        }
        // The try is counted before it is looked at: many at once are many tries.
        let counted = LinkStep {
            code_try: Some(link.code_tries),
            ..LinkStep::to(link.id, LinkState::Returned, LinkState::Returned)
        };
        match self.commit(None, vec![Change::StepLink(counted)]).await {
            Err(StoreError::Conflict) => return Ok(LinkPage::Trouble(LinkTrouble::Used)),
            counted => counted?,
        };
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        if same(Some(&format!("{}/{digits}", link.id)), link.code_hash.as_deref()) {
            return self.finish(&link, sink, linked, Some(cookie)).await;
        }
        self.wrong_code(&link, sink, linked, cookie).await
    }

    async fn wrong_code(&self, link: &Link, sink: &str, linked: Linked, cookie: &str) -> Page {
        let wrong = link.code_tries + 1;
        let over = wrong >= CODE_TRIES_MAX;
        if over {
            self.give_back(sink, &linked).await;
            return self.fail_step(link, LinkState::Returned, LinkTrouble::TooMany.into()).await;
        }
        Ok(LinkPage::AskCode {
            last_two: link.sender.last_two().to_owned(),
            handle: linked.account.handle,
            cookie: cookie.to_owned(),
            wrong: wrong.unsigned_abs(),
        })
    }

    /// Gives back what was granted to links whose code nobody typed in time.
    pub(crate) async fn give_back_abandoned(&self) -> Result<(), StoreError> {
        for link in self.store().abandoned_links(self.now(), ABANDONED_MAX).await? {
            if let Some(linked) = granted(&link) {
                tracing::info!(link.id, "nobody typed the code: giving back what was granted");
                self.give_back(self.step_sink(&link), &linked).await;
            }
            let step = LinkStep::to(link.id, LinkState::Returned, LinkState::Failed);
            match self.commit(None, vec![Change::StepLink(step)]).await {
                // Somebody was at its form a moment ago.
                Ok(_) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Stores the account, reads the credential back to be sure, tells the person, and goes on to the
    /// next sink if one is left.
    pub(super) async fn finish(
        &self,
        link: &Link,
        sink_name: &str,
        linked: Linked,
        cookie: Option<&str>,
    ) -> Page {
        let granted = &linked.credential;
        let served = self.served_by(link, &granted.kind, &granted.realm);
        if let Some(failed) = self.not_to_keep(link, sink_name, &served, &linked).await? {
            tracing::info!(sink = sink_name, link.id, trouble = ?failed.trouble, "not kept");
            if failed.trouble != LinkTrouble::SameGrant {
                self.give_back(sink_name, &linked).await;
            }
            return self.fail_step(link, LinkState::Returned, failed).await;
        }
        let mut next = self.next_step(link, &served, Some(&linked.account.id)).await?;
        // Somebody who texted a code has no browser here to go on in.
        next = next.filter(|_| cookie.is_some());
        let to = if next.is_some() { LinkState::Pressed } else { LinkState::Done };
        let step = LinkStep { sink_index: next, ..LinkStep::to(link.id, LinkState::Returned, to) };
        let mut changes = vec![Change::StepLink(step)];
        changes.extend(self.left_behind(link, &served, &linked).await?);
        changes.push(Change::PutAccount(NewAccount {
            sender: link.sender.clone(),
            sinks: served.clone(),
            credential: linked.credential.clone(),
            remote: linked.account.clone(),
            line: (link.transport.clone(), link.line.clone()),
        }));
        let applied = match self.commit(None, changes).await {
            Err(StoreError::Conflict) => return Ok(LinkPage::Trouble(LinkTrouble::Used)),
            applied => applied?,
        };
        if !self.reads_back(link, sink_name, &linked).await? {
            tracing::error!(sink = sink_name, link.id, "the stored credential does not read back");
            return Ok(LinkPage::Trouble(LinkTrouble::Operator));
        }
        self.sink_works(sink_name);
        tracing::info!(sink = sink_name, link.id, "linked");
        let words = served.iter().any(|sink| self.takes_words(link, sink));
        let page = self.tell_linked(link, sink_name, &linked, words, applied).await?;
        if let (Some(_), Some(cookie)) = (next, cookie)
            && let Some(link) = self.store().link_by_cookie(&words::hash(cookie)).await?
        {
            return self.go_on(&link, cookie).await;
        }
        Ok(page)
    }

    /// On to the next sink. If it cannot begin, what is connected stays so.
    async fn go_on(&self, link: &Link, cookie: &str) -> Page {
        match self.go(link, cookie.to_owned()).await? {
            LinkPage::Trouble(trouble) if trouble != LinkTrouble::Used => {
                self.fail_step(link, LinkState::Pressed, trouble.into()).await
            }
            page => Ok(page),
        }
    }

    async fn tell_linked(
        &self,
        link: &Link,
        sink_name: &str,
        linked: &Linked,
        words: bool,
        applied: cordboard_store::Applied,
    ) -> Page {
        let handle = &linked.account.handle;
        let before = applied.previous.filter(|before| before.id != linked.account.id);
        let held = if before.is_some() { applied.waiting } else { 0 };
        let text = match before {
            // They know what happens to their texts; that it was pictures is what is new.
            _ if !words => texts::pictures_linked(handle),
            Some(before) if held > 0 => {
                texts::linked_other(handle, &before.handle, held, self.segments_max())
            }
            _ if self.lacks_pin(link).await? => texts::proof::linked_without_pin(handle),
            _ => texts::linked(handle),
        };
        // After words were connected by the same link, the page says enough.
        if words || link.sink_index == 0 {
            self.commit(None, vec![self.link_text(link, "linked", text)]).await?;
        }
        Ok(LinkPage::Linked {
            provider: self.provider_of(sink_name),
            handle: handle.clone(),
            line: link.line.clone(),
            held,
        })
    }

    /// Whether they must have a PIN and have none.
    async fn lacks_pin(&self, link: &Link) -> Result<bool, StoreError> {
        let required = self.config().policy.pin == PinPolicy::Required;
        let who = self.store().identity(&link.sender).await?;
        Ok(required && who.is_some_and(|who| !who.pin))
    }

    async fn reads_back(
        &self,
        link: &Link,
        sink_name: &str,
        linked: &Linked,
    ) -> Result<bool, StoreError> {
        let Some(account) = self.store().account(&link.sender, sink_name).await? else {
            return Ok(false);
        };
        let Some(sink) = self.registry().sinks.get(sink_name) else { return Ok(false) };
        let kinds = &sink.can.credentials;
        let held = self.store().credential(account.identity_id, kinds).await?;
        Ok(held.is_some_and(|held| held.credential == credential_of(linked)))
    }
}

/// What the provider granted, kept while the phone's code is asked for.
fn granted(link: &Link) -> Option<Linked> {
    serde_json::from_str(link.held_return.as_ref()?.reveal()).ok()
}
