//! A provider together with its circuit breaker, its rate limiter and its last problem.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::Timestamp;
use whatsapp::{Accepted, MessageProvider, SendError};

use super::{
    breaker::{Breaker, BreakerView, Permit},
    rate_limiter::RateLimiter,
};

/// A provider and its state in this process.
pub(crate) struct ProviderState {
    pub(crate) provider: Arc<dyn MessageProvider>,
    state: Mutex<State>,
}

struct State {
    breaker: Breaker,
    rate_limiter: RateLimiter,
    /// The problem that was logged last, until messages can be sent again.
    logged_problem: Option<String>,
    last_problem: Option<(Timestamp, String)>,
}

/// A provider as the merchant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderView {
    /// Its name.
    pub name: &'static str,
    /// The state of its circuit breaker.
    pub breaker: BreakerView,
    /// When it last failed, and why.
    pub last_problem: Option<(Timestamp, String)>,
}

impl ProviderState {
    /// A provider that was not asked yet.
    pub(crate) fn new(provider: Arc<dyn MessageProvider>) -> Self {
        let state = State {
            breaker: Breaker::default(),
            rate_limiter: RateLimiter::new(provider.rate_limits().per_second),
            logged_problem: None,
            last_problem: None,
        };
        Self { provider, state: Mutex::new(state) }
    }

    /// The provider's name.
    pub(crate) fn name(&self) -> &'static str {
        self.provider.name()
    }

    /// When it may be asked again; `None` if it may be asked now.
    pub(crate) fn closed_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.state().breaker.closed_at(now)
    }

    /// The permission to send one message and the wait before that, or when to ask again.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<(Permit, Duration), Timestamp> {
        let mut state = self.state();
        let permit = state.breaker.admit(now)?;
        match state.rate_limiter.reserve(now) {
            Ok(wait) => Ok((permit, wait)),
            Err(at) => {
                state.breaker.release(permit, now);
                Err(at)
            }
        }
    }

    /// The permit was not used.
    pub(crate) fn release(&self, permit: Permit, now: Timestamp) {
        self.state().breaker.release(permit, now);
    }

    /// Records the answer to a message.
    pub(crate) fn record(
        &self,
        permit: Permit,
        answer: &Result<Accepted, SendError>,
        now: Timestamp,
    ) {
        let error = match answer {
            Ok(_) => return self.recover(permit),
            Err(error) => error,
        };
        if !matches!(error, SendError::Undeliverable { .. }) {
            self.state().last_problem = Some((now, error.to_string()));
        }
        let has_opened = match error {
            SendError::FailOver { .. } => self.state().breaker.trip(now),
            SendError::Unknown
            | SendError::Unrecognised { .. }
            | SendError::Retry { after_seconds: None, .. } => {
                self.state().breaker.fail(permit, now)
            }
            // The provider names a wait: it works and is busy.
            SendError::Retry { .. } if permit == Permit::Usual => false,
            SendError::Retry { .. } => self.state().breaker.fail(permit, now),
            SendError::Undeliverable { .. } | SendError::Misconfigured { .. } => {
                self.state().breaker.succeed(permit);
                false
            }
        };
        self.report(error, has_opened);
    }

    /// Records a failure that was reported after the message had been accepted.
    pub(crate) fn record_report(&self, error: &SendError, now: Timestamp) {
        let has_opened = match error {
            SendError::FailOver { .. } => self.state().breaker.trip(now),
            SendError::Misconfigured { .. } => false,
            SendError::Retry { .. }
            | SendError::Unrecognised { .. }
            | SendError::Unknown
            | SendError::Undeliverable { .. } => return,
        };
        self.state().last_problem = Some((now, error.to_string()));
        self.report(error, has_opened);
    }

    /// Records a problem that the merchant has to solve, and logs it once.
    pub(crate) fn record_problem(&self, problem: &str, now: Timestamp) {
        let mut state = self.state();
        state.last_problem = Some((now, problem.to_owned()));
        self.log_once(&mut state, problem);
    }

    fn log_once(&self, state: &mut State, problem: &str) {
        if state.logged_problem.as_deref() != Some(problem) {
            tracing::error!(
                event = "provider.misconfigured",
                provider = self.name(),
                problem,
                "messages cannot be sent"
            );
            state.logged_problem = Some(problem.to_owned());
        }
    }

    /// The state as the merchant sees it.
    pub(crate) fn view(&self, now: Timestamp) -> ProviderView {
        let state = self.state();
        ProviderView {
            name: self.name(),
            breaker: state.breaker.view(now),
            last_problem: state.last_problem.clone(),
        }
    }

    fn recover(&self, permit: Permit) {
        let mut state = self.state();
        state.breaker.succeed(permit);
        if state.logged_problem.take().is_some() || permit == Permit::Probe {
            tracing::info!(
                event = "provider.recovered",
                provider = self.name(),
                "messages can be sent again"
            );
        }
    }

    fn report(&self, error: &SendError, has_opened: bool) {
        let problem = error.to_string();
        if let SendError::Misconfigured { .. } = error {
            self.log_once(&mut self.state(), &problem);
        } else if has_opened {
            tracing::warn!(
                event = "provider.breaker_opened",
                provider = self.name(),
                problem,
                "circuit breaker opened"
            );
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
