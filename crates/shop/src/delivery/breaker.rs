//! A circuit breaker: a provider that fails again and again is left alone for a
//! while, then tried with a single message. A state machine without clock or I/O.

use std::time::Duration;

use domain::Timestamp;

/// Faults in a row that open the breaker.
pub(crate) const FAULTS: u32 = 5;
/// How long it stays open the first time; it doubles each time.
pub(crate) const FIRST_OPEN: Duration = Duration::from_secs(15);
/// The longest it stays open.
pub(crate) const LONGEST_OPEN: Duration = Duration::from_secs(5 * 60);
/// A probe that says nothing for so long is taken for lost.
pub(crate) const PROBE: Duration = Duration::from_secs(30);

/// Whether a provider is to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Breaker {
    state: State,
    faults: u32,
    openings: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Everything may pass.
    #[default]
    Closed,
    /// Nothing may, until then.
    Open(Timestamp),
    /// One message is out to see; another may go then, if nothing is heard of it.
    Probing(Timestamp),
}

/// The right to ask a provider once. Its answer must be told to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// Like any other.
    Usual,
    /// The one message by which an open breaker learns whether to close.
    Probe,
}

/// A breaker as the merchant sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerView {
    /// The provider is asked.
    Closed,
    /// The provider is left alone for so many seconds.
    Open {
        /// Seconds until it is tried with one message.
        seconds: u32,
    },
    /// The provider is being tried with one message, or will be with the next.
    HalfOpen,
}

impl Breaker {
    /// When to come again; `None` if the provider may be asked now.
    pub(crate) fn closed_at(&self, now: Timestamp) -> Option<Timestamp> {
        let (until, longest) = match self.state {
            State::Closed => return None,
            State::Open(until) => (until, LONGEST_OPEN),
            State::Probing(until) => (until, PROBE),
        };
        // Further ahead than ever set: the clock was set back.
        (until > now && until <= now + longest).then_some(until)
    }

    /// Lets one message pass, or says when to come again.
    pub(crate) fn admit(&mut self, now: Timestamp) -> Result<Permit, Timestamp> {
        if let Some(until) = self.closed_at(now) {
            return Err(until);
        }
        if self.state == State::Closed {
            return Ok(Permit::Usual);
        }
        self.state = State::Probing(now + PROBE);
        Ok(Permit::Probe)
    }

    /// The provider did its part. An answer to a message that was under way when
    /// the breaker opened says nothing of how the provider is now.
    pub(crate) fn succeed(&mut self, pass: Permit) {
        match (pass, self.state) {
            (Permit::Probe, State::Probing(_)) => {
                // The next opening is as long as this one, until more has passed.
                (self.state, self.faults) = (State::Closed, 0);
            }
            (Permit::Usual, State::Closed) => (self.faults, self.openings) = (0, 0),
            _ => {}
        }
    }

    /// The provider failed. True if this opened the breaker.
    pub(crate) fn fail(&mut self, pass: Permit, now: Timestamp) -> bool {
        match (pass, self.state) {
            (Permit::Probe, State::Probing(_)) => self.open(now),
            (Permit::Usual, State::Closed) => {
                self.faults += 1;
                if self.faults >= FAULTS {
                    self.open(now);
                }
            }
            _ => return false,
        }
        self.state != State::Closed
    }

    /// The provider said that it cannot serve. True if this opened the breaker.
    pub(crate) fn trip(&mut self, now: Timestamp) -> bool {
        if matches!(self.state, State::Open(_)) {
            return false;
        }
        self.open(now);
        true
    }

