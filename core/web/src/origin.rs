//! Where a request comes from: our own page, or another site that makes a browser send it.

use crate::call::Call;
use crate::config::{WebConfig, is_loopback_host};
use http::Uri;
use http::header::{HOST, ORIGIN};

/// Whether a browser says that a page of another site made it send this.
///
/// Browsers that send neither `Sec-Fetch-Site` nor `Origin` are given the benefit of the doubt: so do
/// programs, and old phones. `Origin: null` is another site's: ours hide no referrer from ourselves.
pub(crate) fn from_other_site(call: &Call, config: &WebConfig) -> bool {
    if let Some(site) = call.header("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    match call.header(ORIGIN) {
        None => false,
        Some(origin) => !ours(origin, call, config),
    }
}

/// Whether an `Origin` is the host this very request went to, or our public address.
fn ours(origin: &str, call: &Call, config: &WebConfig) -> bool {
    let Some(authority) = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned())
    else {
        return false;
    };
    let is =
        |host: Option<&str>| host.is_some_and(|host| authority.as_str().eq_ignore_ascii_case(host));
    is(call.header(HOST)) || is(config.public_host())
}

/// Whether the `Host` header means this very machine. A page of another site that has its own name
/// point at 127.0.0.1 (DNS rebinding) still sends its own name.
pub(crate) fn at_loopback_host(call: &Call) -> bool {
    call.header(HOST).is_some_and(is_loopback_host)
}
