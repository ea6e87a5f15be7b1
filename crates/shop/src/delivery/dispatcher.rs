//! Sending the outbox. A message is claimed with a lease, its code is derived then, and the
//! provider's answer decides what its row becomes. Two processes never send the same message
//! at the same time. When a process dies, its lease expires, and the same message with the
//! same code is sent again.

use std::time::Duration;

use tokio::task::JoinSet;

use super::{Delivery, send::SEND_TIMEOUT};
use crate::error::{Error, Result};
use store::transaction;

/// How long a claimed message is left to its claimer: longer than rate limiting, the
/// provider's answer and recording it can take together.
const SEND_LEASE: Duration = Duration::from_secs(60);
/// The longest wait for new messages before the outbox is read again.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How long a stopping process waits for the answers of providers.
const DRAIN_TIMEOUT: Duration = SEND_TIMEOUT.saturating_add(Duration::from_secs(3));

impl Delivery {
    /// Sends what is due, waits for every answer, and returns how many messages there were.
    pub async fn run_due(&self) -> usize {
        let mut sent = 0;
        loop {
            let claimed = match self.claim().await {
                Ok((claimed, _)) => claimed,
                Err(error) => {
                    report(&error);
                    return sent;
                }
            };
            if claimed.is_empty() {
                return sent;
            }
            sent += claimed.len();
            claimed.join_all().await;
        }
    }

    /// Sends messages when they are due, until the process stops. A provider's slow answer
    /// delays no other message.
    pub async fn run(&self) {
        while !self.state.dispatcher.is_stopping() {
            match self.claim().await {
                Ok((mut claimed, is_all)) => {
                    claimed.detach_all();
                    if is_all {
                        self.idle().await;
                    }
                }
                Err(error) => {
                    report(&error);
                    tokio::time::sleep(POLL_INTERVAL).await;
                }
            }
        }
    }

    /// Claims no more messages, and waits for the answers to those handed over; the others go
    /// back to the outbox. False if an answer took too long: its message is sent again when
    /// its lease expires.
    pub async fn drain(&self) -> bool {
        let dispatcher = &self.state.dispatcher;
        dispatcher.stop();
        self.outbox.wake();
        tokio::time::timeout(DRAIN_TIMEOUT, dispatcher.wait_idle()).await.is_ok()
    }

    /// Waits until a message is new or due, at most [`POLL_INTERVAL`].
    async fn idle(&self) {
        let span = self.until_due().await.unwrap_or(POLL_INTERVAL).min(POLL_INTERVAL);
        tokio::select! {
            () = self.outbox.woken() => {}
            () = tokio::time::sleep(span) => {}
        }
    }

    async fn until_due(&self) -> Result<Duration> {
        let due_at = self.db.read().await?.messages().next_due().await?;
        Ok(due_at.map_or(POLL_INTERVAL, |due_at| due_at.since(self.clock.now())))
    }

    /// Claims as many messages as may be in flight, and starts sending them. True if no more
    /// are due now.
    async fn claim(&self) -> Result<(JoinSet<()>, bool)> {
        let permits = self.state.dispatcher.in_flight.clone();
        let first =
            permits.clone().acquire_owned().await.map_err(|_| store::Error::ShuttingDown)?;
        let mut sending = JoinSet::new();
        if self.state.dispatcher.is_stopping() {
            return Ok((sending, true));
        }
        let limit = u32::try_from(permits.available_permits() + 1).unwrap_or(1);
        let now = self.clock.now();
        let claimed =
            transaction!(self.db, |tx| tx.messages().claim(limit, now + SEND_LEASE, now).await)
                .await?;
        let is_all = claimed.len() < limit as usize;
        let mut permit = Some(first);
        for message in claimed {
            let permit = match permit.take() {
                Some(permit) => Ok(permit),
                None => permits.clone().acquire_owned().await,
            };
            let delivery = self.clone();
            sending.spawn(async move {
                let _permit = permit;
                if let Err(error) = delivery.send(message).await {
                    report(&error);
                }
            });
        }
        Ok((sending, is_all))
    }
}

fn report(error: &Error) {
    tracing::error!(
        event = "delivery.dispatch_failed",
        error = %domain::Causes(error),
        "sending the outbox failed"
    );
}
