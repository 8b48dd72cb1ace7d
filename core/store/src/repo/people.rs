//! People: who they are, where they are linked, what they have sent.

use super::{Conn, links};
use crate::domain::{Account, Identity, LinkState, MessageState, PersonView, Standing};
use crate::error::Out;
use crate::rows::{AccountRow, IdentityRow, flag};
use crate::schema::{accounts, identities, links as link_rows, messages, opt_outs};
use crate::seal::Seal;
use cordboard_plugin::{Address, Timestamp};
use diesel::dsl::{count_star, exists, max};
use diesel::prelude::*;
use std::collections::HashMap;

const LIST_ROWS_MAX: i64 = 1000;

pub(super) fn identity(conn: &mut Conn, sender: &Address) -> Out<Option<Identity>> {
    let row = identities::table
        .filter(identities::sender.eq(sender.reveal()))
        .select(IdentityRow::as_select())
        .first(conn)
        .optional()?;
    row.map(IdentityRow::into_domain).transpose()
}

pub(super) fn identity_by_id(conn: &mut Conn, id: i64) -> Out<Option<Identity>> {
    let row = identities::table.find(id).select(IdentityRow::as_select()).first(conn).optional()?;
    row.map(IdentityRow::into_domain).transpose()
}

pub(super) fn account_of(conn: &mut Conn, identity_id: i64, sink: &str) -> Out<Option<Account>> {
    let row = accounts::table
        .filter(accounts::identity_id.eq(identity_id).and(accounts::sink.eq(sink)))
        .select(AccountRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(AccountRow::into_domain))
}

/// Sets how a person stands; makes the identity if unknown. Brings its id.
pub(super) fn set_standing(
    conn: &mut Conn,
    sender: &Address,
    standing: Standing,
    now: Timestamp,
) -> Out<i64> {
    Ok(diesel::insert_into(identities::table)
        .values((
            identities::sender.eq(sender.reveal()),
            identities::standing.eq(standing.code()),
            identities::quiet.eq(0),
            identities::created_at.eq(now.0),
            identities::seen_at.eq(now.0),
        ))
        .on_conflict(identities::sender)
        .do_update()
        .set(identities::standing.eq(standing.code()))
        .returning(identities::id)
        .get_result(conn)?)
}

/// Makes sure that a sender is listed; how they stand is left alone.
pub(super) fn note(conn: &mut Conn, sender: &Address, now: Timestamp) -> Out<()> {
    if identity(conn, sender)?.is_none() {
        set_standing(conn, sender, Standing::Known, now)?;
    }
    Ok(())
}

pub(super) fn set_quiet(conn: &mut Conn, sender: &Address, quiet: bool) -> Out<()> {
    diesel::update(identities::table.filter(identities::sender.eq(sender.reveal())))
        .set(identities::quiet.eq(flag(quiet)))
        .execute(conn)?;
    Ok(())
}

pub(super) fn account(conn: &mut Conn, sender: &Address, sink: &str) -> Out<Option<Account>> {
    Ok(accounts(conn, sender)?.into_iter().find(|account| account.sink == sink))
}

pub(super) fn accounts(conn: &mut Conn, sender: &Address) -> Out<Vec<Account>> {
    let rows = accounts::table
        .inner_join(identities::table)
        .filter(identities::sender.eq(sender.reveal()))
        .order(accounts::sink)
        .select(AccountRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(AccountRow::into_domain).collect())
}

pub(super) fn same_remote(conn: &mut Conn, remote_id: &str, sink: &str) -> Out<i64> {
    Ok(accounts::table
        .filter(accounts::sink.eq(sink).and(accounts::remote_id.eq(remote_id)))
        .count()
        .get_result(conn)?)
}

pub(super) fn person(conn: &mut Conn, seal: &Seal, sender: &Address) -> Out<Option<PersonView>> {
    let identity = identity(conn, sender)?;
    let views = identity.map(|identity| views(conn, seal, vec![identity])).transpose()?;
    Ok(views.and_then(|views| views.into_iter().next()))
}

