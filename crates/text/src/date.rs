//! Dates and times as people read them. They are in UTC and say so, because the shop does
//! not know where its visitor is.

use domain::Timestamp;
use time::{
    OffsetDateTime, format_description::StaticFormatDescription, macros::format_description,
};

use crate::{PageLanguage, Text};

const ENGLISH: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
const TIME_OF_DAY: StaticFormatDescription = format_description!("[hour]:[minute]");

impl Text {
    /// A date with the time of day, such as `1 January 2024, 00:01 UTC`.
    pub fn date_time(&self, at: Timestamp) -> String {
        let format = match self.language {
            PageLanguage::English | PageLanguage::Pseudo | PageLanguage::PseudoRightToLeft => {
                ENGLISH
            }
        };
        self.mark(written(at, format)).into_owned()
    }

    /// The time of day, such as `00:01`.
    pub fn time_of_day(&self, at: Timestamp) -> String {
        written(at, TIME_OF_DAY)
    }
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
    fn dates_are_written_in_english_and_in_utc() {
        let at = Timestamp::from_millis(1_704_067_260_007);
        assert_eq!(Text::default().date_time(at), "1 January 2024, 00:01 UTC");
        assert_eq!(Text::default().time_of_day(at), "00:01");
    }
}
