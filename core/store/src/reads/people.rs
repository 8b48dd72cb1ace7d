//! People, their accounts, credentials and links.

use crate::domain::*;
use crate::error::StoreError;
use crate::store::Store;
use cordboard_plugin::{Address, CredentialKind, Secret, Timestamp};

/// Every read sees one snapshot of what has been committed.
impl Store {
    /// An identity.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn identity_by_id(&self, id: i64) -> Result<Option<Identity>, StoreError> {
        self.read(move |q, _| q.identity_by_id(id)).await
    }

    /// An identity's account at a sink.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn account_of(
        &self,
        identity_id: i64,
        sink: &str,
    ) -> Result<Option<Account>, StoreError> {
        let sink = sink.to_owned();
        self.read(move |q, _| q.account_of(identity_id, &sink)).await
    }

    /// An identity's PIN, opened.
    ///
    /// # Errors
    /// [`StoreError::Key`] when it cannot be opened.
    pub async fn pin(&self, identity_id: i64) -> Result<Option<Secret>, StoreError> {
        self.read(move |q, seal| q.pin(seal, identity_id)).await
    }

    /// Who this is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn identity(&self, sender: &Address) -> Result<Option<Identity>, StoreError> {
        let sender = sender.clone();
        self.read(move |q, _| q.identity(&sender)).await
    }

    /// The sender's account at a sink.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn account(
        &self,
        sender: &Address,
        sink: &str,
    ) -> Result<Option<Account>, StoreError> {
        let sender = sender.clone();
        let sink = sink.to_owned();
        self.read(move |q, _| q.account(&sender, &sink)).await
    }

    /// The sender's accounts, by sink.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn accounts(&self, sender: &Address) -> Result<Vec<Account>, StoreError> {
        let sender = sender.clone();
        self.read(move |q, _| q.accounts(&sender)).await
    }

    /// A person as the operator sees them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn person(&self, sender: &Address) -> Result<Option<PersonView>, StoreError> {
        let sender = sender.clone();
        self.read(move |q, seal| q.person(seal, &sender)).await
    }

    /// People by number, at most 1000, those after `after`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn people(
        &self,
        rows_max: i64,
        after: Option<Address>,
    ) -> Result<Vec<PersonView>, StoreError> {
        self.read(move |q, seal| q.people(seal, rows_max, after.as_ref())).await
    }

    /// How many identities are linked to this account.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn same_remote(&self, remote_id: &str, sink: &str) -> Result<i64, StoreError> {
        let remote_id = remote_id.to_owned();
        let sink = sink.to_owned();
        self.read(move |q, _| q.same_remote(&remote_id, &sink)).await
    }

    /// Whether a credential of the sender's was refused that came of the same grant.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn was_refused(
        &self,
        sender: &Address,
        fingerprint: &str,
    ) -> Result<bool, StoreError> {
        let sender = sender.clone();
        let fingerprint = fingerprint.to_owned();
        self.read(move |q, _| q.was_refused(&sender, &fingerprint)).await
    }

    /// Credentials not refreshed or looked at since, the longest first, opened.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn stale_credentials(
        &self,
        checked_before: Timestamp,
        rows_max: i64,
    ) -> Result<Vec<HeldCredential>, StoreError> {
        self.read(move |q, seal| q.stale_credentials(seal, checked_before, rows_max)).await
    }

    /// How many accounts at a sink have no credential of these realms and are not marked for relinking.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn foreign_realm_accounts(
        &self,
        sink: &str,
        realms: &[CredentialKind],
    ) -> Result<i64, StoreError> {
        let sink = sink.to_owned();
        let realms = realms.to_vec();
        self.read(move |q, _| q.foreign_realm_accounts(&sink, &realms)).await
    }

    /// The life of an identity's credentials, in order.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn credential_events(
        &self,
        identity_id: i64,
    ) -> Result<Vec<CredentialEvent>, StoreError> {
        self.read(move |q, _| q.credential_events(identity_id)).await
    }

    /// The identity's credential of the first of these kinds and realms that there is, opened.
    /// [`StoreError::Key`] when it cannot be opened.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn credential(
        &self,
        identity_id: i64,
        kinds: &[CredentialKind],
    ) -> Result<Option<HeldCredential>, StoreError> {
        let kinds = kinds.to_vec();
        self.read(move |q, seal| q.credential(seal, identity_id, &kinds)).await
    }

    /// A credential, opened; also one that waits to be revoked.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn credential_by_id(&self, id: i64) -> Result<Option<HeldCredential>, StoreError> {
        self.read(move |q, seal| q.credential_by_id(seal, id)).await
    }

    /// Whether nothing may be sent from this line to this person.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn opted_out(
        &self,
        transport: &str,
        line: &Address,
        sender: &Address,
    ) -> Result<bool, StoreError> {
        let transport = transport.to_owned();
        let line = line.clone();
        let sender = sender.clone();
        self.read(move |q, _| q.opted_out(&transport, &line, &sender)).await
    }

    /// The link of a token, by the token's hash.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn link_by_token(&self, token_hash: &str) -> Result<Option<Link>, StoreError> {
        let token_hash = token_hash.to_owned();
        self.read(move |q, seal| q.link_by_token(seal, &token_hash)).await
    }

    /// The link that a return belongs to, by the hash of its state.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn link_by_state(&self, state_hash: &str) -> Result<Option<Link>, StoreError> {
        let state_hash = state_hash.to_owned();
        self.read(move |q, seal| q.link_by_state(seal, &state_hash)).await
    }

    /// The newest link that a browser pressed the button of, by the hash of its cookie; none once it ended.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn link_by_cookie(&self, cookie_hash: &str) -> Result<Option<Link>, StoreError> {
        let cookie_hash = cookie_hash.to_owned();
        self.read(move |q, seal| q.link_by_cookie(seal, &cookie_hash)).await
    }

    /// Links whose return is held for a code that nobody typed in time, at most `rows_max`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn abandoned_links(
        &self,
        now: Timestamp,
        rows_max: i64,
    ) -> Result<Vec<Link>, StoreError> {
        self.read(move |q, seal| q.abandoned_links(seal, now, rows_max)).await
    }

    /// The sender's newest link that is open, pressed or returned and has not expired.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open_link(
        &self,
        sender: &Address,
        now: Timestamp,
    ) -> Result<Option<Link>, StoreError> {
        let sender = sender.clone();
        self.read(move |q, seal| q.open_link(seal, &sender, now)).await
    }

    /// The sender's newest link, whatever its state, that expires or expired at `since` or later.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn recent_link(
        &self,
        sender: &Address,
        since: Timestamp,
    ) -> Result<Option<Link>, StoreError> {
        let sender = sender.clone();
        self.read(move |q, seal| q.recent_link(seal, &sender, since)).await
    }
}
