//! Erasing what is no longer needed. Rows of messages and their keys stay.

use super::{Conn, pictures};
use crate::domain::{MessageState, ReplyState, SweepLimits, Swept, WaitReason};
use crate::error::Out;
use crate::rows::BLANK_PART;
use crate::schema::{counters, lanes, links, messages, plugin_state, posts, replies};
use cordboard_plugin::Timestamp;
use diesel::prelude::*;

/// Windows below this are days since 1970, the others hours.
const DAY_WINDOWS_END: i64 = 100_000;

pub(super) fn sweep(conn: &mut Conn, limits: &SweepLimits, now: Timestamp) -> Out<Swept> {
    Ok(Swept {
        messages: messages(conn, limits, now)?,
        replies: replies(conn, limits)?,
        links: links(conn, limits, now)?,
        counters: counters(conn, limits)?,
        states: states(conn, limits, now)?,
        lanes: idle_lanes(conn, limits)?,
        questions: unanswered(conn, limits, now)?,
        files: 0,
    })
}

fn counted(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn messages(conn: &mut Conn, limits: &SweepLimits, now: Timestamp) -> Out<i64> {
    let ended =
        [MessageState::Posted, MessageState::Answered, MessageState::Refused, MessageState::Failed]
            .map(MessageState::code);
    let ids: Vec<i64> = messages::table
        .filter(messages::received_at.lt(limits.bodies_before.0))
        .filter(messages::erased_at.is_null().and(messages::state.eq_any(ended)))
        .filter(messages::read.eq(1))
        .order(messages::received_at)
        .limit(limits.rows_max)
        .select(messages::id)
        .load(conn)?;
    diesel::update(messages::table.filter(messages::id.eq_any(&ids)))
        .set((messages::text.eq(""), messages::media.eq("[]"), messages::erased_at.eq(now.0)))
        .execute(conn)?;
    diesel::update(posts::table.filter(posts::message_id.eq_any(&ids)))
        .set(posts::part.eq(BLANK_PART))
        .execute(conn)?;
    pictures::erase(conn, &ids)?;
    Ok(counted(ids.len()))
}

/// A question that nobody answered in time: a late YES must not post what was long forgotten.
fn unanswered(conn: &mut Conn, limits: &SweepLimits, now: Timestamp) -> Out<i64> {
    let ids: Vec<i64> = messages::table
        .filter(messages::state.eq(MessageState::Waiting.code()))
        .filter(messages::wait.eq(WaitReason::Approval.code()))
        .filter(messages::wait_until.le(now.0))
        .order(messages::id)
        .limit(limits.rows_max)
        .select(messages::id)
        .load(conn)?;
    for id in &ids {
        super::messages::refuse(conn, *id, "you did not answer in time")?;
    }
    Ok(counted(ids.len()))
}

fn replies(conn: &mut Conn, limits: &SweepLimits) -> Out<i64> {
    let open = [ReplyState::Queued.code(), ReplyState::Sending.code()];
    let ids: Vec<i64> = replies::table
        .filter(replies::created_at.lt(limits.bodies_before.0))
        .filter(replies::text.ne("").and(replies::state.ne_all(open)))
        .order(replies::created_at)
        .limit(limits.rows_max)
        .select(replies::id)
        .load(conn)?;
    let rows = diesel::update(replies::table.filter(replies::id.eq_any(ids)))
        .set(replies::text.eq(""))
        .execute(conn)?;
    Ok(counted(rows))
}

fn links(conn: &mut Conn, limits: &SweepLimits, now: Timestamp) -> Out<i64> {
    diesel::update(links::table.filter(links::copy.is_not_null().and(links::expires_at.le(now.0))))
        .set(links::copy.eq(None::<Vec<u8>>))
        .execute(conn)?;
    let ids: Vec<i64> = links::table
        .filter(links::expires_at.lt(limits.links_before.0))
        .limit(limits.rows_max)
        .select(links::id)
        .load(conn)?;
    let rows = diesel::delete(links::table.filter(links::id.eq_any(ids))).execute(conn)?;
    Ok(counted(rows))
}

fn counters(conn: &mut Conn, limits: &SweepLimits) -> Out<i64> {
    let day = limits.counters_before.day();
    let hour = limits.counters_before.unix_seconds().div_euclid(3600);
    let old_day = counters::window.lt(day.min(DAY_WINDOWS_END));
    let old_hour = counters::window.ge(DAY_WINDOWS_END).and(counters::window.lt(hour));
    let ids: Vec<i64> = counters::table
        .filter(old_day.or(old_hour))
        .limit(limits.rows_max)
        .select(counters::id)
        .load(conn)?;
    let rows = diesel::delete(counters::table.filter(counters::id.eq_any(ids))).execute(conn)?;
    Ok(counted(rows))
}

fn states(conn: &mut Conn, limits: &SweepLimits, now: Timestamp) -> Out<i64> {
    let ids: Vec<i64> = plugin_state::table
        .filter(plugin_state::expires_at.le(now.0))
        .limit(limits.rows_max)
        .select(plugin_state::id)
        .load(conn)?;
    let old = plugin_state::table.filter(plugin_state::id.eq_any(ids));
    Ok(counted(diesel::delete(old).execute(conn)?))
}

/// A lane's row is made again when it is touched; its new id keeps older holders out.
fn idle_lanes(conn: &mut Conn, limits: &SweepLimits) -> Out<i64> {
    let ids: Vec<i64> = lanes::table
        .filter(lanes::due_at.is_null().and(lanes::owner.is_null()))
        .limit(limits.rows_max)
        .select(lanes::id)
        .load(conn)?;
    let rows = diesel::delete(lanes::table.filter(lanes::id.eq_any(ids))).execute(conn)?;
    Ok(counted(rows))
}
