//! Dates and times as people read them: in the time zone of the shop, which is named, because the
//! shop does not know where its visitor is.

use domain::Timestamp;
use time::{format_description::StaticFormatDescription, macros::format_description};

use crate::{PageLanguage, Text};

const ENGLISH: StaticFormatDescription =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute]");
const TIME_OF_DAY: StaticFormatDescription = format_description!("[hour]:[minute]");

impl Text {
    /// A date with the time of day and its zone, such as `1 July 2024, 00:01 BST`.
    pub fn date_time(&self, at: Timestamp) -> String {
        let format = match self.language {
            PageLanguage::English | PageLanguage::Pseudo | PageLanguage::PseudoRightToLeft => {
                ENGLISH
            }
        };
        let (date, zone) = self.written(at, format);
        self.mark(format!("{date} {zone}")).into_owned()
    }

    /// The time of day, such as `00:01`.
    pub fn time_of_day(&self, at: Timestamp) -> String {
        self.written(at, TIME_OF_DAY).0
    }

    /// The date and the name of its zone; empty for a timestamp beyond the years that have a date.
    fn written(&self, at: Timestamp, format: StaticFormatDescription) -> (String, String) {
        let local = self.zone.local(at);
        local.and_then(|(date, zone)| Some((date.format(format).ok()?, zone))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Zone;

    /// 2024-01-01T00:01Z, and half a year later.
    const WINTER: Timestamp = Timestamp::from_millis(1_704_067_260_007);
    const SUMMER: Timestamp = Timestamp::from_millis(1_719_792_060_007);

    #[test]
    fn times_are_told_in_the_zone_of_the_shop_and_name_it() {
        for (zone, winter, summer) in [
            ("UTC", "1 January 2024, 00:01 UTC", "1 July 2024, 00:01 UTC"),
            ("Europe/London", "1 January 2024, 00:01 GMT", "1 July 2024, 01:01 BST"),
            ("Europe/Berlin", "1 January 2024, 01:01 CET", "1 July 2024, 02:01 CEST"),
            ("America/New_York", "31 December 2023, 19:01 EST", "30 June 2024, 20:01 EDT"),
            ("Asia/Kolkata", "1 January 2024, 05:31 IST", "1 July 2024, 05:31 IST"),
            ("Asia/Kathmandu", "1 January 2024, 05:46 UTC+05:45", "1 July 2024, 05:46 UTC+05:45"),
            ("America/Sao_Paulo", "31 December 2023, 21:01 UTC−03", "30 June 2024, 21:01 UTC−03"),
            ("Asia/Jakarta", "1 January 2024, 07:01 WIB", "1 July 2024, 07:01 WIB"),
        ] {
            let text = Text::default().in_zone(Zone::parse(zone).unwrap());
            assert_eq!(text.date_time(WINTER), winter, "{zone}");
            assert_eq!(text.date_time(SUMMER), summer, "{zone}");
        }
    }

    #[test]
    fn the_time_of_day_is_local_too() {
        let text = Text::default().in_zone(Zone::parse("Europe/Berlin").unwrap());
        assert_eq!(text.time_of_day(SUMMER), "02:01");
    }

    #[test]
    fn unknown_zone_is_none() {
        for name in ["", "Mars/Olympus", "CESTX", "Europe", "+02:00"] {
            assert!(Zone::parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_timestamp_without_a_date_is_no_panic() {
        for millis in [i64::MIN, i64::MAX] {
            assert_eq!(Text::default().date_time(Timestamp::from_millis(millis)), " ");
        }
    }
}
