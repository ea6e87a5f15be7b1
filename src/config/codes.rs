//! The settings of the one-time passwords, each with its bounds. Where a standard gives a
//! bound, no setting can exceed it. Some settings must also fit to each other.

use std::{ops::RangeInclusive, time::Duration};

use shop::{Mode, codes::Policy};

use super::reader::SettingsReader;

/// The upper bound of counts for which no standard has one.
const MAX_COUNT: u32 = 10_000_000;

/// A number or a time in seconds: its setting, its field, its bounds, and the standard that
/// gives them. Without a standard, the bounds only catch slips.
type Bound<'p, T> = (&'static str, &'p mut T, RangeInclusive<u32>, Option<&'static str>);

/// Reads the policy. The defaults are those of [`Policy::default`], in the demo those of
/// [`Policy::demo`].
pub fn read(reader: &mut SettingsReader, mode: Mode) -> Policy {
    let mut policy = match mode {
        Mode::Demo => Policy::demo(),
        Mode::Production => Policy::default(),
    };
    read_guesses(reader, &mut policy);
    read_sends(reader, &mut policy);
    read_durations(reader, &mut policy);
    check_together(reader, &policy);
    policy
}

/// Reads the limits of wrong codes and passwords.
fn read_guesses(reader: &mut SettingsReader, policy: &mut Policy) {
    let numbers: [Bound<'_, u32>; 8] = [
        (
            "MARIGOLD_OTP_ATTEMPTS",
            &mut policy.attempts,
            1..=5,
            Some("PSD2 RTS Art. 4(3)(b): at most five failures in a row"),
        ),
        (
            "MARIGOLD_OTP_FAILURES_BEFORE_WAIT",
            &mut policy.failures_before_wait,
            1..=5,
            Some("PSD2 RTS Art. 4(3)(b): at most five failures in a row"),
        ),
        (
            "MARIGOLD_OTP_FAILURES_BEFORE_DISABLING",
            &mut policy.failures_before_disabling,
            1..=100,
            Some("NIST SP 800-63B: at most a hundred failures in a row"),
        ),
        (
            "MARIGOLD_OTP_PASSWORD_FAILURES",
            &mut policy.password_failures,
            1..=25,
            Some(
                "ASVS 4.0.3 2.2.1: at most a hundred failures an hour, and these are of 15 minutes",
            ),
        ),
        (
            "MARIGOLD_OTP_ADDRESS_FAILURES_PER_MINUTE",
            &mut policy.address_failures_per_minute,
            1..=MAX_COUNT,
            None,
        ),
        ("MARIGOLD_OTP_MAX_SIGN_INS", &mut policy.max_sign_ins, 1..=100, None),
        ("MARIGOLD_OTP_ALERT_FAILURES", &mut policy.alert_failures, 1..=MAX_COUNT, None),
        ("MARIGOLD_OTP_ALERT_PERCENT", &mut policy.alert_percent, 1..=100, None),
    ];
    for number in numbers {
        read_number(reader, number);
    }
}

/// Reads the limits of messages.
fn read_sends(reader: &mut SettingsReader, policy: &mut Policy) {
    let numbers: [Bound<'_, u32>; 9] = [
        ("MARIGOLD_OTP_RESENDS", &mut policy.resends, 0..=10, None),
        ("MARIGOLD_OTP_PHONE_SENDS_PER_HOUR", &mut policy.phone_sends_per_hour, 1..=1000, None),
        ("MARIGOLD_OTP_PHONE_SENDS_PER_DAY", &mut policy.phone_sends_per_day, 1..=1000, None),
        (
            "MARIGOLD_OTP_ADDRESS_SENDS_PER_HOUR",
            &mut policy.address_sends_per_hour,
            1..=MAX_COUNT,
            None,
        ),
        (
            "MARIGOLD_OTP_ADDRESS_COUNTRIES_PER_DAY",
            &mut policy.address_countries_per_day,
            1..=300,
            None,
        ),
        (
            "MARIGOLD_OTP_DIAL_CODE_SENDS_PER_HOUR",
            &mut policy.dial_code_sends_per_hour,
            1..=MAX_COUNT,
            None,
        ),
        (
            "MARIGOLD_OTP_DIAL_CODE_SENDS_PER_DAY",
            &mut policy.dial_code_sends_per_day,
            1..=MAX_COUNT,
            None,
        ),
        (
            "MARIGOLD_OTP_PREFIX_SENDS_PER_HOUR",
            &mut policy.prefix_sends_per_hour,
            1..=MAX_COUNT,
            None,
        ),
        ("MARIGOLD_OTP_SENDS_PER_DAY", &mut policy.sends_per_day, 1..=MAX_COUNT, None),
    ];
    for number in numbers {
        read_number(reader, number);
    }
}

