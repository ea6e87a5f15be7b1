//! The version of the Graph API that requests name. Meta serves a version for about two years and
//! announces its end; after it, requests are answered by another version or not at all
//! (developers.facebook.com, Graph API, "Changelog").

use std::{fmt, time::Duration};

use domain::Timestamp;

/// The newest version that this code was checked against.
pub const DEFAULT: &str = "v26.0";
/// How long before its end a version is warned of.
const NOTICE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The versions whose end is known: number, day, and the same in milliseconds since 1970. Older
/// versions have ended.
const ENDS: &[(u32, &str, Timestamp)] = &[
    (20, "2026-09-24", Timestamp::from_millis(1_790_208_000_000)),
    (21, "2027-01-21", Timestamp::from_millis(1_800_489_600_000)),
    (22, "2027-05-20", Timestamp::from_millis(1_810_771_200_000)),
];

/// A version, such as `v26.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphVersion {
    major: u32,
    minor: u32,
}

impl GraphVersion {
    /// Reads a version as Meta writes it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read = || {
            let (major, minor) = text.strip_prefix('v')?.split_once('.')?;
            let number =
                |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse());
            Some(Self { major: number(major)?.ok()?, minor: number(minor)?.ok()? })
        };
        read().ok_or_else(|| "must be a version of the Graph API".to_owned())
    }

    /// What the merchant has to change, from [`NOTICE`] before the end of this version.
    pub fn warning(self, now: Timestamp) -> Option<String> {
        let change = format!("set META_GRAPH_VERSION to {DEFAULT}");
        if ENDS.first().is_some_and(|(oldest, ..)| self.major < *oldest) {
            return Some(format!("{self} of the Graph API has ended: {change}"));
        }
        let (_, day, end) = ENDS.iter().find(|(major, ..)| *major == self.major)?;
        if now >= *end {
            return Some(format!("{self} of the Graph API ended on {day}: {change}"));
        }
        (now + NOTICE >= *end)
            .then(|| format!("Meta ends {self} of the Graph API on {day}: {change} before"))
    }
}

impl fmt::Display for GraphVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn a_version_is_warned_of_from_ninety_days_before_its_end() {
        let end = |major| ENDS.iter().find(|(known, ..)| *known == major).unwrap().2;
        for (version, now, expected) in [
            ("v19.0", end(21), Some("has ended")),
            ("v3.2", end(21), Some("has ended")),
            ("v20.0", end(20), Some("ended on 2026-09-24")),
            ("v21.0", end(21) - DAY * 91, None),
            ("v21.0", end(21) - DAY * 90, Some("on 2027-01-21")),
            ("v21.0", end(21) - DAY, Some("on 2027-01-21")),
            ("v21.0", end(21), Some("ended on 2027-01-21")),
            ("v22.0", end(22) - DAY * 91, None),
            ("v22.0", end(22) - DAY * 90, Some("on 2027-05-20")),
            ("v22.0", end(22) + DAY, Some("ended on 2027-05-20")),
            ("v23.0", end(22) + DAY, None),
            (DEFAULT, end(22) + DAY * 365, None),
        ] {
            let said = GraphVersion::parse(version).unwrap().warning(now);
            match expected {
                None => assert_eq!(said, None, "{version} at {now:?}"),
                Some(words) => {
                    let said = said.unwrap();
                    assert!(said.contains(words) && said.contains(version), "{said}");
                    assert!(said.contains("META_GRAPH_VERSION to v26.0"), "{said}");
                }
            }
        }
    }

    #[test]
    fn the_days_of_the_ends_are_those_that_are_shown() {
        let day = |millis: i64| millis / 86_400_000;
        for (_, shown, end) in ENDS {
            let [year, month, of_month] =
                [0, 1, 2].map(|part| shown.split('-').nth(part).unwrap().parse::<i64>().unwrap());
            // Days since 1970 of a date in the Gregorian calendar, counted from March.
            let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
            let days =
                365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + of_month
                    - 1
                    - 719_468;
            assert_eq!(day(end.as_millis()), days, "{shown}");
            assert_eq!(end.as_millis() % 86_400_000, 0);
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in
            ["", "26.0", "v26", "v26.", "v.0", "v+26.0", "va.b", "v26.0.1", "V26.0", "v 26.0"]
        {
            assert!(GraphVersion::parse(text).is_err(), "{text}");
        }
        assert_eq!(GraphVersion::parse("v26.0").unwrap().to_string(), "v26.0");
    }
}
