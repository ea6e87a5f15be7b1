//! Message delivery: sending the outbox, processing the events of providers, deleting old
//! rows.
//!
//! The `dispatcher` claims a message, `routing` selects a provider, `send` hands the message
//! over, and `retry` records the result. `provider_state` (a circuit breaker and a rate
//! limiter for each provider) decides which providers are asked. Webhooks come back through
//! `webhook_queue` and `events`. Decoys take the same steps and are sent nowhere (`decoys`),
//! except that the owner of a registered number gets a notice (`existing_account`).
//! Providers that track verifications are told the outcome (`verification_feedback`), and other
//! nodes which challenges changed (`node_notifications`).

mod breaker;
mod cleanup;
mod decoys;
mod dispatcher;
mod events;
mod existing_account;
mod node_notifications;
mod provider_state;
mod rate_limiter;
mod retry;
mod routing;
mod send;
mod state;
mod user_changes;
mod verification_feedback;
mod webhook_queue;

pub use breaker::BreakerView;
pub use events::{EventReceiver, event_channel};
pub use provider_state::ProviderView;

pub(crate) use provider_state::ProviderState;
pub(crate) use state::State;

use std::sync::Arc;

use domain::ChallengeId;
use store::Db;
use tokio::sync::broadcast;
use whatsapp::MessageProvider;

use crate::{
    audit::Audit, clock::Clock, entropy::Entropy, error::Result, limits::Limits,
    outbox::OutboxSignal, settings::Settings, templates::Templates,
};

/// Sending messages and receiving their status. Clones share their state.
#[derive(Clone)]
pub struct Delivery {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) settings: Arc<Settings>,
    pub(crate) limits: Limits,
    pub(crate) templates: Templates,
    pub(crate) audit: Audit,
    pub(crate) outbox: OutboxSignal,
    pub(crate) state: Arc<State>,
}

impl Delivery {
    /// Wakes the dispatcher. Call it after the commit that put a message into the outbox.
    pub fn wake(&self) {
        self.outbox.wake();
    }

    /// The challenges whose messages change their status, as it happens. A receiver that falls
    /// behind misses some; then it should read its own challenge anyway.
    pub fn changes(&self) -> broadcast::Receiver<ChallengeId> {
        self.state.dispatcher.changes()
    }

    /// The provider of this name, if it is configured.
    pub fn provider(&self, name: &str) -> Option<Arc<dyn MessageProvider>> {
        Some(Arc::clone(&self.state.find(name)?.provider))
    }

    /// The provider that webhook calls to `/webhooks/{name}` are for. One of that name comes
    /// first.
    pub fn webhook_provider(&self, name: &str) -> Option<Arc<dyn MessageProvider>> {
        let all = || self.state.provider_states.iter().map(|state| &state.provider);
        let named = all().find(|provider| provider.name() == name);
        named.or_else(|| all().find(|provider| provider.is_called_at(name))).map(Arc::clone)
    }

    /// Every provider in order of preference, with its circuit breaker and last problem.
    pub fn providers(&self) -> Vec<ProviderView> {
        let now = self.clock.now();
        self.state.provider_states.iter().map(|provider_state| provider_state.view(now)).collect()
    }

    /// Announces the changes that other nodes make, until the database is closed. SQLite has
    /// one node, so there this returns at once. A notification may be lost, so that pages read
    /// their challenge from time to time as well.
    pub async fn relay_notifications(&self) -> Result<()> {
        let Some(mut notifications) = self.db.challenge_notifications().await? else {
            return Ok(());
        };
        while let Some(challenge) = notifications.recv().await {
            self.state.dispatcher.changed(challenge);
        }
        Ok(())
    }

    /// Announces a change of a challenge's message, after its commit: to the pages of this
    /// node at once, and to other nodes in the background.
    fn challenge_changed(&self, challenge: Option<&ChallengeId>) {
        let Some(challenge) = challenge else { return };
        self.state.dispatcher.changed(challenge.clone());
        self.state.changed_challenges.add(challenge);
    }
}
