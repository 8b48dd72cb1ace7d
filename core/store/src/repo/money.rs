//! The ledger: what was spent, by UTC day.

use super::{Conn, counters};
use crate::domain::{Counter, NewMessage, Spending, SpentOn, posts_key, spent_key};
use crate::error::Out;
use crate::rows::{PostRow, known};
use crate::schema::spending;
use cordboard_plugin::{Address, MicroUsd, Timestamp};
use diesel::prelude::*;

/// Adds a line to the ledger.
pub(super) fn spend(conn: &mut Conn, line: &Spending) -> Out<()> {
    diesel::insert_into(spending::table)
        .values((
            spending::day.eq(line.day),
            spending::sort.eq(line.on.code()),
            spending::instance.eq(&line.instance),
            spending::n.eq(line.n),
            spending::micro_usd.eq(line.price.0),
        ))
        .on_conflict((spending::day, spending::sort, spending::instance))
        .do_update()
        .set((
            spending::n.eq(spending::n + line.n),
            spending::micro_usd.eq(spending::micro_usd + line.price.0),
        ))
        .execute(conn)?;
    Ok(())
}

/// What has arrived is paid for, whatever the limits say: it leaves less for everything else.
pub(super) fn arrived(conn: &mut Conn, message: &NewMessage, now: Timestamp) -> Out<()> {
    let day = now.day();
    if message.price.0 != 0 {
        let counter = |key| Counter { key, window: day, by: message.price.0, max: i64::MAX };
        let person = spent_key(Some(&message.incoming.from));
        counters::count(conn, &[counter(spent_key(None)), counter(person)])?;
    }
    spend(
        conn,
        &Spending {
            day,
            on: SpentOn::TextIn,
            instance: message.transport.clone(),
            n: i64::from(message.incoming.segments),
            price: message.price,
        },
    )
}

/// An attempt begins: its caller has counted it against the limits.
pub(super) fn attempted(conn: &mut Conn, post: &PostRow, now: Timestamp) -> Out<()> {
    spend(conn, &attempt_line(post, now.day(), 1))
}

/// An attempt is known to have come to nothing, and providers do not bill that: what was paid for it is
/// given back, on the day it was paid.
pub(super) fn came_to_nothing(conn: &mut Conn, post: &PostRow) -> Out<()> {
    let Some(started_at) = post.attempt_started_at else { return Ok(()) };
    let day = Timestamp(started_at).day();
    let person = Address::new(&*post.sender);
    let back = |key, by: i64| Counter { key, window: day, by: -by, max: i64::MAX };
    let counters = [
        back(posts_key(&person), 1),
        back(spent_key(Some(&person)), post.price),
        back(spent_key(None), post.price),
    ];
    counters::count(conn, &counters)?;
    spend(conn, &attempt_line(post, day, -1))
}

fn attempt_line(post: &PostRow, day: i64, n: i64) -> Spending {
    let price = MicroUsd(post.price).times(n);
    Spending { day, on: SpentOn::Post, instance: post.sink.clone(), n, price }
}

/// The ledger from a day on, in order.
pub(super) fn spent(conn: &mut Conn, since_day: i64) -> Out<Vec<Spending>> {
    let rows: Vec<(i64, i16, String, i64, i64)> = spending::table
        .filter(spending::day.ge(since_day))
        .order((spending::day, spending::sort, spending::instance))
        .select((
            spending::day,
            spending::sort,
            spending::instance,
            spending::n,
            spending::micro_usd,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(day, sort, instance, n, price)| {
            let on = known(SpentOn::from_code(sort), "sort of spending", sort)?;
            Ok(Spending { day, on, instance, n, price: MicroUsd(price) })
        })
        .collect()
}
