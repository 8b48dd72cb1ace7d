//! Taking in: messages and news of our texts, in one transaction.

use super::{Conn, lanes, money, replies};
use crate::domain::{Claim, LaneKind, NewMessage, TakenIn};
use crate::error::Out;
use crate::rows::NewMessageRow;
use crate::schema::{identities, messages, totals};
use cordboard_plugin::{StatusUpdate, Timestamp};
use diesel::prelude::*;
use std::collections::BTreeSet;

pub(super) fn take_in(
    conn: &mut Conn,
    new: &[NewMessage],
    statuses: &[(String, StatusUpdate)],
    claim: Option<&Claim>,
    now: Timestamp,
) -> Out<TakenIn> {
    let mut taken = TakenIn::default();
    let mut lanes_due = BTreeSet::new();
    for message in new {
        let id: Option<i64> = diesel::insert_into(messages::table)
            .values(NewMessageRow::new(message, now)?)
            .on_conflict((messages::account, messages::provider_id))
            .do_nothing()
            .returning(messages::id)
            .get_result(conn)
            .optional()?;
        // No row: this key is known already.
        if let Some(id) = id {
            taken.new.push(id);
            money::arrived(conn, message, now)?;
            let first = match message.unconfirmed {
                true => LaneKind::Confirming,
                false => LaneKind::Reading,
            };
            lanes_due.insert((first, message.incoming.from.reveal()));
        }
    }
    if !taken.new.is_empty() {
        let count = i64::try_from(taken.new.len()).unwrap_or(i64::MAX);
        diesel::update(totals::table)
            .set(totals::messages.eq(totals::messages + count))
            .execute(conn)?;
    }
    for (kind, sender) in lanes_due {
        diesel::update(identities::table.filter(identities::sender.eq(sender)))
            .set(identities::seen_at.eq(now.0))
            .execute(conn)?;
        lanes::touch(conn, kind, sender, now)?;
        if let Some(claim) = claim {
            taken.holds.extend(lanes::take(conn, kind, sender, claim, now)?);
        }
    }
    for (transport, status) in statuses {
        taken.statuses_matched += usize::from(replies::status(conn, transport, status)?);
    }
    Ok(taken)
}
