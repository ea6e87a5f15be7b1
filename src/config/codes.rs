//! The numbers of the one-time passwords, each with its bounds. The lower or
//! upper bound is a standard's where one exists; the policy's doc names it.

use std::{ops::RangeInclusive, time::Duration};

use shop::{Mode, codes::Policy};

use super::reader::Reader;

/// As many as anybody could want to send.
const PLENTY: u32 = 10_000_000;

/// Reads the policy; what is not set stays as [`Policy::default`] has it, or in a
/// demonstration [`Policy::demo`].
pub fn read(reader: &mut Reader, mode: Mode) -> Policy {
    let mut policy = match mode {
        Mode::Demo => Policy::demo(),
        Mode::Production => Policy::default(),
    };
    let counts: [(&'static str, &mut u32, RangeInclusive<u32>); 13] = [
        ("MARIGOLD_OTP_ATTEMPTS", &mut policy.attempts, 1..=5),
        ("MARIGOLD_OTP_RESENDS", &mut policy.resends, 0..=10),
        ("MARIGOLD_OTP_PHONE_SENDS_PER_HOUR", &mut policy.phone_sends_per_hour, 1..=1000),
        ("MARIGOLD_OTP_PHONE_SENDS_PER_DAY", &mut policy.phone_sends_per_day, 1..=1000),
        ("MARIGOLD_OTP_ADDRESS_SENDS_PER_HOUR", &mut policy.address_sends_per_hour, 1..=PLENTY),
        (
            "MARIGOLD_OTP_ADDRESS_FAILURES_PER_MINUTE",
            &mut policy.address_failures_per_minute,
            1..=PLENTY,
        ),
        ("MARIGOLD_OTP_ADDRESS_COUNTRIES_PER_DAY", &mut policy.address_countries_per_day, 1..=300),
        ("MARIGOLD_OTP_FAILURES_BEFORE_WAIT", &mut policy.failures_before_wait, 1..=100),
        ("MARIGOLD_OTP_FAILURES_BEFORE_DISABLING", &mut policy.failures_before_disabling, 1..=100),
        ("MARIGOLD_OTP_DIAL_CODE_SENDS_PER_HOUR", &mut policy.dial_code_sends_per_hour, 1..=PLENTY),
        ("MARIGOLD_OTP_DIAL_CODE_SENDS_PER_DAY", &mut policy.dial_code_sends_per_day, 1..=PLENTY),
        ("MARIGOLD_OTP_PREFIX_SENDS_PER_HOUR", &mut policy.prefix_sends_per_hour, 1..=PLENTY),
        ("MARIGOLD_OTP_SENDS_PER_DAY", &mut policy.sends_per_day, 1..=PLENTY),
    ];
    for (name, number, bounds) in counts {
        *number = count(reader, name, *number, bounds);
    }
    policy.password_failures =
        count(reader, "MARIGOLD_OTP_PASSWORD_FAILURES", policy.password_failures, 1..=PLENTY);
    read_spans(reader, &mut policy);
    policy
}

fn read_spans(reader: &mut Reader, policy: &mut Policy) {
    let spans: [(&'static str, &mut Duration, RangeInclusive<u32>); 5] = [
        ("MARIGOLD_OTP_LIFE_SECONDS", &mut policy.life, 60..=600),
        ("MARIGOLD_OTP_PAYMENT_LIFE_SECONDS", &mut policy.payment_life, 60..=600),
        ("MARIGOLD_OTP_RESEND_COOLDOWN_SECONDS", &mut policy.resend_cooldown, 1..=600),
        ("MARIGOLD_OTP_FIRST_WAIT_SECONDS", &mut policy.first_wait, 60..=86_400),
        ("MARIGOLD_OTP_LONGEST_WAIT_SECONDS", &mut policy.longest_wait, 60..=86_400),
    ];
    for (name, span, bounds) in spans {
        let default = u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        *span = Duration::from_secs(count(reader, name, default, bounds).into());
    }
    if policy.first_wait > policy.longest_wait {
        reader.refuse(
            "MARIGOLD_OTP_FIRST_WAIT_SECONDS",
            "is longer than MARIGOLD_OTP_LONGEST_WAIT_SECONDS",
            "900",
        );
    }
}

fn count(
    reader: &mut Reader,
    name: &'static str,
    default: u32,
    bounds: RangeInclusive<u32>,
) -> u32 {
    let read = reader.read(name, &default.to_string(), |text| {
        text.parse().ok().filter(|number| bounds.contains(number)).ok_or_else(|| {
            format!("is not a whole number from {} to {}", bounds.start(), bounds.end())
        })
    });
    read.unwrap_or(default)
}
