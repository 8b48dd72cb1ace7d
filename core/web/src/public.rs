//! The public listener: what providers and people reach.

use crate::config::WebConfig;
use crate::door::Door;
use crate::problem::Audience;
use crate::table::{ANY, GET, GET_OR_POST, POST, Site, Table};
use crate::{guide, health, hooks, link, sandbox};
use warp::filters::BoxedFilter;
use warp::reply::Response;

/// Everything on `bridge.listen`, as one filter that answers every request.
pub fn public_routes<D: Door>(door: D, config: &WebConfig) -> BoxedFilter<(Response,)> {
    table(Site::new(door, config)).build(Audience::Public)
}

#[rustfmt::skip]
pub(crate) fn table<D: Door>(site: Site<D>) -> Table<D> {
    Table::new(site)
        .on(GET,         "/",                        sandbox::front)
        .on(GET,         "/help",                    guide::page)
        .on(GET,         "/healthz",                 health::brief)
        .on(GET,         "/readyz",                  health::ready)
        .on(GET_OR_POST, "/hooks/:transport",        hooks::message)
        .on(GET_OR_POST, "/hooks/:transport/status", hooks::status)
        .on(GET,         "/link/:token",             link::page)
        .on(POST,        "/link/:token",             link::press)
        .on(GET,         "/link/:sink/callback",     link::returned)
        .on(POST,        "/link/:sink/code",         link::code)
        .on(GET,         "/sandbox",                 sandbox::page)
        .on(GET,         "/sandbox/page.js",         sandbox::script)
        .on(GET,         "/sandbox/view",            sandbox::view)
        .on(POST,        "/sandbox/text",            sandbox::text)
        .on(ANY,         "/sandbox/:name/*",         sandbox::provider)
}
