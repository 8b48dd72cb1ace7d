//! Applying changes: a list of them, one after the other, in one transaction.

use super::messages::Standing;
use super::{
    Conn, accounts, counters, credentials, lanes, leave, links, messages, money, people, pictures,
    posts, proof, replies, undo, upkeep,
};
use crate::domain::{Applied, Change, Hold};
use crate::error::{Out, StoreError};
use crate::schema::messages as message_rows;
use crate::seal::Seal;
use cordboard_plugin::Timestamp;
use diesel::prelude::*;

pub(super) fn commit(
    conn: &mut Conn,
    seal: &Seal,
    guard: Option<&Hold>,
    changes: &[Change],
    now: Timestamp,
) -> Out<Applied> {
    if let Some(hold) = guard {
        lanes::guard(conn, hold)?;
    }
    let mut applied = Applied::default();
    // Each room takes its own changes and hands on the others.
    for change in changes {
        let done = message_change(conn, change, &mut applied, now)?
            || reply_change(conn, change, now)?
            || person_change(conn, seal, change, &mut applied, now)?
            || credential_change(conn, seal, change, &mut applied, now)?
            || upkeep_change(conn, change, &mut applied, now)?;
        if !done {
            return Err(StoreError::Backend("a change that nobody applies".into()));
        }
        // Over a limit: what was to be paid for by these counters does not happen.
        if applied.over.is_some() {
            break;
        }
    }
    Ok(applied)
}

