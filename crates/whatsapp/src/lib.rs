//! The clients of the messaging providers, and the only crate that sends requests to them.
//!
//! A [`MessageProvider`] sends one message and returns the provider's answer. Delivery
//! reports arrive later by webhook, and the same provider reads them as [`WebhookEvent`]s.
//! Every provider has a folder of its own; no other module knows its protocol.

mod bird;
mod by_status;
mod cloud;
mod dialog360;
pub mod http_client;
mod json;
mod messagebird;
mod meta;
mod placeholder;
mod provider;
pub mod providers;
pub mod reachability;
pub mod settings;
pub mod simulator;
pub mod template;
mod twilio;
pub mod webhook;

pub use futures::future::BoxFuture;
pub use provider::{
    Accepted, CheckResult, MessageProvider, OutgoingMessage, Payment, RateLimits, SendError,
    VerificationOutcome,
};
pub use settings::{ProviderContext, SettingsSource};
pub use simulator::{SimulatedFault, SimulatedMessage, Simulator};
pub use template::{
    Template, TemplateError, TemplateState, TemplateStatus, TemplateUpdate, Templates,
};
pub use webhook::{
    DeliveryReport, UserChange, UserChangeKind, UserId, UserIds, WebhookError, WebhookEvent,
    WebhookRequest, WebhookResponse,
};

use std::sync::Arc;

use domain::Timestamp;

/// Receives the events that do not arrive by webhook, such as the simulator's.
pub type EventSender = Arc<dyn Fn(WebhookEvent) + Send + Sync>;

/// The clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;
