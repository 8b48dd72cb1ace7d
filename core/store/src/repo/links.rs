//! Links: made, found by a hash, stepped forward.

use super::{Conn, people};
use crate::domain::{Link, LinkState, LinkStep, NewLink};
use crate::error::{Out, StoreError};
use crate::rows::{LinkRow, NewLinkRow};
use crate::schema::links;
use crate::seal::{Seal, link_place};
use cordboard_plugin::{Address, Secret, Timestamp};
use diesel::prelude::*;
use std::collections::HashMap;

const OPEN: [LinkState; 3] = [LinkState::Open, LinkState::Pressed, LinkState::Returned];

fn open_codes() -> [i16; 3] {
    OPEN.map(LinkState::code)
}

pub(super) fn link_by_token(conn: &mut Conn, seal: &Seal, token_hash: &str) -> Out<Option<Link>> {
    let row = links::table
        .filter(links::token_hash.eq(token_hash))
        .select(LinkRow::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| row.into_domain(seal)).transpose()
}

pub(super) fn link_by_state(conn: &mut Conn, seal: &Seal, state_hash: &str) -> Out<Option<Link>> {
    let row = links::table
        .filter(links::state_hash.eq(state_hash))
        .select(LinkRow::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| row.into_domain(seal)).transpose()
}

pub(super) fn link_by_cookie(conn: &mut Conn, seal: &Seal, cookie_hash: &str) -> Out<Option<Link>> {
    let row = links::table
        .filter(links::cookie_hash.eq(cookie_hash))
        .order(links::id.desc())
        .select(LinkRow::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| row.into_domain(seal)).transpose()
}

pub(super) fn abandoned_links(
    conn: &mut Conn,
    seal: &Seal,
    now: Timestamp,
    rows_max: i64,
) -> Out<Vec<Link>> {
    links::table
        .filter(links::state.eq(LinkState::Returned.code()).and(links::held_return.is_not_null()))
        .filter(links::expires_at.le(now.0))
        .order(links::id)
        .limit(rows_max)
        .select(LinkRow::as_select())
        .load(conn)?
        .into_iter()
        .map(|row| row.into_domain(seal))
        .collect()
}

pub(super) fn open_link(
    conn: &mut Conn,
    seal: &Seal,
    sender: &Address,
    now: Timestamp,
) -> Out<Option<Link>> {
    let row = links::table
        .filter(links::sender.eq(sender.reveal()).and(links::state.eq_any(open_codes())))
        .filter(links::expires_at.gt(now.0))
        .order(links::id.desc())
        .select(LinkRow::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| row.into_domain(seal)).transpose()
}

pub(super) fn recent_link(
    conn: &mut Conn,
    seal: &Seal,
    sender: &Address,
    since: Timestamp,
) -> Out<Option<Link>> {
    let row = links::table
        .filter(links::sender.eq(sender.reveal()).and(links::expires_at.ge(since.0)))
        .order(links::id.desc())
        .select(LinkRow::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| row.into_domain(seal)).transpose()
}

/// Makes a link and brings its id; older open links of the sender become void.
pub(super) fn add(conn: &mut Conn, seal: &Seal, link: &NewLink) -> Out<i64> {
    void_open(conn, &link.sender)?;
    if link.copy.is_some() {
        people::note(conn, &link.sender, link.created_at)?;
    }
    let id: Option<i64> = diesel::insert_into(links::table)
        .values(NewLinkRow::new(seal, link)?)
        .on_conflict(links::token_hash)
        .do_nothing()
        .returning(links::id)
        .get_result(conn)
        .optional()?;
    id.ok_or(StoreError::Conflict)
}

/// Voids the open links of a sender and erases their secrets.
pub(super) fn void_open(conn: &mut Conn, sender: &Address) -> Out<()> {
    let ids: Vec<i64> = links::table
        .filter(links::sender.eq(sender.reveal()).and(links::state.eq_any(open_codes())))
        .select(links::id)
        .load(conn)?;
    for id in ids {
        diesel::update(links::table.find(id))
            .set(links::state.eq(LinkState::Void.code()))
            .execute(conn)?;
        erase_secrets(conn, id)?;
    }
    Ok(())
}

