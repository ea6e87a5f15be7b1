//! Decoys: messages that are sent nowhere. Their status changes at the pace of a real
//! message, and they wait or fail when a real one would.

use std::time::Duration;

use domain::{DeliveryProblem, DeliveryStatus};
use store::{Failure, Message, transaction};

use super::{Delivery, routing::Route};
use crate::{error::Result, settings::Mode};

impl Delivery {
    /// Moves a decoy to its next status. Nothing is sent.
    pub(super) async fn advance_decoy(&self, message: &Message) -> Result<()> {
        let provider = match message.status {
            DeliveryStatus::Queued => match self.select_provider(message, &[]).await? {
                Route::Provider(selection) => selection.provider_state.name().to_owned(),
                Route::Later { at, why } => return self.postpone_visibly(message, at, &why).await,
                Route::None { why } => {
                    let failure = Failure { problem: DeliveryProblem::Trouble, why };
                    return self.fail(message, failure, None).await;
                }
            },
            _ => message.provider.clone().unwrap_or_default(),
        };
        let (status, next_in) = next(message.status, self.settings.mode);
        let now = self.clock.now();
        let next_at = next_in.map(|span| self.jitter(span)).transpose()?.map(|span| now + span);
        let lease = message.lease();
        transaction!(self.db, |tx| {
            tx.messages().advance_decoy(&lease, status, &provider, next_at, now).await
        })
        .await?;
        self.changed(message);
        self.wake();
        Ok(())
    }

    /// A random time between two thirds and four thirds of this one.
    fn jitter(&self, span: Duration) -> Result<Duration> {
        let thousandths = u32::try_from(self.entropy.bits()? % 667).unwrap_or(0);
        Ok(span * (667 + thousandths) / 1000)
    }
}

/// The step after a status, and how long until the one after that.
fn next(status: DeliveryStatus, mode: Mode) -> (DeliveryStatus, Option<Duration>) {
    let (until_sent, until_delivered) = match mode {
        Mode::Demo => (whatsapp::simulator::SENT_DELAY, whatsapp::simulator::DELIVERED_DELAY),
        Mode::Production => (Duration::from_millis(400), Duration::from_millis(1_200)),
    };
    match status {
        DeliveryStatus::Queued => (DeliveryStatus::Accepted, Some(until_sent)),
        DeliveryStatus::Accepted => (DeliveryStatus::Sent, Some(until_delivered)),
        _ => (DeliveryStatus::Delivered, None),
    }
}
