//! Time stamps: seven octets of swapped digits (TS 23.040 9.2.3.11).

use super::PduError;
use cordboard_plugin::Timestamp;

const DAY_SECONDS: i64 = 86_400;
const QUARTER_SECONDS: i64 = 900;
/// The zones of the world end at 14 hours.
const ZONE_QUARTERS_MAX: i64 = 56;

/// The moment, or `None` when the octets are no date: centres send all F, month 0 and worse.
///
/// Years 90 to 99 are those before 2000.
pub(super) fn read(octets: &[u8; 7]) -> Option<Timestamp> {
    let [year, month, day, hour, minute, second, zone] = *octets;
    let year = number(year)?;
    let year = if year < 90 { 2000 + year } else { 1900 + year };
    let (month, day) = (number(month)?, number(day)?);
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    let is_date = (1..=12).contains(&month) && (1..=month_days(year, month)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // The sign stands in the highest bit of the tens, which come in the low half.
    let quarters = number(zone & !0x08)?;
    if quarters > ZONE_QUARTERS_MAX {
        return None;
    }
    let east = if zone & 0x08 == 0 { quarters } else { -quarters };
    let local = days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    Some(Timestamp(0).plus_seconds(local - east * QUARTER_SECONDS))
}

/// The octets for a moment, in a zone of so many quarter hours east of Greenwich. Milliseconds are cut off.
///
/// # Errors
/// [`PduError::Time`] for years and zones that two digits cannot name.
pub(super) fn write(at: Timestamp, zone_quarters: i8) -> Result<[u8; 7], PduError> {
    let east = i64::from(zone_quarters);
    let local = at.unix_seconds().saturating_add(east * QUARTER_SECONDS);
    let (year, month, day) = date(local.div_euclid(DAY_SECONDS));
    if !(1990..2090).contains(&year) || east.abs() > ZONE_QUARTERS_MAX {
        return Err(PduError::Time);
    }
    let second = local.rem_euclid(DAY_SECONDS);
    let fields = [year % 100, month, day, second / 3600, second / 60 % 60, second % 60, east.abs()];
    let mut octets = fields.map(digits);
    if east < 0 {
        octets[6] |= 0x08;
    }
    Ok(octets)
}

/// Two digits, the tens in the low half.
fn number(octet: u8) -> Option<i64> {
    let (tens, ones) = (octet & 0x0F, octet >> 4);
    (tens < 10 && ones < 10).then(|| i64::from(tens * 10 + ones))
}

/// The inverse of [`number`], for 0 to 99.
fn digits(number: i64) -> u8 {
    let number = u8::try_from(number).unwrap_or_default();
    ((number % 10) << 4) | (number / 10)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date. Years are counted from March, so that a leap day ends one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let months = (month + 9) % 12;
    let before = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    before + (153 * months + 2) / 5 + day - 1 - 719_468
}

/// Year, month and day so many days after 1970-01-01: the inverse of [`days`].
fn date(days_since: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days_since.div_euclid(366);
    while days(year + 1, 1, 1) <= days_since {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days(year, month + 1, 1) <= days_since {
        month += 1;
    }
    (year, month, days_since - days(year, month, 1) + 1)
}
