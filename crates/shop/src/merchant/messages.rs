//! The log of messages, with masked phone numbers.

use domain::{
    Channel, DeliveryProblem, DeliveryStatus, MessageId, MessageKind, PhoneNumber, Timestamp,
};
use store::Message;

use super::{Merchant, PAGE_SIZE, cut};
use crate::error::Result;

/// A page of messages.
#[derive(Clone, Debug)]
pub struct MerchantMessages {
    /// The messages, newest first.
    pub messages: Vec<MessageView>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// A message in the log, its phone number masked.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// The kind of the message.
    pub kind: MessageKind,
    /// The channel it is sent by.
    pub channel: Channel,
    /// The phone number; only the last two digits are legible.
    pub masked_phone: String,
    /// Its delivery status.
    pub status: DeliveryStatus,
    /// The provider that took it; empty until one has.
    pub provider: String,
    /// Why it failed.
    pub problem: Option<DeliveryProblem>,
    /// The technical reason, in English, as the provider stated it.
    pub failure: Option<String>,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
}

impl Merchant<'_> {
    /// The messages sent, newest first, without decoys.
    pub async fn messages(&self, after: Option<&str>) -> Result<MerchantMessages> {
        let mut rows = self.0.db.read().await?;
        let last = match after.and_then(MessageId::parse) {
            Some(id) => rows.messages().find(&id).await?,
            None => None,
        };
        let after = last.as_ref().map(|last| (last.new.created_at, &last.new.id));
        let (messages, has_more) = cut(rows.messages().list(after, PAGE_SIZE + 1).await?);
        let next = messages.last().map(|message| message.new.id.to_string());
        Ok(MerchantMessages {
            next: next.filter(|_| has_more),
            messages: messages.into_iter().map(MessageView::of).collect(),
        })
    }
}

impl MessageView {
    fn of(message: Message) -> Self {
        Self {
            masked_phone: message.new.to.phone().map(PhoneNumber::masked).unwrap_or_default(),
            id: message.new.id,
            kind: message.new.kind,
            channel: message.new.channel,
            status: message.status,
            provider: message.provider.unwrap_or_default(),
            problem: message.problem,
            failure: message.failure,
            created_at: message.new.created_at,
        }
    }
}
