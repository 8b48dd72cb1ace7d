//! The queries on Postgres: type-checked, not opened by this version.

use crate::schema::lanes;
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;

/// The connection that this instance of the repository speaks to.
pub(crate) type Conn = AsyncConnectionWrapper<AsyncPgConnection>;

/// Ids of free lanes that are due; rows that another process is claiming are passed over.
fn claimable(conn: &mut Conn, kind: i16, rows_max: i64, now: i64) -> QueryResult<Vec<i64>> {
    lanes::table
        .filter(lanes::kind.eq(kind).and(lanes::due_at.le(now)))
        .filter(lanes::until.is_null().or(lanes::until.le(now)))
        .order(lanes::due_at)
        .limit(rows_max)
        .select(lanes::id)
        .for_update()
        .skip_locked()
        .load(conn)
}

#[expect(
    clippy::duplicate_mod,
    reason = "one source, compiled for each database: Diesel's types differ in every query"
)]
#[path = "repo/mod.rs"]
mod repo;
