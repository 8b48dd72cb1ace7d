//! The queries on SQLite.

use crate::schema::lanes;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// The connection that this instance of the repository speaks to.
pub(crate) type Conn = SqliteConnection;

/// From an empty file to the newest schema.
pub(crate) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Ids of free lanes that are due. There is one writer, so nobody can be in between.
fn claimable(conn: &mut Conn, kind: i16, rows_max: i64, now: i64) -> QueryResult<Vec<i64>> {
    lanes::table
        .filter(lanes::kind.eq(kind).and(lanes::due_at.le(now)))
        .filter(lanes::until.is_null().or(lanes::until.le(now)))
        .order(lanes::due_at)
        .limit(rows_max)
        .select(lanes::id)
        .load(conn)
}

#[path = "repo/mod.rs"]
mod repo;
