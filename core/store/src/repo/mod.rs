//! Every query, once. This folder is compiled for each database with its own `Conn`.

mod accounts;
mod apply;
mod counters;
mod credentials;
mod intake;
mod lanes;
mod leave;
mod links;
mod messages;
mod money;
mod people;
mod pictures;
mod posts;
mod proof;
mod replies;
mod state;
mod sums;
mod sweep;
mod timers;
mod undo;
mod upkeep;

use super::{Conn, claimable};
use crate::domain::*;
use crate::error::Out;
use crate::queries::{Queries, each_query};
use crate::seal::Seal;
use cordboard_plugin::{Address, Commit, CredentialKind, Secret, StatusUpdate, Stored, Timestamp};

macro_rules! implement {
    ($($module:ident :: $name:ident ($($arg:ident : $ty:ty),*) -> $ret:ty;)*) => {
        impl Queries for Conn {
            $(fn $name(&mut self, $($arg: $ty),*) -> Out<$ret> {
                $module::$name(self, $($arg),*)
            })*
        }
    };
}
each_query!(implement);
