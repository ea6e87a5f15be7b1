//! Messages on their way through several providers.

mod ends;
mod failover;
mod languages;
mod news;
mod outbox;
mod sms;
pub mod support;
mod templates;
mod waiting;
