//! Webhooks: bytes in, bytes out. What they mean is the transport's business.

use crate::body::HOOK_BYTES_MAX;
use crate::call::{Call, passed_on};
use crate::door::Door;
use crate::table::{Served, Site};

/// `/hooks/<transport>`: a message.
pub(crate) async fn message<D: Door>(site: Site<D>, call: Call) -> Served {
    take(site, call, "").await
}

/// `/hooks/<transport>/status`: news of a text we sent.
pub(crate) async fn status<D: Door>(site: Site<D>, call: Call) -> Served {
    take(site, call, "/status").await
}

async fn take<D: Door>(site: Site<D>, call: Call, path: &str) -> Served {
    let transport = call.param(0).to_owned();
    let config = &site.config;
    let call = call
        .whole(&config.public_url, path.to_owned(), &config.trusted_proxies, HOOK_BYTES_MAX)
        .await?;
    Ok(passed_on(site.door.hook(&transport, call).await))
}
