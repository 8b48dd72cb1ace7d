//! Posts: the head of a lane, attempts, retractions.

use super::{Conn, lanes, messages, money};
use crate::derive::unfinished;
use crate::domain::{CloseAttempt, LaneKind, NewPost, Post, PostState, WaitReason};
use crate::error::{Out, StoreError};
use crate::rows::{NewPostRow, PostRow, flag};
use crate::schema::{accounts, attempts, identities, posts};
use crate::store::delivering_key;
use cordboard_plugin::{Address, Timestamp};
use diesel::dsl::exists;
use diesel::prelude::*;
use std::collections::HashSet;

/// Posts of a lane looked at in one step while searching for its head.
const HEAD_ROWS: i64 = 200;
pub(super) const TAKEN_BACK: &str = "taken back before it was posted";

pub(super) fn post(conn: &mut Conn, id: i64) -> Out<Option<Post>> {
    let row = posts::table.find(id).select(PostRow::as_select()).first(conn).optional()?;
    row.map(PostRow::into_domain).transpose()
}

/// The row of a post that must be there.
pub(super) fn row(conn: &mut Conn, id: i64) -> Out<PostRow> {
    let row = posts::table.find(id).select(PostRow::as_select()).first(conn).optional()?;
    row.ok_or(StoreError::Conflict)
}

/// The posts of a message, sink by sink, in order.
pub(super) fn rows_of(conn: &mut Conn, message_id: i64) -> Out<Vec<PostRow>> {
    Ok(posts::table
        .filter(posts::message_id.eq(message_id))
        .order((posts::sink, posts::part_index))
        .select(PostRow::as_select())
        .load(conn)?)
}

pub(super) fn posts_of(conn: &mut Conn, message_id: i64) -> Out<Vec<Post>> {
    rows_of(conn, message_id)?.into_iter().map(PostRow::into_domain).collect()
}

pub(super) fn previous_part(conn: &mut Conn, post_id: i64) -> Out<Option<Post>> {
    let row = row(conn, post_id)?;
    let before = posts::table
        .filter(posts::message_id.eq(row.message_id).and(posts::sink.eq(&row.sink)))
        .filter(posts::part_index.eq(row.part_index - 1))
        .select(PostRow::as_select())
        .first(conn)
        .optional()?;
    before.map(PostRow::into_domain).transpose()
}

/// What the search for a lane's head looks at.
#[derive(Queryable, Selectable)]
#[diesel(table_name = posts)]
struct HeadRow {
    id: i64,
    message_id: i64,
    part_index: i32,
    state: i16,
    wait: i16,
    due_at: i64,
}

impl HeadRow {
    /// Whether it holds its own message only: it waits for a YES, or it is unclear for good, until the
    /// sender or the operator asks again.
    fn stands_aside(&self) -> bool {
        let for_a_yes = [WaitReason::Approval.code(), WaitReason::OtherAccount.code()];
        let parked = self.state == PostState::Unclear.code() && self.due_at == i64::MAX;
        for_a_yes.contains(&self.wait) || parked
    }
}

/// The oldest unfinished post of a lane. One that stands aside is the head (the earliest due first) only
/// when nothing else is left; the parts after it stand aside with it.
pub(super) fn head(conn: &mut Conn, sender: &Address, sink: &str) -> Out<Option<Post>> {
    let mut aside: Option<(i64, i64)> = None;
    let mut aside_messages = HashSet::new();
    for page in 0.. {
        let rows: Vec<HeadRow> = posts::table
            .filter(posts::sender.eq(sender.reveal()).and(posts::sink.eq(sink)))
            .filter(posts::unfinished.eq(1))
            .order((posts::message_id, posts::part_index))
            .limit(HEAD_ROWS)
            .offset(page * HEAD_ROWS)
            .select(HeadRow::as_select())
            .load(conn)?;
        let blocked = blocked_messages(conn, sink, &rows)?;
        for row in &rows {
            let broken = |(m, part): &(i64, i32)| *m == row.message_id && *part < row.part_index;
            if blocked.iter().any(broken) || aside_messages.contains(&row.message_id) {
                continue;
            }
            if !row.stands_aside() {
                return post(conn, row.id);
            }
            aside_messages.insert(row.message_id);
            if aside.is_none_or(|(earliest, _)| row.due_at < earliest) {
                aside = Some((row.due_at, row.id));
            }
        }
        if i64::try_from(rows.len()).unwrap_or(0) < HEAD_ROWS {
            break;
        }
    }
    aside.map_or(Ok(None), |(_, id)| post(conn, id))
}

