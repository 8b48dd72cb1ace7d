//! Small conversions: hex, hashes, link tokens, codes and addresses.

use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Letters and digits that are not mistaken for each other when read aloud or typed.
const TOKEN_ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
const TOKEN_CHARS: usize = 12;

/// Whether only this machine can reach an address.
pub fn is_loopback_url(url: &str) -> bool {
    match url::Url::parse(url).as_ref().map(url::Url::host) {
        Ok(Some(url::Host::Ipv4(ip))) => ip.is_loopback(),
        Ok(Some(url::Host::Ipv6(ip))) => ip.is_loopback(),
        Ok(Some(url::Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        _ => false,
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// Lower-case hex SHA-256: how tokens, cookies and codes are kept.
pub(crate) fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// A new link token as it is texted: `abcd-efgh-jkmn`, about 59 bits of chance.
pub(crate) fn link_token(world: &World) -> String {
    let mut token = String::new();
    for place in 0..TOKEN_CHARS {
        if place > 0 && place % 4 == 0 {
            token.push('-');
        }
        token.push(char::from(pick(world, TOKEN_ALPHABET)));
    }
    token
}

/// A token as typed (any case, with or without dashes) in the one form that is hashed.
/// `None` for what cannot be a token, so that no row is looked for.
pub(crate) fn token_typed(typed: &str) -> Option<String> {
    let token: String =
        typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    let fits = token.len() == TOKEN_CHARS && token.bytes().all(|b| TOKEN_ALPHABET.contains(&b));
    fits.then_some(token)
}

/// A code of six digits, texted to a phone and typed on a page.
pub(crate) fn phone_code(world: &World) -> String {
    (0..6).map(|_| char::from(pick(world, b"0123456789"))).collect()
}

/// A random value for a cookie: 192 bits.
pub(crate) fn cookie_value(world: &World) -> String {
    URL_SAFE_NO_PAD.encode(world.bytes::<24>())
}

/// One letter, each equally likely: chances that would favour the first letters are thrown again.
fn pick(world: &World, alphabet: &[u8]) -> u8 {
    let fair = 256 - 256 % alphabet.len();
    loop {
        let [byte] = world.bytes::<1>();
        if usize::from(byte) < fair {
            return alphabet[usize::from(byte) % alphabet.len()];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_be_typed_in_any_case_and_without_dashes() {
        let token = link_token(&World::real());
        assert_eq!(token.len(), 14);
        let typed = token_typed(&token).unwrap();
        assert_eq!(token_typed(&token.to_uppercase().replace('-', " ")), Some(typed));
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        for bad in ["", "abcd-efgh-jkm", "abcd-efgh-jkmn-p", "abcd-efgh-jkm0", "äbcd-efgh-jkmn"] {
            assert_eq!(token_typed(bad), None, "{bad}");
        }
    }

    #[test]
    fn hashes_are_sha_256_in_lower_case() {
        // The published value for the empty string (FIPS 180-4 examples).
        assert_eq!(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
