//! Calls of providers, taken in at once and acted on later. A call that has a
//! name is acted on once: its name is remembered in the transaction that does so.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Mutex, Semaphore, mpsc};
use whatsapp::{CallbackAnswer, News};

use super::Delivery;
use crate::Result;

/// Calls that wait; beyond, providers are asked to come again.
const ROOM: usize = 4096;
/// Unknown messages that are looked for again at the same time.
const PATIENCE: usize = 256;

/// A call that was believed.
struct Call {
    provider: &'static str,
    news: Vec<News>,
    once: Option<(String, Duration)>,
}

/// Where calls wait.
pub(crate) struct Inbox {
    sender: mpsc::Sender<Call>,
    receiver: Mutex<mpsc::Receiver<Call>>,
    /// One place for each message that is looked for again.
    pub(super) patience: Arc<Semaphore>,
}

impl Default for Inbox {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(ROOM);
        let patience = Arc::new(Semaphore::new(PATIENCE));
        Self { sender, receiver: Mutex::new(receiver), patience }
    }
}

impl Delivery<'_> {
    /// Takes in what a provider called with; false if there is no room, so that
    /// the provider should call again. A call that was acted on before is taken
    /// and does nothing.
    pub async fn take_callback(
        &self,
        provider: &'static str,
        answer: CallbackAnswer,
    ) -> Result<bool> {
        let CallbackAnswer::News { news, once } = answer else { return Ok(true) };
        if news.is_empty() {
            return Ok(true);
        }
        if let Some((name, _)) = &once {
            let now = self.0.clock().now();
            if self.0.db().read().await?.callbacks().is_known(provider, name, now).await? {
                return Ok(true);
            }
        }
        Ok(self.0.inbox().sender.try_send(Call { provider, news, once }).is_ok())
    }

    /// Acts on calls for ever, one after the other as they came.
    pub async fn run_callbacks(&self) {
        let mut calls = self.0.inbox().receiver.lock().await;
        while let Some(call) = calls.recv().await {
            self.take_or_report(call.news, call.once.map(|once| (call.provider, once))).await;
        }
    }

    /// Acts on the calls that wait.
    pub async fn run_callbacks_due(&self) {
        let mut calls = self.0.inbox().receiver.lock().await;
        while let Ok(call) = calls.try_recv() {
            self.take_or_report(call.news, call.once.map(|once| (call.provider, once))).await;
        }
    }
}
