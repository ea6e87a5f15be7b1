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
    read_spans(reader, &mut policy);
    check_together(reader, &policy);
    policy
}

/// Reads the limits of wrong codes and passwords.
fn read_guesses(reader: &mut SettingsReader, policy: &mut Policy) {
    let numbers: [Bound<'_, u32>; 7] = [
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

fn read_spans(reader: &mut SettingsReader, policy: &mut Policy) {
    let spans: [Bound<'_, Duration>; 6] = [
        (
            "MARIGOLD_OTP_LIFE_SECONDS",
            &mut policy.life,
            60..=600,
            Some("ASVS 5.0 6.5.5: at most ten minutes"),
        ),
        (
            "MARIGOLD_OTP_PAYMENT_LIFE_SECONDS",
            &mut policy.payment_life,
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
            "MARIGOLD_OTP_LONGEST_WAIT_SECONDS",
            &mut policy.longest_wait,
            30..=3600,
            Some("NIST SP 800-63B: waits of 30 seconds up to an hour"),
        ),
    ];
    for (name, span, bounds, standard) in spans {
        let mut seconds = u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        read_number(reader, (name, &mut seconds, bounds, standard));
        *span = Duration::from_secs(seconds.into());
    }
}

/// Numbers that make no sense beside each other.
fn check_together(reader: &mut SettingsReader, policy: &Policy) {
    let defaults = Policy::default();
    let shortest_life = policy.life.min(policy.payment_life);
    let pairs: [(bool, &str, &str, u64); 6] = [
        (
            policy.first_wait > policy.longest_wait,
            "MARIGOLD_OTP_FIRST_WAIT_SECONDS",
            "is longer than MARIGOLD_OTP_LONGEST_WAIT_SECONDS",
            defaults.first_wait.as_secs(),
        ),
        (
            policy.failures_before_wait > policy.failures_before_disabling,
            "MARIGOLD_OTP_FAILURES_BEFORE_WAIT",
            "is more than MARIGOLD_OTP_FAILURES_BEFORE_DISABLING: no codes would ever wait",
            defaults.failures_before_wait.into(),
        ),
        (
            policy.phone_sends_per_hour > policy.phone_sends_per_day,
            "MARIGOLD_OTP_PHONE_SENDS_PER_HOUR",
            "is more than MARIGOLD_OTP_PHONE_SENDS_PER_DAY",
            defaults.phone_sends_per_hour.into(),
        ),
        (
            policy.dial_code_sends_per_hour > policy.dial_code_sends_per_day,
            "MARIGOLD_OTP_DIAL_CODE_SENDS_PER_HOUR",
            "is more than MARIGOLD_OTP_DIAL_CODE_SENDS_PER_DAY",
            defaults.dial_code_sends_per_hour.into(),
        ),
        (
            policy.resend_cooldown >= shortest_life,
            "MARIGOLD_OTP_RESEND_COOLDOWN_SECONDS",
            "is no shorter than the life of a code: none could ever be sent again",
            defaults.resend_cooldown.as_secs(),
        ),
        (
            policy.sms_after >= shortest_life,
            "MARIGOLD_OTP_SMS_AFTER_SECONDS",
            "is no shorter than the life of a code: no text message would ever be offered",
            defaults.sms_after.as_secs(),
        ),
    ];
    for (is_wrong, name, problem, example) in pairs {
        if is_wrong {
            reader.refuse(name, problem, &example.to_string());
        }
    }
}

/// Reads a whole number; what is refused stays as it was.
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
