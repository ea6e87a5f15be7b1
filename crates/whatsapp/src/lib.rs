//! Messages out, receipts in: the only room that speaks to messaging providers.
//!
//! A [`MessageProvider`] takes one message and says what the provider answered. What
//! happens to the message later arrives as [`WebhookEvent`], read by the same courier
//! from what its provider calls back with. Every provider has one file, or one
//! folder, and its words appear nowhere else.

mod bird;
mod by_status;
mod cloud;
mod dialog360;
mod messagebird;
mod meta;
mod provider;
pub mod providers;
pub mod reachability;
pub mod settings;
pub mod simulator;
pub mod template;
mod twilio;
pub mod webhook;
pub mod wire;

pub use futures::future::BoxFuture;
pub use provider::{
    Accepted, CheckResult, MessageProvider, OutgoingMessage, RateLimits, SendError,
    VerificationOutcome,
};
pub use settings::{Common, Variables};
pub use simulator::{Fault, SimulatedMessage, Simulator};
pub use template::{
    Template, TemplateError, TemplateState, TemplateStatus, TemplateUpdate, Templates,
};
pub use webhook::{DeliveryReport, WebhookError, WebhookEvent, WebhookRequest, WebhookResponse};

use std::sync::Arc;

use domain::Timestamp;

/// Where news goes.
pub type EventSender = Arc<dyn Fn(WebhookEvent) + Send + Sync>;

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;
