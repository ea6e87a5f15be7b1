//! Sending messages through several providers.

mod failover;
mod languages;
mod outbox;
mod rate_limits;
mod reports;
mod sms;
pub mod support;
mod templates;
mod user_changes;
mod verification_feedback;
