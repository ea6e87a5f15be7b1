//! Time zones, from the IANA database as it was when the crate `tzdb_data` was released.

use domain::Timestamp;
use time::{OffsetDateTime, UtcOffset};
use tz::TimeZoneRef;

/// The time zone in which a shop tells its times.
#[derive(Clone, Copy)]
pub struct Zone(&'static TimeZoneRef<'static>);

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(&tzdb_data::time_zone::UTC);

    /// The zone with a name of the IANA database, such as `Europe/Berlin`.
    pub fn parse(name: &str) -> Option<Self> {
        tzdb_data::find_tz(name.as_bytes()).map(Self)
    }

    /// The local date and time, and the name of what holds then, such as `CEST`. `None` for a
    /// timestamp beyond the years that have a date.
    pub(crate) fn local(self, at: Timestamp) -> Option<(OffsetDateTime, String)> {
        let nanoseconds = i128::from(at.as_millis()) * 1_000_000;
        let at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?;
        let holds = self.0.find_local_time_type(at.unix_timestamp()).ok()?;
        let offset = UtcOffset::from_whole_seconds(holds.ut_offset()).ok()?;
        Some((at.checked_to_offset(offset)?, name(holds.time_zone_designation())))
    }
}

/// The abbreviation of the database; where it has none, the difference from UTC.
fn name(designation: &str) -> String {
    let Some(sign @ ('+' | '-')) = designation.chars().next() else {
        return designation.to_owned();
    };
    let digits = designation.get(1..).unwrap_or_default();
    let (hours, minutes) = digits.split_at_checked(2).unwrap_or((digits, ""));
    let sign = if sign == '-' { '−' } else { '+' };
    match minutes {
        "" => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{minutes}"),
    }
}

impl std::fmt::Debug for Zone {
    /// Without the transitions of a century.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Zone(…)")
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}
