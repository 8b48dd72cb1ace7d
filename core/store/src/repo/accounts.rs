//! Linking is done: identity, credential and accounts in one step.

use super::{Conn, credentials, messages, people, posts, proof, undo};
use crate::domain::{Applied, MessageState, NewAccount, PostState, Standing, WaitReason};
use crate::error::Out;
use crate::rows::{AccountRow, CredentialRow, MessageRow, NewCredentialRow, PostRow};
use crate::schema::{
    accounts, credentials as credential_rows, identities, messages as message_rows,
    posts as post_rows,
};
use crate::seal::{Seal, credential_place};
use cordboard_plugin::{RemoteAccount, Timestamp};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// How long texts for another account wait for a YES when they had no time limit of their own.
const OTHER_ACCOUNT_HOURS: i64 = 168;

pub(super) fn put(
    conn: &mut Conn,
    seal: &Seal,
    new: &NewAccount,
    applied: &mut Applied,
    now: Timestamp,
) -> Out<()> {
    let identity_id = people::set_standing(conn, &new.sender, Standing::Known, now)?;
    let before: Vec<AccountRow> = accounts::table
        .filter(accounts::identity_id.eq(identity_id).and(accounts::sink.eq_any(&new.sinks)))
        .order(accounts::sink)
        .select(AccountRow::as_select())
        .load(conn)?;
    put_credential(conn, seal, identity_id, new, now)?;
    relieve_others(conn, identity_id, new, now)?;
    for sink in &new.sinks {
        put_account(conn, identity_id, sink, &new.remote, now)?;
    }
    let other: Vec<&str> = before
        .iter()
        .filter(|account| account.remote_id != new.remote.id)
        .map(|account| &*account.sink)
        .collect();
    let mut waited = wake(conn, new, &other, now)?;
    let same = before.iter().any(|account| account.remote_id == new.remote.id);
    let (sender, line) = (&new.sender, &new.line);
    let linked = proof::Linked { identity_id, sender, line, same, other: !other.is_empty() };
    waited.extend(proof::linked(conn, &linked, &new.sinks, now)?);
    applied.waiting = i64::try_from(waited.len()).unwrap_or(i64::MAX);
    let previous = before.iter().find(|a| other.contains(&&*a.sink)).or(before.first());
    applied.previous =
        previous.map(|row| RemoteAccount { id: row.remote_id.clone(), handle: row.handle.clone() });
    Ok(())
}

/// Puts the credential in the place of the one of the same kind and realm, and erases those of the
/// same kind under other realms: they were made with keys that we no longer have.
fn put_credential(
    conn: &mut Conn,
    seal: &Seal,
    identity_id: i64,
    new: &NewAccount,
    now: Timestamp,
) -> Out<()> {
    let fresh = &new.credential;
    let same_kind: Vec<CredentialRow> = credential_rows::table
        .filter(credential_rows::identity_id.eq(identity_id).and(credential_rows::revoking.eq(0)))
        .filter(credential_rows::kind.eq(&fresh.kind))
        .select(CredentialRow::as_select())
        .load(conn)?;
    let (same, foreign): (Vec<_>, Vec<_>) =
        same_kind.into_iter().partition(|row| row.realm == fresh.realm);
    for row in &foreign {
        credentials::erase(conn, row, "erased", "made under another realm", now)?;
    }
    let mut sinks: BTreeSet<String> = new.sinks.iter().cloned().collect();
    for row in same.iter().filter(|row| row.remote_id == new.remote.id) {
        sinks.extend(row.sink_names()?);
    }
    let sinks = serde_json::to_string(&sinks)?;
    let place = credential_place(identity_id, &fresh.kind, &fresh.realm);
    let sealed = seal.seal(&place, &fresh.secret)?;
    let refresh_at = fresh.refresh_at.map(|at| at.0);
    let Some(row) = same.first() else {
        diesel::insert_into(credential_rows::table)
            .values(NewCredentialRow {
                identity_id,
                kind: &fresh.kind,
                realm: &fresh.realm,
                sinks: &sinks,
                sealed: &sealed,
                version: 1,
                remote_id: &new.remote.id,
                handle: &new.remote.handle,
                refresh_at,
                checked_at: now.0,
                revoking: 0,
                created_at: now.0,
            })
            .execute(conn)?;
        return credentials::event(conn, identity_id, "made", &fresh.kind, "", now);
    };
    replace(conn, row.id, new, &sinks, &sealed, now)?;
    credentials::event(conn, identity_id, "replaced", &fresh.kind, "", now)
}

/// What the new credential serves, those of other kinds and of another account serve no more.
fn relieve_others(conn: &mut Conn, identity_id: i64, new: &NewAccount, now: Timestamp) -> Out<()> {
    let others: Vec<CredentialRow> = credential_rows::table
        .filter(credential_rows::identity_id.eq(identity_id).and(credential_rows::revoking.eq(0)))
        .filter(credential_rows::kind.ne(&new.credential.kind))
        .filter(credential_rows::remote_id.ne(&new.remote.id))
        .select(CredentialRow::as_select())
        .load(conn)?;
    for row in others {
        let served = row.sink_names()?;
        let left: Vec<String> =
            served.iter().filter(|sink| !new.sinks.contains(sink)).cloned().collect();
        if left.is_empty() {
            credentials::erase(conn, &row, "erased", "replaced by that of another account", now)?;
        } else if left.len() < served.len() {
            credentials::serve_only(conn, row.id, &left)?;
        }
    }
    Ok(())
}

