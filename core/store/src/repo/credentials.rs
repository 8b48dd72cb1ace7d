//! Credentials: read, refreshed, refused, erased. Every step leaves an event without secrets.

use super::{Conn, posts, undo};
use crate::domain::{Claim, CredentialEvent, HeldCredential, PostState, WaitReason};
use crate::error::{Out, StoreError};
use crate::rows::{CredentialRow, NewEventRow, PostRow};
use crate::schema::{accounts, credential_events, credentials, identities, posts as post_rows};
use crate::seal::{Seal, credential_place};
use cordboard_plugin::{Address, CredentialKind, FreshCredential, Timestamp};
use diesel::prelude::*;

pub(super) fn credential(
    conn: &mut Conn,
    seal: &Seal,
    identity_id: i64,
    kinds: &[CredentialKind],
) -> Out<Option<HeldCredential>> {
    for kind in kinds {
        let row = credentials::table
            .filter(credentials::identity_id.eq(identity_id).and(credentials::revoking.eq(0)))
            .filter(credentials::kind.eq(&kind.kind).and(credentials::realm.eq(&kind.realm)))
            .select(CredentialRow::as_select())
            .first(conn)
            .optional()?;
        if let Some(row) = row {
            return row.into_domain(seal).map(Some);
        }
    }
    Ok(None)
}

pub(super) fn credential_by_id(
    conn: &mut Conn,
    seal: &Seal,
    id: i64,
) -> Out<Option<HeldCredential>> {
    find(conn, id)?.map(|row| row.into_domain(seal)).transpose()
}

fn find(conn: &mut Conn, id: i64) -> Out<Option<CredentialRow>> {
    Ok(credentials::table.find(id).select(CredentialRow::as_select()).first(conn).optional()?)
}

pub(super) fn stale_credentials(
    conn: &mut Conn,
    seal: &Seal,
    checked_before: Timestamp,
    rows_max: i64,
) -> Out<Vec<HeldCredential>> {
    credentials::table
        .filter(credentials::revoking.eq(0).and(credentials::checked_at.lt(checked_before.0)))
        .order((credentials::checked_at, credentials::id))
        .limit(rows_max)
        .select(CredentialRow::as_select())
        .load(conn)?
        .into_iter()
        .map(|row| row.into_domain(seal))
        .collect()
}

/// Identities with an account at the sink, not marked yet, but no credential of one of these realms.
fn foreign(conn: &mut Conn, sink: &str, realms: &[CredentialKind]) -> Out<Vec<i64>> {
    if realms.is_empty() {
        return Ok(Vec::new());
    }
    let linked: Vec<i64> = accounts::table
        .filter(accounts::sink.eq(sink).and(accounts::relink.eq(0)))
        .order(accounts::identity_id)
        .select(accounts::identity_id)
        .load(conn)?;
    let held: Vec<(i64, String, String)> = credentials::table
        .filter(credentials::revoking.eq(0))
        .select((credentials::identity_id, credentials::kind, credentials::realm))
        .load(conn)?;
    let good: std::collections::HashSet<i64> = held
        .into_iter()
        .filter(|(_, kind, realm)| realms.iter().any(|r| r.kind == *kind && r.realm == *realm))
        .map(|(id, ..)| id)
        .collect();
    Ok(linked.into_iter().filter(|id| !good.contains(id)).collect())
}

pub(super) fn foreign_realm_accounts(
    conn: &mut Conn,
    sink: &str,
    realms: &[CredentialKind],
) -> Out<i64> {
    Ok(i64::try_from(foreign(conn, sink, realms)?.len()).unwrap_or(i64::MAX))
}

pub(super) fn mark_foreign_realms(
    conn: &mut Conn,
    sink: &str,
    realms: &[CredentialKind],
    now: Timestamp,
) -> Out<i64> {
    let marked = foreign(conn, sink, realms)?;
    let kind = realms.first().map_or("", |realm| &realm.kind);
    for identity_id in &marked {
        mark_relink(conn, *identity_id, sink, now)?;
        event(conn, *identity_id, "refused", kind, "our own keys at the provider changed", now)?;
    }
    Ok(i64::try_from(marked.len()).unwrap_or(i64::MAX))
}

