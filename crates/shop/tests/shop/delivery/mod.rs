//! Messages on their way through several providers.

mod ends;
mod failover;
mod languages;
mod news;
mod outbox;
mod sms;
mod support;
mod templates;
mod waiting;
