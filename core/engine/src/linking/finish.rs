//! The end of linking: the phone's code, the account, the next sink.

use super::{Page, same};
use crate::bridge::{Bridge, guarded};
use crate::config::PinPolicy;
use crate::facade::{LinkPage, LinkTrouble};
use crate::{texts, words};
use cordboard_plugin::{Credential, Linked};
use cordboard_store::{Change, Link, LinkState, LinkStep, NewAccount, StoreError};
use subtle::ConstantTimeEq as _;

/// Wrong codes before the link is void.
const CODE_TRIES_MAX: i32 = 3;
/// Abandoned links given back in one go.
const ABANDONED_MAX: i64 = 20;
/// How long a provider may take to revoke what nobody came to collect.
const REVOKE_MS_MAX: i64 = 15_000;

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
            let text = texts::link_failed(&self.provider_of(sink));
            let step = LinkStep::to(link.id, LinkState::Returned, LinkState::Failed);
            let changes = vec![Change::StepLink(step), self.link_text(link, "failed", text)];
            self.commit(None, changes).await?;
            self.give_back(sink, &linked).await;
            return Ok(LinkPage::Trouble(LinkTrouble::TooMany));
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

    /// Revokes what was granted and will not be used.
    async fn give_back(&self, sink_name: &str, linked: &Linked) {
        let Some(sink) = self.registry().sinks.get(sink_name) else { return };
        let credential = credential_of(linked);
        let host = self.host(sink_name);
        match guarded(self, REVOKE_MS_MAX, sink.plugin.revoke(&host, &credential)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(sink = sink_name, "not given back: {error}"),
            Err(problem) => tracing::warn!(sink = sink_name, "not given back: {problem}"),
        }
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
        let served = self.served_by(link, &linked);
        let next = link.sinks.iter().position(|sink| !served.contains(sink) && sink != sink_name);
        let next =
            next.filter(|next| i32::try_from(*next).is_ok_and(|next| next > link.sink_index));
        let to = if next.is_some() { LinkState::Pressed } else { LinkState::Done };
        let step = LinkStep {
            sink_index: next.and_then(|next| i32::try_from(next).ok()),
            ..LinkStep::to(link.id, LinkState::Returned, to)
        };
        let account = NewAccount {
            sender: link.sender.clone(),
            sinks: served,
            credential: linked.credential.clone(),
            remote: linked.account.clone(),
            line: (link.transport.clone(), link.line.clone()),
        };
        let changes = vec![Change::StepLink(step), Change::PutAccount(account)];
        let applied = match self.commit(None, changes).await {
            Err(StoreError::Conflict) => return Ok(LinkPage::Trouble(LinkTrouble::Used)),
            applied => applied?,
        };
        if !self.reads_back(link, sink_name, &linked).await? {
            tracing::error!(sink = sink_name, link.id, "the stored credential does not read back");
            return Ok(LinkPage::Trouble(LinkTrouble::Operator));
        }
        self.linking_works(sink_name);
        tracing::info!(sink = sink_name, link.id, "linked");
        if let (Some(_), Some(cookie)) = (next, cookie)
            && let Some(link) = self.store().link_by_cookie(&words::hash(cookie)).await?
        {
            return self.go(&link, cookie.to_owned()).await;
        }
        self.tell_linked(link, sink_name, &linked, applied).await
    }

    async fn tell_linked(
        &self,
        link: &Link,
        sink_name: &str,
        linked: &Linked,
        applied: cordboard_store::Applied,
    ) -> Page {
        let handle = &linked.account.handle;
        let before = applied.previous.filter(|before| before.id != linked.account.id);
        let held = if before.is_some() { applied.waiting } else { 0 };
        let text = match before {
            Some(before) if held > 0 => {
                texts::linked_other(handle, &before.handle, held, self.segments_max())
            }
            _ if self.lacks_pin(link).await? => texts::proof::linked_without_pin(handle),
            _ => texts::linked(handle),
        };
        self.commit(None, vec![self.link_text(link, "linked", text)]).await?;
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

    /// The sinks of a link that this credential serves.
    fn served_by(&self, link: &Link, linked: &Linked) -> Vec<String> {
        let credential = &linked.credential;
        let serves = |name: &&String| {
            let sink = self.registry().sinks.get(*name);
            sink.is_some_and(|sink| sink.accepts(&credential.kind, &credential.realm))
        };
        link.sinks.iter().filter(serves).cloned().collect()
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

fn credential_of(linked: &Linked) -> Credential {
    Credential {
        kind: linked.credential.kind.clone(),
        realm: linked.credential.realm.clone(),
        secret: linked.credential.secret.clone(),
        account: linked.account.clone(),
    }
}
