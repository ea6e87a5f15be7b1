//! Times as the providers write them.

use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// A time in ISO 8601, in UTC: `2026-01-01T00:00:00Z`.
pub(crate) fn iso(seconds: i64) -> String {
    utc(seconds).format(&Rfc3339).unwrap_or_default()
}

/// A time in RFC 2822: `Thu, 01 Jan 2026 00:00:00 +0000`.
pub(crate) fn rfc2822(seconds: i64) -> String {
    utc(seconds).format(&Rfc2822).unwrap_or_default()
}

fn utc(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
