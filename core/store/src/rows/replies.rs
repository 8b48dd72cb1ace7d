//! Rows of replies and lanes.

use super::{flag, known};
use crate::domain::{Hold, LaneKind, NewReply, Reply, ReplyClass, ReplyState};
use crate::error::Out;
use crate::schema::{lanes, replies};
use cordboard_plugin::{Address, Timestamp};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = replies)]
pub(crate) struct ReplyRow {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) transport: String,
    pub(crate) line: String,
    pub(crate) recipient: String,
    pub(crate) text: String,
    pub(crate) class: i16,
    pub(crate) message_id: Option<i64>,
    pub(crate) always: i16,
    pub(crate) secret: i16,
    pub(crate) state: i16,
    pub(crate) due_at: i64,
    pub(crate) tries: i32,
    pub(crate) provider_id: Option<String>,
    pub(crate) detail: String,
    pub(crate) created_at: i64,
}

impl ReplyRow {
    pub(crate) fn state(&self) -> Out<ReplyState> {
        known(ReplyState::from_code(self.state), "reply state", self.state)
    }

    pub(crate) fn into_domain(self) -> Out<Reply> {
        Ok(Reply {
            state: self.state()?,
            class: known(ReplyClass::from_code(self.class), "reply class", self.class)?,
            id: self.id,
            key: self.key,
            transport: self.transport,
            line: Address::new(self.line),
            to: Address::new(self.recipient),
            text: self.text,
            message_id: self.message_id,
            always: self.always != 0,
            secret: self.secret != 0,
            due_at: Timestamp(self.due_at),
            tries: self.tries,
            provider_id: self.provider_id,
            detail: self.detail,
            created_at: Timestamp(self.created_at),
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = replies)]
pub(crate) struct NewReplyRow<'a> {
    key: &'a str,
    transport: &'a str,
    line: &'a str,
    recipient: &'a str,
    text: &'a str,
    class: i16,
    message_id: Option<i64>,
    always: i16,
    secret: i16,
    state: i16,
    due_at: i64,
    tries: i32,
    detail: &'static str,
    created_at: i64,
}

impl<'a> NewReplyRow<'a> {
    pub(crate) fn new(reply: &'a NewReply, now: Timestamp) -> Self {
        Self {
            key: &reply.key,
            transport: &reply.transport,
            line: reply.line.reveal(),
            recipient: reply.to.reveal(),
            text: &reply.text,
            class: reply.class.code(),
            message_id: reply.message_id,
            always: flag(reply.always),
            secret: flag(reply.secret),
            state: ReplyState::Queued.code(),
            due_at: now.0,
            tries: 0,
            detail: "",
            created_at: now.0,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = lanes)]
pub(crate) struct LaneRow {
    pub(crate) id: i64,
    pub(crate) kind: i16,
    pub(crate) key: String,
    pub(crate) next_at: Option<i64>,
    pub(crate) fence: i64,
    pub(crate) touches: i64,
}

impl LaneRow {
    pub(crate) fn into_hold(self) -> Out<Hold> {
        Ok(Hold {
            lane_id: self.id,
            kind: known(LaneKind::from_code(self.kind), "lane kind", self.kind)?,
            key: self.key,
            fence: self.fence,
            touches: self.touches,
        })
    }
}
