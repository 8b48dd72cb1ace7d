//! Plugin state: versions, expiry, and commits that carry messages along.

use super::{Conn, intake, replies, timers};
use crate::domain::{Carrier, Claim, NewMessage, NewReply, TakenIn};
use crate::error::{Out, StoreError};
use crate::schema::plugin_state;
use cordboard_plugin::{Blob, Commit, Expected, MicroUsd, Put, Stored, Timestamp};
use diesel::prelude::*;

const KEY_BYTES_MAX: usize = 255;
const VALUE_BYTES_MAX: usize = 65_536;
const SCAN_ROWS_MAX: i64 = 1000;

pub(super) fn state_get(
    conn: &mut Conn,
    instance: &str,
    key: &str,
    now: Timestamp,
) -> Out<Option<Stored>> {
    let row: Option<(Vec<u8>, i64)> = plugin_state::table
        .filter(plugin_state::instance.eq(instance).and(plugin_state::key.eq(key)))
        .filter(plugin_state::expires_at.is_null().or(plugin_state::expires_at.gt(now.0)))
        .select((plugin_state::value, plugin_state::version))
        .first(conn)
        .optional()?;
    Ok(row.map(|(value, version)| Stored { value: Blob(value), version }))
}

pub(super) fn state_scan(
    conn: &mut Conn,
    instance: &str,
    prefix: &str,
    after: Option<&str>,
    rows_max: i64,
    now: Timestamp,
) -> Out<Vec<(String, Stored)>> {
    let mut query = plugin_state::table
        .filter(plugin_state::instance.eq(instance).and(plugin_state::key.ge(prefix)))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(plugin_state::key.gt(after));
    }
    let rows: Vec<(String, Vec<u8>, i64)> = query
        .filter(plugin_state::expires_at.is_null().or(plugin_state::expires_at.gt(now.0)))
        .order(plugin_state::key)
        .limit(rows_max.clamp(0, SCAN_ROWS_MAX))
        .select((plugin_state::key, plugin_state::value, plugin_state::version))
        .load(conn)?;
    // Keys are in byte order, so all that begin with the prefix stand together.
    Ok(rows
        .into_iter()
        .take_while(|(key, ..)| key.starts_with(prefix))
        .map(|(key, value, version)| (key, Stored { value: Blob(value), version }))
        .collect())
}

pub(super) fn state_commit(
    conn: &mut Conn,
    instance: &str,
    carrier: Option<&Carrier>,
    commit: &Commit,
    claim: Option<&Claim>,
    now: Timestamp,
) -> Out<TakenIn> {
    check_sizes(commit)?;
    for put in &commit.puts {
        write(conn, instance, put, now)?;
    }
    for delete in &commit.deletes {
        expect(conn, instance, &delete.key, delete.expected, now)?;
        diesel::delete(plugin_state::table)
            .filter(plugin_state::instance.eq(instance).and(plugin_state::key.eq(&delete.key)))
            .execute(conn)?;
    }
    for timer in &commit.timers {
        timers::set(conn, instance, timer)?;
    }
    let transport = carrier.map_or(instance, |carrier| &carrier.transport);
    let price_segment = carrier.map_or(MicroUsd(0), |carrier| carrier.price_segment);
    for reply in &commit.replies {
        let key = format!("{instance}/{}", reply.key);
        let by = reply.transport.as_deref().unwrap_or(transport);
        let new = NewReply::answer(key, by, &reply.from, &reply.to, reply.text.clone());
        replies::add(conn, &new, now)?;
    }
    let messages: Vec<_> = commit
        .messages
        .iter()
        .map(|incoming| NewMessage {
            transport: transport.to_owned(),
            incoming: incoming.clone(),
            unconfirmed: false,
            price: price_segment.times(incoming.segments),
        })
        .collect();
    let statuses: Vec<_> =
        commit.statuses.iter().map(|status| (transport.to_owned(), status.clone())).collect();
    intake::take_in(conn, &messages, &statuses, claim, now)
}

/// Writes one value, if what is expected is there.
fn write(conn: &mut Conn, instance: &str, put: &Put, now: Timestamp) -> Out<()> {
    let version = expect(conn, instance, &put.key, put.expected, now)?;
    let expires_at = put.expires_at.map(|at| at.0);
    let value = put.value.0.as_slice();
    diesel::insert_into(plugin_state::table)
        .values((
            plugin_state::instance.eq(instance),
            plugin_state::key.eq(&put.key),
            plugin_state::value.eq(value),
            plugin_state::version.eq(version + 1),
            plugin_state::expires_at.eq(expires_at),
        ))
        .on_conflict((plugin_state::instance, plugin_state::key))
        .do_update()
        .set((
            plugin_state::value.eq(value),
            plugin_state::version.eq(version + 1),
            plugin_state::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

fn check_sizes(commit: &Commit) -> Out<()> {
    let keys = commit.puts.iter().map(|put| &put.key);
    let keys = keys.chain(commit.deletes.iter().map(|delete| &delete.key));
    let mut keys = keys.chain(commit.timers.iter().map(|timer| &timer.key));
    let too_large = keys.any(|key| key.len() > KEY_BYTES_MAX)
        || commit.puts.iter().any(|put| put.value.0.len() > VALUE_BYTES_MAX);
    if too_large { Err(StoreError::TooLarge) } else { Ok(()) }
}

/// The version that is there (0: none, or expired), or `Conflict` if it is not the expected one.
fn expect(
    conn: &mut Conn,
    instance: &str,
    key: &str,
    expected: Expected,
    now: Timestamp,
) -> Out<i64> {
    let version = state_get(conn, instance, key, now)?.map_or(0, |stored| stored.version);
    let holds = match expected {
        Expected::Any => true,
        Expected::Absent => version == 0,
        Expected::Version(wanted) => version == wanted && version > 0,
    };
    if holds { Ok(version) } else { Err(StoreError::Conflict) }
}
