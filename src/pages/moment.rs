//! Moments as people read them. Always UTC, and said so: the shop does not know
//! where its visitor is.

use domain::Timestamp;
use leptos::prelude::*;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A moment, for people and for programs.
#[component]
pub fn Moment(
    /// Which.
    at: Timestamp,
) -> impl IntoView {
    let (machine, words) = written(at);
    view! { <time datetime=machine>{words}</time> }
}

/// The moment as HTML wants it and in words, to the minute.
fn written(at: Timestamp) -> (String, String) {
    let minutes = at.as_millis().div_euclid(60_000);
    let (days, minute) = (minutes.div_euclid(1_440), minutes.rem_euclid(1_440));
    let (year, month, day) = civil(days);
    let clock = format!("{:02}:{:02}", minute / 60, minute % 60);
    let name = usize::try_from(month - 1).ok().and_then(|place| MONTHS.get(place));
    let words = format!("{day} {} {year}, {clock} UTC", name.copied().unwrap_or_default());
    (format!("{year:04}-{month:02}-{day:02}T{clock}Z"), words)
}

/// The moment to the millisecond, for programs.
pub fn precise(at: Timestamp) -> String {
    let (minute, _) = written(at);
    let millis = at.as_millis().rem_euclid(60_000);
    let minute = minute.trim_end_matches('Z');
    format!("{minute}:{:02}.{:03}Z", millis / 1_000, millis % 1_000)
}

/// The time of day, as a phone shows it.
pub fn clock(at: Timestamp) -> String {
    let minute = at.as_millis().div_euclid(60_000).rem_euclid(1_440);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Year, month and day of a number of days since 1970, after Howard Hinnant's
/// "chrono-Compatible Low-Level Date Algorithms": years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (19_723, (2024, 1, 1)),
            (19_782, (2024, 2, 29)),
        ] {
            assert_eq!(civil(days), date);
        }
    }

    #[test]
    fn a_moment_reads_in_words_and_for_programs() {
        let (machine, words) = written(Timestamp::from_millis(1_704_067_260_000));
        assert_eq!(machine, "2024-01-01T00:01Z");
        assert_eq!(words, "1 January 2024, 00:01 UTC");
    }
}
