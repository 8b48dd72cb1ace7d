//! Messages: read, changed, and their state derived from their posts.

use super::{Conn, lanes, pictures, posts};
use crate::derive;
use crate::domain::{
    LaneKind, Message, MessageDetail, MessageFilter, MessageState, PostState, WaitReason,
};
use crate::error::{Out, StoreError};
use crate::rows::{APPROVED, AttemptRow, MessageRow, PostRow, ReplyRow};
use crate::schema;
use crate::schema::{attempts, messages, replies};
use cordboard_plugin::{Address, Timestamp};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

const LIST_ROWS_MAX: i64 = 1000;

pub(super) fn message(conn: &mut Conn, id: i64) -> Out<Option<Message>> {
    let row = messages::table.find(id).select(MessageRow::as_select()).first(conn).optional()?;
    row.map(MessageRow::into_domain).transpose()
}

/// The row of a message that must be there.
pub(super) fn row(conn: &mut Conn, id: i64) -> Out<MessageRow> {
    let row = messages::table.find(id).select(MessageRow::as_select()).first(conn).optional()?;
    row.ok_or(StoreError::Conflict)
}

pub(super) fn next_unread(conn: &mut Conn, sender: &Address) -> Out<Option<Message>> {
    let row = messages::table
        .filter(messages::sender.eq(sender.reveal()).and(messages::read.eq(0)))
        .order(messages::id)
        .select(MessageRow::as_select())
        .first(conn)
        .optional()?;
    row.map(MessageRow::into_domain).transpose()
}

pub(super) fn next_unconfirmed(conn: &mut Conn, sender: &Address) -> Out<Option<Message>> {
    let row = messages::table
        .filter(messages::sender.eq(sender.reveal()).and(messages::read.eq(0)))
        .filter(messages::unconfirmed.ne(0))
        .order(messages::id)
        .select(MessageRow::as_select())
        .first(conn)
        .optional()?;
    row.map(MessageRow::into_domain).transpose()
}

pub(super) fn message_detail(conn: &mut Conn, id: i64) -> Out<Option<MessageDetail>> {
    let Some(message) = message(conn, id)? else { return Ok(None) };
    let attempts = attempts::table
        .inner_join(schema::posts::table)
        .filter(schema::posts::message_id.eq(id))
        .order(attempts::id)
        .select(AttemptRow::as_select())
        .load(conn)?;
    let replies = replies::table
        .filter(replies::message_id.eq(id))
        .order(replies::id)
        .select(ReplyRow::as_select())
        .load(conn)?;
    Ok(Some(MessageDetail {
        message,
        posts: posts::posts_of(conn, id)?,
        attempts: attempts.into_iter().map(AttemptRow::into_domain).collect(),
        replies: replies.into_iter().map(ReplyRow::into_domain).collect::<Out<_>>()?,
    }))
}

pub(super) fn messages(conn: &mut Conn, filter: &MessageFilter) -> Out<Vec<Message>> {
    let mut query = messages::table.select(MessageRow::as_select()).into_boxed();
    if !filter.states.is_empty() {
        let codes: Vec<i16> = filter.states.iter().map(|state| state.code()).collect();
        query = query.filter(messages::state.eq_any(codes));
    }
    if let Some(sender) = &filter.sender {
        query = query.filter(messages::sender.eq(sender.reveal()));
    }
    if let Some(before) = filter.before {
        query = query.filter(messages::id.lt(before));
    }
    query
        .order(messages::id.desc())
        .limit(filter.rows_max.clamp(0, LIST_ROWS_MAX))
        .load(conn)?
        .into_iter()
        .map(MessageRow::into_domain)
        .collect()
}

pub(super) fn waiting_of(conn: &mut Conn, sender: &Address) -> Out<Vec<Message>> {
    let filter = MessageFilter {
        states: vec![MessageState::Waiting],
        sender: Some(sender.clone()),
        before: None,
        rows_max: LIST_ROWS_MAX,
    };
    messages(conn, &filter)
}

/// What a message without posts is, from now on.
pub(super) struct Standing<'a> {
    pub(super) state: MessageState,
    pub(super) wait: WaitReason,
    pub(super) wait_until: Option<Timestamp>,
    pub(super) outcome: &'a str,
}

/// Marks a message as read and says what became of it, unless its posts say otherwise.
pub(super) fn set_read(conn: &mut Conn, id: i64, standing: &Standing<'_>) -> Out<()> {
    let rows = diesel::update(messages::table.find(id))
        .set((
            messages::read.eq(1),
            messages::state.eq(standing.state.code()),
            messages::wait.eq(standing.wait.code()),
            messages::wait_until.eq(standing.wait_until.map(|at| at.0)),
            messages::outcome.eq(standing.outcome),
        ))
        .execute(conn)?;
    if rows == 0 {
        return Err(StoreError::Conflict);
    }
    derive_state(conn, id)
}

