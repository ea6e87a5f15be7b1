//! Events of the gateways, by calls (webhooks) or by polling. An event is only a hint: it may come
//! twice, late and in any order, and after checks against the row it only has the reconciler look
//! at the payment. A dispute is kept as the gateway tells it.

use std::{sync::Arc, time::Duration};

use domain::{Actor, HistoryKind};
use payment::{CallbackError, Dispute, EventCursor, EventKind, Gateway, GatewayEvent, RawCallback};
use store::{Connection, HistoryEntry, Payment, StoredDispute, repeatable_transaction};

use super::Payments;
use crate::error::Result;

/// How long the id of an event is remembered, which is longer than any gateway repeats it.
const EVENT_TTL: Duration = Duration::from_secs(35 * 24 * 60 * 60);

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenCallback {
    /// Its events are stored.
    Taken,
    /// It is refused.
    Refused(CallbackError),
}

impl Payments {
    /// The gateway of this name, if calls of it may come.
    pub fn called_at(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.gateways.by_name(name)
    }

    /// Checks a call of a gateway and stores its events. It may be answered with success only
    /// after this has returned.
    pub async fn handle_callback(
        &self,
        gateway: &dyn Gateway,
        request: &RawCallback<'_>,
    ) -> Result<TakenCallback> {
        match gateway.callback(request) {
            Ok(events) => {
                self.store_events(gateway.name().as_str(), events).await?;
                Ok(TakenCallback::Taken)
            }
            Err(refused) => Ok(TakenCallback::Refused(refused)),
        }
    }

    /// Asks every gateway for events, for shops that calls cannot reach.
    pub async fn poll_events(&self) -> Result<()> {
        for gateway in self.gateways.iter() {
            let name = gateway.name().as_str();
            let cursor = self.db.read().await?.gateway_events().cursor(name).await?;
            let cursor = cursor.map(EventCursor);
            let events = match gateway.poll(cursor.as_ref()).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::warn!(
                        event = "payment.poll_failed",
                        gateway = name,
                        %error,
                        "the gateway could not be asked for events"
                    );
                    continue;
                }
            };
            let Some(newest) = events.last().map(|event| event.id.clone()) else { continue };
            self.store_events(name, events).await?;
            let now = self.clock.now();
            repeatable_transaction!(self.db, |tx| tx
                .gateway_events()
                .set_cursor(name, &newest, now)
                .await)
            .await?;
        }
        Ok(())
    }

    async fn store_events(&self, gateway: &'static str, events: Vec<GatewayEvent>) -> Result<()> {
        let now = self.clock.now();
        for event in events.into_iter().filter(|event| event.kind != EventKind::Ignored) {
            repeatable_transaction!(self.db, |tx| {
                let Some(payment) = payment_of(tx, gateway, &event).await? else { return Ok(()) };
                if !is_of(&event, &payment) {
                    tracing::error!(
                        event = "payment.event_mismatch",
                        payment_id = %payment.id,
                        gateway,
                        "an event has this payment with another amount, currency or order"
                    );
                    return Ok(());
                }
                let until = now + EVENT_TTL;
                if !tx.processed_webhooks().remember(gateway, &event.id, until, now).await? {
                    return Ok(());
                }
                if let EventKind::Dispute(dispute) = &event.kind {
                    record_dispute(tx, &payment, dispute, now).await?;
                }
                tx.payments().check_soon(&payment.id, now).await
            })
            .await?;
        }
        Ok(())
    }
}

/// The payment of an event; `None` if it is not of this shop.
async fn payment_of(
    tx: &mut Connection,
    gateway: &str,
    event: &GatewayEvent,
) -> store::Result<Option<Payment>> {
    let by_id = match &event.payment {
        Some(id) => tx.payments().find(id).await?,
        None => None,
    };
    let found = match (by_id, &event.reference) {
        (None, Some(reference)) => {
            tx.payments().find_by_reference(gateway, reference.as_str()).await?
        }
        (found, _) => found,
    };
    Ok(found.filter(|payment| payment.gateway == gateway))
}

/// Whether an event is of this payment: amount, currency and order are those of the row.
fn is_of(event: &GatewayEvent, payment: &Payment) -> bool {
    let is_same_order = event.order.as_deref().is_none_or(|order| order == payment.order.as_str());
    is_same_order && event.amount.is_none_or(|amount| amount == payment.amount)
}

async fn record_dispute(
    tx: &mut Connection,
    payment: &Payment,
    dispute: &Dispute,
    now: domain::Timestamp,
) -> store::Result<()> {
    let row = StoredDispute {
        id: dispute.id.clone(),
        payment: payment.id.clone(),
        reason: dispute.reason.clone(),
        amount: dispute.amount,
        status: dispute.status.as_str().to_owned(),
        respond_by: dispute.respond_by,
    };
    tx.gateway_events().put_dispute(&payment.gateway, &row, now).await?;
    let reason = format!("{}: {}", dispute.status.as_str(), dispute.reason);
    let entry = HistoryEntry::new(HistoryKind::Disputed, Actor::Gateway, now);
    tx.order_events().add(&payment.order, &entry.because(reason).of(dispute.amount)).await
}