fn mark_relink(conn: &mut Conn, identity_id: i64, sink: &str, now: Timestamp) -> Out<()> {
    diesel::update(accounts::table)
        .filter(accounts::identity_id.eq(identity_id).and(accounts::sink.eq(sink)))
        .filter(accounts::relink.eq(0))
        .set((accounts::relink.eq(1), accounts::relink_since.eq(now.0)))
        .execute(conn)?;
    Ok(())
}

/// Writes down a step in a credential's life.
pub(super) fn event(
    conn: &mut Conn,
    identity_id: i64,
    event: &str,
    kind: &str,
    detail: &str,
    now: Timestamp,
) -> Out<()> {
    diesel::insert_into(credential_events::table)
        .values(NewEventRow { identity_id, at: now.0, event, kind, detail, fingerprint: None })
        .execute(conn)?;
    Ok(())
}

/// Whether a credential of the same grant was refused before.
pub(super) fn was_refused(conn: &mut Conn, sender: &Address, fingerprint: &str) -> Out<bool> {
    let rows: i64 = credential_events::table
        .inner_join(identities::table.on(identities::id.eq(credential_events::identity_id)))
        .filter(identities::sender.eq(sender.reveal()))
        .filter(credential_events::event.eq("refused"))
        .filter(credential_events::fingerprint.eq(fingerprint))
        .count()
        .get_result(conn)?;
    Ok(rows > 0)
}

pub(super) fn credential_events(conn: &mut Conn, identity_id: i64) -> Out<Vec<CredentialEvent>> {
    let rows: Vec<(i64, String, String, String, Option<String>)> = credential_events::table
        .filter(credential_events::identity_id.eq(identity_id))
        .order(credential_events::id)
        .select((
            credential_events::at,
            credential_events::event,
            credential_events::kind,
            credential_events::detail,
            credential_events::fingerprint,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(at, event, kind, detail, fingerprint)| {
            let at = Timestamp(at);
            CredentialEvent { at, event, kind, detail, fingerprint }
        })
        .collect())
}

/// Narrows the sinks that a credential serves.
pub(super) fn serve_only(conn: &mut Conn, id: i64, sinks: &[String]) -> Out<()> {
    diesel::update(credentials::table.find(id))
        .set(credentials::sinks.eq(serde_json::to_string(sinks)?))
        .execute(conn)?;
    Ok(())
}

/// Erases a credential and writes down why.
pub(super) fn erase(
    conn: &mut Conn,
    row: &CredentialRow,
    why: &str,
    detail: &str,
    now: Timestamp,
) -> Out<()> {
    diesel::delete(credentials::table.find(row.id)).execute(conn)?;
    event(conn, row.identity_id, why, &row.kind, detail, now)
}

pub(super) fn erase_by_id(conn: &mut Conn, id: i64, detail: &str, now: Timestamp) -> Out<()> {
    let Some(row) = find(conn, id)? else { return Ok(()) };
    let why = if detail == "revoked" { "revoked" } else { "erased" };
    erase(conn, &row, why, detail, now)
}

pub(super) fn put(
    conn: &mut Conn,
    seal: &Seal,
    id: i64,
    version: i64,
    fresh: &FreshCredential,
    now: Timestamp,
) -> Out<()> {
    let Some(row) = find(conn, id)? else { return Err(StoreError::Conflict) };
    let place = credential_place(row.identity_id, &fresh.kind, &fresh.realm);
    let rows = diesel::update(credentials::table.find(id))
        .filter(credentials::version.eq(version))
        .set((
            credentials::kind.eq(&fresh.kind),
            credentials::realm.eq(&fresh.realm),
            credentials::sealed.eq(seal.seal(&place, &fresh.secret)?),
            credentials::version.eq(version + 1),
            credentials::refresh_at.eq(fresh.refresh_at.map(|at| at.0)),
            credentials::checked_at.eq(now.0),
            credentials::refresh_owner.eq(None::<String>),
            credentials::refresh_until.eq(None::<i64>),
        ))
        .execute(conn)?;
    if rows == 0 {
        return Err(StoreError::Conflict);
    }
    event(conn, row.identity_id, "refreshed", &fresh.kind, "", now)
}

