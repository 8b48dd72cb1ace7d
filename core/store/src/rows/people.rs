//! Rows of identities, accounts and credentials.

use super::{known, moment};
use crate::domain::{Account, HeldCredential, Identity, Standing};
use crate::error::Out;
use crate::schema::{accounts, credential_events, credentials, identities};
use crate::seal::{Seal, credential_place};
use cordboard_plugin::{Address, Credential, RemoteAccount, Timestamp};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = identities)]
pub(crate) struct IdentityRow {
    pub(crate) id: i64,
    sender: String,
    standing: i16,
    quiet: i16,
    created_at: i64,
    seen_at: i64,
    pin: Option<Vec<u8>>,
    pin_wrong: i32,
    locked_until: Option<i64>,
    believed_at: i64,
    lines: String,
}

impl IdentityRow {
    pub(crate) fn into_domain(self) -> Out<Identity> {
        Ok(Identity {
            id: self.id,
            sender: Address::new(self.sender),
            standing: known(Standing::from_code(self.standing), "standing", self.standing)?,
            quiet: self.quiet != 0,
            created_at: Timestamp(self.created_at),
            seen_at: Timestamp(self.seen_at),
            pin: self.pin.is_some(),
            pin_wrong: self.pin_wrong,
            locked_until: moment(self.locked_until),
            believed_at: Timestamp(self.believed_at),
            lines: serde_json::from_str(&self.lines)?,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub(crate) struct AccountRow {
    pub(crate) identity_id: i64,
    pub(crate) sink: String,
    pub(crate) remote_id: String,
    pub(crate) handle: String,
    relink: i16,
    relink_since: Option<i64>,
    linked_at: i64,
}

impl AccountRow {
    pub(crate) fn into_domain(self) -> Account {
        Account {
            identity_id: self.identity_id,
            sink: self.sink,
            remote: RemoteAccount { id: self.remote_id, handle: self.handle },
            relink: self.relink != 0,
            relink_since: moment(self.relink_since),
            linked_at: Timestamp(self.linked_at),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = credentials)]
pub(crate) struct CredentialRow {
    pub(crate) id: i64,
    pub(crate) identity_id: i64,
    pub(crate) kind: String,
    pub(crate) realm: String,
    pub(crate) sinks: String,
    sealed: Vec<u8>,
    pub(crate) version: i64,
    pub(crate) remote_id: String,
    handle: String,
    refresh_at: Option<i64>,
    checked_at: i64,
}

impl CredentialRow {
    /// The sinks it serves.
    pub(crate) fn sink_names(&self) -> Out<Vec<String>> {
        Ok(serde_json::from_str(&self.sinks)?)
    }

    pub(crate) fn into_domain(self, seal: &Seal) -> Out<HeldCredential> {
        let place = credential_place(self.identity_id, &self.kind, &self.realm);
        Ok(HeldCredential {
            id: self.id,
            identity_id: self.identity_id,
            version: self.version,
            credential: Credential {
                secret: seal.open(&place, &self.sealed)?,
                kind: self.kind,
                realm: self.realm,
                account: RemoteAccount { id: self.remote_id, handle: self.handle },
            },
            refresh_at: moment(self.refresh_at),
            checked_at: Timestamp(self.checked_at),
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = credentials)]
pub(crate) struct NewCredentialRow<'a> {
    pub(crate) identity_id: i64,
    pub(crate) kind: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) sinks: &'a str,
    pub(crate) sealed: &'a [u8],
    pub(crate) version: i64,
    pub(crate) remote_id: &'a str,
    pub(crate) handle: &'a str,
    pub(crate) refresh_at: Option<i64>,
    pub(crate) checked_at: i64,
    pub(crate) revoking: i16,
    pub(crate) created_at: i64,
}

#[derive(Insertable)]
#[diesel(table_name = credential_events)]
pub(crate) struct NewEventRow<'a> {
    pub(crate) identity_id: i64,
    pub(crate) at: i64,
    pub(crate) event: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) detail: &'a str,
    pub(crate) fingerprint: Option<&'a str>,
}