    /// The pass was not used.
    pub(crate) fn give_back(&mut self, pass: Permit, now: Timestamp) {
        if let (Permit::Probe, State::Probing(_)) = (pass, self.state) {
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
        let doubled = FIRST_OPEN.saturating_mul(2_u32.saturating_pow(self.openings));
        self.state = State::Open(now + doubled.min(LONGEST_OPEN));
        self.openings = self.openings.saturating_add(1);
        self.faults = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn open_after_faults() -> Breaker {
        let mut breaker = Breaker::default();
        for count in 1..=FAULTS {
            assert_eq!(breaker.fail(Permit::Usual, NOW), count == FAULTS);
        }
        breaker
    }

    #[test]
    fn it_opens_after_so_many_faults_in_a_row_and_not_before() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            for _ in 1..FAULTS {
                breaker.fail(Permit::Usual, NOW);
            }
            assert_eq!(breaker.admit(NOW), Ok(Permit::Usual));
            breaker.succeed(Permit::Usual);
        }
        assert_eq!(open_after_faults().admit(NOW), Err(NOW + FIRST_OPEN));
    }

    #[test]
    fn a_provider_that_says_it_cannot_serve_opens_it_at_once() {
        let mut breaker = Breaker::default();
        assert!(breaker.trip(NOW));
        assert!(!breaker.trip(NOW), "it is open already");
        assert_eq!(breaker.admit(NOW), Err(NOW + FIRST_OPEN));
    }

    #[test]
    fn half_open_it_lets_exactly_one_pass() {
        let mut breaker = open_after_faults();
        let then = NOW + FIRST_OPEN;
        assert_eq!(breaker.admit(then), Ok(Permit::Probe));
        for _ in 0..10 {
            assert_eq!(breaker.admit(then), Err(then + PROBE));
        }
        breaker.succeed(Permit::Probe);
        assert_eq!(breaker.admit(then), Ok(Permit::Usual));
    }

    #[test]
    fn each_failed_probe_opens_it_for_longer_up_to_a_bound() {
        let mut breaker = open_after_faults();
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
    fn one_good_answer_after_the_probe_forgets_the_past() {
        let mut breaker = open_after_faults();
        breaker.admit(NOW + FIRST_OPEN).unwrap();
        breaker.succeed(Permit::Probe);
        breaker.succeed(Permit::Usual);
        breaker.trip(NOW);
        assert_eq!(breaker.admit(NOW), Err(NOW + FIRST_OPEN));
    }

    #[test]
    fn a_probe_that_is_lost_makes_room_for_another() {
        let mut breaker = open_after_faults();
        let then = NOW + FIRST_OPEN;
        breaker.admit(then).unwrap();
        assert_eq!(breaker.admit(then + PROBE), Ok(Permit::Probe));
    }

    #[test]
    fn a_probe_that_was_not_sent_is_given_back() {
        let mut breaker = open_after_faults();
        let then = NOW + FIRST_OPEN;
        let pass = breaker.admit(then).unwrap();
        breaker.give_back(pass, then);
        assert_eq!(breaker.admit(then), Ok(Permit::Probe));
    }

    #[test]
    fn answers_to_what_was_under_way_when_it_opened_change_nothing() {
        let open = open_after_faults();
        let mut breaker = open.clone();
        breaker.succeed(Permit::Usual);
        assert!(!breaker.fail(Permit::Usual, NOW + FIRST_OPEN));
        assert_eq!(breaker, open);
    }

    #[test]
    fn x123_a_clock_set_back_does_not_keep_it_open_for_ever() {
        let mut breaker = open_after_faults();
        assert_eq!(breaker.admit(NOW - 2 * LONGEST_OPEN), Ok(Permit::Probe));
    }

    #[test]
    fn the_merchant_sees_how_long_a_provider_is_left_alone() {
        let mut breaker = open_after_faults();
        assert_eq!(Breaker::default().view(NOW), BreakerView::Closed);
        assert_eq!(breaker.view(NOW), BreakerView::Open { seconds: 15 });
        assert_eq!(breaker.view(NOW + FIRST_OPEN), BreakerView::HalfOpen);
        breaker.admit(NOW + FIRST_OPEN).unwrap();
        assert_eq!(breaker.view(NOW + FIRST_OPEN), BreakerView::HalfOpen);
    }
}
