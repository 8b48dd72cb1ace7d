//! The bridge itself: health, lines, sinks, plugins.

use super::{done, shown};
use crate::call::Call;
use crate::door::Door;
use crate::table::{Served, Site};
use crate::token::SignedIn;

/// `GET /health`: with what a person must act on.
pub(crate) async fn health<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.health().await)
}

/// `GET /lines`.
pub(crate) async fn lines<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.lines().await)
}

/// `GET /sinks`.
pub(crate) async fn sinks<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.sinks().await)
}

/// `GET /pages`: what instances show of themselves.
pub(crate) async fn pages<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.pages().await)
}

/// `GET /plugins`: what the bridge is made of.
pub(crate) async fn plugins<D: Door>(_: SignedIn, site: Site<D>, _: Call) -> Served {
    shown(&site.door.plugins())
}

/// `POST /sinks/<name>/resume`.
pub(crate) async fn resume<D: Door>(_: SignedIn, site: Site<D>, call: Call) -> Served {
    site.door.resume(call.param(0)).await?;
    done()
}
