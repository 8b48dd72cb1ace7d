//! What the web side is told at start: parsed and checked by the binary, not looked at twice.

use cordboard_plugin::Secret;
use http::Uri;
use std::net::{IpAddr, SocketAddr};

/// Settings of the web side, from the `[bridge]` and `[admin]` tables.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// Where providers and people reach us: webhooks, link pages, health, sandbox.
    pub listen: SocketAddr,
    /// Where the operator reaches us: desk, API, metrics.
    pub admin_listen: SocketAddr,
    /// The address providers and people use, without a final slash.
    pub public_url: String,
    /// Whether the sandbox is shown on a public bridge.
    pub sandbox_public: bool,
    /// What the operator signs in with. An empty one lets nobody in.
    pub admin_token: Secret,
    /// Whose `X-Forwarded-For` we believe.
    pub trusted_proxies: TrustedProxies,
}

impl WebConfig {
    /// Whether anybody but this machine may reach us: `listen` or the host of `public_url` is not
    /// loopback.
    pub fn is_public(&self) -> bool {
        !self.listen.ip().is_loopback() || !self.public_host().is_some_and(is_loopback_host)
    }

    /// Whether browsers reach us by https, so that cookies may be marked Secure.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
    }

    /// The path of `public_url`, empty unless a proxy mounts us below its root.
    pub(crate) fn mount(&self) -> &str {
        let after_scheme = self.public_url.find("://").map_or(0, |at| at + 3);
        let rest = self.public_url.get(after_scheme..).unwrap_or_default();
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().trim_end_matches('/')
    }

    /// Host and port of `public_url` as written.
    pub(crate) fn public_host(&self) -> Option<&str> {
        let rest = self.public_url.split_once("://")?.1;
        rest.split('/').next().filter(|host| !host.is_empty())
    }
}

/// Whether a `Host` header (or the host of an address), any port, means this very machine.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let Ok(uri) = host.parse::<Uri>() else { return false };
    let Some(name) = uri.host() else { return false };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Addresses of proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<(IpAddr, u8)>);

impl TrustedProxies {
    /// Reads addresses (`10.0.0.1`) and networks (`10.0.0.0/8`).
    ///
    /// # Errors
    /// The first entry that is neither.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, String> {
        let read = |entry: &S| {
            let entry = entry.as_ref();
            network(entry).ok_or_else(|| {
                format!("`{entry}` is neither an address (10.0.0.1) nor a network (10.0.0.0/8)")
            })
        };
        entries.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Who called: the peer itself, or, if the peer is a trusted proxy, the last address in
    /// `forwarded` (a whole `X-Forwarded-For`) that is not one of ours.
    pub fn caller(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let mut caller = peer.to_canonical();
        for hop in forwarded.rsplit(',') {
            if !self.trusts(caller) {
                break;
            }
            let Ok(next) = hop.trim().parse::<IpAddr>() else { break };
            caller = next.to_canonical();
        }
        caller
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(base, bits)| contains(*base, *bits, address))
    }
}

fn network(entry: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match entry.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (entry, None),
    };
    let address: IpAddr = address.trim().parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(width);
    (bits <= width).then_some((address, bits))
}

fn contains(base: IpAddr, bits: u8, address: IpAddr) -> bool {
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let differing = u32::from(base) ^ u32::from(address);
            differing.leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let differing = u128::from(base) ^ u128::from(address);
            differing.leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str, public_url: &str) -> WebConfig {
        WebConfig {
            listen: listen.parse().unwrap(),
            admin_listen: "127.0.0.1:8081".parse().unwrap(),
            public_url: public_url.to_owned(),
            sandbox_public: false,
            admin_token: Secret::new("t"),
            trusted_proxies: TrustedProxies::default(),
        }
    }

    #[test]
    fn a_bridge_is_public_unless_both_addresses_are_loopback() {
        for (listen, url, public) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080", false),
            ("[::1]:8080", "http://localhost:8080", false),
            ("127.0.0.1:8080", "http://[::1]:8080", false),
            ("127.0.0.1:8080", "https://bridge.example", true),
            ("0.0.0.0:8080", "http://127.0.0.1:8080", true),
            ("127.0.0.1:8080", "http://localhost.example", true),
            ("127.0.0.1:8080", "http://127.0.0.1.example:8080", true),
        ] {
            assert_eq!(config(listen, url).is_public(), public, "{listen} {url}");
        }
    }

    #[test]
    fn the_mount_is_the_path_of_the_public_address() {
        for (url, mount) in [
            ("https://bridge.example", ""),
            ("https://bridge.example/", ""),
            ("https://bridge.example/sms", "/sms"),
            ("https://bridge.example:8443/a/b/", "/a/b"),
        ] {
            assert_eq!(config("127.0.0.1:1", url).mount(), mount, "{url}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_about_the_caller() {
        let trusted = TrustedProxies::parse(&["127.0.0.1", "10.0.0.0/8", "fd00::/8"]).unwrap();
        for (peer, forwarded, caller) in [
            ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("127.0.0.1", "203.0.113.9, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
            ("fd00::1", "2001:db8::7", "2001:db8::7"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "nonsense", "127.0.0.1"),
        ] {
            let got = trusted.caller(peer.parse().unwrap(), forwarded);
            assert_eq!(got, caller.parse::<IpAddr>().unwrap(), "{peer} {forwarded}");
        }
    }

    #[test]
    fn a_proxy_that_is_no_address_is_named() {
        for bad in ["proxy.example", "10.0.0.0/33", "10.0.0.0/x", ""] {
            let error = TrustedProxies::parse(&[bad]).unwrap_err();
            assert!(error.contains(bad), "{error}");
        }
    }
}