pub(super) fn take_refresh(
    conn: &mut Conn,
    id: i64,
    version: i64,
    claim: &Claim,
    now: Timestamp,
) -> Out<bool> {
    let rows = diesel::update(credentials::table.find(id))
        .filter(credentials::version.eq(version))
        .filter(credentials::refresh_until.is_null().or(credentials::refresh_until.le(now.0)))
        .set((
            credentials::refresh_owner.eq(&claim.owner),
            credentials::refresh_until.eq(claim.until.0),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

pub(super) fn drop_refresh(conn: &mut Conn, id: i64, owner: &str) -> Out<()> {
    diesel::update(credentials::table.find(id))
        .filter(credentials::refresh_owner.eq(owner))
        .set((
            credentials::refresh_owner.eq(None::<String>),
            credentials::refresh_until.eq(None::<i64>),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn checked(conn: &mut Conn, id: i64, now: Timestamp) -> Out<()> {
    diesel::update(credentials::table.find(id))
        .set(credentials::checked_at.eq(now.0))
        .execute(conn)?;
    Ok(())
}

/// A credential died: erased; accounts that no other credential serves wait for their person.
pub(super) fn refused(
    conn: &mut Conn,
    (id, version): (i64, i64),
    (detail, fingerprint): (&str, Option<&str>),
    wait_until: Timestamp,
    now: Timestamp,
) -> Out<()> {
    let Some(row) = find(conn, id)?.filter(|row| row.version == version) else { return Ok(()) };
    diesel::delete(credentials::table.find(row.id)).execute(conn)?;
    diesel::insert_into(credential_events::table)
        .values(NewEventRow {
            identity_id: row.identity_id,
            at: now.0,
            event: "refused",
            kind: &row.kind,
            detail,
            fingerprint,
        })
        .execute(conn)?;
    let others: Vec<CredentialRow> = credentials::table
        .filter(credentials::identity_id.eq(row.identity_id).and(credentials::revoking.eq(0)))
        .select(CredentialRow::as_select())
        .load(conn)?;
    let mut served = Vec::new();
    for other in &others {
        served.extend(other.sink_names()?);
    }
    let mut dead = row.sink_names()?;
    dead.retain(|sink| !served.contains(sink));
    for sink in &dead {
        mark_relink(conn, row.identity_id, sink, now)?;
    }
    hold_posts(conn, row.identity_id, &dead, wait_until)
}

/// Posts that are not under way wait for a relink. Those that wait for a YES go on waiting for that.
fn hold_posts(conn: &mut Conn, identity_id: i64, sinks: &[String], until: Timestamp) -> Out<()> {
    let sender: String =
        identities::table.find(identity_id).select(identities::sender).first(conn)?;
    let not_begun = [PostState::Queued.code(), PostState::Waiting.code()];
    let for_a_yes = [WaitReason::Approval.code(), WaitReason::OtherAccount.code()];
    let rows: Vec<PostRow> = post_rows::table
        .filter(post_rows::sender.eq(sender).and(post_rows::sink.eq_any(sinks)))
        .filter(post_rows::unfinished.eq(1).and(post_rows::state.eq_any(not_begun)))
        .filter(post_rows::wait.ne_all(for_a_yes))
        .select(PostRow::as_select())
        .load(conn)?;
    for row in &rows {
        posts::move_to(conn, row.id, PostState::Waiting, WaitReason::Relink, until)?;
    }
    undo::derive_all(conn, &rows)
}
