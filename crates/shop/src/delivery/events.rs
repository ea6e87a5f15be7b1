//! Events from providers: delivery reports and changes of templates. A message's status only
//! moves forward; an event that comes twice or late changes nothing.

use std::{sync::Arc, time::Duration};

use domain::{ChallengeId, Timestamp};
use store::{Connection, ProviderMessageName, transaction};
use tokio::sync::mpsc;
use whatsapp::{DeliveryReport, EventSender, WebhookEvent};

use super::{Delivery, retry::failure_of};
use crate::{
    app::Shop,
    error::{Error, Result},
};

/// How often an event of an unknown message is tried: a provider may report before its own
/// answer is recorded.
const MAX_LOOKUPS: u32 = 6;
/// The wait before the second try; it doubles each time.
const FIRST_LOOKUP_DELAY: Duration = Duration::from_millis(20);

/// The receiving end of [`event_channel`].
pub struct EventReceiver(mpsc::UnboundedReceiver<WebhookEvent>);

/// A channel by which providers inside this process report events.
pub fn event_channel() -> (EventSender, EventReceiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    // After the receiver is dropped events are of no use.
    let sender: EventSender = Arc::new(move |event| drop(sender.send(event)));
    (sender, EventReceiver(receiver))
}

/// The provider of a call, the call's own id, and how long the id is remembered.
pub(super) type CallId = (&'static str, (String, Duration));

/// The result of one event.
enum Processed {
    /// The status of a message changed.
    Applied { challenge: Option<ChallengeId>, report: DeliveryReport },
    /// Nothing had to change.
    Unchanged,
    /// The event names a message that is not known, or not yet.
    UnknownMessage(DeliveryReport),
}

impl Delivery<'_> {
    /// Processes events until every sender is gone.
    pub async fn receive_all(&self, mut receiver: EventReceiver) {
        while let Some(event) = receiver.0.recv().await {
            self.process_or_log(event).await;
        }
    }

    /// Processes the events that have arrived so far.
    pub async fn receive_arrived(&self, receiver: &mut EventReceiver) {
        while let Ok(event) = receiver.0.try_recv() {
            self.process_or_log(event).await;
        }
    }

    async fn process_or_log(&self, event: WebhookEvent) {
        if let Err(error) = self.process(vec![event], None).await {
            log_dropped(&error);
        }
    }

    /// Processes the events of one call and records the call's id, in one transaction.
    pub(super) async fn process(
        &self,
        events: Vec<WebhookEvent>,
        call: Option<CallId>,
    ) -> Result<()> {
        let shop = self.0.clone();
        let processed = transaction!(self.0.db(), |tx| {
            let now = shop.clock().now();
            if let Some((provider, (id, ttl))) = call
                && !tx.processed_webhooks().remember(provider, &id, now + ttl, now).await?
            {
                return Ok(Vec::new());
            }
            let mut processed = Vec::new();
            for event in events {
                processed.push(apply(&shop, tx, event, now).await?);
            }
            Ok::<_, Error>(processed)
        });
        for processed in processed.await? {
            match processed {
                Processed::Applied { challenge, report } => {
                    self.status_changed(challenge.as_ref(), &report);
                }
                Processed::Unchanged => {}
                Processed::UnknownMessage(report) => self.look_up_later(report),
            }
        }
        Ok(())
    }

    /// Notifies the page of the code, and updates the circuit breaker of the provider.
    fn status_changed(&self, challenge: Option<&ChallengeId>, report: &DeliveryReport) {
        self.state().dispatcher.changed(challenge);
        if let (Some(provider), Some(error)) = (self.state().find(report.provider), &report.failure)
        {
            provider.record_report(error, self.0.clock().now());
        }
    }

    /// Tries an event of an unknown message again in the background. Beyond a number of
    /// waiting events further ones are dropped, because anybody's message may be reported.
    fn look_up_later(&self, report: DeliveryReport) {
        let lookups = self.state().webhook_queue.lookups.clone();
        let Ok(permit) = lookups.try_acquire_owned() else {
            tracing::warn!(
                event = "delivery.event_dropped",
                provider = report.provider,
                "delivery event dropped: too many wait for their message"
            );
            return;
        };
        let shop = self.0.clone();
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = shop.delivery().look_up(report).await {
                log_dropped(&error);
            }
        });
    }

    async fn look_up(&self, mut report: DeliveryReport) -> Result<()> {
        let mut delay = FIRST_LOOKUP_DELAY;
        for _ in 1..MAX_LOOKUPS {
            tokio::time::sleep(delay).await;
            delay *= 2;
            let shop = self.0.clone();
            let processed = transaction!(self.0.db(), |tx| {
                let now = shop.clock().now();
                apply(&shop, tx, WebhookEvent::Delivery(report), now).await
            });
            match processed.await? {
                Processed::Applied { challenge, report } => {
                    self.status_changed(challenge.as_ref(), &report);
                    return Ok(());
                }
                Processed::Unchanged => return Ok(()),
                Processed::UnknownMessage(unknown) => report = unknown,
            }
        }
        tracing::info!(
            event = "delivery.unknown_message",
            provider = report.provider,
            "delivery event for an unknown message"
        );
        Ok(())
    }
}

fn log_dropped(error: &Error) {
    tracing::error!(
        event = "delivery.event_dropped",
        error = error as &dyn std::error::Error,
        "delivery event dropped"
    );
}

async fn apply(
    shop: &Shop,
    tx: &mut Connection,
    event: WebhookEvent,
    now: Timestamp,
) -> Result<Processed> {
    let report = match event {
        WebhookEvent::Delivery(report) => report,
        WebhookEvent::Template(update) => {
            shop.templates().record(tx, update, now).await?;
            return Ok(Processed::Unchanged);
        }
    };
    let name = ProviderMessageName {
        provider: report.provider.to_owned(),
        provider_message_id: report.provider_message_id.clone(),
        reference: report.reference.clone(),
    };
    let failure = report.failure.as_ref().map(failure_of);
    let update = tx.messages().receive(&name, report.status, failure.as_ref(), now).await?;
    Ok(match update {
        store::StatusUpdate::Applied(challenge) => Processed::Applied { challenge, report },
        store::StatusUpdate::Stale => Processed::Unchanged,
        store::StatusUpdate::Unknown => Processed::UnknownMessage(report),
    })
}
