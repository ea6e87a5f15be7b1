//! Message delivery: sending the outbox, processing the events of providers, deleting old
//! rows.
//!
//! The `dispatcher` claims a message, `routing` selects a provider, `send` hands the message
//! over, and `retry` records the result. `provider_state` (a circuit breaker and a rate
//! limiter for each provider) decides which providers are asked. Webhooks come back through
//! `webhook_queue` and `events`. Decoys take the same steps and are sent nowhere (`decoys`),
//! except that the owner of a registered number gets a notice (`existing_account`).
//! Providers that track verifications are told the outcome (`verification_feedback`).

mod breaker;
mod cleanup;
mod decoys;
mod dispatcher;
mod events;
mod existing_account;
mod provider_state;
mod rate_limiter;
mod retry;
mod routing;
mod send;
mod state;
mod verification_feedback;
mod webhook_queue;

pub use breaker::BreakerView;
pub use events::{EventReceiver, event_channel};
pub use provider_state::ProviderView;

pub(crate) use provider_state::ProviderState;
pub(crate) use state::State;

use std::sync::Arc;

use domain::ChallengeId;
use tokio::sync::broadcast;
use whatsapp::MessageProvider;

use crate::app::Shop;

/// Sending messages and receiving their status.
pub struct Delivery<'s>(pub(crate) &'s Shop);

impl Delivery<'_> {
    /// Wakes the dispatcher. Call it after the commit that put a message into the outbox.
    pub fn wake(&self) {
        self.state().dispatcher.wake();
    }

    /// The challenges whose messages change their status, as it happens. A receiver that falls
    /// behind misses some; then it should read its own challenge anyway.
    pub fn changes(&self) -> broadcast::Receiver<ChallengeId> {
        self.state().dispatcher.changes()
    }

    /// The provider of this name, if it is configured.
    pub fn provider(&self, name: &str) -> Option<Arc<dyn MessageProvider>> {
        Some(Arc::clone(&self.state().find(name)?.provider))
    }

    /// Every provider in order of preference, with its circuit breaker and last problem.
    pub fn providers(&self) -> Vec<ProviderView> {
        let now = self.0.clock().now();
        self.state().provider_states.iter().map(|provider_state| provider_state.view(now)).collect()
    }

    fn state(&self) -> &State {
        self.0.delivery_state()
    }
}
