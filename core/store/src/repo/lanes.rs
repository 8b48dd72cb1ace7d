//! Lanes: touched, claimed, renewed, released.

use super::{Conn, claimable, pictures, posts, replies};
use crate::domain::{Claim, Hold, LaneKind, PostState};
use crate::error::{Out, StoreError};
use crate::rows::LaneRow;
use crate::schema::{credentials, lanes, messages};
use cordboard_plugin::{Address, Timestamp};
use diesel::dsl::{case_when, min};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

/// How long after its deadline an open attempt is left alone.
const SETTLE_AFTER_MS: i64 = 30_000;
/// How long a credential that could not be revoked is left alone.
const REVOKE_AGAIN_MS: i64 = 600_000;

/// Makes a lane due at `at` at the latest, whether it is held or not.
pub(super) fn touch(conn: &mut Conn, kind: LaneKind, key: &str, at: Timestamp) -> Out<()> {
    let at = Some(at.0);
    diesel::insert_into(lanes::table)
        .values((
            lanes::kind.eq(kind.code()),
            lanes::key.eq(key),
            lanes::due_at.eq(at),
            lanes::next_at.eq(at),
            lanes::fence.eq(0),
            lanes::touches.eq(1),
        ))
        .on_conflict((lanes::kind, lanes::key))
        .do_update()
        .set((
            lanes::touches.eq(lanes::touches + 1),
            lanes::due_at.eq(case_when(
                lanes::due_at.is_null().or(lanes::due_at.gt(at)),
                at.into_sql::<Nullable<BigInt>>(),
            )
            .otherwise(lanes::due_at)),
            lanes::next_at.eq(case_when(
                lanes::next_at.is_null().or(lanes::next_at.gt(at)),
                at.into_sql::<Nullable<BigInt>>(),
            )
            .otherwise(lanes::next_at)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Makes a lane due at `at` unless somebody holds it, who will work out at release when it is due.
pub(super) fn touch_free(conn: &mut Conn, kind: LaneKind, key: &str, at: Timestamp) -> Out<()> {
    diesel::update(lanes::table)
        .filter(lanes::kind.eq(kind.code()).and(lanes::key.eq(key)))
        .filter(lanes::until.is_null())
        .filter(lanes::due_at.is_null().or(lanes::due_at.gt(at.0)))
        .set(lanes::due_at.eq(at.0))
        .execute(conn)?;
    Ok(())
}

/// Takes a lane if it is free, due or not.
pub(super) fn take(
    conn: &mut Conn,
    kind: LaneKind,
    key: &str,
    claim: &Claim,
    now: Timestamp,
) -> Out<Option<Hold>> {
    diesel::insert_into(lanes::table)
        .values((
            lanes::kind.eq(kind.code()),
            lanes::key.eq(key),
            lanes::fence.eq(0),
            lanes::touches.eq(0),
        ))
        .on_conflict((lanes::kind, lanes::key))
        .do_nothing()
        .execute(conn)?;
    let free = lanes::table
        .filter(lanes::kind.eq(kind.code()).and(lanes::key.eq(key)))
        .filter(lanes::until.is_null().or(lanes::until.le(now.0)));
    // A held lane is always due, so that it is found again if its holder dies.
    let row = diesel::update(free)
        .set((
            lanes::owner.eq(&claim.owner),
            lanes::until.eq(claim.until.0),
            lanes::fence.eq(lanes::fence + 1),
            lanes::next_at.eq(None::<i64>),
            lanes::due_at.eq(now.0),
        ))
        .returning(LaneRow::as_returning())
        .get_result(conn)
        .optional()?;
    row.map(LaneRow::into_hold).transpose()
}

pub(super) fn claim_lanes(
    conn: &mut Conn,
    kind: LaneKind,
    claim: &Claim,
    rows_max: i64,
    now: Timestamp,
) -> Out<Vec<Hold>> {
    let ids = claimable(conn, kind.code(), rows_max, now.0)?;
    let mut holds = diesel::update(lanes::table.filter(lanes::id.eq_any(&ids)))
        .set((
            lanes::owner.eq(&claim.owner),
            lanes::until.eq(claim.until.0),
            lanes::fence.eq(lanes::fence + 1),
            lanes::next_at.eq(None::<i64>),
        ))
        .returning(LaneRow::as_returning())
        .get_results(conn)?
        .into_iter()
        .map(LaneRow::into_hold)
        .collect::<Out<Vec<_>>>()?;
    holds.sort_by_key(|hold| ids.iter().position(|id| *id == hold.lane_id));
    Ok(holds)
}

pub(super) fn renew(conn: &mut Conn, hold: &Hold, until: Timestamp) -> Out<()> {
    let rows = diesel::update(lanes::table.filter(lanes::id.eq(hold.lane_id)))
        .filter(lanes::fence.eq(hold.fence).and(lanes::owner.is_not_null()))
        .set(lanes::until.eq(until.0))
        .execute(conn)?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Lost) }
}

/// Fails with `Lost` unless the lane is still held with this fence; keeps others off the row meanwhile.
pub(super) fn guard(conn: &mut Conn, hold: &Hold) -> Out<()> {
    let rows = diesel::update(lanes::table.filter(lanes::id.eq(hold.lane_id)))
        .filter(lanes::fence.eq(hold.fence).and(lanes::owner.is_not_null()))
        .set(lanes::fence.eq(hold.fence))
        .execute(conn)?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Lost) }
}

