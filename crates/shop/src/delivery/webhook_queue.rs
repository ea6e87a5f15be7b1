//! Webhook calls of providers. A call is answered after its events are committed, so that no
//! event is lost with the process. A call that carries an id of its own is processed once: its
//! id is recorded in the transaction of its last events.

use tokio::sync::Semaphore;
use whatsapp::WebhookResponse;

use super::{Delivery, events::UnknownMessages};
use crate::error::Result;

/// How many calls are processed at the same time; further ones are asked to call again.
const MAX_CONCURRENT_WEBHOOKS: usize = 256;
/// How many calls with events of unknown messages are tried again at the same time.
const MAX_PENDING_LOOKUPS: usize = 256;

/// The capacity for webhook calls.
pub(crate) struct WebhookQueue {
    calls: Semaphore,
    /// One permit for each call that waits for its messages to become known.
    pub(super) lookups: Semaphore,
}

impl Default for WebhookQueue {
    fn default() -> Self {
        Self {
            calls: Semaphore::new(MAX_CONCURRENT_WEBHOOKS),
            lookups: Semaphore::new(MAX_PENDING_LOOKUPS),
        }
    }
}

impl Delivery {
    /// Processes a provider's call; `Ok` means that its events are committed. False if too
    /// many calls are being processed, so that the provider should call again. A call that
    /// was processed before changes nothing.
    pub async fn handle_webhook(
        &self,
        provider: &'static str,
        call: WebhookResponse,
    ) -> Result<bool> {
        let WebhookResponse::Events { events, once } = call else { return Ok(true) };
        if events.is_empty() {
            return Ok(true);
        }
        let Ok(permit) = self.state.webhook_queue.calls.try_acquire() else { return Ok(false) };
        let call = once.map(|once| (provider, once));
        let unknown = self.process(events, call.clone(), UnknownMessages::Retry).await?;
        drop(permit);
        if unknown.is_empty() {
            return Ok(true);
        }
        self.process_later(unknown, call).await
    }
}