fn message_change(
    conn: &mut Conn,
    change: &Change,
    applied: &mut Applied,
    now: Timestamp,
) -> Out<bool> {
    match change {
        Change::Read { message_id, state, wait, wait_until, outcome } => {
            let standing =
                Standing { state: *state, wait: *wait, wait_until: *wait_until, outcome };
            messages::set_read(conn, *message_id, &standing)?;
        }
        Change::SetText { message_id, text } => {
            diesel::update(message_rows::table.find(message_id))
                .set(message_rows::text.eq(text))
                .execute(conn)?;
        }
        Change::Confirmed { message_id } => {
            diesel::update(message_rows::table.find(message_id))
                .set((message_rows::unconfirmed.eq(0), message_rows::wait_until.eq(None::<i64>)))
                .execute(conn)?;
        }
        Change::ConfirmLater { message_id, at } => {
            diesel::update(message_rows::table.find(message_id))
                .filter(message_rows::read.eq(0))
                .set(message_rows::wait_until.eq(at.0))
                .execute(conn)?;
        }
        Change::AddPosts { message_id, posts } => posts::add(conn, *message_id, posts)?,
        Change::ReplacePosts { message_id, posts } => {
            posts::replace(conn, *message_id, posts, now)?;
        }
        Change::Picture(change) => pictures::change(conn, change, now)?,
        Change::OpenAttempt { post_id, deadline_at } => {
            posts::open_attempt(conn, *post_id, *deadline_at, now)?;
        }
        Change::CloseAttempt(close) => posts::close_attempt(conn, close, now)?,
        Change::UndoNewest { sender } => applied.undone = undo::undo_newest(conn, sender, now)?,
        Change::Retracted { post_id } => posts::retracted(conn, *post_id, now)?,
        Change::NotRetracted { post_id, outcome } => {
            posts::not_retracted(conn, *post_id, outcome)?;
        }
        Change::Retry { message_id } => applied.taken = undo::retry(conn, *message_id, now)?,
        Change::Recheck { message_id } => applied.taken = undo::recheck(conn, *message_id, now)?,
        Change::EndWaits { rows_max } => {
            applied.cancelled = messages::end_waits(conn, *rows_max, now)?;
        }
        Change::EndOperatorWaits { rows_max } => {
            applied.waiting = messages::end_operator_waits(conn, *rows_max, now)?;
        }
        Change::Approve { sender, yes } => {
            applied.approved = undo::approve(conn, sender, *yes, now)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn reply_change(conn: &mut Conn, change: &Change, now: Timestamp) -> Out<bool> {
    match change {
        Change::AddReply(reply) => replies::add(conn, reply, now)?,
        Change::SendingReply { reply_id } => replies::sending(conn, *reply_id)?,
        Change::CloseReply { reply_id, state, provider_id, due_at, detail } => {
            replies::close(conn, *reply_id, *state, provider_id.as_deref(), *due_at, detail)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn person_change(
    conn: &mut Conn,
    seal: &Seal,
    change: &Change,
    applied: &mut Applied,
    now: Timestamp,
) -> Out<bool> {
    match change {
        Change::AddLink(link) => applied.link_id = Some(links::add(conn, seal, link)?),
        Change::EraseLinkCopies { sender } => links::erase_copies(conn, sender)?,
        Change::StepLink(step) => links::step(conn, seal, step)?,
        Change::PutAccount(account) => accounts::put(conn, seal, account, applied, now)?,
        Change::Leave { sender, standing } => {
            leave::leave(conn, sender, *standing, applied, now)?;
        }
        Change::LeaveSink { sender, sink } => leave::leave_sink(conn, sender, sink, now)?,
        Change::OptOut { transport, line, sender, on } => {
            people::set_opt_out(conn, transport, line, sender, *on, now)?;
        }
        Change::SetStanding { sender, standing } => {
            people::set_standing(conn, sender, *standing, now)?;
        }
        Change::SetQuiet { sender, quiet } => people::set_quiet(conn, sender, *quiet)?,
        Change::SetPin { sender, pin } => proof::set_pin(conn, seal, sender, pin)?,
        Change::WrongPin { sender, tries_max, locked_until } => {
            proof::wrong_pin(conn, sender, *tries_max, *locked_until)?;
        }
        Change::Believe(proof) => proof::believe(conn, proof, now)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn credential_change(
    conn: &mut Conn,
    seal: &Seal,
    change: &Change,
    applied: &mut Applied,
    now: Timestamp,
) -> Out<bool> {
    match change {
        Change::PutCredential { credential_id, version, fresh } => {
            credentials::put(conn, seal, *credential_id, *version, fresh, now)?;
        }
        Change::TakeRefresh { credential_id, version, claim } => {
            applied.taken = credentials::take_refresh(conn, *credential_id, *version, claim, now)?;
        }
        Change::DropRefresh { credential_id, owner } => {
            credentials::drop_refresh(conn, *credential_id, owner)?;
        }
        Change::CredentialRefused { credential_id, version, detail, fingerprint, wait_until } => {
            let refused = (*credential_id, *version);
            let why = (detail.as_str(), fingerprint.as_deref());
            credentials::refused(conn, refused, why, *wait_until, now)?;
        }
        Change::CredentialChecked { credential_id } => {
            credentials::checked(conn, *credential_id, now)?;
        }
        Change::EraseCredential { credential_id, detail } => {
            credentials::erase_by_id(conn, *credential_id, detail, now)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn upkeep_change(
    conn: &mut Conn,
    change: &Change,
    applied: &mut Applied,
    now: Timestamp,
) -> Out<bool> {
    match change {
        Change::Count(wanted) => {
            applied.over = counters::count(conn, wanted)?;
        }
        Change::Spend(line) => money::spend(conn, line)?,
        Change::PauseSink { sink, detail, probe_at } => {
            upkeep::pause(conn, sink, detail, *probe_at, now)?;
        }
        Change::TakeProbe { sink, next_at } => {
            applied.taken = upkeep::take_probe(conn, sink, *next_at, now)?;
        }
        Change::ResumeSink { sink } => upkeep::resume(conn, sink, now)?,
        Change::LineCannotSend { transport, line, detail } => {
            upkeep::set_line_trouble(conn, transport, line, detail.as_deref(), now)?;
        }
        Change::TouchLane { kind, key, at } => lanes::touch(conn, *kind, key, *at)?,
        Change::TakeLane { kind, key, claim } => {
            let hold = lanes::take(conn, *kind, key, claim, now)?;
            applied.taken = hold.is_some();
            applied.holds.extend(hold);
        }
        Change::ReleaseLane(hold) => lanes::release(conn, hold, now)?,
        Change::SetFact { key, value } => upkeep::set_fact(conn, key, value)?,
        _ => return Ok(false),
    }
    Ok(true)
}