fn erase_secrets(conn: &mut Conn, id: i64) -> Out<()> {
    diesel::update(links::table.find(id))
        .set((
            links::secret.eq(None::<Vec<u8>>),
            links::held_return.eq(None::<Vec<u8>>),
            links::cookie_hash.eq(None::<String>),
            links::code_hash.eq(None::<String>),
            links::copy.eq(None::<Vec<u8>>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Erases the kept addresses of a sender's links: they were texted after all.
pub(super) fn erase_copies(conn: &mut Conn, sender: &Address) -> Out<()> {
    diesel::update(links::table.filter(links::sender.eq(sender.reveal())))
        .set(links::copy.eq(None::<Vec<u8>>))
        .execute(conn)?;
    Ok(())
}

/// The addresses of these senders' links that are kept to be passed on.
pub(super) fn copies(
    conn: &mut Conn,
    seal: &Seal,
    senders: &[&str],
) -> Out<HashMap<String, Secret>> {
    let rows: Vec<(String, String, Option<Vec<u8>>)> = links::table
        .filter(links::sender.eq_any(senders).and(links::copy.is_not_null()))
        .order(links::id)
        .select((links::sender, links::token_hash, links::copy))
        .load(conn)?;
    let mut copies = HashMap::new();
    for (sender, token_hash, sealed) in rows {
        if let Some(sealed) = sealed {
            copies.insert(sender, seal.open(&link_place(&token_hash, "copy"), &sealed)?);
        }
    }
    Ok(copies)
}

#[derive(AsChangeset)]
#[diesel(table_name = links)]
struct StepRow<'a> {
    state: i16,
    sink_index: Option<i32>,
    cookie_hash: Option<&'a str>,
    state_hash: Option<&'a str>,
    secret: Option<Vec<u8>>,
    code_hash: Option<&'a str>,
    held_return: Option<Vec<u8>>,
}

pub(super) fn step(conn: &mut Conn, seal: &Seal, step: &LinkStep) -> Out<()> {
    let token_hash: Option<String> =
        links::table.find(step.link_id).select(links::token_hash).first(conn).optional()?;
    let Some(token_hash) = token_hash else { return Err(StoreError::Conflict) };
    let sealed = |field: &str, secret: Option<&Secret>| {
        secret.map(|secret| seal.seal(&link_place(&token_hash, field), secret)).transpose()
    };
    // What is `None` here stays as it is.
    let change = StepRow {
        state: step.to.code(),
        sink_index: step.sink_index,
        cookie_hash: step.cookie_hash.as_deref(),
        state_hash: step.state_hash.as_deref(),
        secret: sealed("secret", step.secret.as_ref())?,
        code_hash: step.code_hash.as_deref(),
        held_return: sealed("held_return", step.held_return.as_ref())?,
    };
    let link = links::table.find(step.link_id);
    let row: Option<(i16, i32)> =
        link.select((links::state, links::code_tries)).first(conn).optional()?;
    let expected = row.is_some_and(|(state, tries)| {
        state == step.from.code() && step.code_try.is_none_or(|before| before == tries)
    });
    if !expected {
        return Err(StoreError::Conflict);
    }
    let typed = i32::from(step.code_try.is_some());
    let rows = diesel::update(link)
        .filter(links::state.eq(step.from.code()))
        .set((change, links::code_tries.eq(links::code_tries + typed)))
        .execute(conn)?;
    if rows == 0 {
        return Err(StoreError::Conflict);
    }
    if step.to == LinkState::Returned {
        // Nobody can press it any more.
        diesel::update(links::table.find(step.link_id))
            .set(links::copy.eq(None::<Vec<u8>>))
            .execute(conn)?;
    }
    if OPEN.contains(&step.to) { Ok(()) } else { erase_secrets(conn, step.link_id) }
}
