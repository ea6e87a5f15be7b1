//! How the parts of one process tell each other about messages.

use std::sync::Arc;

use domain::ChallengeId;
use tokio::sync::{Notify, Semaphore, broadcast};

/// Messages handed to the courier at the same time.
const IN_FLIGHT: usize = 32;
/// News a slow listener may fall behind before it misses some.
const BACKLOG: usize = 1024;

/// The bells of one shop.
pub(crate) struct Signals {
    outbox: Notify,
    changes: broadcast::Sender<ChallengeId>,
    pub(super) in_flight: Arc<Semaphore>,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            outbox: Notify::new(),
            changes: broadcast::Sender::new(BACKLOG),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
        }
    }
}

impl Signals {
    pub(super) fn wake(&self) {
        self.outbox.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.outbox.notified().await;
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<ChallengeId> {
        self.changes.subscribe()
    }

    pub(super) fn changed(&self, challenge: Option<&ChallengeId>) {
        if let Some(challenge) = challenge {
            // Nobody listening is no failure.
            let _ = self.changes.send(challenge.clone());
        }
    }
}
