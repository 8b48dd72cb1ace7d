//! Leaving: accounts erased, credentials handed to revocation, what waits is refused.

use super::{Conn, credentials, lanes, links, messages, people, posts, proof, undo};
use crate::domain::{Applied, LaneKind, MessageState, PostState, ReplyClass, ReplyState, Standing};
use crate::error::Out;
use crate::rows::{CredentialRow, PostRow};
use crate::schema::{
    accounts, credentials as credential_rows, identities, messages as message_rows,
    posts as post_rows, replies,
};
use cordboard_plugin::{Address, Timestamp};
use diesel::prelude::*;
use std::collections::BTreeSet;

const LEFT: &str = "you left before it was posted";
const DISCONNECTED: &str = "your account was disconnected before it was posted";

pub(super) fn leave(
    conn: &mut Conn,
    sender: &Address,
    standing: Standing,
    applied: &mut Applied,
    now: Timestamp,
) -> Out<()> {
    let identity_id = people::set_standing(conn, sender, standing, now)?;
    let erased = diesel::delete(accounts::table.filter(accounts::identity_id.eq(identity_id)))
        .execute(conn)?;
    applied.had_account = erased > 0;
    proof::forget(conn, identity_id)?;
    hand_over_credentials(conn, identity_id, now)?;
    applied.cancelled = cancel_texts(conn, sender, now)?;
    links::void_open(conn, sender)?;
    diesel::update(replies::table)
        .filter(replies::recipient.eq(sender.reveal()))
        .filter(replies::state.eq(ReplyState::Queued.code()))
        .filter(replies::class.eq(ReplyClass::Receipt.code()))
        .set((replies::state.eq(ReplyState::Suppressed.code()), replies::detail.eq("they left")))
        .execute(conn)?;
    Ok(())
}

/// Credentials that are used by this person alone are revoked at the provider before they are erased.
fn hand_over_credentials(conn: &mut Conn, identity_id: i64, now: Timestamp) -> Out<()> {
    let held: Vec<CredentialRow> = credential_rows::table
        .filter(credential_rows::identity_id.eq(identity_id).and(credential_rows::revoking.eq(0)))
        .select(CredentialRow::as_select())
        .load(conn)?;
    for row in held {
        hand_over(conn, &row, now)?;
    }
    Ok(())
}

fn hand_over(conn: &mut Conn, row: &CredentialRow, now: Timestamp) -> Out<()> {
    let shared: i64 = accounts::table
        .filter(accounts::remote_id.eq(&row.remote_id))
        .filter(accounts::sink.eq_any(row.sink_names()?))
        .filter(accounts::identity_id.ne(row.identity_id))
        .count()
        .get_result(conn)?;
    if shared > 0 {
        let detail = "somebody else uses the same account, so it was not revoked";
        return credentials::erase(conn, row, "erased", detail, now);
    }
    diesel::update(credential_rows::table.find(row.id))
        .set(credential_rows::revoking.eq(1))
        .execute(conn)?;
    lanes::touch(conn, LaneKind::Revoking, &row.id.to_string(), now)
}

/// Ends the account at one sink. A credential that serves another one stays for that.
pub(super) fn leave_sink(conn: &mut Conn, sender: &Address, sink: &str, now: Timestamp) -> Out<()> {
    let identity: Option<i64> = identities::table
        .filter(identities::sender.eq(sender.reveal()))
        .select(identities::id)
        .first(conn)
        .optional()?;
    let Some(identity_id) = identity else { return Ok(()) };
    diesel::delete(accounts::table)
        .filter(accounts::identity_id.eq(identity_id).and(accounts::sink.eq(sink)))
        .execute(conn)?;
    let held: Vec<CredentialRow> = credential_rows::table
        .filter(credential_rows::identity_id.eq(identity_id).and(credential_rows::revoking.eq(0)))
        .select(CredentialRow::as_select())
        .load(conn)?;
    for row in held {
        let mut sinks = row.sink_names()?;
        if !sinks.iter().any(|name| name == sink) {
            continue;
        }
        sinks.retain(|name| name != sink);
        if sinks.is_empty() {
            hand_over(conn, &row, now)?;
        } else {
            credentials::serve_only(conn, row.id, &sinks)?;
        }
    }
    let not_begun = [PostState::Queued.code(), PostState::Waiting.code()];
    let rows: Vec<PostRow> = post_rows::table
        .filter(post_rows::sender.eq(sender.reveal()).and(post_rows::sink.eq(sink)))
        .filter(post_rows::unfinished.eq(1).and(post_rows::state.eq_any(not_begun)))
        .select(PostRow::as_select())
        .load(conn)?;
    for row in &rows {
        posts::refuse(conn, row, DISCONNECTED)?;
    }
    undo::derive_all(conn, &rows)?;
    posts::touch(conn, sender.reveal(), sink, now)
}

/// Refuses what is not attempted and what waits; counts the messages.
fn cancel_texts(conn: &mut Conn, sender: &Address, now: Timestamp) -> Out<i64> {
    let not_begun = [PostState::Queued.code(), PostState::Waiting.code()];
    let rows: Vec<PostRow> = post_rows::table
        .filter(post_rows::sender.eq(sender.reveal()).and(post_rows::unfinished.eq(1)))
        .filter(post_rows::state.eq_any(not_begun))
        .select(PostRow::as_select())
        .load(conn)?;
    for row in &rows {
        posts::refuse(conn, row, LEFT)?;
    }
    undo::derive_all(conn, &rows)?;
    // With the accounts gone, lanes have nothing left to wait for.
    let sinks: BTreeSet<&str> = rows.iter().map(|row| &*row.sink).collect();
    for sink in sinks {
        posts::touch(conn, sender.reveal(), sink, now)?;
    }
    let mut cancelled = undo::messages_of(&rows);
    let waiting: Vec<i64> = message_rows::table
        .filter(message_rows::sender.eq(sender.reveal()))
        .filter(message_rows::state.eq(MessageState::Waiting.code()))
        .select(message_rows::id)
        .load(conn)?;
    for id in waiting {
        if posts::rows_of(conn, id)?.is_empty() {
            messages::refuse(conn, id, LEFT)?;
            cancelled.insert(id);
        }
    }
    Ok(i64::try_from(cancelled.len()).unwrap_or(i64::MAX))
}
