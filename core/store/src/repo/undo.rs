//! A sender's second thoughts: `/UNDO`, `/RETRY`, YES and NO.

use super::{Conn, messages, pictures, posts};
use crate::domain::{MessageState, PostState, SETTLE_AFTER_MS, Undone, WaitReason};
use crate::error::Out;
use crate::rows::{APPROVED, MessageRow, PostRow};
use crate::schema::{messages as message_rows, posts as post_rows};
use cordboard_plugin::{Address, MicroUsd, Timestamp};
use diesel::prelude::*;
use std::collections::BTreeSet;

/// Newest messages looked at when searching for one to take back.
const UNDO_ROWS: i64 = 50;

/// Drops a post that is not out: it counts as taken back.
pub(super) fn drop_post(conn: &mut Conn, row: &PostRow, now: Timestamp) -> Out<()> {
    posts::refuse(conn, row, posts::TAKEN_BACK)?;
    diesel::update(post_rows::table.find(row.id))
        .set((post_rows::undo_asked.eq(1), post_rows::retracted_at.eq(now.0)))
        .execute(conn)?;
    Ok(())
}

pub(super) fn undo_newest(
    conn: &mut Conn,
    sender: &Address,
    now: Timestamp,
) -> Out<Option<Undone>> {
    let recent: Vec<MessageRow> = message_rows::table
        .filter(message_rows::sender.eq(sender.reveal()).and(message_rows::read.eq(1)))
        .filter(message_rows::state.ne(MessageState::Answered.code()))
        .order(message_rows::id.desc())
        .limit(UNDO_ROWS)
        .select(MessageRow::as_select())
        .load(conn)?;
    for message in recent {
        let rows = posts::rows_of(conn, message.id)?;
        let mut undone = Undone {
            message_id: message.id,
            dropped: 0,
            asked: 0,
            text: message.text.clone(),
            price: MicroUsd(rows.iter().map(|row| row.price).sum()),
        };
        if rows.is_empty() && message.state == MessageState::Waiting.code() {
            messages::refuse(conn, message.id, posts::TAKEN_BACK)?;
            undone.dropped = 1;
            return Ok(Some(undone));
        }
        for row in rows.iter().filter(|row| row.undo_asked == 0) {
            match row.state()? {
                PostState::Queued | PostState::Waiting => {
                    drop_post(conn, row, now)?;
                    undone.dropped += 1;
                }
                PostState::Posted | PostState::Working | PostState::Unclear => {
                    diesel::update(post_rows::table.find(row.id))
                        .set(post_rows::undo_asked.eq(1))
                        .execute(conn)?;
                    undone.asked += 1;
                }
                PostState::Refused | PostState::Failed => continue,
            }
            posts::touch(conn, &row.sender, &row.sink, now)?;
        }
        if undone.dropped + undone.asked > 0 {
            messages::derive_state(conn, message.id)?;
            return Ok(Some(undone));
        }
    }
    Ok(None)
}

/// Makes what is given up or unclear due again; `false` when there is nothing to retry.
pub(super) fn retry(conn: &mut Conn, message_id: i64, now: Timestamp) -> Out<bool> {
    let message = messages::row(conn, message_id)?;
    // What is erased cannot be said again.
    if message.erased_at.is_some() {
        return Ok(false);
    }
    let rows = posts::rows_of(conn, message_id)?;
    if rows.is_empty() {
        return retry_unposted(conn, &message, now);
    }
    let mut retried: BTreeSet<&str> = BTreeSet::new();
    for row in rows.iter().filter(|row| row.retracted_at.is_none()) {
        // Parts that were closed only because an earlier one was given up go on with it.
        let follows = retried.contains(&*row.sink);
        let (state, at) = match row.state()? {
            // Never blindly: an unclear attempt is looked at again first.
            PostState::Unclear => (PostState::Unclear, settled_from(row, now)),
            PostState::Failed => (PostState::Queued, now),
            PostState::Refused if row.tries > 0 || follows => (PostState::Queued, now),
            _ => continue,
        };
        posts::move_to(conn, row.id, state, WaitReason::Nothing, at)?;
        diesel::update(post_rows::table.find(row.id)).set(post_rows::looks.eq(0)).execute(conn)?;
        posts::touch(conn, &row.sender, &row.sink, at)?;
        retried.insert(&row.sink);
    }
    if !retried.is_empty() {
        pictures::want_again(conn, &message, now)?;
    }
    messages::derive_state(conn, message_id)?;
    Ok(!retried.is_empty())
}

/// Looks again at what is unclear; `false` when nothing is.
pub(super) fn recheck(conn: &mut Conn, message_id: i64, now: Timestamp) -> Out<bool> {
    let mut found = false;
    for row in posts::rows_of(conn, message_id)? {
        if row.state()? != PostState::Unclear {
            continue;
        }
        let at = settled_from(&row, now);
        posts::move_to(conn, row.id, PostState::Unclear, WaitReason::Check, at)?;
        posts::touch(conn, &row.sender, &row.sink, at)?;
        found = true;
    }
    Ok(found)
}

