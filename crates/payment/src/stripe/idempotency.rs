//! Idempotency keys: one for each payment and step, so that a step which is sent twice happens once.
//!
//! Stripe keeps status and body of the first request of a key, a 500 included, for at least 24
//! hours, and returns them to every later request with the key
//! (<https://docs.stripe.com/api/idempotent_requests>). So a step whose answer was a stored 500 can
//! succeed only with another key, and that is used only after the object was read and shows that
//! the step did not happen.

use std::fmt;

use domain::PaymentId;

use super::errors::StripeError;

/// A step of a payment that changes something at Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The Checkout Session is created.
    CreateSession,
    /// The Checkout Session is expired.
    ExpireSession,
    /// The PaymentIntent for a saved card is created.
    CreateIntent,
    /// That PaymentIntent is confirmed.
    ConfirmIntent,
    /// The authorized money is captured.
    Capture,
    /// The authorization is released.
    Cancel,
}

impl Step {
    const fn as_str(self) -> &'static str {
        match self {
            Self::CreateSession => "create-session",
            Self::ExpireSession => "expire-session",
            Self::CreateIntent => "create-intent",
            Self::ConfirmIntent => "confirm-intent",
            Self::Capture => "capture",
            Self::Cancel => "cancel",
        }
    }
}

/// How many keys a step may use up: the first one, and one after each stored 500.
pub(super) const MAX_KEYS: u32 = 20;
/// How many new failures end one call. The shop asks again later, and Stripe may have recovered.
const MAX_NEW_FAILURES: u32 = 2;

/// The failures within one call.
#[derive(Debug, Default)]
pub(super) struct Failures {
    new: u32,
}

impl Failures {
    /// Whether another key may be tried after this failure: always if an earlier call left it
    /// behind, and once if it is new.
    pub(super) fn allow_another_key(&mut self, error: &StripeError) -> bool {
        if !error.is_stored_failure() {
            self.new += 1;
        }
        self.new < MAX_NEW_FAILURES
    }
}

/// The value of the header `Idempotency-Key`, of at most 255 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key of a step of a payment. `number` counts from 1; a higher one is for a step whose
    /// earlier key has a stored 500.
    pub(super) fn of_step(payment: &PaymentId, step: Step, number: u32) -> Self {
        Self::numbered(&format!("marigold-{payment}-{}", step.as_str()), number)
    }

    /// The key of a refund, which has an id of its own.
    pub(super) fn of_refund(refund: &str, number: u32) -> Self {
        Self::numbered(&format!("marigold-refund-{refund}"), number)
    }

    fn numbered(text: &str, number: u32) -> Self {
        Self(if number <= 1 { text.to_owned() } else { format!("{text}-{number}") })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn x161_each_payment_step_and_repetition_has_a_key_of_its_own() {
        let steps = [
            Step::CreateSession,
            Step::ExpireSession,
            Step::CreateIntent,
            Step::ConfirmIntent,
            Step::Capture,
            Step::Cancel,
        ];
        let mut keys = HashSet::new();
        for bits in [1, 2] {
            let payment = PaymentId::from_bits(bits);
            for step in steps {
                for number in 1..=MAX_KEYS {
                    let key = IdempotencyKey::of_step(&payment, step, number);
                    assert!(key.as_str().len() <= 255);
                    assert!(keys.insert(key.as_str().to_owned()), "{key}");
                }
            }
            for number in 1..=MAX_KEYS {
                let refund = IdempotencyKey::of_refund(payment.as_str(), number);
                assert!(keys.insert(refund.as_str().to_owned()), "{refund}");
            }
        }
    }

    #[test]
    fn x161_a_repeated_step_has_the_same_key() {
        let payment = PaymentId::from_bits(7);
        let key = || IdempotencyKey::of_step(&payment, Step::Capture, 1);
        assert_eq!(key(), key());
        assert_eq!(
            key().as_str(),
            "marigold-00000000000000000000000000000007-capture",
            "keys that are in flight must survive an update of the shop"
        );
    }
}
