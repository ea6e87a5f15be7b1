//! Messages out, receipts in: the only room that speaks to messaging providers.
//!
//! A [`Courier`] takes one message and says what the provider answered. What
//! happens to the message later arrives as [`Receipt`]s.

pub mod simulator;
pub mod template;

use std::sync::Arc;

use domain::{
    Channel, Code, DeliveryStatus, Language, MessageId, MessageKind, PhoneNumber, Timestamp,
};
pub use futures::future::BoxFuture;
pub use simulator::{Fault, SimulatedMessage, Simulator};

/// A message ready to leave. It holds a live code, so it is never printed.
pub struct Outgoing {
    /// The row it came from; also the idempotency key where a provider has one.
    pub id: MessageId,
    /// To whom.
    pub phone: PhoneNumber,
    /// By which channel.
    pub channel: Channel,
    /// In which language.
    pub language: Language,
    /// What it says.
    pub kind: MessageKind,
    /// The shop's name.
    pub shop_name: String,
    /// The code, if the kind carries one.
    pub code: Option<Code>,
    /// The life of the code, as the message states it.
    pub minutes: u64,
    /// After this moment the message is worthless.
    pub expires_at: Timestamp,
}

/// The provider took the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's name for it.
    pub provider_message_id: String,
}

/// The provider did not take the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It was surely not sent; trying again later may work.
    #[error("try again later")]
    Retry {
        /// The least wait the provider asks for, in seconds.
        after_seconds: Option<u32>,
    },
    /// It may have been sent: the answer never came. Never sent again by itself.
    #[error("the provider's answer never came")]
    Unknown,
    /// This person cannot be reached by this channel.
    #[error("undeliverable: {0}")]
    Undeliverable(&'static str),
    /// The merchant must change something; the text names the setting.
    #[error("misconfigured: {0}")]
    Misconfigured(String),
}

/// News of a message, from the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Which provider.
    pub provider: &'static str,
    /// The provider's name for the message.
    pub provider_message_id: String,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// Why it failed, in words for the merchant.
    pub failure: Option<String>,
}

/// Somebody who carries messages.
pub trait Courier: Send + Sync {
    /// The provider's name, as kept in rows.
    fn name(&self) -> &'static str;

    /// Hands one message over and waits for the provider's answer, not for delivery.
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>>;
}

/// Where receipts go.
pub type ReceiptSink = Arc<dyn Fn(Receipt) + Send + Sync>;
