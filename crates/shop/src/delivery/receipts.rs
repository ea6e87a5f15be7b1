//! News from providers. A status only moves forward; news that comes twice or
//! late changes nothing.

use std::{sync::Arc, time::Duration};

use store::News;
use tokio::sync::mpsc;
use whatsapp::{NewsSink, Receipt};

use super::Delivery;
use crate::Result;

/// How often news of an unknown message is looked at again: a provider may
/// report before its own answer has been written down.
const LOOKS: u32 = 6;
/// The first wait between two looks; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// News that has arrived and waits to be taken.
pub struct Receipts(mpsc::UnboundedReceiver<whatsapp::News>);

/// A place for couriers to leave news, and its other end for the shop.
pub fn receipts() -> (NewsSink, Receipts) {
    let (sender, receiver) = mpsc::unbounded_channel();
    // A shop that is gone needs no news.
    let sink: NewsSink = Arc::new(move |news| drop(sender.send(news)));
    (sink, Receipts(receiver))
}

impl Delivery<'_> {
    /// Takes one piece of news.
    pub async fn receive(&self, receipt: Receipt) -> Result<()> {
        let mut wait = FIRST_WAIT;
        for look in 1..=LOOKS {
            match self.take(&receipt).await? {
                News::Moved(challenge) => {
                    self.0.signals().changed(challenge.as_ref());
                    return Ok(());
                }
                News::Old => return Ok(()),
                News::Unknown if look < LOOKS => tokio::time::sleep(wait).await,
                News::Unknown => {}
            }
            wait *= 2;
        }
        tracing::info!(provider = receipt.provider, "news of a message nobody knows");
        Ok(())
    }

    /// Takes news for ever, until the couriers are gone.
    pub async fn receive_all(&self, mut receipts: Receipts) {
        while let Some(news) = receipts.0.recv().await {
            let whatsapp::News::Receipt(receipt) = news else { continue };
            let shop = self.0.clone();
            tokio::spawn(async move { shop.delivery().receive_or_report(receipt).await });
        }
    }

    /// Takes the news that has arrived so far.
    pub async fn receive_arrived(&self, receipts: &mut Receipts) {
        while let Ok(news) = receipts.0.try_recv() {
            let whatsapp::News::Receipt(receipt) = news else { continue };
            self.receive_or_report(receipt).await;
        }
    }

    async fn receive_or_report(&self, receipt: Receipt) {
        if let Err(error) = self.receive(receipt).await {
            tracing::error!(error = &error as &dyn std::error::Error, "news was lost");
        }
    }

    async fn take(&self, receipt: &Receipt) -> Result<News> {
        let (receipt, now) = (receipt.clone(), self.0.clock().now());
        Ok(self
            .0
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let failure = receipt.failure.as_ref().map(ToString::to_string);
                    let id = &receipt.provider_message_id;
                    tx.messages()
                        .receive(receipt.provider, id, receipt.status, failure.as_deref(), now)
                        .await
                })
            })
            .await?)
    }
}
