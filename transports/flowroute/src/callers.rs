//! Who may call us: by the token in the address, and by where the call comes from.
//!
//! Flowroute signs nothing and sends no secret (its docs, "Receive an inbound message": accept
//! connections from our addresses only). So whoever knows the address could forge a text, and the
//! address holds a secret.

use crate::config::Config;
use cordboard_plugin::{HttpCall, Rejected};
use std::net::IpAddr;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

/// The web side puts here the one address that it believes a call came from, whatever else was claimed.
const FORWARDED: &str = "x-forwarded-for";

/// Makes sure that `call` may be heard.
///
/// # Errors
/// [`Rejected`] with 403 for a wrong or missing token, and for a caller outside `allow_ips`; with
/// `allow_ips` one whose address is not known is outside.
pub(crate) fn admit(config: &Config, call: &HttpCall) -> Result<(), Rejected> {
    if !config.allow_ips.is_empty() {
        let caller = call.header(FORWARDED).and_then(|text| text.trim().parse::<IpAddr>().ok());
        let caller = caller.ok_or_else(|| Rejected::forged("from an address that is not known"))?;
        if !config.allow_ips.iter().any(|block| block.holds(caller)) {
            return Err(Rejected::forged("from an address outside `allow_ips`"));
        }
    }
    let Some(token) = &config.callback_token else { return Ok(()) };
    match parameter(call, "token") {
        None => Err(Rejected::forged("no token")),
        Some(brought) if bool::from(brought.as_bytes().ct_eq(token.reveal().as_bytes())) => Ok(()),
        Some(_) => Err(Rejected::forged("wrong token")),
    }
}

/// The first value of `name` in the query, unless it is empty.
pub(crate) fn parameter(call: &HttpCall, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(call.query.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    (!value.is_empty()).then(|| value.into_owned())
}

/// A block of addresses, IPv4 or IPv6; a single one is a block of its full length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    network: IpAddr,
    /// How many leading bits count.
    bits: u8,
}

impl Block {
    /// Reads `198.51.100.7`, `198.51.100.0/24` or `2001:db8::/32`. Bits behind the length are ignored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let network: IpAddr = address.parse().ok()?;
        let longest = length(network);
        let bits = match bits {
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
            None => longest,
        };
        (bits <= longest).then_some(Self { network, bits })
    }

    /// Whether `address` is in this block. An IPv4 address that is written as IPv6 is the same one.
    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if length(address) != length(self.network) {
            return false;
        }
        let behind = u32::from(length(address) - self.bits);
        let leading = |address: IpAddr| number(address).checked_shr(behind).unwrap_or(0);
        leading(address) == leading(self.network)
    }
}

fn length(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_what_begins_as_it_does() {
        for (block, address, held) in [
            ("198.51.100.7", "198.51.100.7", true),
            ("198.51.100.7", "198.51.100.8", false),
            ("198.51.100.0/24", "198.51.100.255", true),
            ("198.51.100.9/24", "198.51.100.255", true),
            ("198.51.100.0/24", "198.51.101.0", false),
            ("198.51.100.0/24", "::ffff:198.51.100.1", true),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::1", "2001:db8::2", false),
        ] {
            let holds = Block::parse(block).unwrap().holds(address.parse().unwrap());
            assert_eq!(holds, held, "{block} {address}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_block_holds_its_own_address(address: u128, bits in 0_u8..=128) {
            let address = IpAddr::V6(std::net::Ipv6Addr::from_bits(address | 1 << 127));
            let block = Block::parse(&format!("{address}/{bits}")).unwrap();
            proptest::prop_assert!(block.holds(address));
        }

        #[test]
        fn any_text_is_a_block_or_none(text in "[0-9a-f.:/ ]{0,24}") {
            let held = Block::parse(&text).map(|block| block.holds(block.network));
            proptest::prop_assert_ne!(held, Some(false));
        }
    }

    #[test]
    fn what_is_no_block_is_none() {
        for text in
            ["", "here", "198.51.100", "198.51.100.0/33", "198.51.100.0/", "::/129", "::/+1"]
        {
            assert_eq!(Block::parse(text), None, "{text}");
        }
    }
}
