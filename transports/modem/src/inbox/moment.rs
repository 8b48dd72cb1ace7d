//! Moments as the operator's page shows them.

use cordboard_plugin::Timestamp;

/// `2026-09-21 14:13 UTC`.
pub(super) fn shown(at: Timestamp) -> String {
    let (year, month, day) = date(at.day());
    let minutes = at.unix_seconds().rem_euclid(86_400) / 60;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", minutes / 60, minutes % 60)
}

/// Year, month and day of a day counted from 1970-01-01 (proleptic Gregorian calendar). Years are
/// counted from March, so that the leap day is the last of its year; 146 097 days are 400 years.
fn date(day: i64) -> (i64, i64, i64) {
    let from_march_0 = day + 719_468;
    let era = from_march_0.div_euclid(146_097);
    let in_era = from_march_0.rem_euclid(146_097);
    let year = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_as_people_write_them() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_799, "2000-02-29 23:59 UTC"),
            (951_868_800, "2000-03-01 00:00 UTC"),
            (1_790_000_000, "2026-09-21 14:13 UTC"),
            (4_107_542_399, "2100-02-28 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
            (-1, "1969-12-31 23:59 UTC"),
        ] {
            assert_eq!(shown(Timestamp(seconds * 1000)), expected);
        }
    }
}