fn read_durations(reader: &mut SettingsReader, policy: &mut Policy) {
    let durations: [Bound<'_, Duration>; 6] = [
        (
            "MARIGOLD_OTP_TTL_SECONDS",
            &mut policy.code_ttl,
            60..=600,
            Some("ASVS 5.0 6.5.5: at most ten minutes"),
        ),
        (
            "MARIGOLD_OTP_PAYMENT_TTL_SECONDS",
            &mut policy.payment_code_ttl,
            60..=300,
            Some("PSD2 RTS Art. 4(3)(d): at most five minutes"),
        ),
        ("MARIGOLD_OTP_RESEND_COOLDOWN_SECONDS", &mut policy.resend_cooldown, 1..=600, None),
        ("MARIGOLD_OTP_SMS_AFTER_SECONDS", &mut policy.sms_after, 10..=300, None),
        (
            "MARIGOLD_OTP_FIRST_WAIT_SECONDS",
            &mut policy.first_wait,
            30..=3600,
            Some("NIST SP 800-63B: waits of 30 seconds up to an hour"),
        ),
        (
            "MARIGOLD_OTP_MAX_WAIT_SECONDS",
            &mut policy.max_wait,
            30..=3600,
            Some("NIST SP 800-63B: waits of 30 seconds up to an hour"),
        ),
    ];
    for (name, duration, bounds, standard) in durations {
        let mut seconds = u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
        read_number(reader, (name, &mut seconds, bounds, standard));
        *duration = Duration::from_secs(seconds.into());
    }
}

/// Refuses numbers that do not fit to each other.
fn check_together(reader: &mut SettingsReader, policy: &Policy) {
    let min_ttl = policy.code_ttl.min(policy.payment_code_ttl);
    // Half of the shortest lifetime fits to every one.
    let soon = min_ttl.as_secs() / 2;
    let pairs: [(bool, &str, &str, u64); 6] = [
        (
            policy.first_wait > policy.max_wait,
            "MARIGOLD_OTP_FIRST_WAIT_SECONDS",
            "is longer than MARIGOLD_OTP_MAX_WAIT_SECONDS",
            policy.max_wait.as_secs(),
        ),
        (
            policy.failures_before_wait > policy.failures_before_disabling,
            "MARIGOLD_OTP_FAILURES_BEFORE_WAIT",
            "is more than MARIGOLD_OTP_FAILURES_BEFORE_DISABLING: no codes would ever wait",
            policy.failures_before_disabling.into(),
        ),
        (
            policy.phone_sends_per_hour > policy.phone_sends_per_day,
            "MARIGOLD_OTP_PHONE_SENDS_PER_HOUR",
            "is more than MARIGOLD_OTP_PHONE_SENDS_PER_DAY",
            policy.phone_sends_per_day.into(),
        ),
        (
            policy.dial_code_sends_per_hour > policy.dial_code_sends_per_day,
            "MARIGOLD_OTP_DIAL_CODE_SENDS_PER_HOUR",
            "is more than MARIGOLD_OTP_DIAL_CODE_SENDS_PER_DAY",
            policy.dial_code_sends_per_day.into(),
        ),
        (
            policy.resend_cooldown >= min_ttl,
            "MARIGOLD_OTP_RESEND_COOLDOWN_SECONDS",
            "is no shorter than the lifetime of a code: none could ever be sent again",
            soon,
        ),
        (
            policy.sms_after >= min_ttl,
            "MARIGOLD_OTP_SMS_AFTER_SECONDS",
            "is no shorter than the lifetime of a code: no text message would ever be offered",
            soon,
        ),
    ];
    for (is_wrong, name, problem, example) in pairs {
        if is_wrong {
            reader.refuse(name, problem, &example.to_string());
        }
    }
}

/// Reads a whole number. A number that is refused leaves the default in place.
fn read_number(reader: &mut SettingsReader, (name, number, bounds, standard): Bound<'_, u32>) {
    let read = reader.read(name, &number.to_string(), |text| {
        text.parse().ok().filter(|number| bounds.contains(number)).ok_or_else(|| {
            let because = standard.map(|standard| format!(" ({standard})")).unwrap_or_default();
            format!("is not a whole number from {} to {}{because}", bounds.start(), bounds.end())
        })
    });
    if let Some(read) = read {
        *number = read;
    }
}
