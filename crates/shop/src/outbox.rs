//! The signal between the use cases that put a message into the outbox and the dispatcher that
//! sends it. It knows neither, so that neither depends on the other.

use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes the dispatcher of this process. Clones share the signal.
#[derive(Clone, Debug, Default)]
pub struct OutboxSignal(Arc<Notify>);

impl OutboxSignal {
    /// Makes the dispatcher read the outbox now. Call it after the commit that put a message
    /// there; without the call the message is sent at the dispatcher's next poll.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits for the next call of [`OutboxSignal::wake`]; one that came before counts.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}