/// When an unclear attempt may be looked at: whoever asks, its call may still be under way until then.
fn settled_from(row: &PostRow, now: Timestamp) -> Timestamp {
    let over = row.attempt_deadline_at.map(|at| Timestamp(at).plus_millis(SETTLE_AFTER_MS));
    over.map_or(now, |over| over.max(now))
}

fn retry_unposted(conn: &mut Conn, message: &MessageRow, now: Timestamp) -> Out<bool> {
    let again = [MessageState::Failed, MessageState::Refused, MessageState::Unclear];
    let due = message.read != 0 && again.iter().any(|state| state.code() == message.state);
    if due {
        messages::unread(conn, message, false, now)?;
        pictures::want_again(conn, message, now)?;
    }
    Ok(due)
}

pub(super) fn approve(
    conn: &mut Conn,
    sender: &Address,
    yes: bool,
    now: Timestamp,
) -> Out<Option<i64>> {
    let asked = [WaitReason::Approval.code(), WaitReason::OtherAccount.code()];
    let newest: Option<MessageRow> = message_rows::table
        .filter(message_rows::sender.eq(sender.reveal()))
        .filter(message_rows::state.eq(MessageState::Waiting.code()))
        .filter(message_rows::wait.eq_any(asked))
        .filter(message_rows::wait_until.is_null().or(message_rows::wait_until.gt(now.0)))
        .order(message_rows::id.desc())
        .select(MessageRow::as_select())
        .first(conn)
        .optional()?;
    let Some(message) = newest else { return Ok(None) };
    let id = message.id;
    if message.wait == WaitReason::OtherAccount.code() {
        answer_for_account(conn, sender, yes, now)?;
    } else {
        answer_for_message(conn, &message, yes, now)?;
    }
    Ok(Some(id))
}

const SAID_NO: &str = "you said no";

/// One question was asked for all texts that wait for another account, so one answer goes for all.
fn answer_for_account(conn: &mut Conn, sender: &Address, yes: bool, now: Timestamp) -> Out<()> {
    let held: Vec<PostRow> = post_rows::table
        .filter(post_rows::sender.eq(sender.reveal()).and(post_rows::unfinished.eq(1)))
        .filter(post_rows::wait.eq(WaitReason::OtherAccount.code()))
        .select(PostRow::as_select())
        .load(conn)?;
    settle_posts(conn, &held, yes, now)?;
    let unposted: Vec<MessageRow> = message_rows::table
        .filter(message_rows::sender.eq(sender.reveal()))
        .filter(message_rows::state.eq(MessageState::Waiting.code()))
        .filter(message_rows::wait.eq(WaitReason::OtherAccount.code()))
        .select(MessageRow::as_select())
        .load(conn)?;
    for message in unposted {
        settle_message(conn, &message, yes, now)?;
    }
    Ok(())
}

fn answer_for_message(conn: &mut Conn, message: &MessageRow, yes: bool, now: Timestamp) -> Out<()> {
    let rows = posts::rows_of(conn, message.id)?;
    let held: Vec<PostRow> =
        rows.into_iter().filter(|row| row.wait == WaitReason::Approval.code()).collect();
    if held.is_empty() {
        return settle_message(conn, message, yes, now);
    }
    diesel::update(message_rows::table.find(message.id))
        .set(message_rows::approved.eq(message.approved | if yes { APPROVED } else { 0 }))
        .execute(conn)?;
    settle_posts(conn, &held, yes, now)
}

fn settle_message(conn: &mut Conn, message: &MessageRow, yes: bool, now: Timestamp) -> Out<()> {
    if yes {
        messages::unread(conn, message, true, now)
    } else {
        messages::refuse(conn, message.id, SAID_NO)
    }
}

fn settle_posts(conn: &mut Conn, held: &[PostRow], yes: bool, now: Timestamp) -> Out<()> {
    for row in held {
        if yes {
            posts::move_to(conn, row.id, PostState::Queued, WaitReason::Nothing, now)?;
        } else {
            posts::refuse(conn, row, SAID_NO)?;
        }
        posts::touch(conn, &row.sender, &row.sink, now)?;
    }
    derive_all(conn, held)
}

/// Derives the state of every message that these posts belong to.
pub(super) fn derive_all(conn: &mut Conn, rows: &[PostRow]) -> Out<()> {
    for id in messages_of(rows) {
        messages::derive_state(conn, id)?;
    }
    Ok(())
}

/// The messages that these posts belong to.
pub(super) fn messages_of(rows: &[PostRow]) -> BTreeSet<i64> {
    rows.iter().map(|row| row.message_id).collect()
}
