//! Sums over all messages.

use super::Conn;
use crate::domain::{MessageState, Sums};
use crate::error::Out;
use crate::rows::known;
use crate::schema::{messages, totals};
use diesel::dsl::count_star;
use diesel::prelude::*;

pub(super) fn sums(conn: &mut Conn) -> Out<Sums> {
    let counts: Vec<(i16, i64)> = messages::table
        .group_by(messages::state)
        .select((messages::state, count_star()))
        .load(conn)?;
    for (code, _) in &counts {
        known(MessageState::from_code(*code), "message state", *code)?;
    }
    let count_of = |state: MessageState| {
        counts.iter().find(|(code, _)| *code == state.code()).map_or(0, |(_, n)| *n)
    };
    Ok(Sums {
        total: totals::table.select(totals::messages).first(conn)?,
        states: MessageState::ALL.iter().map(|state| (*state, count_of(*state))).collect(),
    })
}

/// How many messages are not at an end yet.
pub(super) fn open_messages(conn: &mut Conn) -> Out<i64> {
    let open =
        [MessageState::Queued, MessageState::Working, MessageState::Waiting, MessageState::Unclear];
    let codes = open.map(MessageState::code);
    Ok(messages::table.filter(messages::state.eq_any(codes)).count().get_result(conn)?)
}
