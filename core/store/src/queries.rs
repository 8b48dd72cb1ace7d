//! The table of all queries: what a database must be able to do for the store.
//!
//! The list below is turned into the trait [`Queries`] here, and into its implementation for a
//! connection type in `repo/mod.rs`, once per database.

use crate::domain::*;
use crate::error::Out;
use crate::seal::Seal;
use cordboard_plugin::{Address, Commit, CredentialKind, Secret, StatusUpdate, Stored, Timestamp};

/// Hands the list of queries to the macro named.
macro_rules! each_query {
    ($with:ident) => {
        $with! {
            intake::take_in(messages: &[NewMessage], statuses: &[(String, StatusUpdate)], claim: Option<&Claim>, now: Timestamp) -> TakenIn;
            apply::commit(seal: &Seal, guard: Option<&Hold>, changes: &[Change], now: Timestamp) -> Applied;
            state::state_commit(instance: &str, carrier: Option<&Carrier>, commit: &Commit, claim: Option<&Claim>, now: Timestamp) -> TakenIn;
            state::state_get(instance: &str, key: &str, now: Timestamp) -> Option<Stored>;
            state::state_scan(instance: &str, prefix: &str, after: Option<&str>, rows_max: i64, now: Timestamp) -> Vec<(String, Stored)>;
            timers::claim_timers(claim: &Claim, rows_max: i64, now: Timestamp) -> Vec<(String, String, Timestamp)>;
            timers::finish_timer(instance: &str, key: &str, at: Timestamp) -> ();
            timers::next_timer() -> Option<Timestamp>;
            lanes::claim_lanes(kind: LaneKind, claim: &Claim, rows_max: i64, now: Timestamp) -> Vec<Hold>;
            lanes::renew(hold: &Hold, until: Timestamp) -> ();
            lanes::next_due(kind: LaneKind) -> Option<Timestamp>;
            upkeep::start_up(owner: &str) -> ();
            upkeep::fact(key: &str) -> Option<String>;
            upkeep::set_fact(key: &str, value: &str) -> ();
            upkeep::newest_time() -> Timestamp;
            upkeep::line_trouble(transport: &str, line: &Address) -> Option<String>;
            upkeep::line_troubles() -> Vec<LineTrouble>;
            upkeep::paused(sink: &str) -> Option<Paused>;
            upkeep::paused_all() -> Vec<(String, Paused)>;
            money::spent(since_day: i64) -> Vec<Spending>;
            counters::counter(key: &str, window: i64) -> i64;
            sweep::sweep(limits: &SweepLimits, now: Timestamp) -> Swept;
            messages::next_unread(sender: &Address) -> Option<Message>;
            messages::next_unconfirmed(sender: &Address) -> Option<Message>;
            messages::message(id: i64) -> Option<Message>;
            messages::message_detail(id: i64) -> Option<MessageDetail>;
            messages::messages(filter: &MessageFilter) -> Vec<Message>;
            messages::waiting_of(sender: &Address) -> Vec<Message>;
            sums::sums() -> Sums;
            sums::open_messages() -> i64;
            posts::head(sender: &Address, sink: &str) -> Option<Post>;
            posts::post(id: i64) -> Option<Post>;
            posts::posts_of(message_id: i64) -> Vec<Post>;
            posts::previous_part(post_id: i64) -> Option<Post>;
            posts::next_retraction(sender: &Address, sink: &str) -> Option<Post>;
            posts::same_hash_posted(sender: &Address, sink: &str, text_hash: &str, except: i64) -> bool;
            pictures::pictures_of(message_id: i64) -> Vec<Picture>;
            pictures::picture(id: i64) -> Option<Picture>;
            pictures::resting(id: i64) -> Option<String>;
            pictures::upload_of(picture_id: i64, sink: &str) -> Option<Upload>;
            pictures::shelf_rows() -> Vec<ShelfRow>;
            pictures::unshelve() -> Vec<String>;
            pictures::want_missing(there: &[String]) -> i64;
            replies::next_reply(transport: &str, line: &Address, to: &Address, now: Timestamp) -> Vec<Reply>;
            replies::reply(id: i64) -> Option<Reply>;
            replies::sent_to(to: &Address, since: Timestamp, rows_max: i64) -> Vec<Timestamp>;
            replies::reply_for_status(transport: &str, news: &StatusUpdate) -> Option<Reply>;
            people::identity(sender: &Address) -> Option<Identity>;
            proof::pin(seal: &Seal, identity_id: i64) -> Option<Secret>;
            people::identity_by_id(id: i64) -> Option<Identity>;
            people::account_of(identity_id: i64, sink: &str) -> Option<Account>;
            people::account(sender: &Address, sink: &str) -> Option<Account>;
            people::accounts(sender: &Address) -> Vec<Account>;
            people::person(seal: &Seal, sender: &Address) -> Option<PersonView>;
            people::people(seal: &Seal, rows_max: i64, after: Option<&Address>) -> Vec<PersonView>;
            people::same_remote(remote_id: &str, sink: &str) -> i64;
            people::opted_out(transport: &str, line: &Address, sender: &Address) -> bool;
            credentials::credential(seal: &Seal, identity_id: i64, kinds: &[CredentialKind]) -> Option<HeldCredential>;
            credentials::credential_by_id(seal: &Seal, id: i64) -> Option<HeldCredential>;
            credentials::stale_credentials(seal: &Seal, checked_before: Timestamp, rows_max: i64) -> Vec<HeldCredential>;
            credentials::foreign_realm_accounts(sink: &str, realms: &[CredentialKind]) -> i64;
            credentials::mark_foreign_realms(sink: &str, realms: &[CredentialKind], now: Timestamp) -> i64;
            credentials::credential_events(identity_id: i64) -> Vec<CredentialEvent>;
            credentials::was_refused(sender: &Address, fingerprint: &str) -> bool;
            links::link_by_token(seal: &Seal, token_hash: &str) -> Option<Link>;
            links::link_by_state(seal: &Seal, state_hash: &str) -> Option<Link>;
            links::link_by_cookie(seal: &Seal, cookie_hash: &str) -> Option<Link>;
            links::abandoned_links(seal: &Seal, now: Timestamp, rows_max: i64) -> Vec<Link>;
            links::open_link(seal: &Seal, sender: &Address, now: Timestamp) -> Option<Link>;
            links::recent_link(seal: &Seal, sender: &Address, since: Timestamp) -> Option<Link>;
        }
    };
}
pub(crate) use each_query;

macro_rules! declare {
    ($($module:ident :: $name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty;)*) => {
        /// Everything a database is asked; each call runs inside a transaction of the caller.
        pub(crate) trait Queries {
            $(fn $name(&mut self, $($arg: $ty),*) -> Out<$ret>;)*
        }
    };
}
each_query!(declare);
