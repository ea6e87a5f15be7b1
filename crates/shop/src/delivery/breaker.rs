//! A circuit breaker: a provider that fails repeatedly is not asked for a while, then probed
//! with a single message. The state machine has no clock and does no I/O.

use std::time::Duration;

use domain::Timestamp;

/// How many failures in a row open the breaker.
pub(crate) const FAILURE_THRESHOLD: u32 = 5;
/// How long it stays open the first time; it doubles each time.
pub(crate) const FIRST_OPEN_DURATION: Duration = Duration::from_secs(15);
/// The longest time that it stays open.
pub(crate) const MAX_OPEN_DURATION: Duration = Duration::from_secs(5 * 60);
/// A probe without an answer for so long is given up.
pub(crate) const PROBE_TIMEOUT: Duration = Duration::from_secs(30);

/// The circuit breaker of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Breaker {
    state: State,
    failures: u32,
    openings: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Every message may be sent.
    #[default]
    Closed,
    /// No message may be sent until then.
    Open(Timestamp),
    /// One message is being sent as a probe; without an answer the next may be sent then.
    Probing(Timestamp),
}

/// The permission to ask a provider once. The result must be reported to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// While the breaker is closed.
    Usual,
    /// The one message that decides whether an open breaker closes.
    Probe,
}

/// A breaker as the merchant sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerView {
    /// The provider is used.
    Closed,
    /// The provider is not used for this many seconds.
    Open {
        /// Seconds until it is probed.
        seconds: u32,
    },
    /// The provider is being probed, or will be with the next message.
    HalfOpen,
}

impl Breaker {
    /// When the provider may be asked again; `None` if it may be asked now.
    pub(crate) fn closed_at(&self, now: Timestamp) -> Option<Timestamp> {
        let (until, longest) = match self.state {
            State::Closed => return None,
            State::Open(until) => (until, MAX_OPEN_DURATION),
            State::Probing(until) => (until, PROBE_TIMEOUT),
        };
        // Further ahead than is ever set: the clock was set back.
        (until > now && until <= now + longest).then_some(until)
    }

    /// The permission to send one message, or when to ask again.
    pub(crate) fn admit(&mut self, now: Timestamp) -> Result<Permit, Timestamp> {
        if let Some(until) = self.closed_at(now) {
            return Err(until);
        }
        if self.state == State::Closed {
            return Ok(Permit::Usual);
        }
        self.state = State::Probing(now + PROBE_TIMEOUT);
        Ok(Permit::Probe)
    }

    /// The provider answered as it should. An answer to a message that was sent before the
    /// breaker opened says nothing about the provider now, and is ignored.
    pub(crate) fn succeed(&mut self, permit: Permit) {
        match (permit, self.state) {
            (Permit::Probe, State::Probing(_)) => {
                // One more success is needed before the next opening is short again.
                (self.state, self.failures) = (State::Closed, 0);
            }
            (Permit::Usual, State::Closed) => (self.failures, self.openings) = (0, 0),
            _ => {}
        }
    }

    /// The provider failed. True if this opened the breaker.
    pub(crate) fn fail(&mut self, permit: Permit, now: Timestamp) -> bool {
        match (permit, self.state) {
            (Permit::Probe, State::Probing(_)) => self.open(now),
            (Permit::Usual, State::Closed) => {
                self.failures += 1;
                if self.failures >= FAILURE_THRESHOLD {
                    self.open(now);
                }
            }
            _ => return false,
        }
        self.state != State::Closed
    }

    /// The provider reported that it is unavailable. True if this opened the breaker.
    pub(crate) fn trip(&mut self, now: Timestamp) -> bool {
        if matches!(self.state, State::Open(_)) {
            return false;
        }
        self.open(now);
        true
    }

    /// The permit was not used.
    pub(crate) fn release(&mut self, permit: Permit, now: Timestamp) {
        if let (Permit::Probe, State::Probing(_)) = (permit, self.state) {
            self.state = State::Open(now);
        }
    }

    /// As the merchant sees it.
    pub(crate) fn view(&self, now: Timestamp) -> BreakerView {
        match (self.state, self.closed_at(now)) {
            (State::Closed, _) => BreakerView::Closed,
            (State::Open(_), Some(until)) => {
                BreakerView::Open { seconds: now.seconds_until(until) }
            }
            _ => BreakerView::HalfOpen,
        }
    }

