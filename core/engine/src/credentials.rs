//! Credentials: fresh before use, refreshed once at a time, erased when dead.

use crate::bridge::{Bridge, LEASE_MS, guarded};
use crate::pump::report;
use crate::registry::SinkInstance;
use crate::texts;
use cordboard_plugin::{CallError, Timestamp};
use cordboard_store::{Account, Change, HeldCredential, Hold, LinkReason, NewReply, StoreError};

/// How long a refresh may take.
const REFRESH_MS_MAX: i64 = 20_000;
/// How long to wait when somebody else refreshes, before reading again.
const OTHERS_REFRESH_MS: i64 = 500;
/// Wait when the provider did not answer a refresh.
const REFRESH_AGAIN_MS: i64 = 30_000;
/// Tries to revoke before our copy is erased all the same.
const REVOKE_TRIES: u32 = 3;

/// Whether there is a credential to call with.
pub(crate) enum Usable {
    /// Here it is.
    Fresh(Box<HeldCredential>),
    /// The person must link again.
    Dead,
    /// Try again then.
    Later { at: Timestamp, detail: String },
    /// The operator must act.
    Operator(CallError),
}

impl Bridge {
    /// The account's credential, refreshed if it is due or older than version `at_least` (a call found
    /// the one before dead).
    pub(crate) async fn usable(
        &self,
        sink: &SinkInstance,
        account: &Account,
        at_least: Option<i64>,
    ) -> Result<Usable, StoreError> {
        loop {
            if account.relink {
                return Ok(Usable::Dead);
            }
            let kinds = &sink.can.credentials;
            let Some(held) = self.store().credential(account.identity_id, kinds).await? else {
                return Ok(Usable::Dead);
            };
            let due = held.refresh_at.is_some_and(|at| at <= self.now());
            let dead = at_least.is_some_and(|version| held.version < version);
            if !due && !dead {
                return Ok(Usable::Fresh(Box::new(held)));
            }
            let claim = self.claim();
            let take = Change::TakeRefresh { credential_id: held.id, version: held.version, claim };
            if self.commit(None, vec![take]).await?.taken {
                return self.refresh(sink, account, held).await;
            }
            // Somebody else is at it: their result is ours too.
            self.world().sleep_until(self.now().plus_millis(OTHERS_REFRESH_MS)).await;
            if self.stopping() {
                let at = self.now().plus_millis(LEASE_MS);
                return Ok(Usable::Later { at, detail: "stopping".to_owned() });
            }
        }
    }

    async fn refresh(
        &self,
        sink: &SinkInstance,
        account: &Account,
        held: HeldCredential,
    ) -> Result<Usable, StoreError> {
        let mut refreshed = self.call_refresh(sink, &held).await;
        if matches!(refreshed, Err(CallError::Unclear { .. })) {
            // The answer was lost. If the old token is spent now, this second try says so.
            tracing::warn!(
                credential.id = held.id,
                "the answer to a refresh was lost; trying once more"
            );
            refreshed = self.call_refresh(sink, &held).await;
        }
        let drop_claim = Change::DropRefresh { credential_id: held.id, owner: self.claim().owner };
        match refreshed {
            Ok(fresh) => {
                let put =
                    Change::PutCredential { credential_id: held.id, version: held.version, fresh };
                self.commit(None, vec![put, drop_claim]).await?;
                metrics::counter!("cordboard_refreshes_total").increment(1);
                let stored = self.store().credential_by_id(held.id).await?;
                Ok(stored.map_or(Usable::Dead, |held| Usable::Fresh(Box::new(held))))
            }
            Err(CallError::Relink { detail }) => {
                // Another process may have won: then the store has a newer one, and nothing is lost.
                let stored = self.store().credential_by_id(held.id).await?;
                if let Some(newer) = stored.filter(|stored| stored.version > held.version) {
                    self.commit(None, vec![drop_claim]).await?;
                    return Ok(Usable::Fresh(Box::new(newer)));
                }
                self.credential_is_dead(sink, account, &held, &detail).await?;
                Ok(Usable::Dead)
            }
            Err(error @ CallError::Operator { .. }) => {
                self.commit(None, vec![drop_claim]).await?;
                Ok(Usable::Operator(error))
            }
            Err(error) => {
                self.commit(None, vec![drop_claim]).await?;
                let wait = match &error {
                    CallError::RetryAfter { wait_ms: Some(wait_ms), .. } => *wait_ms,
                    _ => REFRESH_AGAIN_MS,
                };
                let at = self.now().plus_millis(wait.max(1_000));
                Ok(Usable::Later { at, detail: error.to_string() })
            }
        }
    }

