//! Rows of messages, posts and attempts.

use super::{flag, known, moment};
use crate::derive::unfinished;
use crate::domain::{
    AttemptView, Message, MessageState, NewMessage, NewPost, Post, PostState, WaitReason,
};
use crate::error::Out;
use crate::schema::{attempts, messages, posts};
use crate::seal::hex;
use cordboard_plugin::{Address, Keyword, MicroUsd, Part, Published, Timestamp};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

/// A part whose words have been erased.
pub(crate) const BLANK_PART: &str =
    r#"{"text":"","media":[],"handles":[],"price":0,"has_link":false}"#;

/// Bits of `approved`: the sender said YES to it; the sender proved that it is theirs.
pub(crate) const APPROVED: i16 = 1;
pub(crate) const PROVEN: i16 = 2;

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(crate) struct MessageRow {
    pub(crate) id: i64,
    pub(crate) transport: String,
    pub(crate) account: String,
    pub(crate) provider_id: String,
    pub(crate) sender: String,
    pub(crate) line: String,
    pub(crate) text: String,
    pub(crate) media: String,
    pub(crate) keyword: Option<String>,
    pub(crate) received_at: i64,
    pub(crate) read: i16,
    pub(crate) unconfirmed: i16,
    pub(crate) state: i16,
    pub(crate) wait: i16,
    pub(crate) wait_until: Option<i64>,
    pub(crate) approved: i16,
    pub(crate) outcome: String,
    pub(crate) erased_at: Option<i64>,
}

impl MessageRow {
    pub(crate) fn into_domain(self) -> Out<Message> {
        Ok(Message {
            id: self.id,
            transport: self.transport,
            account: self.account,
            provider_id: self.provider_id,
            sender: Address::new(self.sender),
            line: Address::new(self.line),
            text: self.text,
            media: serde_json::from_str(&self.media)?,
            keyword: self.keyword.as_deref().and_then(keyword_of),
            received_at: Timestamp(self.received_at),
            read: self.read != 0,
            unconfirmed: self.unconfirmed != 0,
            state: known(MessageState::from_code(self.state), "message state", self.state)?,
            wait: known(WaitReason::from_code(self.wait), "wait", self.wait)?,
            wait_until: moment(self.wait_until),
            approved: self.approved & APPROVED != 0,
            proven: self.approved & PROVEN != 0,
            outcome: self.outcome,
        })
    }
}

fn keyword_word(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Stop => "stop",
        Keyword::Start => "start",
        Keyword::Help => "help",
    }
}

fn keyword_of(word: &str) -> Option<Keyword> {
    [Keyword::Stop, Keyword::Start, Keyword::Help].into_iter().find(|k| keyword_word(*k) == word)
}

#[derive(Insertable)]
#[diesel(table_name = messages)]
pub(crate) struct NewMessageRow<'a> {
    transport: &'a str,
    account: &'a str,
    provider_id: &'a str,
    sender: &'a str,
    line: &'a str,
    text: &'a str,
    media: String,
    keyword: Option<&'static str>,
    segments: i64,
    received_at: i64,
    read: i16,
    unconfirmed: i16,
    state: i16,
    wait: i16,
    approved: i16,
    outcome: &'static str,
}

