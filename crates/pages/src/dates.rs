//! Moments as people read them. Always UTC, and said so: the shop does not know
//! where its visitor is.

use domain::Timestamp;
use leptos::prelude::*;
use time::{
    OffsetDateTime, format_description::StaticFormatDescription, macros::format_description,
};

const MINUTE: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]Z");
const MILLISECOND: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const WORDS: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
const CLOCK: StaticFormatDescription = format_description!("[hour]:[minute]");

/// A moment, for people and for programs.
#[component]
pub fn Moment(
    /// Which.
    at: Timestamp,
) -> impl IntoView {
    view! { <time datetime=written(at, MINUTE)>{written(at, WORDS)}</time> }
}

/// The moment to the millisecond, for programs.
pub fn precise(at: Timestamp) -> String {
    written(at, MILLISECOND)
}

/// The time of day, as a phone shows it.
pub fn clock(at: Timestamp) -> String {
    written(at, CLOCK)
}

/// Nothing for a moment that has no date, ten thousand years from now.
fn written(at: Timestamp, format: StaticFormatDescription) -> String {
    let nanoseconds = i128::from(at.as_millis()) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|moment| moment.format(format).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_in_words_and_for_programs() {
        let at = Timestamp::from_millis(1_704_067_260_007);
        assert_eq!(written(at, WORDS), "1 January 2024, 00:01 UTC");
        assert_eq!(written(at, MINUTE), "2024-01-01T00:01Z");
        assert_eq!(precise(at), "2024-01-01T00:01:00.007Z");
        assert_eq!(clock(at), "00:01");
    }
}
