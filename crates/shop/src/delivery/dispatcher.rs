//! Sending the outbox. A message is claimed with a lease, its code is derived
//! now, and the provider's answer decides what its row becomes. Two processes
//! never send one message at the same time; a process that dies lets its lease
//! run out, and the same message with the same code is sent again.

use std::time::Duration;

use tokio::task::JoinSet;

use super::{Delivery, send::PATIENCE};
use crate::{Error, Result};

/// How long a claimed message belongs to its claimer: longer than its turn, the
/// provider's answer and the writing down can take together.
const LEASE: Duration = Duration::from_secs(60);
/// How long to rest when nothing is known to be due.
const REST: Duration = Duration::from_secs(1);
/// How long the end of the process may wait for answers.
const DRAIN: Duration = PATIENCE.saturating_add(Duration::from_secs(3));

impl Delivery<'_> {
    /// Sends what is due, waits for every answer, and says how many there were.
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

    /// Sends until told to stop: what is due at once, the rest when it is. One
    /// provider's slow answer holds up nothing but its own message.
    pub async fn run(&self) {
        while !self.0.signals().is_stopping() {
            match self.claim().await {
                Ok((mut claimed, is_all)) => {
                    claimed.detach_all();
                    if is_all {
                        self.rest().await;
                    }
                }
                Err(error) => {
                    report(&error);
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// Claims nothing more, and waits for the answers to what was handed over;
    /// what was not goes back to the outbox. False if an answer took too long: its
    /// message is safe, and is sent again when its lease runs out.
    pub async fn drain(&self) -> bool {
        let signals = self.0.signals();
        signals.stop();
        tokio::time::timeout(DRAIN, signals.wait_idle()).await.is_ok()
    }

    /// Rests until a message is new or due, a second at most.
    pub async fn rest(&self) {
        let span = self.until_due().await.unwrap_or(REST).min(REST);
        tokio::select! {
            () = self.0.signals().woken() => {}
            () = tokio::time::sleep(span) => {}
        }
    }

    async fn until_due(&self) -> Result<Duration> {
        let due_at = self.0.db().read().await?.messages().next_due().await?;
        Ok(due_at.map_or(REST, |due_at| due_at.since(self.0.clock().now())))
    }

    /// Claims as many messages as may be in flight, and starts sending them; says
    /// whether that is all there is to send now.
    async fn claim(&self) -> Result<(JoinSet<()>, bool)> {
        let shop = self.0;
        let places = shop.signals().in_flight.clone();
        let first = places.clone().acquire_owned().await.map_err(|_| store::Error::ShuttingDown)?;
        let mut sending = JoinSet::new();
        if shop.signals().is_stopping() {
            return Ok((sending, true));
        }
        let most = u32::try_from(places.available_permits() + 1).unwrap_or(1);
        let now = shop.clock().now();
        let claimed = shop
            .db()
            .write(move |tx| {
                Box::pin(async move { tx.messages().claim(most, now + LEASE, now).await })
            })
            .await?;
        let is_all = claimed.len() < most as usize;
        let mut place = Some(first);
        for message in claimed {
            let place = match place.take() {
                Some(place) => Ok(place),
                None => places.clone().acquire_owned().await,
            };
            let shop = shop.clone();
            sending.spawn(async move {
                let _place = place;
                if let Err(error) = shop.delivery().send(message).await {
                    report(&error);
                }
            });
        }
        Ok((sending, is_all))
    }
}

fn report(error: &Error) {
    tracing::error!(error = error as &dyn std::error::Error, "a message could not be handled");
}