pub(super) fn next_due(conn: &mut Conn, kind: LaneKind) -> Out<Option<Timestamp>> {
    let of_kind = lanes::table.filter(lanes::kind.eq(kind.code()).and(lanes::due_at.is_not_null()));
    let free: Option<i64> =
        of_kind.filter(lanes::until.is_null()).select(min(lanes::due_at)).get_result(conn)?;
    // Whoever holds a lane may have died: it can be claimed again when the lease ends.
    let held: Option<i64> =
        of_kind.filter(lanes::until.is_not_null()).select(min(lanes::until)).get_result(conn)?;
    Ok(free.into_iter().chain(held).min().map(Timestamp))
}

/// Gives a lane back and works out when it is due next.
pub(super) fn release(conn: &mut Conn, hold: &Hold, now: Timestamp) -> Out<()> {
    guard(conn, hold)?;
    let row = lanes::table.find(hold.lane_id).select(LaneRow::as_select()).first(conn)?;
    let left = due_of(conn, hold, now)?;
    let touched = if row.touches == hold.touches { None } else { row.next_at.map(Timestamp) };
    let due = left.into_iter().chain(touched).min();
    if due.is_none() && hold.kind == LaneKind::Revoking {
        // Its credential is gone for ever.
        diesel::delete(lanes::table.find(hold.lane_id)).execute(conn)?;
        return Ok(());
    }
    diesel::update(lanes::table.find(hold.lane_id))
        .set((
            lanes::due_at.eq(due.map(|at| at.0)),
            lanes::next_at.eq(None::<i64>),
            lanes::owner.eq(None::<String>),
            lanes::until.eq(None::<i64>),
        ))
        .execute(conn)?;
    Ok(())
}

fn due_of(conn: &mut Conn, hold: &Hold, now: Timestamp) -> Out<Option<Timestamp>> {
    match hold.kind {
        LaneKind::Reading => reading_due(conn, &hold.key, now),
        LaneKind::Delivering => {
            let (sender, sink) = hold.key.rsplit_once('|').unwrap_or((&hold.key, ""));
            delivering_due(conn, &Address::new(sender), sink, now)
        }
        LaneKind::Replying => {
            let mut words = hold.key.splitn(3, '|');
            let mut word = || words.next().unwrap_or_default();
            replies::earliest(conn, word(), word(), word())
        }
        LaneKind::Revoking => {
            let id: i64 = hold.key.parse().unwrap_or_default();
            let left: i64 =
                credentials::table.filter(credentials::id.eq(id)).count().get_result(conn)?;
            Ok((left > 0).then(|| now.plus_millis(REVOKE_AGAIN_MS)))
        }
        LaneKind::Fetching => pictures::next_wanted(conn, hold.key.parse().unwrap_or_default()),
        LaneKind::Confirming => confirming_due(conn, &hold.key, now),
    }
}

/// A message that is not confirmed yet holds back those behind it; its confirmation touches the lane.
fn reading_due(conn: &mut Conn, sender: &str, now: Timestamp) -> Out<Option<Timestamp>> {
    let unconfirmed: Option<i16> = messages::table
        .filter(messages::sender.eq(sender).and(messages::read.eq(0)))
        .order(messages::id)
        .select(messages::unconfirmed)
        .first(conn)
        .optional()?;
    Ok(unconfirmed.filter(|unconfirmed| *unconfirmed == 0).map(|_| now))
}

fn confirming_due(conn: &mut Conn, sender: &str, now: Timestamp) -> Out<Option<Timestamp>> {
    let again_at: Option<Option<i64>> = messages::table
        .filter(messages::sender.eq(sender).and(messages::read.eq(0)))
        .filter(messages::unconfirmed.ne(0))
        .order(messages::id)
        .select(messages::wait_until)
        .first(conn)
        .optional()?;
    Ok(again_at.map(|at| at.map_or(now, Timestamp).max(now)))
}

fn delivering_due(
    conn: &mut Conn,
    sender: &Address,
    sink: &str,
    now: Timestamp,
) -> Out<Option<Timestamp>> {
    if posts::next_retraction(conn, sender, sink)?.is_some() {
        return Ok(Some(now));
    }
    Ok(posts::head(conn, sender, sink)?.map(|post| match (post.state, post.attempt_deadline_at) {
        (PostState::Working, Some(deadline)) => deadline.plus_millis(SETTLE_AFTER_MS),
        _ => post.due_at,
    }))
}
