//! Messages out, receipts in: the only room that speaks to messaging providers.
//!
//! A [`Courier`] takes one message and says what the provider answered. What
//! happens to the message later arrives as [`News`], read by the same courier
//! from what its provider calls back with. Every provider has one file, or one
//! folder, and its words appear nowhere else.

mod bird;
mod by_status;
pub mod callback;
mod cloud;
mod courier;
mod dialog360;
mod messagebird;
mod meta;
pub mod providers;
pub mod reachability;
pub mod settings;
pub mod simulator;
pub mod template;
mod twilio;
pub mod wire;

pub use callback::{CallbackAnswer, CallbackRequest, News, Receipt, Refused};
pub use courier::{Accepted, CodeEnd, Courier, Finding, Outgoing, Pace, SendError};
pub use futures::future::BoxFuture;
pub use settings::{Common, Variables};
pub use simulator::{Fault, SimulatedMessage, Simulator};
pub use template::{
    Template, TemplateError, TemplateNews, TemplateState, TemplateStatus, Templates,
};

use std::sync::Arc;

use domain::Timestamp;

/// Where news goes.
pub type NewsSink = Arc<dyn Fn(News) + Send + Sync>;

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;