/// Puts a new credential in the place of an old one. The version goes on: a refresh of the old one
/// that is under way must not win.
fn replace(
    conn: &mut Conn,
    credential_id: i64,
    new: &NewAccount,
    sinks: &str,
    sealed: &[u8],
    now: Timestamp,
) -> Out<()> {
    diesel::update(credential_rows::table.find(credential_id))
        .set((
            credential_rows::sinks.eq(sinks),
            credential_rows::sealed.eq(sealed),
            credential_rows::version.eq(credential_rows::version + 1),
            credential_rows::remote_id.eq(&new.remote.id),
            credential_rows::handle.eq(&new.remote.handle),
            credential_rows::refresh_at.eq(new.credential.refresh_at.map(|at| at.0)),
            credential_rows::checked_at.eq(now.0),
            credential_rows::refresh_owner.eq(None::<String>),
            credential_rows::refresh_until.eq(None::<i64>),
        ))
        .execute(conn)?;
    Ok(())
}

fn put_account(
    conn: &mut Conn,
    identity_id: i64,
    sink: &str,
    remote: &RemoteAccount,
    now: Timestamp,
) -> Out<()> {
    let linked = (
        accounts::remote_id.eq(&remote.id),
        accounts::handle.eq(&remote.handle),
        accounts::relink.eq(0),
        accounts::relink_since.eq(None::<i64>),
        accounts::linked_at.eq(now.0),
    );
    diesel::insert_into(accounts::table)
        .values((accounts::identity_id.eq(identity_id), accounts::sink.eq(sink), linked))
        .on_conflict((accounts::identity_id, accounts::sink))
        .do_update()
        .set(linked)
        .execute(conn)?;
    Ok(())
}

/// Lets texts go on that waited for the link, or holds all that are not begun for a YES at sinks where
/// the account is another one. Brings the messages that had waited for the link.
fn wake(conn: &mut Conn, new: &NewAccount, other: &[&str], now: Timestamp) -> Out<BTreeSet<i64>> {
    let not_begun = [PostState::Queued.code(), PostState::Waiting.code()];
    let relink = WaitReason::Relink.code();
    let rows: Vec<PostRow> = post_rows::table
        .filter(post_rows::sender.eq(new.sender.reveal()).and(post_rows::unfinished.eq(1)))
        .filter(post_rows::sink.eq_any(&new.sinks).and(post_rows::state.eq_any(not_begun)))
        .filter(post_rows::wait.ne(WaitReason::Approval.code()))
        .select(PostRow::as_select())
        .load(conn)?;
    for row in &rows {
        if other.contains(&&*row.sink) {
            let until = wait_limit(Some(row.due_at), now);
            posts::move_to(conn, row.id, PostState::Waiting, WaitReason::OtherAccount, until)?;
        } else if row.wait == relink {
            posts::move_to(conn, row.id, PostState::Queued, WaitReason::Nothing, now)?;
        } else {
            continue;
        }
        posts::touch(conn, &row.sender, &row.sink, now)?;
    }
    undo::derive_all(conn, &rows)?;
    let mut waited: BTreeSet<i64> =
        rows.iter().filter(|row| row.wait == relink).map(|row| row.message_id).collect();
    waited.extend(wake_unposted(conn, new, !other.is_empty(), now)?);
    Ok(waited)
}

/// The same for messages that wait for the link and have no posts yet. Those that wait for proof wait
/// for a YES just so; that the same account is proof is said elsewhere. As long as another connection
/// to the same account is dead, they would only wait again.
fn wake_unposted(conn: &mut Conn, new: &NewAccount, other: bool, now: Timestamp) -> Out<Vec<i64>> {
    let dead: i64 = accounts::table
        .inner_join(identities::table.on(identities::id.eq(accounts::identity_id)))
        .filter(identities::sender.eq(new.sender.reveal()).and(accounts::relink.eq(1)))
        .filter(accounts::remote_id.eq(&new.remote.id).and(accounts::sink.ne_all(&new.sinks)))
        .count()
        .get_result(conn)?;
    if dead > 0 && !other {
        return Ok(Vec::new());
    }
    let reasons = [WaitReason::Relink.code(), WaitReason::Proof.code()];
    let rows: Vec<MessageRow> = message_rows::table
        .filter(message_rows::sender.eq(new.sender.reveal()))
        .filter(message_rows::state.eq(MessageState::Waiting.code()))
        .filter(message_rows::wait.eq_any(if other { &reasons[..] } else { &reasons[..1] }))
        .order(message_rows::id)
        .select(MessageRow::as_select())
        .load(conn)?;
    let mut woken = Vec::new();
    for row in rows {
        if !posts::rows_of(conn, row.id)?.is_empty() {
            continue;
        }
        woken.push(row.id);
        if other {
            diesel::update(message_rows::table.find(row.id))
                .set((
                    message_rows::wait.eq(WaitReason::OtherAccount.code()),
                    message_rows::wait_until.eq(wait_limit(row.wait_until, now).0),
                ))
                .execute(conn)?;
        } else {
            messages::unread(conn, &row, false, now)?;
        }
    }
    Ok(woken)
}

/// A time limit that has not passed stays; without one there is a week.
fn wait_limit(at: Option<i64>, now: Timestamp) -> Timestamp {
    at.filter(|at| *at > now.0).map_or(now.plus_hours(OTHER_ACCOUNT_HOURS), Timestamp)
}
