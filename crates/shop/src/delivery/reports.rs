//! WebhookEvent from providers. A status only moves forward; news that comes twice or
//! late changes nothing.

use std::{sync::Arc, time::Duration};

use domain::{ChallengeId, Timestamp};
use store::{Connection, Failure, ProviderMessageName};
use tokio::sync::mpsc;
use whatsapp::{DeliveryReport, EventSender, WebhookEvent};

use super::{Delivery, retry::Explained};
use crate::{Result, Shop};

/// How often news of an unknown message is looked at again: a provider may
/// report before its own answer has been written down.
const LOOKS: u32 = 6;
/// The first wait between two looks; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// WebhookEvent that has arrived and waits to be taken.
pub struct EventReceiver(mpsc::UnboundedReceiver<WebhookEvent>);

/// A place for couriers to leave news, and its other end for the shop.
pub fn event_channel() -> (EventSender, EventReceiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    // A shop that is gone needs no news.
    let sink: EventSender = Arc::new(move |news| drop(sender.send(news)));
    (sink, EventReceiver(receiver))
}

/// A call's own name, and how long it is remembered.
pub(super) type Once = (&'static str, (String, Duration));

/// What a piece of news has done.
enum Taken {
    /// A message moved.
    Moved { challenge: Option<ChallengeId>, receipt: DeliveryReport },
    /// It said nothing new.
    Old,
    /// It names a message that nobody knows, yet.
    Unknown(DeliveryReport),
}

impl Delivery<'_> {
    /// Takes news for ever, until the couriers are gone.
    pub async fn receive_all(&self, mut receipts: EventReceiver) {
        while let Some(news) = receipts.0.recv().await {
            self.take_or_report(news).await;
        }
    }

    /// Takes the news that has arrived so far.
    pub async fn receive_arrived(&self, receipts: &mut EventReceiver) {
        while let Ok(news) = receipts.0.try_recv() {
            self.take_or_report(news).await;
        }
    }

    async fn take_or_report(&self, news: WebhookEvent) {
        if let Err(error) = self.take(vec![news], None).await {
            tracing::error!(error = &error as &dyn std::error::Error, "news was lost");
        }
    }

    /// Takes the news of one call, and remembers the call, in one transaction.
    pub(super) async fn take(&self, news: Vec<WebhookEvent>, once: Option<Once>) -> Result<()> {
        let shop = self.0.clone();
        let taken = self.0.db().write(move |tx| {
            Box::pin(async move {
                let now = shop.clock().now();
                if let Some((provider, (name, span))) = once
                    && !tx.processed_webhooks().remember(provider, &name, now + span, now).await?
                {
                    return Ok(Vec::new());
                }
                let mut taken = Vec::new();
                for news in news {
                    taken.push(apply(&shop, tx, news, now).await?);
                }
                Ok::<_, crate::Error>(taken)
            })
        });
        for taken in taken.await? {
            match taken {
                Taken::Moved { challenge, receipt } => self.moved(challenge.as_ref(), &receipt),
                Taken::Old => {}
                Taken::Unknown(receipt) => self.look_again(receipt),
            }
        }
        Ok(())
    }

    /// Tells the page, and learns what it says about the provider.
    fn moved(&self, challenge: Option<&ChallengeId>, receipt: &DeliveryReport) {
        self.0.signals().changed(challenge);
        let provider_state = self
            .0
            .provider_states()
            .iter()
            .find(|provider_state| provider_state.name() == receipt.provider);
        if let (Some(provider_state), Some(error)) = (provider_state, &receipt.failure) {
            provider_state.learn_later(error, self.0.clock().now());
        }
    }

    /// Looks for an unknown message a few times more, while others go on. Beyond
    /// a bound such news is dropped: it can be anything.
    fn look_again(&self, receipt: DeliveryReport) {
        let Ok(place) = self.0.inbox().patience.clone().try_acquire_owned() else { return };
        let shop = self.0.clone();
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = shop.delivery().keep_looking(receipt).await {
                tracing::error!(error = &error as &dyn std::error::Error, "news was lost");
            }
        });
    }

    async fn keep_looking(&self, mut receipt: DeliveryReport) -> Result<()> {
        let mut wait = FIRST_WAIT;
        for _ in 1..LOOKS {
            tokio::time::sleep(wait).await;
            wait *= 2;
            let shop = self.0.clone();
            let taken = self.0.db().write(move |tx| {
                Box::pin(async move {
                    let now = shop.clock().now();
                    apply(&shop, tx, WebhookEvent::Delivery(receipt), now).await
                })
            });
            match taken.await? {
                Taken::Moved { challenge, receipt } => {
                    self.moved(challenge.as_ref(), &receipt);
                    return Ok(());
                }
                Taken::Old => return Ok(()),
                Taken::Unknown(unknown) => receipt = unknown,
            }
        }
        tracing::info!(provider = receipt.provider, "news of a message nobody knows");
        Ok(())
    }
}

async fn apply(
    shop: &Shop,
    tx: &mut Connection,
    news: WebhookEvent,
    now: Timestamp,
) -> Result<Taken> {
    let receipt = match news {
        WebhookEvent::Delivery(receipt) => receipt,
        WebhookEvent::Template(news) => {
            shop.templates().take(tx, news, now).await?;
            return Ok(Taken::Old);
        }
    };
    let name = ProviderMessageName {
        provider: receipt.provider.to_owned(),
        provider_message_id: receipt.provider_message_id.clone(),
        reference: receipt.reference.clone(),
    };
    let failure = receipt.failure.as_ref().map(Failure::of);
    let taken = tx.messages().receive(&name, receipt.status, failure.as_ref(), now).await?;
    Ok(match taken {
        store::StatusUpdate::Applied(challenge) => Taken::Moved { challenge, receipt },
        store::StatusUpdate::Stale => Taken::Old,
        store::StatusUpdate::Unknown => Taken::Unknown(receipt),
    })
}