    fn open(&mut self, now: Timestamp) {
        let doubled = FIRST_OPEN_DURATION.saturating_mul(2_u32.saturating_pow(self.openings));
        self.state = State::Open(now + doubled.min(MAX_OPEN_DURATION));
        self.openings = self.openings.saturating_add(1);
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn open_after_failures() -> Breaker {
        let mut breaker = Breaker::default();
        for count in 1..=FAILURE_THRESHOLD {
            assert_eq!(breaker.fail(Permit::Usual, NOW), count == FAILURE_THRESHOLD);
        }
        breaker
    }

    #[test]
    fn it_opens_after_the_threshold_of_failures_and_not_before() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 1..FAILURE_THRESHOLD {
                breaker.fail(Permit::Usual, NOW);
            }
            assert_eq!(breaker.admit(NOW), Ok(Permit::Usual));
            breaker.succeed(Permit::Usual);
        }
        assert_eq!(open_after_failures().admit(NOW), Err(NOW + FIRST_OPEN_DURATION));
    }

    #[test]
    fn a_provider_that_reports_itself_unavailable_opens_it_at_once() {
        let mut breaker = Breaker::default();
        assert!(breaker.trip(NOW));
        assert!(!breaker.trip(NOW), "it is open already");
        assert_eq!(breaker.admit(NOW), Err(NOW + FIRST_OPEN_DURATION));
    }

    #[test]
    fn half_open_it_permits_exactly_one_message() {
        let mut breaker = open_after_failures();
        let then = NOW + FIRST_OPEN_DURATION;
        assert_eq!(breaker.admit(then), Ok(Permit::Probe));
        for _ in 0..10 {
            assert_eq!(breaker.admit(then), Err(then + PROBE_TIMEOUT));
        }
        breaker.succeed(Permit::Probe);
        assert_eq!(breaker.admit(then), Ok(Permit::Usual));
    }

    #[test]
    fn each_failed_probe_opens_it_for_longer_up_to_a_bound() {
        let mut breaker = open_after_failures();
        let (mut now, mut spans) = (NOW, Vec::new());
        for _ in 0..8 {
            let until = breaker.admit(now).unwrap_err();
            spans.push(until.since(now).as_secs());
            now = until;
            assert_eq!(breaker.admit(now), Ok(Permit::Probe));
            assert!(breaker.fail(Permit::Probe, now));
        }
        assert_eq!(spans, [15, 30, 60, 120, 240, 300, 300, 300]);
    }

    #[test]
    fn a_success_after_the_probe_resets_the_open_duration() {
        let mut breaker = open_after_failures();
        breaker.admit(NOW + FIRST_OPEN_DURATION).unwrap();
        breaker.succeed(Permit::Probe);
        breaker.succeed(Permit::Usual);
        breaker.trip(NOW);
        assert_eq!(breaker.admit(NOW), Err(NOW + FIRST_OPEN_DURATION));
    }

    #[test]
    fn a_probe_without_an_answer_is_followed_by_another() {
        let mut breaker = open_after_failures();
        let then = NOW + FIRST_OPEN_DURATION;
        breaker.admit(then).unwrap();
        assert_eq!(breaker.admit(then + PROBE_TIMEOUT), Ok(Permit::Probe));
    }

    #[test]
    fn a_probe_that_was_not_sent_is_released() {
        let mut breaker = open_after_failures();
        let then = NOW + FIRST_OPEN_DURATION;
        let permit = breaker.admit(then).unwrap();
        breaker.release(permit, then);
        assert_eq!(breaker.admit(then), Ok(Permit::Probe));
    }

    #[test]
    fn answers_to_messages_sent_before_it_opened_change_nothing() {
        let open = open_after_failures();
        let mut breaker = open.clone();
        breaker.succeed(Permit::Usual);
        assert!(!breaker.fail(Permit::Usual, NOW + FIRST_OPEN_DURATION));
        assert_eq!(breaker, open);
    }

    #[test]
    fn x123_a_clock_set_back_does_not_keep_it_open_for_ever() {
        let mut breaker = open_after_failures();
        assert_eq!(breaker.admit(NOW - 2 * MAX_OPEN_DURATION), Ok(Permit::Probe));
    }

    #[test]
    fn the_view_shows_how_long_a_provider_is_not_asked() {
        let mut breaker = open_after_failures();
        assert_eq!(Breaker::default().view(NOW), BreakerView::Closed);
        assert_eq!(breaker.view(NOW), BreakerView::Open { seconds: 15 });
        assert_eq!(breaker.view(NOW + FIRST_OPEN_DURATION), BreakerView::HalfOpen);
        breaker.admit(NOW + FIRST_OPEN_DURATION).unwrap();
        assert_eq!(breaker.view(NOW + FIRST_OPEN_DURATION), BreakerView::HalfOpen);
    }
}
