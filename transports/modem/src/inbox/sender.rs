//! Who sent a message, in the form in which people are known.

use crate::pdu::{Party, PartyKind};
use cordboard_plugin::Address;

/// The sender of a message that came to our number `line`.
///
/// International numbers are `+` and digits already. Nothing is ever sent to another form, so a
/// number written as it is dialled within the country is made a full one where there is only one
/// way to do so: on a line of the North American plan, ten digits are area code and number, and
/// eleven with a 1 in front are the same. That is so for "national" numbers and for those of no
/// stated kind, which follow the network's dialling plan too (TS 23.040 9.1.2.5); other countries
/// dial abroad by prefixes that differ, so everything else stays as it came.
pub(super) fn address(from: &Party, line: &Address) -> Address {
    let as_written = from.address();
    let unstated = from.type_octet & 0b0111_0000 == 0;
    match from.kind {
        PartyKind::National => full(as_written.reveal(), line).unwrap_or(as_written),
        PartyKind::Other if unstated => full(as_written.reveal(), line).unwrap_or(as_written),
        _ => as_written,
    }
}

/// A full number from one that may be written as within the country of `line`, if there is one.
pub(super) fn full(digits: &str, line: &Address) -> Option<Address> {
    let american = line.is_e164() && line.reveal().starts_with("+1") && line.reveal().len() == 12;
    if !american || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ten = match digits.len() {
        10 => digits,
        11 => digits.strip_prefix('1')?,
        _ => return None,
    };
    // No area code begins with 0 or 1.
    let made = Address::new(format!("+1{ten}"));
    (!ten.starts_with(['0', '1'])).then_some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: PartyKind, type_octet: u8, text: &str, line: &str, expected: &str) {
        let from = Party { text: text.to_owned(), kind, type_octet };
        assert_eq!(address(&from, &Address::new(line)).reveal(), expected, "{text} on {line}");
    }

    #[test]
    fn a_national_number_is_made_full_on_a_north_american_line_only() {
        use PartyKind::{International, Name, National, Other};
        let (us, de) = ("+15550100000", "+4915550100000");
        check(International, 0x91, "+15550100023", us, "+15550100023");
        check(International, 0x91, "+4915550100", us, "+4915550100");
        check(National, 0xA1, "5550100023", us, "+15550100023");
        check(National, 0xA1, "15550100023", us, "+15550100023");
        check(Other, 0x81, "5550100023", us, "+15550100023");
        check(Other, 0x81, "15550100023", us, "+15550100023");
        // Abbreviated, or the network's own: no telephone number.
        check(Other, 0xE1, "5550100023", us, "5550100023");
        check(Other, 0xB1, "5550100023", us, "5550100023");
        // Another shape.
        check(National, 0xA1, "0550100023", us, "0550100023");
        check(National, 0xA1, "25550100023", us, "25550100023");
        check(National, 0xA1, "50100023", us, "50100023");
        check(Other, 0x81, "12345", us, "12345");
        check(Name, 0xD0, "5550100023", us, "5550100023");
        check(Other, 0x81, "", us, "");
        // Elsewhere.
        check(National, 0xA1, "15550100023", de, "15550100023");
        check(National, 0xA1, "5550100023", "", "5550100023");
        check(National, 0xA1, "5550100023", "12345", "5550100023");
    }
}
