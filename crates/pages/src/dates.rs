//! Timestamps in pages: for people in their language, and for programs.

use domain::Timestamp;
use leptos::prelude::*;
use time::{
    OffsetDateTime, format_description::StaticFormatDescription, macros::format_description,
};
use web::server;

const MINUTE: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]Z");
const MILLISECOND: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A date with the time of day, for people and for programs.
#[component]
pub fn DateTime(
    /// The timestamp.
    at: Timestamp,
) -> impl IntoView {
    view! { <time datetime=written(at, MINUTE)>{server::text().date_time(at)}</time> }
}

/// The timestamp to the millisecond, for programs.
pub fn precise(at: Timestamp) -> String {
    written(at, MILLISECOND)
}

/// Empty for a timestamp beyond the years that have a date.
fn written(at: Timestamp, format: StaticFormatDescription) -> String {
    let nanoseconds = i128::from(at.as_millis()) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|date| date.format(format).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_written_for_programs() {
        let at = Timestamp::from_millis(1_704_067_260_007);
        assert_eq!(written(at, MINUTE), "2024-01-01T00:01Z");
        assert_eq!(precise(at), "2024-01-01T00:01:00.007Z");
    }
}
