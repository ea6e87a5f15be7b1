//! The couriers of this process, in order of preference, and what each has been
//! like lately.

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

/// A courier and what it has been like.
pub(crate) struct ProviderState {
    pub(crate) provider: Arc<dyn MessageProvider>,
    state: Mutex<State>,
}

struct State {
    breaker: Breaker,
    turns: RateLimiter,
    /// What the merchant was last told to change, until it works again.
    alarm: Option<String>,
    last_problem: Option<(Timestamp, String)>,
}

/// A provider as the merchant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderView {
    /// Its name.
    pub name: &'static str,
    /// Whether it is asked.
    pub breaker: BreakerView,
    /// When it last failed, and what it said.
    pub last_problem: Option<(Timestamp, String)>,
}

impl ProviderState {
    /// A courier of which nothing is known.
    pub(crate) fn new(provider: Arc<dyn MessageProvider>) -> Self {
        let state = State {
            breaker: Breaker::default(),
            turns: RateLimiter::new(provider.rate_limits().per_second),
            alarm: None,
            last_problem: None,
        };
        Self { provider, state: Mutex::new(state) }
    }

    /// The provider's name.
    pub(crate) fn name(&self) -> &'static str {
        self.provider.name()
    }

    /// When to come again; `None` if it may be asked now.
    pub(crate) fn closed_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.state().breaker.closed_at(now)
    }

    /// Lets one message pass, in how long; or says when to come again.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<(Permit, Duration), Timestamp> {
        let mut state = self.state();
        let pass = state.breaker.admit(now)?;
        match state.turns.take(now) {
            Ok(wait) => Ok((pass, wait)),
            Err(at) => {
                state.breaker.give_back(pass, now);
                Err(at)
            }
        }
    }

    /// The pass was not used.
    pub(crate) fn give_back(&self, pass: Permit, now: Timestamp) {
        self.state().breaker.give_back(pass, now);
    }

    /// Learns from the answer to a message.
    pub(crate) fn learn(&self, pass: Permit, answer: &Result<Accepted, SendError>, now: Timestamp) {
        let error = match answer {
            Ok(_) => return self.recover(pass),
            Err(error) => error,
        };
        if !matches!(error, SendError::Undeliverable { .. }) {
            self.state().last_problem = Some((now, error.to_string()));
        }
        let has_opened = match error {
            SendError::FailOver { .. } => self.state().breaker.trip(now),
            SendError::Unknown | SendError::Retry { after_seconds: None, .. } => {
                self.state().breaker.fail(pass, now)
            }
            // It asks for patience in so many words: it is well, and busy.
            SendError::Retry { .. } if pass == Permit::Usual => false,
            SendError::Retry { .. } => self.state().breaker.fail(pass, now),
            SendError::Undeliverable { .. } | SendError::Misconfigured { .. } => {
                self.state().breaker.succeed(pass);
                false
            }
        };
        self.report(error, has_opened);
    }

    /// Learns from news of a message that it had accepted.
    pub(crate) fn learn_later(&self, error: &SendError, now: Timestamp) {
        let has_opened = match error {
            SendError::FailOver { .. } => self.state().breaker.trip(now),
            SendError::Misconfigured { .. } => false,
            SendError::Retry { .. } | SendError::Unknown | SendError::Undeliverable { .. } => {
                return;
            }
        };
        self.state().last_problem = Some((now, error.to_string()));
        self.report(error, has_opened);
    }

    /// AuditBuffer what the merchant must change, and says it once.
    pub(crate) fn alarm(&self, problem: &str, now: Timestamp) {
        let mut state = self.state();
        state.last_problem = Some((now, problem.to_owned()));
        if state.alarm.as_deref() != Some(problem) {
            tracing::error!(provider = self.name(), problem, "messages cannot be sent");
            state.alarm = Some(problem.to_owned());
        }
    }

    /// As the merchant sees it.
    pub(crate) fn view(&self, now: Timestamp) -> ProviderView {
        let state = self.state();
        ProviderView {
            name: self.name(),
            breaker: state.breaker.view(now),
            last_problem: state.last_problem.clone(),
        }
    }

    fn recover(&self, pass: Permit) {
        let mut state = self.state();
        state.breaker.succeed(pass);
        if state.alarm.take().is_some() || pass == Permit::Probe {
            tracing::info!(provider = self.name(), "messages can be sent again");
        }
    }

    fn report(&self, error: &SendError, has_opened: bool) {
        let problem = error.to_string();
        if let SendError::Misconfigured { .. } = error {
            let mut state = self.state();
            if state.alarm.as_deref() != Some(&problem) {
                tracing::error!(provider = self.name(), problem, "messages cannot be sent");
                state.alarm = Some(problem);
            }
        } else if has_opened {
            tracing::warn!(provider = self.name(), problem, "a provider is left alone for a while");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
