//! Housekeeping: what is old is forgotten, idle credentials are looked at, erased bytes leave the disk.

use crate::bridge::Bridge;
use crate::credentials::Usable;
use crate::pump::report;
use cordboard_store::{Account, Change, HeldCredential, StoreError, SweepLimits};
use futures_util::future::select;
use std::pin::pin;

/// How often.
const EVERY_MS: i64 = 60 * 60_000;
/// Erased secrets leave the write-ahead log within a minute.
const CHECKPOINT_EVERY_MS: i64 = 45_000;
/// A step of the clock over this much puts erasure off for a day.
const CLOCK_STEP_MS: i64 = 60 * 60_000;
const DAY_MS: i64 = 86_400_000;
/// Rows and credentials looked at in one go.
const ROWS_MAX: i64 = 500;
const CREDENTIALS_MAX: i64 = 10;

/// Sweeps until the bridge stops.
pub(crate) async fn run(bridge: Bridge) {
    let mut sweep_at = bridge.now().plus_millis(CHECKPOINT_EVERY_MS);
    let mut last = bridge.now();
    while !bridge.stopping() {
        let next = bridge.now().plus_millis(CHECKPOINT_EVERY_MS);
        select(pin!(bridge.world().sleep_until(next)), pin!(bridge.stopped())).await;
        let now = bridge.now();
        if now.millis_since(last) > CHECKPOINT_EVERY_MS + CLOCK_STEP_MS {
            tracing::warn!("the clock leapt forward: nothing is erased for a day");
            sweep_at = now.plus_millis(DAY_MS);
        }
        last = now;
        if let Err(error) = bridge.store().checkpoint().await {
            report(&error);
        }
        if let Err(error) = bridge.give_back_abandoned().await {
            report(&error);
        }
        if let Err(error) = bridge.end_waits().await {
            report(&error);
        }
        if now >= sweep_at && bridge.clock_is_sane().await {
            sweep_at = now.plus_millis(EVERY_MS);
            if let Err(error) = bridge.sweep().await {
                report(&error);
            }
        }
    }
}

impl Bridge {
    /// Texts that wait for an answer nobody gives are refused when their time is over. Nothing is texted:
    /// the question said until when.
    async fn end_waits(&self) -> Result<(), StoreError> {
        if !self.clock_is_sane().await {
            return Ok(());
        }
        let end = Change::EndWaits { rows_max: ROWS_MAX };
        // No lane has more to do for it, so nobody is woken.
        let ended = self.store().commit(None, vec![end], self.now()).await?.cancelled;
        if ended > 0 {
            tracing::info!(messages = ended, "waited in vain: refused");
        }
        Ok(())
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        let now = self.now();
        let days = i64::from(self.config().policy.keep_bodies_days);
        let limits = SweepLimits {
            bodies_before: now.plus_millis(-days * DAY_MS),
            links_before: now.plus_millis(-DAY_MS),
            counters_before: now.plus_millis(-2 * DAY_MS),
            rows_max: ROWS_MAX,
        };
        let swept = self.store().sweep(limits, now).await?;
        tracing::debug!(?swept, "swept");
        self.check_idle_credentials().await
    }

    /// Credentials that nobody used for long are refreshed or checked; a dead one brings its owner a link.
    async fn check_idle_credentials(&self) -> Result<(), StoreError> {
        let days = i64::from(self.config().policy.check_credentials_days);
        let before = self.now().plus_millis(-days * DAY_MS);
        for held in self.store().stale_credentials(before, CREDENTIALS_MAX).await? {
            let credential = &held.credential;
            let found = self.registry().sink_for(&credential.kind, &credential.realm);
            let account = match found {
                Some((name, _)) => self.store().account_of(held.identity_id, name).await?,
                None => None,
            };
            let (Some((name, sink)), Some(account)) = (found, account) else {
                // Nobody can use it now; it must not stand in the way of those behind it.
                self.looked_at(&held).await?;
                continue;
            };
            if let Usable::Fresh(fresh) = self.usable(sink, &account, None).await? {
                self.look_at(name, &account, &fresh).await?;
            }
        }
        Ok(())
    }

    async fn look_at(
        &self,
        name: &str,
        account: &Account,
        held: &HeldCredential,
    ) -> Result<(), StoreError> {
        let Some(sink) = self.registry().sinks.get(name) else { return Ok(()) };
        let Some(identity) = self.store().identity_by_id(held.identity_id).await? else {
            return Ok(());
        };
        if !self.pay_for_call(name, &identity.sender, sink.can.price_check).await? {
            return Ok(());
        }
        let host = self.host(name);
        let checked = sink.plugin.check(&host, &held.credential);
        match crate::bridge::guarded(self, 20_000, checked).await {
            Ok(Err(cordboard_plugin::CallError::Relink { detail })) => {
                self.credential_is_dead(sink, account, held, &detail).await
            }
            Ok(Ok(_)) => self.looked_at(held).await,
            Ok(Err(error)) => {
                tracing::info!(sink = name, "an idle credential could not be checked: {error}");
                Ok(())
            }
            Err(problem) => {
                tracing::warn!(sink = name, "an idle credential could not be checked: {problem}");
                Ok(())
            }
        }
    }

    async fn looked_at(&self, held: &HeldCredential) -> Result<(), StoreError> {
        let checked = Change::CredentialChecked { credential_id: held.id };
        self.commit(None, vec![checked]).await.map(|_| ())
    }
}
