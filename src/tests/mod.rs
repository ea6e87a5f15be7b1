//! The front door, called without a socket: pages, forms without script,
//! cookies, headers, refusals.

mod audit;
mod cache;
mod demo_link;
mod doors;
mod headers;
mod injection;
mod journeys;
mod limits;
mod messaging;
mod navigation;
mod origin;
mod purchases;
mod sessions;
mod shelves;
mod simulator;
mod strangers;
mod support;
mod text_messages;
mod webhooks;
