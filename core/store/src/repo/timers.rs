//! Timers of plugins.

use super::Conn;
use crate::domain::Claim;
use crate::error::Out;
use crate::schema::timers;
use cordboard_plugin::{Timer, Timestamp};
use diesel::dsl::min;
use diesel::prelude::*;

/// Sets a timer; one of the same key is replaced, also while it is being run.
pub(super) fn set(conn: &mut Conn, instance: &str, timer: &Timer) -> Out<()> {
    diesel::insert_into(timers::table)
        .values((
            timers::instance.eq(instance),
            timers::key.eq(&timer.key),
            timers::due_at.eq(timer.at.0),
        ))
        .on_conflict((timers::instance, timers::key))
        .do_update()
        .set((
            timers::due_at.eq(timer.at.0),
            timers::owner.eq(None::<String>),
            timers::until.eq(None::<i64>),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn claim_timers(
    conn: &mut Conn,
    claim: &Claim,
    rows_max: i64,
    now: Timestamp,
) -> Out<Vec<(String, String, Timestamp)>> {
    let due: Vec<(i64, String, String, i64)> = timers::table
        .filter(timers::due_at.le(now.0))
        .filter(timers::until.is_null().or(timers::until.le(now.0)))
        .order((timers::due_at, timers::id))
        .limit(rows_max)
        .select((timers::id, timers::instance, timers::key, timers::due_at))
        .load(conn)?;
    let mut claimed = Vec::with_capacity(due.len());
    for (id, instance, key, at) in due {
        // Asked again, for a database where another process may have been quicker.
        let rows = diesel::update(timers::table.find(id))
            .filter(timers::until.is_null().or(timers::until.le(now.0)))
            .set((timers::owner.eq(&claim.owner), timers::until.eq(claim.until.0)))
            .execute(conn)?;
        if rows == 1 {
            claimed.push((instance, key, Timestamp(at)));
        }
    }
    Ok(claimed)
}

pub(super) fn finish_timer(conn: &mut Conn, instance: &str, key: &str, at: Timestamp) -> Out<()> {
    diesel::delete(timers::table)
        .filter(timers::instance.eq(instance).and(timers::key.eq(key)))
        .filter(timers::due_at.eq(at.0))
        .execute(conn)?;
    Ok(())
}

pub(super) fn next_timer(conn: &mut Conn) -> Out<Option<Timestamp>> {
    let free: Option<i64> = timers::table
        .filter(timers::until.is_null())
        .select(min(timers::due_at))
        .get_result(conn)?;
    let held: Option<i64> = timers::table.select(min(timers::until)).get_result(conn)?;
    Ok(free.into_iter().chain(held).min().map(Timestamp))
}
