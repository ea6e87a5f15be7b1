//! All limits and times of the one-time passwords. The settings `MARIGOLD_OTP_*` can change
//! each of them; the configuration checks their bounds at start.

use std::time::Duration;

use domain::{Purpose, Timestamp};

/// The limits and times. [`Policy::default`] has the defaults of production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The lifetime of every code except that of a payment (ASVS 5.0 §6.5.5: at most 10 min).
    pub code_ttl: Duration,
    /// The lifetime of a payment code (PSD2 RTS Art. 4(3)(d): at most 5 min).
    pub payment_code_ttl: Duration,
    /// Attempts per challenge, which a resend does not reset (PSD2 RTS Art. 4(3)(b): at most 5).
    pub attempts: u32,
    /// The least time between two sends of one challenge.
    pub resend_cooldown: Duration,
    /// Resends per challenge, including text messages.
    pub resends: u32,
    /// How long after a message was sent without being delivered its code is offered by text
    /// message. WhatsApp drops a message whose time to live is over without reporting it.
    pub sms_after: Duration,
    /// Sends an hour to one phone, for all purposes together.
    pub phone_sends_per_hour: u32,
    /// Sends a day to one phone, for all purposes together.
    pub phone_sends_per_day: u32,
    /// Sends an hour from one network address.
    pub address_sends_per_hour: u32,
    /// Wrong codes and passwords a minute from one network address.
    pub address_failures_per_minute: u32,
    /// Different countries a day from one network address, for phones that were never
    /// verified.
    pub address_countries_per_day: u32,
    /// Consecutive failures of one phone before its codes are refused for a while (PSD2 RTS
    /// Art. 4(3)(b): at most 5).
    pub failures_before_wait: u32,
    /// The first such wait, which doubles each time (NIST SP 800-63B: from 30 s on).
    pub first_wait: Duration,
    /// The longest such wait (NIST SP 800-63B: up to an hour).
    pub max_wait: Duration,
    /// Consecutive failures that switch the codes of an account's phone off (NIST SP
    /// 800-63B: 100). A number without an account only waits.
    pub failures_before_disabling: u32,
    /// Unverified sends an hour to one dial code.
    pub dial_code_sends_per_hour: u32,
    /// Unverified sends a day to one dial code.
    pub dial_code_sends_per_day: u32,
    /// Unverified sends an hour to numbers that share their first eight digits.
    pub prefix_sends_per_hour: u32,
    /// Sends a day of the whole shop. Beyond it, only phones that were verified
    /// before get codes.
    pub sends_per_day: u32,
    /// Wrong passwords of one e-mail address in 15 minutes before it waits (ASVS 4.0.3
    /// §2.2.1: at most 100 an hour).
    pub password_failures: u32,
    /// Sign-ins of one account that may be open at the same time. One more ends the oldest.
    pub max_sign_ins: u32,
    /// Wrong codes of the whole shop in ten minutes from which on the share of right codes is
    /// checked.
    pub alert_failures: u32,
    /// The share of wrong codes among them, in percent, that raises an alert.
    pub alert_percent: u32,
}

impl Default for Policy {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        Self {
            code_ttl: minutes(10),
            payment_code_ttl: minutes(5),
            attempts: 5,
            resend_cooldown: minutes(1),
            resends: 3,
            sms_after: Duration::from_secs(30),
            phone_sends_per_hour: 5,
            phone_sends_per_day: 10,
            address_sends_per_hour: 20,
            address_failures_per_minute: 60,
            address_countries_per_day: 3,
            failures_before_wait: 5,
            first_wait: minutes(15),
            max_wait: minutes(60),
            failures_before_disabling: 100,
            dial_code_sends_per_hour: 3,
            dial_code_sends_per_day: 20,
            prefix_sends_per_hour: 10,
            sends_per_day: 10_000,
            password_failures: 10,
            max_sign_ins: 20,
            alert_failures: 100,
            alert_percent: 50,
        }
    }
}

impl Policy {
    /// The policy of a demonstration: the same except for the budgets of unverified sends.
    /// These stop attackers who earn by making a shop send to many numbers of one country
    /// (SMS pumping). In a demonstration sending costs nothing, and all its users share the
    /// same few fictional numbers.
    pub fn demo() -> Self {
        Self {
            dial_code_sends_per_hour: 1_000,
            dial_code_sends_per_day: 5_000,
            prefix_sends_per_hour: 1_000,
            ..Self::default()
        }
    }

    /// How long a code of this purpose is valid.
    pub fn code_ttl_for(&self, purpose: Purpose) -> Duration {
        match purpose {
            Purpose::Login
            | Purpose::Reset
            | Purpose::Phone
            | Purpose::StepUp
            | Purpose::OrderLookup => self.code_ttl,
            Purpose::Payment => self.payment_code_ttl,
        }
    }

    /// The same in whole minutes, rounded down, as messages and pages state it.
    pub fn code_minutes_for(&self, purpose: Purpose) -> u64 {
        self.code_ttl_for(purpose).as_secs() / 60
    }

    /// Seconds until a resend is possible. A remainder longer than the whole cooldown means
    /// that the clock was set back, and counts as none.
    pub fn cooldown_left(&self, resend_after_at: Timestamp, now: Timestamp) -> u32 {
        if resend_after_at > now + self.resend_cooldown {
            return 0;
        }
        now.seconds_until(resend_after_at)
    }

    /// How long codes are refused after this many consecutive failures; `None` unless
    /// the last of them completed another round of [`Policy::failures_before_wait`].
    pub fn wait_after(&self, consecutive: u32) -> Option<Duration> {
        let rounds = consecutive.checked_div(self.failures_before_wait)?;
        if rounds == 0 || !consecutive.is_multiple_of(self.failures_before_wait) {
            return None;
        }
        let doubled = 2_u32.saturating_pow(rounds - 1);
        Some(self.first_wait.saturating_mul(doubled).min(self.max_wait))
    }

    /// Whether the owner is to be warned after this many consecutive failures: from
    /// half of those that switch the codes off, until they are (PSD2 RTS Art. 4(4)).
    pub fn is_warning_due(&self, consecutive: u32) -> bool {
        let off = self.failures_before_disabling;
        (off.div_ceil(2)..off).contains(&consecutive)
    }
}