/// A message that will not be posted, and why.
pub(super) fn refuse(conn: &mut Conn, id: i64, outcome: &str) -> Out<()> {
    let state = MessageState::Refused;
    set_read(conn, id, &Standing { state, wait: WaitReason::Nothing, wait_until: None, outcome })
}

/// Ends messages without posts whose wait is over: nobody answered, nobody connected again, or the operator
/// did not come.
pub(super) fn end_waits(conn: &mut Conn, rows_max: i64, now: Timestamp) -> Out<i64> {
    let over: Vec<(i64, i16)> = messages::table
        .filter(messages::state.eq(MessageState::Waiting.code()))
        .filter(messages::wait_until.le(now.0).and(messages::read.eq(1)))
        .filter(not(exists(
            schema::posts::table.filter(schema::posts::message_id.eq(messages::id)),
        )))
        .order(messages::id)
        .limit(rows_max)
        .select((messages::id, messages::wait))
        .load(conn)?;
    for (id, wait) in &over {
        match WaitReason::from_code(*wait) {
            Some(WaitReason::Relink) => refuse(conn, *id, "not connected again in time")?,
            // Nobody's no: it may be tried again.
            Some(WaitReason::Operator) => {
                let (state, wait) = (MessageState::Failed, WaitReason::Nothing);
                let outcome = "it could not be delivered in time";
                set_read(conn, *id, &Standing { state, wait, wait_until: None, outcome })?;
            }
            _ => refuse(conn, *id, "not answered in time")?,
        }
    }
    Ok(i64::try_from(over.len()).unwrap_or(i64::MAX))
}

/// Messages without posts that wait for the operator are read again.
pub(super) fn end_operator_waits(conn: &mut Conn, rows_max: i64, now: Timestamp) -> Out<i64> {
    let rows: Vec<MessageRow> = messages::table
        .filter(messages::state.eq(MessageState::Waiting.code()))
        .filter(messages::wait.eq(WaitReason::Operator.code()).and(messages::read.eq(1)))
        .filter(not(exists(
            schema::posts::table.filter(schema::posts::message_id.eq(messages::id)),
        )))
        .order(messages::id)
        .limit(rows_max)
        .select(MessageRow::as_select())
        .load(conn)?;
    for row in &rows {
        unread(conn, row, false, now)?;
    }
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
}

/// A message that is read again from the start.
pub(super) fn unread(conn: &mut Conn, row: &MessageRow, approved: bool, now: Timestamp) -> Out<()> {
    diesel::update(messages::table.find(row.id))
        .set((
            messages::read.eq(0),
            messages::state.eq(MessageState::Queued.code()),
            messages::wait.eq(WaitReason::Nothing.code()),
            messages::wait_until.eq(None::<i64>),
            messages::approved.eq(row.approved | if approved { APPROVED } else { 0 }),
        ))
        .execute(conn)?;
    // It may have been given up before its provider could be asked about it.
    let first = if row.unconfirmed == 0 { LaneKind::Reading } else { LaneKind::Confirming };
    lanes::touch(conn, first, &row.sender, now)
}

/// Derives a message's state from its posts, and leaves it alone when there are none; at a final state
/// its pictures go.
pub(super) fn derive_state(conn: &mut Conn, id: i64) -> Out<()> {
    derive_from_posts(conn, id)?;
    pictures::follow(conn, id)
}

fn derive_from_posts(conn: &mut Conn, id: i64) -> Out<()> {
    let rows = posts::rows_of(conn, id)?;
    let states = rows.iter().map(PostRow::state).collect::<Out<Vec<_>>>()?;
    let Some((state, deciding)) = derive::message_state(&states) else { return Ok(()) };
    let decider = rows
        .iter()
        .filter(|row| row.state == deciding.code())
        .min_by_key(|row| (row.due_at, row.id));
    let (mut wait, mut wait_until) = (WaitReason::Nothing.code(), None);
    if let (PostState::Waiting, Some(row)) = (deciding, decider) {
        (wait, wait_until) = (row.wait, Some(row.due_at));
    }
    diesel::update(messages::table.find(id))
        .set((
            messages::state.eq(state.code()),
            messages::wait.eq(wait),
            messages::wait_until.eq(wait_until),
        ))
        .execute(conn)?;
    // While nothing has come of it yet, what reading said of the message stands.
    if let (Some(row), false) =
        (decider, matches!(deciding, PostState::Queued | PostState::Working))
    {
        diesel::update(messages::table.find(id))
            .set(messages::outcome.eq(&row.outcome))
            .execute(conn)?;
    }
    Ok(())
}
