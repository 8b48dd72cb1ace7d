//! Rows of links.

use super::known;
use crate::domain::{Link, LinkReason, LinkState, NewLink};
use crate::error::Out;
use crate::schema::links;
use crate::seal::{Seal, link_place};
use cordboard_plugin::{Address, Timestamp};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = links)]
pub(crate) struct LinkRow {
    id: i64,
    token_hash: String,
    sender: String,
    transport: String,
    line: String,
    sinks: String,
    reason: i16,
    state: i16,
    sink_index: i32,
    cookie_hash: Option<String>,
    code_hash: Option<String>,
    code_tries: i32,
    secret: Option<Vec<u8>>,
    held_return: Option<Vec<u8>>,
    created_at: i64,
    expires_at: i64,
    copy: Option<Vec<u8>>,
}

impl LinkRow {
    pub(crate) fn into_domain(self, seal: &Seal) -> Out<Link> {
        let open = |field: &str, sealed: Option<Vec<u8>>| {
            sealed
                .map(|sealed| seal.open(&link_place(&self.token_hash, field), &sealed))
                .transpose()
        };
        Ok(Link {
            id: self.id,
            sender: Address::new(self.sender),
            transport: self.transport,
            line: Address::new(self.line),
            sinks: serde_json::from_str(&self.sinks)?,
            reason: known(LinkReason::from_code(self.reason), "link reason", self.reason)?,
            state: known(LinkState::from_code(self.state), "link state", self.state)?,
            sink_index: self.sink_index,
            cookie_hash: self.cookie_hash,
            code_hash: self.code_hash,
            code_tries: self.code_tries,
            secret: open("secret", self.secret)?,
            held_return: open("held_return", self.held_return)?,
            by_hand: self.copy.is_some(),
            created_at: Timestamp(self.created_at),
            expires_at: Timestamp(self.expires_at),
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = links)]
pub(crate) struct NewLinkRow<'a> {
    token_hash: &'a str,
    sender: &'a str,
    transport: &'a str,
    line: &'a str,
    sinks: String,
    reason: i16,
    state: i16,
    sink_index: i32,
    code_tries: i32,
    created_at: i64,
    expires_at: i64,
    copy: Option<Vec<u8>>,
}

impl<'a> NewLinkRow<'a> {
    pub(crate) fn new(seal: &Seal, link: &'a NewLink) -> Out<Self> {
        let place = link_place(&link.token_hash, "copy");
        Ok(Self {
            copy: link.copy.as_ref().map(|copy| seal.seal(&place, copy)).transpose()?,
            token_hash: &link.token_hash,
            sender: link.sender.reveal(),
            transport: &link.transport,
            line: link.line.reveal(),
            sinks: serde_json::to_string(&link.sinks)?,
            reason: link.reason.code(),
            state: LinkState::Open.code(),
            sink_index: 0,
            code_tries: 0,
            created_at: link.created_at.0,
            expires_at: link.expires_at.0,
        })
    }
}
