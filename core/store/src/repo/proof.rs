//! Proof that a number is still its person's: PINs, the lines they are known on, texts that wait for it.

use super::{Conn, messages, posts};
use crate::domain::{MessageState, Proof, Proves, WaitReason, line_word};
use crate::error::Out;
use crate::rows::{IdentityRow, MessageRow, PROVEN};
use crate::schema::{accounts, identities, messages as message_rows};
use crate::seal::{Seal, pin_place};
use cordboard_plugin::{Address, Secret, Timestamp};
use diesel::prelude::*;

/// Lines kept for a person; the one they used longest ago makes room.
const LINES_MAX: usize = 50;

const TOO_LATE: &str = "nobody proved in time that it was them";

/// A person's PIN, opened.
pub(super) fn pin(conn: &mut Conn, seal: &Seal, identity_id: i64) -> Out<Option<Secret>> {
    let sealed: Option<Option<Vec<u8>>> =
        identities::table.find(identity_id).select(identities::pin).first(conn).optional()?;
    let place = pin_place(identity_id);
    sealed.flatten().map(|sealed| seal.open(&place, &sealed)).transpose()
}

fn row(conn: &mut Conn, sender: &Address) -> Out<Option<IdentityRow>> {
    Ok(identities::table
        .filter(identities::sender.eq(sender.reveal()))
        .select(IdentityRow::as_select())
        .first(conn)
        .optional()?)
}

/// Sets or replaces the PIN; wrong tries before it count no more.
pub(super) fn set_pin(conn: &mut Conn, seal: &Seal, sender: &Address, pin: &Secret) -> Out<()> {
    let Some(row) = row(conn, sender)? else { return Ok(()) };
    let sealed = seal.seal(&pin_place(row.id), pin)?;
    diesel::update(identities::table.find(row.id))
        .set((identities::pin.eq(sealed), identities::pin_wrong.eq(0)))
        .execute(conn)?;
    Ok(())
}

/// Counts a wrong try; the last one allowed locks, and the count begins anew.
pub(super) fn wrong_pin(
    conn: &mut Conn,
    sender: &Address,
    tries_max: i32,
    locked_until: Timestamp,
) -> Out<()> {
    let who = identities::table.filter(identities::sender.eq(sender.reveal()));
    let wrong: Option<i32> = diesel::update(who)
        .set(identities::pin_wrong.eq(identities::pin_wrong + 1))
        .returning(identities::pin_wrong)
        .get_result(conn)
        .optional()?;
    if wrong.is_some_and(|wrong| wrong >= tries_max) {
        diesel::update(who)
            .set((identities::pin_wrong.eq(0), identities::locked_until.eq(locked_until.0)))
            .execute(conn)?;
    }
    Ok(())
}

/// Notes that a text was theirs, and what it proves.
pub(super) fn believe(conn: &mut Conn, proof: &Proof, now: Timestamp) -> Out<()> {
    let Some(row) = row(conn, &proof.sender)? else { return Ok(()) };
    let mut lines = vec![line_word(&proof.transport, &proof.line)];
    match proof.proves {
        Proves::Nothing => {}
        Proves::Message(id) => {
            let message = messages::row(conn, id)?;
            mark(conn, &message)?;
        }
        Proves::Waiting => {
            for message in wake(conn, &proof.sender, now)? {
                lines.push(line_word(&message.transport, &Address::new(message.line)));
            }
        }
    }
    if proof.proves != Proves::Nothing {
        diesel::update(identities::table.find(row.id))
            .set(identities::pin_wrong.eq(0))
            .execute(conn)?;
    }
    trust(conn, row.id, proof.at.0, lines)
}

/// A message that is its sender's, whenever it is read again.
fn mark(conn: &mut Conn, message: &MessageRow) -> Out<()> {
    diesel::update(message_rows::table.find(message.id))
        .set(message_rows::approved.eq(message.approved | PROVEN))
        .execute(conn)?;
    Ok(())
}

