//! Events from providers: delivery reports and changes of templates. A message's status only
//! moves forward; an event that comes twice or late changes nothing.

use std::{sync::Arc, time::Duration};

use domain::{ChallengeId, Timestamp};
use store::{Connection, ProviderMessageName, transaction};
use tokio::sync::mpsc;
use whatsapp::{DeliveryReport, EventSender, WebhookEvent};

use super::{Delivery, retry::failure_of, user_changes};
use crate::{
    audit::Audit,
    error::{Error, Result},
    templates::Templates,
    warnings,
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
    UnknownMessage { event: WebhookEvent, provider: &'static str },
}

/// What to do with events of unknown messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum UnknownMessages {
    /// Return them, so that they can be processed again.
    Retry,
    /// Drop them.
    Drop,
}

impl Delivery {
    /// Processes events until every sender is gone.
    pub async fn receive_all(&self, receiver: &mut EventReceiver) {
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

    /// Processes an event of a provider inside this process. If its message is not known yet,
    /// it is tried again in the background, so that it does not delay other events.
    async fn process_or_log(&self, event: WebhookEvent) {
        match self.process(vec![event], None, UnknownMessages::Retry).await {
            Ok(unknown) if unknown.is_empty() => {}
            Ok(unknown) => {
                let delivery = self.clone();
                tokio::spawn(async move {
                    match delivery.process_later(unknown, None).await {
                        Ok(true) => {}
                        Ok(false) => warnings::count("delivery.event_dropped", "", "queue_full"),
                        Err(error) => log_dropped(&error),
                    }
                });
            }
            Err(error) => log_dropped(&error),
        }
    }

    /// Processes those events of one call again whose messages were unknown, until they are
    /// known or the tries are used up. Returns after the commit. False if too many calls wait
    /// already.
    pub(super) async fn process_later(
        &self,
        mut events: Vec<WebhookEvent>,
        call: Option<CallId>,
    ) -> Result<bool> {
        let Ok(_permit) = self.state.webhook_queue.lookups.try_acquire() else {
            return Ok(false);
        };
        let mut delay = FIRST_LOOKUP_DELAY;
        for _ in 2..MAX_LOOKUPS {
            tokio::time::sleep(delay).await;
            delay *= 2;
            events = self.process(events, call.clone(), UnknownMessages::Retry).await?;
            if events.is_empty() {
                return Ok(true);
            }
        }
        tokio::time::sleep(delay).await;
        self.process(events, call, UnknownMessages::Drop).await?;
        Ok(true)
    }

    /// Processes the events of one call in one transaction, and returns those whose message is
    /// unknown. With the last events of a call its id is recorded, so a process that dies in
    /// between leaves a call that the provider repeats.
    pub(super) async fn process(
        &self,
        mut events: Vec<WebhookEvent>,
        call: Option<CallId>,
        unknown: UnknownMessages,
    ) -> Result<Vec<WebhookEvent>> {
        let (templates, clock) = (self.templates.clone(), self.clock.clone());
        let audit = self.audit.clone();
        // Two calls about the same messages lock their rows in the same order, so that they do
        // not deadlock on PostgreSQL. The order of the events means nothing: a status only moves
        // forward.
        events.sort_by(|one, other| message_of(one).cmp(message_of(other)));
        let (processed, left) = transaction!(self.db, |tx| {
            let now = clock.now();
            if let Some((provider, (id, _))) = &call
                && tx.processed_webhooks().is_known(provider, id, now).await?
            {
                return Ok((Vec::new(), Vec::new()));
            }
            let (mut processed, mut left) = (Vec::new(), Vec::new());
            for event in events {
                match apply(&templates, &audit, tx, event, now).await? {
                    Processed::UnknownMessage { event, .. }
                        if unknown == UnknownMessages::Retry =>
                    {
                        left.push(event);
                    }
                    result => processed.push(result),
                }
            }
            if let Some((provider, (id, ttl))) = call.filter(|_| left.is_empty()) {
                tx.processed_webhooks().remember(provider, &id, now + ttl, now).await?;
            }
            Ok::<_, Error>((processed, left))
        })
        .await?;
        processed.into_iter().for_each(|result| self.announce(result));
        Ok(left)
    }

    /// Notifies the page of the code, and updates the circuit breaker of the provider.
    fn announce(&self, result: Processed) {
        match result {
            Processed::Applied { challenge, report } => {
                self.challenge_changed(challenge.as_ref());
                if let (Some(provider), Some(error)) =
                    (self.state.find(report.provider), &report.failure)
                {
                    provider.record_report(error, self.clock.now());
                }
            }
            Processed::Unchanged => {}
            Processed::UnknownMessage { provider, .. } => {
                warnings::count("delivery.report_dropped", provider, "unknown_message");
            }
        }
    }
}

/// The provider's id of the message that an event is about; empty for other events.
fn message_of(event: &WebhookEvent) -> &str {
    match event {
        WebhookEvent::Delivery(report) => &report.provider_message_id,
        WebhookEvent::Template(_) | WebhookEvent::UserChange(_) => "",
    }
}

fn log_dropped(error: &Error) {
    tracing::error!(
        event = "delivery.event_dropped",
        error = %domain::Causes(error),
        "delivery event dropped"
    );
}

async fn apply(
    templates: &Templates,
    audit: &Audit,
    tx: &mut Connection,
    event: WebhookEvent,
    now: Timestamp,
) -> Result<Processed> {
    let report = match event {
        WebhookEvent::Delivery(report) => report,
        WebhookEvent::Template(update) => {
            templates.record(tx, update, now).await?;
            return Ok(Processed::Unchanged);
        }
        WebhookEvent::UserChange(change) => {
            user_changes::note(audit, tx, change, now).await?;
            return Ok(Processed::Unchanged);
        }
    };
    // PostgreSQL stores no NUL in a text, so no message of ours has such an id. The statement
    // would fail each time that the provider repeats the call.
    if report.provider_message_id.contains('\0') {
        return Ok(Processed::Unchanged);
    }
    let name = ProviderMessageName {
        provider: report.provider.to_owned(),
        provider_message_id: report.provider_message_id.clone(),
        reference: report.reference.clone(),
    };
    let failure = report.failure.as_ref().map(failure_of);
    let update = tx.messages().receive(&name, report.status, failure.as_ref(), now).await?;
    if let (Some(ids), store::StatusUpdate::Applied(_)) = (&report.recipient, &update) {
        let (provider, id) = (report.provider, &report.provider_message_id);
        tx.whatsapp_users().record(provider, id, &user_changes::row(ids), now).await?;
    }
    Ok(match update {
        store::StatusUpdate::Applied(challenge) => Processed::Applied { challenge, report },
        store::StatusUpdate::Stale => Processed::Unchanged,
        store::StatusUpdate::Unknown => Processed::UnknownMessage {
            provider: report.provider,
            event: WebhookEvent::Delivery(report),
        },
    })
}
