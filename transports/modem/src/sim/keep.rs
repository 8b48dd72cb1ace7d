//! The modem's memory in the host's state.
//!
//! Keys: `m/<mount>/<piece>` the memory as JSON, in pieces.

use super::machine::{Card, Durable};
use cordboard_plugin::{Blob, Commit, Delete, Expected, Host, Put, SimPlace, StateError};

/// A value of a plugin's state holds 64 kB.
const PIECE_BYTES: usize = 60_000;
/// More pieces than a modem's memory can have.
const PIECES_MAX: u16 = 1000;

/// The memory, if there is one that can be read, and in how many pieces it is.
pub(super) async fn load(
    host: &dyn Host,
    place: &SimPlace,
) -> Result<(Option<Durable>, usize), StateError> {
    let rows = host.scan(&prefix(place), None, PIECES_MAX).await?;
    let json: Vec<u8> = rows.iter().flat_map(|(_, stored)| stored.value.0.clone()).collect();
    Ok((serde_json::from_slice(&json).ok(), rows.len()))
}

/// Adds to `commit` what makes the memory durable, where there are `old` pieces; in how many it is then.
pub(super) fn pieces(
    place: &SimPlace,
    durable: &Durable,
    old: usize,
    commit: &mut Commit,
) -> Result<usize, StateError> {
    let json = serde_json::to_vec(durable).map_err(unavailable)?;
    let pieces: Vec<&[u8]> = json.chunks(PIECE_BYTES).collect();
    let key = |at: usize| format!("{}{at:03}", prefix(place));
    let puts = pieces.iter().enumerate().map(|(at, piece)| Put {
        key: key(at),
        value: Blob(piece.to_vec()),
        expected: Expected::Any,
        expires_at: None,
    });
    commit.puts.extend(puts);
    let gone = pieces.len()..old;
    commit.deletes.extend(gone.map(|at| Delete { key: key(at), expected: Expected::Any }));
    Ok(pieces.len())
}

fn unavailable(error: serde_json::Error) -> StateError {
    StateError::Unavailable(error.to_string())
}

/// Simulators of one plugin share one state; each has its own modem in it.
fn prefix(place: &SimPlace) -> String {
    format!("m/{}/", mount(place))
}

/// The name under which the bridge knows the modem.
pub(super) fn mount(place: &SimPlace) -> &str {
    place.base_url.rsplit('/').next().unwrap_or_default()
}

/// A card that differs from those of other mounts.
pub(super) fn card(place: &SimPlace) -> Card {
    let number = mount(place).bytes().fold(7u32, |sum, byte| (sum * 31 + u32::from(byte)) % 10_000);
    Card {
        imei: with_check(&format!("0010101234{number:04}")),
        imsi: format!("00101012345{number:04}"),
        iccid: with_check(&format!("898821100000000{number:04}")),
        ..Card::default()
    }
}

/// Digits and their check digit (ISO/IEC 7812-1, "Luhn").
fn with_check(digits: &str) -> String {
    let doubled = |value: u32| if value > 4 { value * 2 - 9 } else { value * 2 };
    let values = digits.chars().rev().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = values
        .enumerate()
        .map(|(at, value)| if at % 2 == 0 { doubled(value) } else { value })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_check_digit() {
        // The range kept for tests, 001-01.
        assert_eq!(with_check("00101012345678"), "001010123456780");
        assert_eq!(with_check("7992739871"), "79927398713");
    }

    #[test]
    fn two_mounts_have_two_cards() {
        let at = |name: &str| SimPlace {
            base_url: format!("http://127.0.0.1:8080/sandbox/{name}"),
            hook_url: String::new(),
        };
        let (one, other) = (card(&at("pi")), card(&at("office")));
        assert_ne!(one.imei, other.imei);
        assert_ne!(one.iccid, other.iccid);
        assert_eq!((one.imei.len(), one.imsi.len(), one.iccid.len()), (15, 15, 20));
    }
}
