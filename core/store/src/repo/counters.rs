//! Counters with limits.

use super::Conn;
use crate::domain::Counter;
use crate::error::Out;
use crate::schema::counters;
use diesel::prelude::*;

pub(super) fn counter(conn: &mut Conn, key: &str, window: i64) -> Out<i64> {
    let n = counters::table
        .filter(counters::key.eq(key).and(counters::window.eq(window)))
        .select(counters::n)
        .first(conn)
        .optional()?;
    Ok(n.unwrap_or(0))
}

/// Adds all of them and says `None`, or none of them and names the first that would pass its limit.
pub(super) fn count(conn: &mut Conn, wanted: &[Counter]) -> Out<Option<String>> {
    let mut sums: Vec<(&Counter, i64)> = Vec::with_capacity(wanted.len());
    for add in wanted {
        let earlier = sums
            .iter()
            .rev()
            .find(|(c, _)| c.key == add.key && c.window == add.window)
            .map(|(_, sum)| *sum);
        let before = match earlier {
            Some(sum) => sum,
            None => counter(conn, &add.key, add.window)?,
        };
        let sum = before.saturating_add(add.by);
        if add.by > 0 && sum > add.max {
            return Ok(Some(add.key.clone()));
        }
        sums.push((add, sum));
    }
    for (add, _) in sums {
        diesel::insert_into(counters::table)
            .values((
                counters::key.eq(&add.key),
                counters::window.eq(add.window),
                counters::n.eq(add.by),
            ))
            .on_conflict((counters::key, counters::window))
            .do_update()
            .set(counters::n.eq(counters::n + add.by))
            .execute(conn)?;
    }
    Ok(None)
}