    async fn call_refresh(
        &self,
        sink: &SinkInstance,
        held: &HeldCredential,
    ) -> Result<cordboard_plugin::FreshCredential, CallError> {
        let host = self.host(&sink.config.name);
        let call = sink.plugin.refresh(&host, &held.credential);
        guarded(self, REFRESH_MS_MAX, call)
            .await
            .unwrap_or_else(|problem| Err(CallError::unclear(problem)))
    }

    /// Erases a dead credential, lets the person's texts wait and sends them a link.
    pub(crate) async fn credential_is_dead(
        &self,
        sink: &SinkInstance,
        account: &Account,
        held: &HeldCredential,
        detail: &str,
    ) -> Result<(), StoreError> {
        let hours = i64::from(self.config().policy.keep_waiting_hours);
        let wait_until = self.now().plus_hours(hours);
        tracing::info!(identity.id = account.identity_id, sink = %account.sink, "the connection is dead: {detail}");
        let mut changes = vec![Change::CredentialRefused {
            credential_id: held.id,
            version: held.version,
            detail: detail.to_owned(),
            fingerprint: sink.plugin.fingerprint(&held.credential),
            wait_until,
        }];
        if let Some((sender, transport, line)) = self.last_line_of(account.identity_id).await? {
            let dead = self.served_alone(held).await?;
            let reason = LinkReason::Relink;
            let offer = self.offer_for(&sender, &transport, &line, reason, &dead).await?;
            let until = texts::moment(wait_until);
            let (provider, segments_max) = (&sink.can.provider, self.segments_max());
            let route = self.registry().route(&transport, &line);
            let words = route.is_none_or(|route| route.post.iter().any(|sink| dead.contains(sink)));
            let text = if words {
                texts::relink(provider, &offer.url, &until, segments_max)
            } else {
                texts::relink_pictures(provider, &offer.url, &until, segments_max)
            };
            changes.push(Change::AddLink(offer.link));
            let key = format!("relink/{}/{}", held.id, held.version);
            let reply = NewReply::answer(key, &transport, &line, &sender, text).secret();
            changes.extend(offer.texted.then_some(Change::AddReply(reply)));
        }
        self.commit(None, changes).await?;
        Ok(())
    }

    /// The sinks where a person is called by this credential and no other.
    async fn served_alone(&self, held: &HeldCredential) -> Result<Vec<String>, StoreError> {
        let mut alone = Vec::new();
        for (name, sink) in &self.registry().sinks {
            let kinds = &sink.can.credentials;
            let used = self.store().credential(held.identity_id, kinds).await?;
            if used.is_some_and(|used| used.id == held.id) {
                alone.push(name.clone());
            }
        }
        Ok(alone)
    }

    /// Revokes one credential at its provider, then erases our copy.
    pub(crate) async fn revoke_lane(&self, hold: Hold) {
        if let Err(error) = self.revoke(&hold).await {
            report(&error);
        }
    }

    async fn revoke(&self, hold: &Hold) -> Result<(), StoreError> {
        let release = Change::ReleaseLane(hold.clone());
        let found = match hold.key.parse() {
            Ok(id) => self.store().credential_by_id(id).await?,
            Err(_) => None,
        };
        let Some(held) = found else {
            self.commit(Some(hold), vec![release]).await?;
            return Ok(());
        };
        let detail = self.call_revoke(&held).await;
        tracing::info!(credential.id = held.id, "erased: {detail}");
        let erase = Change::EraseCredential { credential_id: held.id, detail };
        self.commit(Some(hold), vec![erase, release]).await?;
        self.store().checkpoint().await
    }

    async fn call_revoke(&self, held: &HeldCredential) -> String {
        let credential = &held.credential;
        let Some((_, sink)) = self.registry().sink_for(&credential.kind, &credential.realm) else {
            return "no sink knows this credential any more".to_owned();
        };
        let host = self.host(&sink.config.name);
        let mut detail = String::new();
        for tries in 0..REVOKE_TRIES {
            if tries > 0 {
                self.world().sleep_until(self.now().plus_millis(REFRESH_AGAIN_MS)).await;
            }
            let call = sink.plugin.revoke(&host, &held.credential);
            match guarded(self, REFRESH_MS_MAX, call).await {
                Ok(Ok(())) => return "revoked".to_owned(),
                Ok(Err(error)) => detail = format!("not revoked: {error}"),
                Err(problem) => detail = format!("not revoked: {problem}"),
            }
        }
        detail
    }
}