/// Messages whose thread broke off, and at which part: what follows can never be posted.
fn blocked_messages(conn: &mut Conn, sink: &str, rows: &[HeadRow]) -> Out<HashSet<(i64, i32)>> {
    let later_parts: Vec<i64> =
        rows.iter().filter(|row| row.part_index > 0).map(|row| row.message_id).collect();
    if later_parts.is_empty() {
        return Ok(HashSet::new());
    }
    let broken = [PostState::Failed.code(), PostState::Refused.code()];
    Ok(posts::table
        .filter(posts::message_id.eq_any(later_parts).and(posts::sink.eq(sink)))
        .filter(posts::state.eq_any(broken))
        .select((posts::message_id, posts::part_index))
        .load(conn)?
        .into_iter()
        .collect())
}

pub(super) fn next_retraction(conn: &mut Conn, sender: &Address, sink: &str) -> Out<Option<Post>> {
    let asked: Vec<PostRow> = posts::table
        .filter(posts::sender.eq(sender.reveal()).and(posts::sink.eq(sink)))
        .filter(posts::undo_asked.eq(1).and(posts::retracted_at.is_null()))
        .order((posts::message_id.desc(), posts::part_index.desc()))
        .select(PostRow::as_select())
        .load(conn)?;
    let in_flight: HashSet<i64> = asked
        .iter()
        .filter(|p| [PostState::Working.code(), PostState::Unclear.code()].contains(&p.state))
        .map(|p| p.message_id)
        .collect();
    let next = asked
        .into_iter()
        .find(|p| p.state == PostState::Posted.code() && !in_flight.contains(&p.message_id));
    next.map(PostRow::into_domain).transpose()
}

/// Whether another post of the same remote account with these words has ever been attempted.
pub(super) fn same_hash_posted(
    conn: &mut Conn,
    sender: &Address,
    sink: &str,
    text_hash: &str,
    except: i64,
) -> Out<bool> {
    let attempted: Option<Option<String>> =
        posts::table.find(except).select(posts::remote_id).first(conn).optional()?;
    let remote = match attempted.flatten() {
        Some(remote) => Some(remote),
        None => remote_of(conn, sender, sink)?,
    };
    let same = posts::table
        .filter(posts::text_hash.eq(text_hash).and(posts::sink.eq(sink)))
        .filter(posts::id.ne(except).and(posts::tries.gt(0)));
    let found = match remote {
        Some(remote) => {
            diesel::select(exists(same.filter(posts::remote_id.eq(remote)))).get_result(conn)?
        }
        None => diesel::select(exists(same.filter(posts::sender.eq(sender.reveal()))))
            .get_result(conn)?,
    };
    Ok(found)
}

/// Id of the sender's account at a sink.
fn remote_of(conn: &mut Conn, sender: &Address, sink: &str) -> Out<Option<String>> {
    Ok(accounts::table
        .inner_join(identities::table)
        .filter(identities::sender.eq(sender.reveal()).and(accounts::sink.eq(sink)))
        .select(accounts::remote_id)
        .first(conn)
        .optional()?)
}

pub(super) fn add(conn: &mut Conn, message_id: i64, new: &[NewPost]) -> Out<()> {
    let sender = messages::row(conn, message_id)?.sender;
    for post in new {
        diesel::insert_into(posts::table)
            .values(NewPostRow::new(message_id, &sender, post)?)
            .execute(conn)?;
        touch(conn, &sender, &post.sink, post.due_at)?;
    }
    messages::derive_state(conn, message_id)
}

/// Replaces posts that nothing has come of yet.
pub(super) fn replace(
    conn: &mut Conn,
    message_id: i64,
    new: &[NewPost],
    now: Timestamp,
) -> Out<()> {
    let old = rows_of(conn, message_id)?;
    let begun = |row: &PostRow| {
        row.tries > 0 || PostState::from_code(row.state).is_none_or(|s| !unfinished(s))
    };
    if old.iter().any(begun) {
        return Err(StoreError::Conflict);
    }
    diesel::delete(posts::table.filter(posts::message_id.eq(message_id))).execute(conn)?;
    // What stood behind them at a sink they are no longer for can go on.
    for row in &old {
        touch(conn, &row.sender, &row.sink, now)?;
    }
    add(conn, message_id, new)
}

/// Makes the lane of a post due.
pub(super) fn touch(conn: &mut Conn, sender: &str, sink: &str, at: Timestamp) -> Out<()> {
    let key = delivering_key(&Address::new(sender), sink);
    lanes::touch(conn, LaneKind::Delivering, &key, at)
}