impl<'a> NewMessageRow<'a> {
    pub(crate) fn new(message: &'a NewMessage, now: Timestamp) -> Out<Self> {
        let incoming = &message.incoming;
        Ok(Self {
            transport: &message.transport,
            account: &incoming.key.account,
            provider_id: &incoming.key.id,
            sender: incoming.from.reveal(),
            line: incoming.to.reveal(),
            text: &incoming.text,
            media: serde_json::to_string(&incoming.media)?,
            keyword: incoming.keyword.map(keyword_word),
            segments: i64::from(incoming.segments),
            received_at: now.0,
            read: 0,
            unconfirmed: flag(message.unconfirmed),
            state: MessageState::Queued.code(),
            wait: WaitReason::Nothing.code(),
            approved: 0,
            outcome: "",
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = posts)]
pub(crate) struct PostRow {
    pub(crate) id: i64,
    pub(crate) message_id: i64,
    pub(crate) sender: String,
    pub(crate) sink: String,
    pub(crate) part_index: i32,
    pub(crate) part_count: i32,
    pub(crate) part: String,
    pub(crate) text_hash: String,
    pub(crate) state: i16,
    pub(crate) wait: i16,
    pub(crate) due_at: i64,
    pub(crate) tries: i32,
    pub(crate) looks: i32,
    pub(crate) doubt: i16,
    pub(crate) attempt_started_at: Option<i64>,
    pub(crate) attempt_deadline_at: Option<i64>,
    pub(crate) published_id: Option<String>,
    pub(crate) published_url: Option<String>,
    pub(crate) undo_asked: i16,
    pub(crate) retracted_at: Option<i64>,
    pub(crate) outcome: String,
    pub(crate) price: i64,
}

impl PostRow {
    pub(crate) fn state(&self) -> Out<PostState> {
        known(PostState::from_code(self.state), "post state", self.state)
    }

    pub(crate) fn into_domain(self) -> Out<Post> {
        let state = self.state()?;
        let price = MicroUsd(self.price);
        let part: Part = serde_json::from_str(&self.part)?;
        let url = self.published_url;
        Ok(Post {
            id: self.id,
            message_id: self.message_id,
            sink: self.sink,
            part_index: self.part_index,
            part_count: self.part_count,
            part: Part { price, ..part },
            text_hash: self.text_hash,
            state,
            wait: known(WaitReason::from_code(self.wait), "wait", self.wait)?,
            due_at: Timestamp(self.due_at),
            tries: self.tries,
            looks: self.looks,
            doubt: self.doubt != 0,
            attempt_started_at: moment(self.attempt_started_at),
            attempt_deadline_at: moment(self.attempt_deadline_at),
            published: self.published_id.map(|id| Published { id, url }),
            undo_asked: self.undo_asked != 0,
            retracted_at: moment(self.retracted_at),
            outcome: self.outcome,
            price,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = posts)]
pub(crate) struct NewPostRow<'a> {
    message_id: i64,
    sender: &'a str,
    sink: &'a str,
    part_index: i32,
    part_count: i32,
    part: String,
    text_hash: String,
    state: i16,
    unfinished: i16,
    wait: i16,
    due_at: i64,
    tries: i32,
    looks: i32,
    doubt: i16,
    undo_asked: i16,
    outcome: &'static str,
    price: i64,
}

impl<'a> NewPostRow<'a> {
    pub(crate) fn new(message_id: i64, sender: &'a str, post: &'a NewPost) -> Out<Self> {
        Ok(Self {
            message_id,
            sender,
            sink: &post.sink,
            part_index: post.part_index,
            part_count: post.part_count,
            part: serde_json::to_string(&post.part)?,
            text_hash: hex(&Sha256::digest(post.part.text.as_bytes())),
            state: post.state.code(),
            unfinished: flag(unfinished(post.state)),
            wait: post.wait.code(),
            due_at: post.due_at.0,
            tries: 0,
            looks: 0,
            doubt: 0,
            undo_asked: 0,
            outcome: "",
            price: post.part.price.0,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = attempts)]
pub(crate) struct AttemptRow {
    post_id: i64,
    started_at: i64,
    deadline_at: i64,
    closed_at: Option<i64>,
    outcome: String,
    detail: String,
}

impl AttemptRow {
    pub(crate) fn into_domain(self) -> AttemptView {
        AttemptView {
            post_id: self.post_id,
            started_at: Timestamp(self.started_at),
            deadline_at: Timestamp(self.deadline_at),
            closed_at: moment(self.closed_at),
            outcome: self.outcome,
            detail: self.detail,
        }
    }
}
