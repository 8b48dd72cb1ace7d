//! Start, pauses of sinks, troubles of lines, small facts.

use super::{Conn, posts, undo};
use crate::domain::{LineTrouble, Paused, PostState, ReplyState, WaitReason};
use crate::error::Out;
use crate::rows::PostRow;
use crate::schema::{
    attempts, credentials, facts, lanes, line_troubles, messages, posts as post_rows, replies,
    sink_pauses, timers,
};
use cordboard_plugin::{Address, Timestamp};
use diesel::dsl::max;
use diesel::prelude::*;

/// Voids what a dead process held. A reply whose call was under way is never repeated.
pub(super) fn start_up(conn: &mut Conn, owner: &str) -> Out<()> {
    diesel::update(lanes::table.filter(lanes::owner.ne(owner)))
        .set((
            lanes::owner.eq(None::<String>),
            lanes::until.eq(None::<i64>),
            lanes::fence.eq(lanes::fence + 1),
        ))
        .execute(conn)?;
    diesel::update(credentials::table.filter(credentials::refresh_owner.ne(owner)))
        .set((
            credentials::refresh_owner.eq(None::<String>),
            credentials::refresh_until.eq(None::<i64>),
        ))
        .execute(conn)?;
    diesel::update(timers::table.filter(timers::owner.ne(owner)))
        .set((timers::owner.eq(None::<String>), timers::until.eq(None::<i64>)))
        .execute(conn)?;
    let under_way = replies::state.eq(ReplyState::Sending.code());
    // A link or a code is kept only until it may have left.
    diesel::update(replies::table.filter(under_way.and(replies::secret.ne(0))))
        .set(replies::text.eq(""))
        .execute(conn)?;
    diesel::update(replies::table.filter(under_way))
        .set((
            replies::state.eq(ReplyState::Unclear.code()),
            replies::detail.eq("the bridge stopped while it was being sent"),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn fact(conn: &mut Conn, key: &str) -> Out<Option<String>> {
    Ok(facts::table.find(key).select(facts::value).first(conn).optional()?)
}

pub(super) fn set_fact(conn: &mut Conn, key: &str, value: &str) -> Out<()> {
    diesel::insert_into(facts::table)
        .values((facts::key.eq(key), facts::value.eq(value)))
        .on_conflict(facts::key)
        .do_update()
        .set(facts::value.eq(value))
        .execute(conn)?;
    Ok(())
}

pub(super) fn newest_time(conn: &mut Conn) -> Out<Timestamp> {
    let received: Option<i64> =
        messages::table.select(max(messages::received_at)).get_result(conn)?;
    let attempted: Option<i64> =
        attempts::table.select(max(attempts::started_at)).get_result(conn)?;
    let replied: Option<i64> = replies::table.select(max(replies::created_at)).get_result(conn)?;
    Ok(Timestamp(received.max(attempted).max(replied).unwrap_or(0)))
}

pub(super) fn set_line_trouble(
    conn: &mut Conn,
    transport: &str,
    line: &Address,
    detail: Option<&str>,
    now: Timestamp,
) -> Out<()> {
    let Some(detail) = detail else {
        diesel::delete(line_troubles::table)
            .filter(line_troubles::transport.eq(transport))
            .filter(line_troubles::line.eq(line.reveal()))
            .execute(conn)?;
        return Ok(());
    };
    diesel::insert_into(line_troubles::table)
        .values((
            line_troubles::transport.eq(transport),
            line_troubles::line.eq(line.reveal()),
            line_troubles::detail.eq(detail),
            line_troubles::since.eq(now.0),
        ))
        .on_conflict((line_troubles::transport, line_troubles::line))
        .do_update()
        .set(line_troubles::detail.eq(detail))
        .execute(conn)?;
    Ok(())
}

pub(super) fn line_trouble(
    conn: &mut Conn,
    transport: &str,
    line: &Address,
) -> Out<Option<String>> {
    Ok(line_troubles::table
        .filter(line_troubles::transport.eq(transport).and(line_troubles::line.eq(line.reveal())))
        .select(line_troubles::detail)
        .first(conn)
        .optional()?)
}

pub(super) fn line_troubles(conn: &mut Conn) -> Out<Vec<LineTrouble>> {
    let rows: Vec<(String, String, String, i64)> = line_troubles::table
        .order(line_troubles::id)
        .select((
            line_troubles::transport,
            line_troubles::line,
            line_troubles::detail,
            line_troubles::since,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(transport, line, detail, since)| LineTrouble {
            transport,
            line: Address::new(line),
            detail,
            since: Timestamp(since),
        })
        .collect())
}

pub(super) fn paused(conn: &mut Conn, sink: &str) -> Out<Option<Paused>> {
    Ok(paused_all(conn)?.into_iter().find(|(name, _)| name == sink).map(|(_, paused)| paused))
}

pub(super) fn paused_all(conn: &mut Conn) -> Out<Vec<(String, Paused)>> {
    let rows: Vec<(String, String, i64, i64)> =
        sink_pauses::table.order(sink_pauses::sink).load(conn)?;
    let pause = |(sink, detail, since, probe_at)| {
        (sink, Paused { detail, since: Timestamp(since), probe_at: Timestamp(probe_at) })
    };
    Ok(rows.into_iter().map(pause).collect())
}

/// Pauses a sink; one that is paused already keeps the time since when.
pub(super) fn pause(
    conn: &mut Conn,
    sink: &str,
    detail: &str,
    probe_at: Timestamp,
    now: Timestamp,
) -> Out<()> {
    diesel::insert_into(sink_pauses::table)
        .values((
            sink_pauses::sink.eq(sink),
            sink_pauses::detail.eq(detail),
            sink_pauses::since.eq(now.0),
            sink_pauses::probe_at.eq(probe_at.0),
        ))
        .on_conflict(sink_pauses::sink)
        .do_update()
        .set((sink_pauses::detail.eq(detail), sink_pauses::probe_at.eq(probe_at.0)))
        .execute(conn)?;
    Ok(())
}

pub(super) fn take_probe(
    conn: &mut Conn,
    sink: &str,
    next_at: Timestamp,
    now: Timestamp,
) -> Out<bool> {
    let rows = diesel::update(sink_pauses::table.find(sink))
        .filter(sink_pauses::probe_at.le(now.0))
        .set(sink_pauses::probe_at.eq(next_at.0))
        .execute(conn)?;
    Ok(rows == 1)
}

pub(super) fn resume(conn: &mut Conn, sink: &str, now: Timestamp) -> Out<()> {
    diesel::delete(sink_pauses::table.find(sink)).execute(conn)?;
    let rows: Vec<PostRow> = post_rows::table
        .filter(post_rows::sink.eq(sink).and(post_rows::unfinished.eq(1)))
        .filter(post_rows::state.eq(PostState::Waiting.code()))
        .filter(post_rows::wait.eq(WaitReason::Operator.code()))
        .select(PostRow::as_select())
        .load(conn)?;
    for row in &rows {
        posts::move_to(conn, row.id, PostState::Queued, WaitReason::Nothing, now)?;
        posts::touch(conn, &row.sender, &row.sink, now)?;
    }
    undo::derive_all(conn, &rows)
}
