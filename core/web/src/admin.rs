//! The admin listener: what the operator and their programs reach.

use crate::config::WebConfig;
use crate::door::Door;
use crate::meters::Meters;
use crate::problem::Audience;
use crate::table::{GET, POST, Served, Site, Table};
use crate::{api, desk, page};
use warp::filters::BoxedFilter;
use warp::reply::Response;

/// Everything on `admin.listen`, as one filter that answers every request.
pub fn admin_routes<D: Door>(
    door: D,
    config: &WebConfig,
    meters: Meters,
) -> BoxedFilter<(Response,)> {
    table(Site::new(door, config), meters).build(Audience::Operator)
}

#[rustfmt::skip]
pub(crate) fn table<D: Door>(site: Site<D>, meters: Meters) -> Table<D> {
    Table::new(site)
        .on(GET,            "/",                              desk::front)
        .on(GET,            "/sign-in",                       desk::ask)
        .on(POST,           "/sign-in",                       desk::sign_in)
        .on(POST,           "/sign-out",                      desk::sign_out)
        .on(POST,           "/act",                           desk::act)
        .on_signed_in(GET,  "/metrics",                       move |_, _, _| metrics(meters.clone()))
        .on_signed_in(GET,  "/api/v1/openapi.json",           api::openapi)
        .on_signed_in(GET,  "/api/v1/health",                 api::bridge::health)
        .on_signed_in(GET,  "/api/v1/lines",                  api::bridge::lines)
        .on_signed_in(GET,  "/api/v1/sinks",                  api::bridge::sinks)
        .on_signed_in(GET,  "/api/v1/pages",                  api::bridge::pages)
        .on_signed_in(GET,  "/api/v1/plugins",                api::bridge::plugins)
        .on_signed_in(POST, "/api/v1/pages/:name/act",        api::bridge::act)
        .on_signed_in(POST, "/api/v1/sinks/:name/resume",     api::bridge::resume)
        .on_signed_in(GET,  "/api/v1/messages",               api::messages::list)
        .on_signed_in(GET,  "/api/v1/messages/:id",           api::messages::show)
        .on_signed_in(POST, "/api/v1/messages/:id/retry",     api::messages::retry)
        .on_signed_in(GET,  "/api/v1/sums",                   api::messages::sums)
        .on_signed_in(GET,  "/api/v1/money",                  api::messages::money)
        .on_signed_in(GET,  "/api/v1/people",                 api::people::list)
        .on_signed_in(GET,  "/api/v1/people/:number",         api::people::show)
        .on_signed_in(POST, "/api/v1/people/:number/unlink",  api::people::unlink)
        .on_signed_in(POST, "/api/v1/people/:number/block",   api::people::block)
        .on_signed_in(POST, "/api/v1/people/:number/unblock", api::people::unblock)
        .on_signed_in(POST, "/api/v1/links",                  api::people::make_link)
}

async fn metrics(meters: Meters) -> Served {
    let mut response = Response::new(meters.render().into());
    page::guard(response.headers_mut(), "text/plain; version=0.0.4; charset=utf-8");
    Ok(response)
}
