//! Replies: added, sent, and what became of them.

use super::{Conn, lanes};
use crate::domain::{LaneKind, NewReply, Reply, ReplyState};
use crate::error::{Out, StoreError};
use crate::rows::{NewReplyRow, ReplyRow};
use crate::schema::replies;
use crate::store::replying_key;
use cordboard_plugin::{Address, DeliveryState, StatusUpdate, Timestamp};
use diesel::dsl::min;
use diesel::prelude::*;

pub(super) fn reply(conn: &mut Conn, id: i64) -> Out<Option<Reply>> {
    let row = replies::table.find(id).select(ReplyRow::as_select()).first(conn).optional()?;
    row.map(ReplyRow::into_domain).transpose()
}

pub(super) fn next_reply(
    conn: &mut Conn,
    transport: &str,
    line: &Address,
    to: &Address,
    now: Timestamp,
) -> Out<Vec<Reply>> {
    replies::table
        .filter(replies::transport.eq(transport).and(replies::line.eq(line.reveal())))
        .filter(replies::recipient.eq(to.reveal()))
        .filter(replies::state.eq(ReplyState::Queued.code()).and(replies::due_at.le(now.0)))
        .order((replies::class, replies::id))
        .select(ReplyRow::as_select())
        .load(conn)?
        .into_iter()
        .map(ReplyRow::into_domain)
        .collect()
}

/// When texts left for a number. A call is made when its reply is due, or very soon after.
pub(super) fn sent_to(
    conn: &mut Conn,
    to: &Address,
    since: Timestamp,
    rows_max: i64,
) -> Out<Vec<Timestamp>> {
    let left = [
        ReplyState::Sending,
        ReplyState::Sent,
        ReplyState::Delivered,
        ReplyState::Undelivered,
        ReplyState::Unclear,
    ]
    .map(ReplyState::code);
    let at: Vec<i64> = replies::table
        .filter(replies::recipient.eq(to.reveal()).and(replies::state.eq_any(left)))
        .filter(replies::due_at.ge(since.0))
        .order(replies::due_at.desc())
        .limit(rows_max)
        .select(replies::due_at)
        .load(conn)?;
    Ok(at.into_iter().map(Timestamp).collect())
}

/// When the first queued reply of a lane is due.
pub(super) fn earliest(
    conn: &mut Conn,
    transport: &str,
    line: &str,
    to: &str,
) -> Out<Option<Timestamp>> {
    let at: Option<i64> = replies::table
        .filter(replies::transport.eq(transport).and(replies::line.eq(line)))
        .filter(replies::recipient.eq(to).and(replies::state.eq(ReplyState::Queued.code())))
        .select(min(replies::due_at))
        .get_result(conn)?;
    Ok(at.map(Timestamp))
}

/// Adds a reply unless its key is known, and makes its lane due.
pub(super) fn add(conn: &mut Conn, reply: &NewReply, now: Timestamp) -> Out<()> {
    let rows = diesel::insert_into(replies::table)
        .values(NewReplyRow::new(reply, now))
        .on_conflict(replies::key)
        .do_nothing()
        .execute(conn)?;
    if rows == 0 {
        return Ok(());
    }
    let key = replying_key(&reply.transport, &reply.line, &reply.to);
    lanes::touch(conn, LaneKind::Replying, &key, now)
}

/// A call is about to be made for this reply.
pub(super) fn sending(conn: &mut Conn, id: i64) -> Out<()> {
    let rows = diesel::update(replies::table.find(id))
        .filter(replies::state.eq(ReplyState::Queued.code()))
        .set((replies::state.eq(ReplyState::Sending.code()), replies::tries.eq(replies::tries + 1)))
        .execute(conn)?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// What the sending of a reply came to. News from the provider that came first is not overwritten.
pub(super) fn close(
    conn: &mut Conn,
    id: i64,
    state: ReplyState,
    provider_id: Option<&str>,
    due_at: Option<Timestamp>,
    detail: &str,
) -> Out<()> {
    let row = replies::table.find(id).select(ReplyRow::as_select()).first(conn)?;
    let before = row.state()?;
    let state = if rank(state) < rank(before) { before } else { state };
    diesel::update(replies::table.find(id))
        .set((
            replies::state.eq(state.code()),
            replies::provider_id.eq(provider_id.map(str::to_owned).or(row.provider_id)),
            replies::due_at.eq(due_at.map_or(row.due_at, |at| at.0)),
            replies::detail.eq(detail),
        ))
        .execute(conn)?;
    // A link or a code is kept only until it has left.
    if row.secret != 0 && !matches!(state, ReplyState::Queued | ReplyState::Sending) {
        diesel::update(replies::table.find(id)).set(replies::text.eq("")).execute(conn)?;
    }
    Ok(())
}

/// Up to `Sent` the call decides and may repeat itself; from there only news goes forward.
fn rank(state: ReplyState) -> u8 {
    match state {
        ReplyState::Queued | ReplyState::Sending | ReplyState::Unclear | ReplyState::Suppressed => {
            0
        }
        ReplyState::Sent => 1,
        ReplyState::Undelivered | ReplyState::Failed => 2,
        ReplyState::Delivered => 3,
    }
}

pub(super) fn reply_for_status(
    conn: &mut Conn,
    transport: &str,
    news: &StatusUpdate,
) -> Out<Option<Reply>> {
    row_for(conn, transport, news)?.map(ReplyRow::into_domain).transpose()
}

/// The reply that news is about: by our own key where the news carries it, else by the provider's id.
fn row_for(conn: &mut Conn, transport: &str, news: &StatusUpdate) -> Out<Option<ReplyRow>> {
    let by_key = match &news.reply_key {
        Some(key) => replies::table
            .filter(replies::key.eq(key).and(replies::transport.eq(transport)))
            .select(ReplyRow::as_select())
            .first(conn)
            .optional()?,
        None => None,
    };
    if by_key.is_some() {
        return Ok(by_key);
    }
    Ok(replies::table
        .filter(replies::transport.eq(transport).and(replies::provider_id.eq(&news.id)))
        .select(ReplyRow::as_select())
        .first(conn)
        .optional()?)
}

/// Takes news about a reply; `false` when it is none of ours.
pub(super) fn status(conn: &mut Conn, transport: &str, news: &StatusUpdate) -> Out<bool> {
    let Some(row) = row_for(conn, transport, news)? else { return Ok(false) };
    let Some(state) = forward(row.state()?, news.state) else { return Ok(true) };
    diesel::update(replies::table.find(row.id))
        .set((
            replies::state.eq(state.code()),
            replies::provider_id.eq(row.provider_id.unwrap_or_else(|| news.id.clone())),
            replies::detail.eq(news.code.clone().unwrap_or(row.detail)),
        ))
        .execute(conn)?;
    Ok(true)
}

/// Where news takes a reply; `None` when it is old news. On the phone is on the phone.
fn forward(from: ReplyState, news: DeliveryState) -> Option<ReplyState> {
    let to = match news {
        DeliveryState::Accepted | DeliveryState::Sent => ReplyState::Sent,
        DeliveryState::Delivered => ReplyState::Delivered,
        DeliveryState::Undelivered => ReplyState::Undelivered,
        DeliveryState::Failed => ReplyState::Failed,
    };
    let open = matches!(
        from,
        ReplyState::Queued | ReplyState::Sending | ReplyState::Unclear | ReplyState::Sent
    );
    let later = from == ReplyState::Undelivered && to == ReplyState::Failed;
    ((open && from != to) || later).then_some(to)
}