pub(super) fn people(
    conn: &mut Conn,
    seal: &Seal,
    rows_max: i64,
    after: Option<&Address>,
) -> Out<Vec<PersonView>> {
    let mut query = identities::table.select(IdentityRow::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(identities::sender.gt(after.reveal()));
    }
    let identities = query
        .order(identities::sender)
        .limit(rows_max.clamp(0, LIST_ROWS_MAX))
        .load(conn)?
        .into_iter()
        .map(IdentityRow::into_domain)
        .collect::<Out<_>>()?;
    views(conn, seal, identities)
}

fn views(conn: &mut Conn, seal: &Seal, identities: Vec<Identity>) -> Out<Vec<PersonView>> {
    let ids: Vec<i64> = identities.iter().map(|i| i.id).collect();
    let senders: Vec<&str> = identities.iter().map(|i| i.sender.reveal()).collect();
    let mut linked: HashMap<i64, Vec<Account>> = HashMap::new();
    for row in accounts::table
        .filter(accounts::identity_id.eq_any(&ids))
        .order(accounts::sink)
        .select(AccountRow::as_select())
        .load(conn)?
    {
        linked.entry(row.identity_id).or_default().push(row.into_domain());
    }
    let by_state: Vec<(String, i16, i64)> = messages::table
        .filter(messages::sender.eq_any(&senders))
        .group_by((messages::sender, messages::state))
        .select((messages::sender, messages::state, count_star()))
        .load(conn)?;
    let open = [LinkState::Open, LinkState::Pressed, LinkState::Returned].map(LinkState::code);
    let until: HashMap<String, Option<i64>> = link_rows::table
        .filter(link_rows::sender.eq_any(&senders).and(link_rows::state.eq_any(open)))
        .group_by(link_rows::sender)
        .select((link_rows::sender, max(link_rows::expires_at)))
        .load::<(String, Option<i64>)>(conn)?
        .into_iter()
        .collect();
    let mut copies = links::copies(conn, seal, &senders)?;
    let view = |identity: Identity| {
        let sender = identity.sender.reveal();
        let mine = || by_state.iter().filter(|(s, ..)| s == sender);
        PersonView {
            messages: mine().map(|(.., n)| n).sum(),
            waiting: mine()
                .filter(|(_, state, _)| *state == MessageState::Waiting.code())
                .map(|(.., n)| n)
                .sum(),
            link: copies.remove(sender),
            link_until: until.get(sender).copied().flatten().map(Timestamp),
            accounts: linked.remove(&identity.id).unwrap_or_default(),
            identity,
        }
    };
    Ok(identities.into_iter().map(view).collect())
}

pub(super) fn opted_out(
    conn: &mut Conn,
    transport: &str,
    line: &Address,
    sender: &Address,
) -> Out<bool> {
    let found = opt_outs::table
        .filter(opt_outs::transport.eq(transport).and(opt_outs::line.eq(line.reveal())))
        .filter(opt_outs::sender.eq(sender.reveal()));
    Ok(diesel::select(exists(found)).get_result(conn)?)
}

pub(super) fn set_opt_out(
    conn: &mut Conn,
    transport: &str,
    line: &Address,
    sender: &Address,
    on: bool,
    now: Timestamp,
) -> Out<()> {
    if on {
        diesel::insert_into(opt_outs::table)
            .values((
                opt_outs::transport.eq(transport),
                opt_outs::line.eq(line.reveal()),
                opt_outs::sender.eq(sender.reveal()),
                opt_outs::at.eq(now.0),
            ))
            .on_conflict((opt_outs::transport, opt_outs::line, opt_outs::sender))
            .do_nothing()
            .execute(conn)?;
    } else {
        diesel::delete(opt_outs::table)
            .filter(opt_outs::transport.eq(transport).and(opt_outs::line.eq(line.reveal())))
            .filter(opt_outs::sender.eq(sender.reveal()))
            .execute(conn)?;
    }
    Ok(())
}
