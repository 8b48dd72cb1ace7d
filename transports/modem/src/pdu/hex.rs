use super::PduError;

/// The octets of a line of hexadecimal digits, as modems show PDUs; space around it is ignored.
///
/// # Errors
/// [`PduError::NotHex`] for an odd number of digits or any other character.
pub fn from_hex(line: &str) -> Result<Vec<u8>, PduError> {
    let digits = line.trim().as_bytes();
    let (pairs, []) = digits.as_chunks::<2>() else { return Err(PduError::NotHex) };
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect::<Option<Vec<u8>>>()
        .ok_or(PduError::NotHex)
}

/// Octets as hexadecimal digits, upper case, two an octet.
pub fn to_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
