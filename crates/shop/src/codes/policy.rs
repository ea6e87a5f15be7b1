//! Every number of the one-time passwords, in one place. Each may be set by
//! configuration (`MARIGOLD_OTP_*`), which checks the bounds at start.

use std::time::Duration;

use domain::{Purpose, Timestamp};

/// The policy. [`Policy::default`] is what production starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Life of every code but a payment's (ASVS 5.0 §6.5.5: at most 10 min).
    pub life: Duration,
    /// Life of a payment code (PSD2 RTS Art. 4(3)(d): at most 5 min).
    pub payment_life: Duration,
    /// Guesses per challenge, never refilled (PSD2 RTS Art. 4(3)(b): at most 5).
    pub attempts: u32,
    /// Least time between two sends of one challenge.
    pub resend_cooldown: Duration,
    /// Resends per challenge, text messages included.
    pub resends: u32,
    /// How long after a message was handed over without being delivered its code
    /// is offered by text message: one that outlives its time is dropped by the
    /// platform without a word.
    pub sms_after: Duration,
    /// Sends an hour to one phone, over all purposes.
    pub phone_sends_per_hour: u32,
    /// Sends a day to one phone, over all purposes.
    pub phone_sends_per_day: u32,
    /// Sends an hour from one address.
    pub address_sends_per_hour: u32,
    /// Wrong codes and passwords a minute from one address.
    pub address_failures_per_minute: u32,
    /// Different countries a day from one address, for phones never verified.
    pub address_countries_per_day: u32,
    /// Consecutive failures of one account before its codes wait (PSD2 RTS
    /// Art. 4(3)(b): at most 5).
    pub failures_before_wait: u32,
    /// The first such wait; it doubles each time (NIST SP 800-63B: from 30 s on).
    pub first_wait: Duration,
    /// The longest such wait (NIST SP 800-63B: up to an hour).
    pub longest_wait: Duration,
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
    /// Wrong codes of the whole shop in ten minutes from which on it is looked at how
    /// many were right.
    pub alert_failures: u32,
    /// The share of wrong codes among them, in percent, that raises an alarm.
    pub alert_percent: u32,
}

impl Default for Policy {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        Self {
            life: minutes(10),
            payment_life: minutes(5),
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
            longest_wait: minutes(60),
            failures_before_disabling: 100,
            dial_code_sends_per_hour: 3,
            dial_code_sends_per_day: 20,
            prefix_sends_per_hour: 10,
            sends_per_day: 10_000,
            password_failures: 10,
            alert_failures: 100,
            alert_percent: 50,
        }
    }
}

impl Policy {
    /// The policy of a demonstration: the same but for the budgets of unverified
    /// sends. They are there against people who earn by making a shop send to
    /// many numbers of one country; in a demonstration sending costs nothing, and
    /// everybody who tries it out has one of the same few fictional numbers.
    pub fn demo() -> Self {
        Self {
            dial_code_sends_per_hour: 1_000,
            dial_code_sends_per_day: 5_000,
            prefix_sends_per_hour: 1_000,
            ..Self::default()
        }
    }

    /// How long a code of this purpose lives; messages and pages state the same.
    pub fn life_of(&self, purpose: Purpose) -> Duration {
        match purpose {
            Purpose::Login | Purpose::Reset | Purpose::Phone | Purpose::StepUp => self.life,
            Purpose::Payment => self.payment_life,
        }
    }

    /// The same life in whole minutes, never more than it is.
    pub fn minutes_of(&self, purpose: Purpose) -> u64 {
        self.life_of(purpose).as_secs() / 60
    }

    /// Seconds until a resend is possible. More than the whole cooldown can only
    /// come from a clock that was set back, and counts as none.
    pub fn cooldown_left(&self, resend_after_at: Timestamp, now: Timestamp) -> u32 {
        if resend_after_at > now + self.resend_cooldown {
            return 0;
        }
        now.seconds_until(resend_after_at)
    }

    /// How long codes wait after this many consecutive failures; `None` unless
    /// the last of them completed another round of [`Policy::failures_before_wait`].
    pub fn wait_after(&self, consecutive: u32) -> Option<Duration> {
        let rounds = consecutive.checked_div(self.failures_before_wait)?;
        if rounds == 0 || !consecutive.is_multiple_of(self.failures_before_wait) {
            return None;
        }
        let doubled = 2_u32.saturating_pow(rounds - 1);
        Some(self.first_wait.saturating_mul(doubled).min(self.longest_wait))
    }

    /// Whether the owner is to be warned after this many consecutive failures: from
    /// half of those that switch the codes off, until they are (PSD2 RTS Art. 4(4)).
    pub fn is_warning_due(&self, consecutive: u32) -> bool {
        let off = self.failures_before_disabling;
        (off.div_ceil(2)..off).contains(&consecutive)
    }
}