/// Moves a post to another state and says what it waits for.
pub(super) fn move_to(
    conn: &mut Conn,
    id: i64,
    state: PostState,
    wait: WaitReason,
    due_at: Timestamp,
) -> Out<()> {
    diesel::update(posts::table.find(id))
        .set((
            posts::state.eq(state.code()),
            posts::unfinished.eq(flag(unfinished(state))),
            posts::wait.eq(wait.code()),
            posts::due_at.eq(due_at.0),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends a post that was not attempted.
pub(super) fn refuse(conn: &mut Conn, row: &PostRow, outcome: &str) -> Out<()> {
    move_to(conn, row.id, PostState::Refused, WaitReason::Nothing, Timestamp(row.due_at))?;
    diesel::update(posts::table.find(row.id)).set(posts::outcome.eq(outcome)).execute(conn)?;
    Ok(())
}

pub(super) fn open_attempt(
    conn: &mut Conn,
    post_id: i64,
    deadline_at: Timestamp,
    now: Timestamp,
) -> Out<()> {
    let row = row(conn, post_id)?;
    // A second attempt beside an open one could post twice. After an unclear one the caller may try
    // again where the destination turns away the same words.
    if matches!(row.state()?, PostState::Working) || !unfinished(row.state()?) {
        return Err(StoreError::Conflict);
    }
    let remote = remote_of(conn, &Address::new(&*row.sender), &row.sink)?;
    diesel::update(posts::table.find(post_id))
        .set((
            posts::state.eq(PostState::Working.code()),
            posts::wait.eq(WaitReason::Nothing.code()),
            posts::tries.eq(posts::tries + 1),
            posts::attempt_started_at.eq(now.0),
            posts::attempt_deadline_at.eq(deadline_at.0),
            posts::remote_id.eq(remote),
        ))
        .execute(conn)?;
    diesel::insert_into(attempts::table)
        .values((
            attempts::post_id.eq(post_id),
            attempts::started_at.eq(now.0),
            attempts::deadline_at.eq(deadline_at.0),
            attempts::outcome.eq(""),
            attempts::detail.eq(""),
        ))
        .execute(conn)?;
    money::attempted(conn, &row, now)?;
    messages::derive_state(conn, row.message_id)
}

pub(super) fn close_attempt(conn: &mut Conn, close: &CloseAttempt, now: Timestamp) -> Out<()> {
    let row = row(conn, close.post_id)?;
    write_outcome(conn, close, now)?;
    let again = matches!(close.state, PostState::Queued | PostState::Waiting);
    let was_attempted = matches!(row.state()?, PostState::Working)
        || (close.look && matches!(row.state()?, PostState::Unclear));
    if again && was_attempted {
        money::came_to_nothing(conn, &row)?;
    }
    if again && row.undo_asked != 0 && !close.look {
        // Asked to be taken back while the attempt was open, and the attempt is known to have failed.
        super::undo::drop_post(conn, &row, now)?;
    } else {
        let due_at = close.due_at.unwrap_or(Timestamp(row.due_at));
        move_to(conn, row.id, close.state, close.wait, due_at)?;
        diesel::update(posts::table.find(row.id))
            .set(posts::outcome.eq(&close.outcome))
            .execute(conn)?;
    }
    if let Some(published) = &close.published {
        diesel::update(posts::table.find(row.id))
            .set((
                posts::published_id.eq(&published.id),
                posts::published_url.eq(published.url.as_ref()),
            ))
            .execute(conn)?;
    }
    diesel::update(posts::table.find(row.id))
        .set((
            posts::looks.eq(posts::looks + i32::from(close.look)),
            posts::doubt.eq(flag(row.doubt != 0 || close.state == PostState::Unclear)),
        ))
        .execute(conn)?;
    // The operator may move a post without holding its lane: what stood behind it can go on.
    let key = delivering_key(&Address::new(&*row.sender), &row.sink);
    lanes::touch_free(conn, LaneKind::Delivering, &key, now)?;
    messages::derive_state(conn, row.message_id)
}

/// Writes down what came of the open attempt, or what a look found out about the newest one.
fn write_outcome(conn: &mut Conn, close: &CloseAttempt, now: Timestamp) -> Out<()> {
    let newest: Option<(i64, Option<i64>, String)> = attempts::table
        .filter(attempts::post_id.eq(close.post_id))
        .order(attempts::id.desc())
        .select((attempts::id, attempts::closed_at, attempts::detail))
        .first(conn)
        .optional()?;
    let (id, detail) = match newest {
        Some((id, None, _)) => (id, close.detail.clone()),
        Some((id, Some(_), before)) if close.look => (id, format!("{before}; {}", close.detail)),
        _ => return Ok(()),
    };
    diesel::update(attempts::table.find(id))
        .set((
            attempts::closed_at.eq(now.0),
            attempts::outcome.eq(close.state.word()),
            attempts::detail.eq(detail),
        ))
        .execute(conn)?;
    Ok(())
}

/// Retraction worked.
pub(super) fn retracted(conn: &mut Conn, id: i64, now: Timestamp) -> Out<()> {
    diesel::update(posts::table.find(id)).set(posts::retracted_at.eq(now.0)).execute(conn)?;
    Ok(())
}

/// Retraction did not work.
pub(super) fn not_retracted(conn: &mut Conn, id: i64, outcome: &str) -> Out<()> {
    diesel::update(posts::table.find(id))
        .set((posts::undo_asked.eq(0), posts::outcome.eq(outcome)))
        .execute(conn)?;
    Ok(())
}
