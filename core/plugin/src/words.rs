//! The small words everything else is written in: addresses, secrets, moments, money, bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Where a text comes from or goes to, as the provider writes it.
///
/// Usually E.164 (`+` and 7 to 15 digits), but short codes and alphanumeric senders exist.
/// A number is personal data: `Debug` and `Display` show the last two characters only;
/// [`Address::reveal`] is for calls, storage and pages that need the whole.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// Takes an address as it came, without surrounding space.
    pub fn new(text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self(text.trim().to_owned())
    }

    /// The whole address, for a provider's call, a row or the operator's own page.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether this is a full telephone number (ITU-T E.164): `+`, first digit 1 to 9, 7 to 15 digits.
    ///
    /// Short codes, alphanumeric senders and `whatsapp:` prefixes are not; nothing is ever sent to those.
    pub fn is_e164(&self) -> bool {
        let Some(digits) = self.0.strip_prefix('+') else { return false };
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    }

    /// The last two characters, to tell people apart in a log without naming them.
    pub fn last_two(&self) -> &str {
        let start = self.0.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
        &self.0[start..]
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", self.last_two())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// A value that must not be seen: a key, a token, a verifier. `Debug` hides it, and it has no `Display`.
///
/// It serialises in full, because it crosses the plugin boundary; never put one into a log field.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value that must not be seen.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one call that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A moment: milliseconds since 1970-01-01 UTC.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment moved by `millis`, which may be negative; stays at the ends of the range.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This moment moved by `seconds`.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// This moment moved by `hours`.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        self.plus_seconds(hours.saturating_mul(3600))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The UTC day, counted from 1970-01-01.
    pub fn day(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }
}

/// An amount of US dollars in whole micro-dollars: 0.015 USD is 15 000.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MicroUsd(pub i64);

impl MicroUsd {
    /// From dollars as written in a configuration file, rounded to the nearest micro-dollar.
    pub fn from_usd(usd: f64) -> Self {
        Self((usd * 1_000_000.0).round() as i64)
    }

    /// In whole cents, rounded up, as people are told: `0.05 USD`.
    pub fn in_cents(self) -> Self {
        Self(self.0.saturating_add(9_999).div_euclid(10_000).saturating_mul(10_000))
    }

    /// So many of this price, together.
    #[must_use]
    pub fn times(self, n: impl Into<i64>) -> Self {
        Self(self.0.saturating_mul(n.into()))
    }
}

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let kept = text.trim_end_matches('0');
        // Money is read with at least two decimals.
        let decimals = kept.len() - kept.find('.').map_or(0, |dot| dot + 1);
        write!(f, "{sign}{kept}{} USD", &"00"[decimals.min(2)..])
    }
}

/// Raw bytes: an HTTP body, a value in a plugin's state. Base64 in JSON; `Debug` shows the length only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Blob(pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&str> for Blob {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Blob {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[cfg(feature = "abi")]
        let serializer = match crate::abi::codec::BlobPlace::of(&self.0) {
            Some(place) => return place.serialize(serializer),
            None => serializer,
        };
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[cfg(feature = "abi")]
        if crate::abi::codec::is_decoding() {
            return crate::abi::codec::deserialize(deserializer);
        }
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_numbers_are_e164() {
        for good in ["+15550100001", "+4915550100", "+1234567"] {
            assert!(Address::new(good).is_e164(), "{good}");
        }
        for bad in [
            "",
            "+",
            "15550100001",
            "+05550100",
            "+123456",
            "+1234567890123456",
            "INFO",
            "12345",
            "+1555010000x",
            "whatsapp:+15550100001",
        ] {
            assert!(!Address::new(bad).is_e164(), "{bad}");
        }
    }

    #[test]
    fn an_address_shows_two_characters_at_most() {
        assert_eq!(format!("{:?}", Address::new("+15550100042")), "…42");
        assert_eq!(format!("{}", Address::new("é")), "…é");
        assert_eq!(format!("{}", Address::new("")), "…");
    }

    #[test]
    fn a_secret_does_not_show() {
        assert_eq!(format!("{:?}", Secret::new("hush")), "Secret(…)");
    }

    #[test]
    fn money_reads_as_money() {
        for (micros, text) in [
            (15_000, "0.015 USD"),
            (200_000, "0.20 USD"),
            (5_000_000, "5.00 USD"),
            (-1, "-0.000001 USD"),
            (0, "0.00 USD"),
        ] {
            assert_eq!(MicroUsd(micros).to_string(), text);
        }
        assert_eq!(MicroUsd::from_usd(0.015), MicroUsd(15_000));
        for (micros, cents) in [(0, 0), (1, 10_000), (10_000, 10_000), (46_600, 50_000)] {
            assert_eq!(MicroUsd(micros).in_cents(), MicroUsd(cents));
        }
        assert_eq!(MicroUsd(8_300).times(3), MicroUsd(24_900));
    }

    #[test]
    fn bytes_survive_json() {
        let blob = Blob(vec![0, 255, 10]);
        let json = serde_json::to_string(&blob).unwrap();
        assert_eq!(serde_json::from_str::<Blob>(&json).unwrap(), blob);
    }
}