/// Moves the moment until which the number is known to be theirs, and adds lines.
fn trust(conn: &mut Conn, identity_id: i64, at: i64, new: Vec<String>) -> Out<()> {
    let (before, kept): (i64, String) = identities::table
        .find(identity_id)
        .select((identities::believed_at, identities::lines))
        .first(conn)?;
    let mut lines: Vec<String> = serde_json::from_str(&kept)?;
    for line in new {
        lines.retain(|known| *known != line);
        lines.push(line);
    }
    let drop = lines.len().saturating_sub(LINES_MAX);
    lines.drain(..drop);
    diesel::update(identities::table.find(identity_id))
        .set((
            identities::believed_at.eq(before.max(at)),
            identities::lines.eq(serde_json::to_string(&lines)?),
        ))
        .execute(conn)?;
    Ok(())
}

/// Messages that wait for proof, oldest first.
pub(super) fn waiting(conn: &mut Conn, sender: &Address) -> Out<Vec<MessageRow>> {
    Ok(message_rows::table
        .filter(message_rows::sender.eq(sender.reveal()))
        .filter(message_rows::state.eq(MessageState::Waiting.code()))
        .filter(message_rows::wait.eq(WaitReason::Proof.code()))
        .order(message_rows::id)
        .select(MessageRow::as_select())
        .load(conn)?)
}

/// Makes messages that wait for proof unread again, in order; those whose time is over are refused.
fn wake(conn: &mut Conn, sender: &Address, now: Timestamp) -> Out<Vec<MessageRow>> {
    let mut woken = Vec::new();
    for message in waiting(conn, sender)? {
        if message.wait_until.is_some_and(|until| until <= now.0) {
            messages::refuse(conn, message.id, TOO_LATE)?;
        } else if posts::rows_of(conn, message.id)?.is_empty() {
            messages::unread(conn, &message, false, now)?;
            mark(conn, &message)?;
            woken.push(message);
        }
    }
    Ok(woken)
}

/// What a finished link says about the number.
pub(super) struct Linked<'a> {
    pub(super) identity_id: i64,
    pub(super) sender: &'a Address,
    /// Transport and our number that the link went over.
    pub(super) line: &'a (String, Address),
    /// Whether the same account was connected before.
    pub(super) same: bool,
    /// Whether another account was connected before.
    pub(super) other: bool,
}

/// Somebody linked. The same account proves the person. Another one may be another person with the same
/// number, whom the PIN of the one before does not concern. Whoever links everything there is has taken
/// nothing that is not theirs; but a first account at one sink says nothing about those at others.
pub(super) fn linked(
    conn: &mut Conn,
    linked: &Linked<'_>,
    sinks: &[String],
    now: Timestamp,
) -> Out<Vec<i64>> {
    let elsewhere: i64 = accounts::table
        .filter(accounts::identity_id.eq(linked.identity_id).and(accounts::sink.ne_all(sinks)))
        .count()
        .get_result(conn)?;
    if linked.other {
        forget(conn, linked.identity_id)?;
    }
    if elsewhere > 0 && (linked.other || !linked.same) {
        return Ok(Vec::new());
    }
    diesel::update(identities::table.find(linked.identity_id))
        .set(identities::locked_until.eq(None::<i64>))
        .execute(conn)?;
    let waited = waiting(conn, linked.sender)?.into_iter().map(|message| message.id).collect();
    let proof = Proof {
        sender: linked.sender.clone(),
        at: now,
        transport: linked.line.0.clone(),
        line: linked.line.1.clone(),
        proves: Proves::Waiting,
    };
    believe(conn, &proof, now)?;
    Ok(waited)
}

/// Erases the PIN, its wrong tries and lock, and the lines.
pub(super) fn forget(conn: &mut Conn, identity_id: i64) -> Out<()> {
    diesel::update(identities::table.find(identity_id))
        .set((
            identities::pin.eq(None::<Vec<u8>>),
            identities::pin_wrong.eq(0),
            identities::locked_until.eq(None::<i64>),
            identities::lines.eq("[]"),
        ))
        .execute(conn)?;
    Ok(())
}
