//! Moments as people read them.

use cordboard_plugin::Timestamp;

/// A moment as people read it in a short text: `Nov 21 14:05 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (month, day) = civil(at.day());
    let minutes = at.unix_seconds().rem_euclid(86_400) / 60;
    format!("{} {day} {:02}:{:02} UTC", MONTHS[month], minutes / 60, minutes % 60)
}

/// Month (from 0) and day of the month for a day since 1970 (proleptic Gregorian calendar, counted
/// in years that begin in March, so that the leap day comes last).
fn civil(day: i64) -> (usize, i64) {
    let shifted = day + 719_468;
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = usize::try_from((march_month + 2) % 12).unwrap_or(0);
    (month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc() {
        for (millis, text) in [
            (0, "Jan 1 00:00 UTC"),
            (1_709_208_000_000, "Feb 29 12:00 UTC"),
            (1_795_269_900_000, "Nov 21 14:05 UTC"),
            (1_798_761_599_999, "Dec 31 23:59 UTC"),
        ] {
            assert_eq!(moment(Timestamp(millis)), text);
        }
    }
}
