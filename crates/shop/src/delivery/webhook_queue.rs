//! Calls of providers. One is answered when what it says is in the rows, so that
//! none is lost with the process; many at once share a commit. A call that has a
//! name is acted on once: its name is remembered in the transaction that does so.

use std::sync::Arc;

use tokio::sync::Semaphore;
use whatsapp::WebhookResponse;

use super::Delivery;
use crate::Result;

/// Calls that are acted on at the same time; beyond, providers are asked to come
/// again.
const ROOM: usize = 256;
/// Unknown messages that are looked for again at the same time.
const PATIENCE: usize = 256;

/// How many calls there is room for.
pub(crate) struct WebhookQueue {
    room: Semaphore,
    /// One place for each message that is looked for again.
    pub(super) patience: Arc<Semaphore>,
}

impl Default for WebhookQueue {
    fn default() -> Self {
        Self { room: Semaphore::new(ROOM), patience: Arc::new(Semaphore::new(PATIENCE)) }
    }
}

impl Delivery<'_> {
    /// Acts on what a provider called with; false if there is no room, so that the
    /// provider should call again. A call that was acted on before does nothing.
    pub async fn take_callback(
        &self,
        provider: &'static str,
        answer: WebhookResponse,
    ) -> Result<bool> {
        let WebhookResponse::Events { events: news, once } = answer else { return Ok(true) };
        if news.is_empty() {
            return Ok(true);
        }
        let Ok(_place) = self.0.inbox().room.try_acquire() else { return Ok(false) };
        self.take(news, once.map(|once| (provider, once))).await?;
        Ok(true)
    }
}
